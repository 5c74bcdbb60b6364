#include "fleet_write.h"

#include "file.h"
#include "fleet.h"
#include "mirror_filter_text.h"

#include <jansson.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 4194304u
#define INDENT 2

// A value that cannot be made for lack of memory makes the whole NULL at the end: jansson refuses to set NULL,
// and that sticks.
struct writer {
	bool is_out_of_memory;
};

static void set(struct writer *writer, json_t *object, const char *key, json_t *value) {
	if (json_object_set_new(object, key, value) < 0)
		writer->is_out_of_memory = true;
}

static void set_text(struct writer *writer, json_t *object, const char *key, const char *text) {
	if (text != NULL)
		set(writer, object, key, json_string(text));
}

static void set_number(struct writer *writer, json_t *object, const char *key, int64_t number) {
	if (number != 0)
		set(writer, object, key, json_integer(number));
}

static void set_flag(struct writer *writer, json_t *object, const char *key, bool flag) {
	if (flag)
		set(writer, object, key, json_true());
}

static void append(struct writer *writer, json_t *list, json_t *value) {
	if (json_array_append_new(list, value) < 0)
		writer->is_out_of_memory = true;
}

static void set_texts(
	struct writer *writer,
	json_t *object,
	const char *key,
	const struct shape_strings *texts
) {
	if (texts->n == 0)
		return;
	json_t *list = json_array();
	for (size_t i = 0; i < texts->n; i++)
		append(writer, list, json_string(texts->items[i]));
	set(writer, object, key, list);
}

// Takes 'part' over: it is left out where it is empty.
static void set_part(struct writer *writer, json_t *object, const char *key, json_t *part) {
	if (part != NULL && json_object_size(part) == 0)
		json_decref(part);
	else
		set(writer, object, key, part);
}

static json_t *health_of(struct writer *writer, const struct deployment_health *health) {
	json_t *object = json_object();
	set_text(writer, object, "protocol", health->protocol);
	set_number(writer, object, "port", health->port);
	set_text(writer, object, "path", health->path);
	set_number(writer, object, "interval_s", health->interval_s);
	return object;
}

static json_t *existing_of(struct writer *writer, const struct deployment *deployment) {
	json_t *object = json_object();
	set_text(writer, object, "load_balancer", deployment->existing_load_balancer);
	set_text(writer, object, "target", deployment->existing_target);
	set_text(writer, object, "filter", deployment->existing_filter);
	set_texts(writer, object, "appliances", &deployment->existing_appliances);
	return object;
}

static json_t *
appliances_of(struct writer *writer, const struct deployment_appliances *appliances) {
	json_t *object = json_object();
	set_text(writer, object, "image", appliances->image_id);
	set_text(writer, object, "image_parameter", appliances->image_parameter);
	set_text(writer, object, "instance_type", appliances->instance_type);
	set_text(writer, object, "key_name", appliances->key_name);
	set_text(writer, object, "instance_profile", appliances->instance_profile);
	set_text(writer, object, "user_data", appliances->user_data);
	set_texts(writer, object, "subnets", &appliances->subnet_ids);
	set_texts(writer, object, "security_groups", &appliances->security_group_ids);
	set_flag(writer, object, "auto_scaling", appliances->is_group);
	set_number(writer, object, "count", appliances->n);
	set_number(writer, object, "max", appliances->n_max);
	return object;
}

static json_t *ports_of(const struct mirror_filter_ports *ports) {
	if (ports->from == ports->to)
		return json_integer(ports->from);
	return json_sprintf("%u-%u", (unsigned)ports->from, (unsigned)ports->to);
}

static json_t *protocol_of(int64_t number) {
	const char *name = mirror_filter_protocol_name(number);
	return name == NULL ? json_integer(number) : json_string(name);
}

static json_t *rule_of(struct writer *writer, const struct mirror_filter_rule *rule) {
	json_t *object = json_object();
	set_text(writer, object, "direction", rule->direction);
	set_text(writer, object, "action", rule->action);
	if (rule->protocol.is_set)
		set(writer, object, "protocol", protocol_of(rule->protocol.value));
	if (rule->source_ports.from != 0)
		set(writer, object, "source_ports", ports_of(&rule->source_ports));
	if (rule->destination_ports.from != 0)
		set(writer, object, "destination_ports", ports_of(&rule->destination_ports));
	set_text(writer, object, "source_cidr", rule->source_cidr);
	set_text(writer, object, "destination_cidr", rule->destination_cidr);
	set_text(writer, object, "description", rule->description);
	return object;
}

static json_t *filter_of(struct writer *writer, const struct deployment *deployment) {
	json_t *object = json_object();
	if (deployment->rules.n > 0) {
		json_t *rules = json_array();
		for (size_t i = 0; i < deployment->rules.n; i++)
			append(writer, rules, rule_of(writer, &deployment->rules.items[i]));
		set(writer, object, "rules", rules);
	}
	set_flag(writer, object, "dns", deployment->mirrors_dns);
	return object;
}

static json_t *session_of(struct writer *writer, const struct deployment_session *session) {
	json_t *object = json_object();
	set_number(writer, object, "number", session->number);
	if (session->vni_mode == DEPLOYMENT_VNI_GIVEN)
		set_number(writer, object, "vni", session->vni);
	else if (session->vni_mode == DEPLOYMENT_VNI_PER_SOURCE)
		set_text(writer, object, "vni", "per-source");
	set_number(writer, object, "packet_length", session->packet_length);
	set_text(writer, object, "description", session->description);
	return object;
}

static json_t *source_of(struct writer *writer, const struct source *source) {
	static const char *const modes[] = {
		[SOURCE_LB_TARGETS] = NULL, // the preset
		[SOURCE_LB_ENIS] = "enis",
		[SOURCE_LB_AUTO] = "auto",
	};
	struct arena arena = arena_empty();
	const char *key = source_key(source, &arena);
	json_t *text = key == NULL ? NULL : json_string(key);
	arena_release(&arena);
	if (!source->is_primary_only && modes[source->lb_mode] == NULL)
		return text;
	json_t *object = json_object();
	set(writer, object, "source", text);
	set_text(writer, object, "lb_mode", modes[source->lb_mode]);
	set_flag(writer, object, "primary_only", source->is_primary_only);
	return object;
}

static json_t *tags_of(struct writer *writer, const struct aws_tags *tags) {
	json_t *object = json_object();
	for (size_t i = 0; i < tags->n; i++)
		set_text(writer, object, tags->items[i].key, tags->items[i].value);
	return object;
}

static json_t *deployment_of(struct writer *writer, const struct deployment *deployment) {
	json_t *object = json_object();
	json_t *sources = json_array();
	set_text(writer, object, "id", deployment->id);
	set_text(writer, object, "region", deployment->region);
	set_text(writer, object, "vpc", deployment->vpc_id);
	set_texts(writer, object, "source_vpcs", &deployment->source_vpc_ids);
	for (size_t i = 0; i < deployment->n_sources; i++)
		append(writer, sources, source_of(writer, &deployment->sources[i]));
	set(writer, object, "sources", sources);
	set_texts(writer, object, "subnets", &deployment->subnet_ids);
	set_part(writer, object, "tags", tags_of(writer, &deployment->tags));
	if (deployment->mode == DEPLOYMENT_KERNEL)
		set_text(writer, object, "mode", "kernel");
	set_part(writer, object, "health", health_of(writer, &deployment->health));
	set_texts(writer, object, "source_cidrs", &deployment->source_cidrs);
	set_part(writer, object, "existing", existing_of(writer, deployment));
	set_part(writer, object, "appliances", appliances_of(writer, &deployment->appliances));
	set_part(writer, object, "filter", filter_of(writer, deployment));
	set_part(writer, object, "session", session_of(writer, &deployment->session));
	set_texts(writer, object, "allow_instance_types", &deployment->extra_types);
	set_flag(writer, object, "allow_starved", deployment->allows_starved);
	return object;
}

int fleet_write(const struct deployment *deployment, struct strbuf *ret_text) {
	struct writer writer = {0};
	json_t *one = deployment_of(&writer, deployment);
	json_t *root = json_pack("{s:[o]}", "deployments", one);
	char *text = writer.is_out_of_memory || root == NULL
		? NULL
		: json_dumps(root, JSON_INDENT(INDENT));
	json_decref(root);
	if (text == NULL)
		return -ENOMEM;
	strbuf_add_text(ret_text, text);
	strbuf_add_char(ret_text, '\n');
	free(text);
	return strbuf_status(ret_text);
}

static int save_error(int result, const char *path, const char *why, struct aws_error *error) {
	return aws_error_set(error, result, "NotSaved", "cannot write '%s': %s", path, why);
}

static int check_folder(const char *path, struct aws_error *error) {
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
	if (folder == NULL)
		return save_error(-ENOMEM, path, "out of memory", error);
	int result = access(folder, W_OK) < 0 ? -errno : 0;
	free(folder);
	return result < 0 ? save_error(result, path, strerror(-result), error) : 0;
}

int fleet_may_save(const struct deployment *deployment, const char *path, struct aws_error *error) {
	struct fleet fleet;
	int result = fleet_load(path, &fleet, error);
	if (result == -ENOENT)
		return check_folder(path, error);
	if (result == -ENOMEM)
		return result;
	if (result < 0)
		return save_error(-EEXIST, path, "it exists and is no fleet's file", error);
	const struct deployment *there = fleet.deployments;
	bool is_same = fleet.n_deployments == 1 && strcmp(there->id, deployment->id) == 0
		&& strcmp(there->region, deployment->region) == 0;
	fleet_release(&fleet);
	return is_same ? 0 : save_error(-EEXIST, path, "it holds other deployments", error);
}

int fleet_save(const struct deployment *deployment, const char *path, struct aws_error *error) {
	struct strbuf text;
	int result = fleet_may_save(deployment, path, error);
	if (result < 0)
		return result;
	strbuf_init(&text, FILE_MAX);
	result = fleet_write(deployment, &text);
	if (result == 0)
		result = file_replace(path, strbuf_slice(&text));
	strbuf_release(&text);
	return result < 0 ? save_error(result, path, strerror(-result), error) : 0;
}
