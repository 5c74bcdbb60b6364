#include "fleet.h"

#include "file.h"
#include "json_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (4 * 1024 * 1024)

#define TEXT(T, member, key)                                                                       \
	{ .name = key, .type = JSON_TABLE_TEXT, .offset = SHAPE_OFFSET_(T, member, const char *) }
#define TEXTS(T, member, key)                                                                      \
	{                                                                                          \
		.name = key, .type = JSON_TABLE_TEXTS,                                             \
		.offset = SHAPE_OFFSET_(T, member, struct shape_strings)                           \
	}
#define FLAG(T, member, key)                                                                       \
	{ .name = key, .type = JSON_TABLE_FLAG, .offset = SHAPE_OFFSET_(T, member, bool) }
#define NUMBER(T, member, key, low, high)                                                          \
	{                                                                                          \
		.name = key, .type = JSON_TABLE_NUMBER,                                            \
		.offset = SHAPE_OFFSET_(T, member, int64_t), .min = (low), .max = (high)           \
	}
#define OBJECT(T, member, key, sub)                                                                \
	{ .name = key, .type = JSON_TABLE_OBJECT, .offset = offsetof(T, member), .table = &(sub) }
#define CUSTOM(key, function)                                                                      \
	{ .name = key, .type = JSON_TABLE_CUSTOM, .read = (function) }

typedef const struct json_table_reader reader_t;
typedef const struct json_table_path path_t;

static int no_memory(reader_t *reader) {
	return aws_error_set(reader->error, -ENOMEM, "OutOfMemory", "reading the configuration");
}

static int read_port(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct deployment_health *health = object;
	json_int_t port = json_integer_value(value);
	if (!json_is_integer(value) || port < 1 || port > UINT16_MAX)
		return json_table_fail(reader, path, "a port is a number from 1 to 65535");
	health->port = (uint16_t)port;
	return 0;
}

static const struct json_table_field health_fields[] = {
	TEXT(struct deployment_health, protocol, "protocol"),
	CUSTOM("port", read_port),
	TEXT(struct deployment_health, path, "path"),
	NUMBER(struct deployment_health, interval_s, "interval_s", 5, 300),
};
static const struct json_table health_table = JSON_TABLE(health_fields);

#define APPLIANCES struct deployment_appliances
static const struct json_table_field appliances_fields[] = {
	TEXT(APPLIANCES, image_id, "image"),
	TEXT(APPLIANCES, image_parameter, "image_parameter"),
	TEXT(APPLIANCES, instance_type, "instance_type"),
	TEXT(APPLIANCES, key_name, "key_name"),
	TEXT(APPLIANCES, instance_profile, "instance_profile"),
	TEXT(APPLIANCES, user_data, "user_data"),
	TEXTS(APPLIANCES, subnet_ids, "subnets"),
	TEXTS(APPLIANCES, security_group_ids, "security_groups"),
	FLAG(APPLIANCES, is_group, "auto_scaling"),
	NUMBER(APPLIANCES, n, "count", 1, 1000),
	NUMBER(APPLIANCES, n_max, "max", 1, 1000),
};
static const struct json_table appliances_table = JSON_TABLE(appliances_fields);

static const struct json_table_field existing_fields[] = {
	TEXT(struct deployment, existing_load_balancer, "load_balancer"),
	TEXT(struct deployment, existing_target, "target"),
	TEXT(struct deployment, existing_filter, "filter"),
	TEXTS(struct deployment, existing_appliances, "appliances"),
};
static const struct json_table existing_table = JSON_TABLE(existing_fields);

// 443 or "8000-8080".
static int
read_ports(reader_t *reader, path_t *path, json_t *value, struct mirror_filter_ports *ports) {
	unsigned from = 0, to = 0;
	int end = 0;
	if (json_is_integer(value)) {
		json_int_t port = json_integer_value(value);
		from = to = port < 1 || port > UINT16_MAX ? 0 : (unsigned)port;
	} else if (json_is_string(value)) {
		const char *text = json_string_value(value);
		if (sscanf(text, "%5u-%5u%n", &from, &to, &end) != 2 || text[end] != 0)
			from = 0;
	}
	if (from == 0 || to < from || to > UINT16_MAX)
		return json_table_fail(
			reader,
			path,
			"ports are a number from 1 to 65535, or two such as \"8000-8080\""
		);
	*ports = (struct mirror_filter_ports) {.from = (uint16_t)from, .to = (uint16_t)to};
	return 0;
}

static int read_source_ports(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct mirror_filter_rule *rule = object;
	return read_ports(reader, path, value, &rule->source_ports);
}

static int read_destination_ports(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct mirror_filter_rule *rule = object;
	return read_ports(reader, path, value, &rule->destination_ports);
}

static int read_protocol(reader_t *reader, path_t *path, json_t *value, void *object) {
	static const struct {
		const char *name;
		int64_t number;
	} names[] = {{"tcp", 6}, {"udp", 17}, {"icmp", 1}, {"icmpv6", 58}};
	struct mirror_filter_rule *rule = object;
	if (json_is_integer(value) && json_integer_value(value) >= 0
	    && json_integer_value(value) <= 255) {
		rule->protocol = SHAPE_NUMBER_OF(json_integer_value(value));
		return 0;
	}
	for (size_t i = 0; json_is_string(value) && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(json_string_value(value), names[i].name) != 0)
			continue;
		rule->protocol = SHAPE_NUMBER_OF(names[i].number);
		return 0;
	}
	return json_table_fail(
		reader, path, "a protocol is \"tcp\", \"udp\", \"icmp\", \"icmpv6\" or a number"
	);
}

// One of two texts; '*ret_text' is the one of ours.
static int read_choice(
	reader_t *reader,
	path_t *path,
	json_t *value,
	const char *const choices[2],
	const char **ret_text
) {
	for (size_t i = 0; json_is_string(value) && i < 2; i++) {
		if (strcmp(json_string_value(value), choices[i]) != 0)
			continue;
		*ret_text = choices[i];
		return 0;
	}
	return json_table_fail(reader, path, "it is \"%s\" or \"%s\"", choices[0], choices[1]);
}

static int read_direction(reader_t *reader, path_t *path, json_t *value, void *object) {
	static const char *const choices[] = {"ingress", "egress"};
	struct mirror_filter_rule *rule = object;
	return read_choice(reader, path, value, choices, &rule->direction);
}

static int read_action(reader_t *reader, path_t *path, json_t *value, void *object) {
	static const char *const choices[] = {"accept", "reject"};
	struct mirror_filter_rule *rule = object;
	return read_choice(reader, path, value, choices, &rule->action);
}

#define RULE struct mirror_filter_rule
static const struct json_table_field rule_fields[] = {
	CUSTOM("direction", read_direction),
	CUSTOM("action", read_action),
	CUSTOM("protocol", read_protocol),
	CUSTOM("source_ports", read_source_ports),
	CUSTOM("destination_ports", read_destination_ports),
	TEXT(RULE, source_cidr, "source_cidr"),
	TEXT(RULE, destination_cidr, "destination_cidr"),
	TEXT(RULE, description, "description"),
};
static const struct json_table rule_table = JSON_TABLE(rule_fields);

static int check_list(reader_t *reader, path_t *path, json_t *value) {
	return json_is_array(value) ? 0 : json_table_fail(reader, path, "a list is expected");
}

static int read_rules(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct deployment *deployment = object;
	size_t n = json_array_size(value);
	struct mirror_filter_rule *rules = arena_alloc_array(reader->arena, n, sizeof(*rules));
	int result = check_list(reader, path, value);
	if (deployment->rules.n > 0)
		return json_table_fail(reader, path, "there are server_ports already");
	if (rules == NULL)
		return no_memory(reader);
	for (size_t i = 0; result == 0 && i < n; i++) {
		struct json_table_path item = {.parent = path, .index = i};
		result = json_table_read(
			reader, &rule_table, &item, json_array_get(value, i), &rules[i]
		);
	}
	deployment->rules = (struct mirror_filter_rules) {.items = rules, .n = n};
	return result;
}

static int compare_ports(const void *a, const void *b) {
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static int read_server_ports(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct deployment *deployment = object;
	size_t n = json_array_size(value), n_extra;
	uint16_t *ports = arena_alloc_array(reader->arena, n + 1, sizeof(*ports));
	int result = check_list(reader, path, value);
	if (deployment->rules.n > 0)
		return json_table_fail(reader, path, "there are rules already");
	if (ports == NULL)
		return no_memory(reader);
	for (size_t i = 0; result == 0 && i < n; i++) {
		struct json_table_path item = {.parent = path, .index = i};
		struct mirror_filter_ports one = {0};
		result = read_ports(reader, &item, json_array_get(value, i), &one);
		if (result == 0 && one.from != one.to)
			result =
				json_table_fail(reader, &item, "one port is expected, not a range");
		ports[i] = one.from;
	}
	if (result < 0)
		return result;
	qsort(ports, n, sizeof(*ports), compare_ports);
	result = mirror_filter_for_servers(ports, n, reader->arena, &deployment->rules, &n_extra);
	return result < 0 ? no_memory(reader) : 0;
}

static const struct json_table_field filter_fields[] = {
	CUSTOM("rules", read_rules),
	CUSTOM("server_ports", read_server_ports),
	FLAG(struct deployment, mirrors_dns, "dns"),
};
static const struct json_table filter_table = JSON_TABLE(filter_fields);

static int read_vni(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct deployment_session *session = object;
	const char *text = json_string_value(value);
	if (json_is_integer(value) && json_integer_value(value) >= 1
	    && json_integer_value(value) <= EC2_MIRROR_VNI_MAX) {
		session->vni_mode = DEPLOYMENT_VNI_GIVEN;
		session->vni = json_integer_value(value);
	} else if (text != NULL && strcmp(text, "random") == 0) {
		session->vni_mode = DEPLOYMENT_VNI_RANDOM;
	} else if (text != NULL && strcmp(text, "per-source") == 0) {
		session->vni_mode = DEPLOYMENT_VNI_PER_SOURCE;
	} else {
		return json_table_fail(
			reader,
			path,
			"a VNI is a number from 1 to %d, \"random\" or \"per-source\"",
			EC2_MIRROR_VNI_MAX
		);
	}
	return 0;
}

#define SESSION struct deployment_session
static const struct json_table_field session_fields[] = {
	NUMBER(SESSION, number, "number", 1, EC2_MIRROR_SESSION_NUMBER_MAX),
	CUSTOM("vni", read_vni),
	NUMBER(SESSION, packet_length, "packet_length", 1, EC2_MIRROR_PACKET_LENGTH_MAX),
	TEXT(SESSION, description, "description"),
};
static const struct json_table session_table = JSON_TABLE(session_fields);

static int read_source_text(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct source *source = object;
	struct aws_error error;
	struct source parsed;
	const char *text;
	int result = json_table_text(reader, path, value, &text);
	if (result < 0)
		return result;
	result = source_parse(text, reader->arena, &parsed, &error);
	if (result == -EINVAL)
		return json_table_fail(reader, path, "%s", error.message);
	if (result < 0)
		return no_memory(reader);
	source->kind = parsed.kind;
	source->id = parsed.id;
	source->tags = parsed.tags;
	return 0;
}

static int read_lb_mode(reader_t *reader, path_t *path, json_t *value, void *object) {
	static const char *const modes[] = {
		[SOURCE_LB_TARGETS] = "targets",
		[SOURCE_LB_ENIS] = "enis",
		[SOURCE_LB_AUTO] = "auto",
	};
	struct source *source = object;
	for (size_t i = 0; json_is_string(value) && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(json_string_value(value), modes[i]) != 0)
			continue;
		source->lb_mode = (enum source_lb_mode)i;
		return 0;
	}
	return json_table_fail(reader, path, "it is \"targets\", \"enis\" or \"auto\"");
}

static const struct json_table_field source_fields[] = {
	{.name = "source",
	 .type = JSON_TABLE_CUSTOM,
	 .read = read_source_text,
	 .is_required = true},
	CUSTOM("lb_mode", read_lb_mode),
	FLAG(struct source, is_primary_only, "primary_only"),
};
static const struct json_table source_table = JSON_TABLE(source_fields);

static int read_sources(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct deployment *deployment = object;
	size_t n = json_array_size(value);
	struct source *sources = arena_alloc_array(reader->arena, n, sizeof(*sources));
	int result = check_list(reader, path, value);
	if (sources == NULL)
		return no_memory(reader);
	for (size_t i = 0; result == 0 && i < n; i++) {
		struct json_table_path item = {.parent = path, .index = i};
		json_t *one = json_array_get(value, i);
		result = json_is_string(one)
			? read_source_text(reader, &item, one, &sources[i])
			: json_table_read(reader, &source_table, &item, one, &sources[i]);
	}
	deployment->sources = sources;
	deployment->n_sources = n;
	return result;
}

static int read_mode(reader_t *reader, path_t *path, json_t *value, void *object) {
	static const char *const choices[] = {"dpdk", "kernel"};
	struct deployment *deployment = object;
	const char *choice = NULL;
	int result = read_choice(reader, path, value, choices, &choice);
	deployment->mode = choice == choices[1] ? DEPLOYMENT_KERNEL : DEPLOYMENT_DPDK;
	return result;
}

static int read_tags(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct deployment *deployment = object;
	struct aws_tag *tags =
		arena_alloc_array(reader->arena, json_object_size(value), sizeof(*tags));
	const char *key;
	json_t *text;
	size_t n = 0;
	if (!json_is_object(value))
		return json_table_fail(reader, path, "an object of tags is expected");
	if (tags == NULL)
		return no_memory(reader);
	json_object_foreach (value, key, text) {
		struct json_table_path place = {.parent = path, .key = key};
		if (strncmp(key, "aws:", 4) == 0 || strncmp(key, "metlo:", 6) == 0)
			return json_table_fail(reader, &place, "tags of this prefix are not yours");
		tags[n].key = arena_strdup(reader->arena, key);
		int result = json_table_text(reader, &place, text, &tags[n++].value);
		if (result < 0)
			return result;
	}
	deployment->tags = (struct aws_tags) {.items = tags, .n = n};
	return 0;
}

#define DEPLOYMENT struct deployment
static const struct json_table_field deployment_fields[] = {
	{.name = "id",
	 .type = JSON_TABLE_TEXT,
	 .offset = offsetof(DEPLOYMENT, id),
	 .is_required = true},
	{.name = "region",
	 .type = JSON_TABLE_TEXT,
	 .offset = offsetof(DEPLOYMENT, region),
	 .is_required = true},
	TEXT(DEPLOYMENT, vpc_id, "vpc"),
	TEXTS(DEPLOYMENT, source_vpc_ids, "source_vpcs"),
	TEXTS(DEPLOYMENT, subnet_ids, "subnets"),
	CUSTOM("tags", read_tags),
	CUSTOM("mode", read_mode),
	OBJECT(DEPLOYMENT, health, "health", health_table),
	TEXTS(DEPLOYMENT, source_cidrs, "source_cidrs"),
	{.name = "existing", .type = JSON_TABLE_OBJECT, .table = &existing_table},
	OBJECT(DEPLOYMENT, appliances, "appliances", appliances_table),
	{.name = "filter", .type = JSON_TABLE_OBJECT, .table = &filter_table},
	OBJECT(DEPLOYMENT, session, "session", session_table),
	{.name = "sources", .type = JSON_TABLE_CUSTOM, .read = read_sources, .is_required = true},
	TEXTS(DEPLOYMENT, extra_types, "allow_instance_types"),
	FLAG(DEPLOYMENT, allows_starved, "allow_starved"),
};
static const struct json_table deployment_table = JSON_TABLE(deployment_fields);

// Two of the same id in one region would take each other's things for their own.
static int check_unique(reader_t *reader, path_t *path, const struct fleet *fleet, size_t at) {
	const struct deployment *one = &fleet->deployments[at];
	for (size_t i = 0; i < at; i++)
		if (strcmp(fleet->deployments[i].id, one->id) == 0
		    && strcmp(fleet->deployments[i].region, one->region) == 0)
			return json_table_fail(
				reader,
				path,
				"there is another deployment '%s' in region '%s'",
				one->id,
				one->region
			);
	return 0;
}

static int read_deployments(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct fleet *fleet = object;
	size_t n = json_array_size(value);
	int result = check_list(reader, path, value);
	fleet->deployments = arena_alloc_array(reader->arena, n, sizeof(*fleet->deployments));
	if (fleet->deployments == NULL)
		return no_memory(reader);
	for (size_t i = 0; result == 0 && i < n; i++) {
		struct json_table_path item = {.parent = path, .index = i};
		struct deployment *one = &fleet->deployments[i];
		struct aws_error error;
		result = json_table_read(
			reader, &deployment_table, &item, json_array_get(value, i), one
		);
		if (result == 0)
			result = check_unique(reader, &item, fleet, i);
		if (result == 0 && deployment_check(one, &error) < 0)
			result = json_table_fail(reader, &item, "%s", error.message);
		fleet->n_deployments = i + 1;
	}
	return result;
}

static const struct json_table_field fleet_fields[] = {
	{.name = "deployments",
	 .type = JSON_TABLE_CUSTOM,
	 .read = read_deployments,
	 .is_required = true},
};
static const struct json_table fleet_table = JSON_TABLE(fleet_fields);

int fleet_read(struct slice text, struct fleet *ret_fleet, struct aws_error *error) {
	struct fleet fleet = {0};
	struct json_table_reader reader = {.arena = &fleet.arena, .error = error};
	json_error_t where = {0};
	json_t *root =
		json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &where);
	if (root == NULL)
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidConfig",
			"line %d, column %d: %s",
			where.line,
			where.column,
			where.text
		);
	int result = json_table_read(&reader, &fleet_table, NULL, root, &fleet);
	json_decref(root);
	if (result < 0)
		fleet_release(&fleet);
	else
		*ret_fleet = fleet;
	return result;
}

int fleet_load(const char *path, struct fleet *ret_fleet, struct aws_error *error) {
	struct strbuf text;
	strbuf_init(&text, FILE_MAX);
	int result = file_read(path, &text);
	if (result < 0)
		aws_error_set(
			error,
			result,
			"FileUnreadable",
			"cannot read '%s': %s",
			path,
			strerror(-result)
		);
	else
		result = fleet_read(strbuf_slice(&text), ret_fleet, error);
	strbuf_release(&text);
	return result;
}

void fleet_release(struct fleet *fleet) {
	arena_release(&fleet->arena);
	*fleet = (struct fleet) {0};
}
