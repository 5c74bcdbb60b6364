#include "fleet.h"

#include "deployment_values.h"
#include "file.h"
#include "fleet_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)4 * 1024 * 1024)

typedef const struct json_table_reader reader_t;
typedef const struct json_table_path path_t;

int fleet_no_memory(reader_t *reader) {
	return aws_error_set(reader->error, -ENOMEM, "OutOfMemory", "reading the configuration");
}

int fleet_read_choice(
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

int fleet_check_list(reader_t *reader, path_t *path, json_t *value) {
	return json_is_array(value) ? 0 : json_table_fail(reader, path, "a list is expected");
}

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
	FLEET_NUMBER(
		SESSION,
		number,
		"number",
		1,
		EC2_MIRROR_SESSION_NUMBER_MAX,
		"of all of them; the lowest that is free on each interface where left out"
	),
	FLEET_CUSTOM(
		"vni",
		read_vni,
		"VXLAN network: chosen by AWS, the same in every run for a source, or one for all",
		"{\"anyOf\": [{\"enum\": [\"random\", \"per-source\"]},"
		" {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 16777215}],"
		" \"default\": \"random\"}"
	),
	FLEET_NUMBER(
		SESSION,
		packet_length,
		"packet_length",
		1,
		EC2_MIRROR_PACKET_LENGTH_MAX,
		"bytes of each packet that are mirrored",
		.form = "{\"default\": 8500}"
	),
	FLEET_TEXT(
		SESSION,
		description,
		"description",
		"shown in AWS; the sources where left out",
		.form = "{\"maxLength\": 255}"
	),
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
		return fleet_no_memory(reader);
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

#define SOURCE_FORM                                                                                \
	"{\"type\": \"string\", \"pattern\": \"^(instance|eni|ecs|lb|tag|subnet|vpc|asg)/.+\"}"
static const struct json_table_field source_fields[] = {
	FLEET_CUSTOM(
		"source",
		read_source_text,
		"as in the short form",
		SOURCE_FORM,
		.is_required = true
	),
	FLEET_CUSTOM(
		"lb_mode",
		read_lb_mode,
		"of a load balancer: what it sends to, its own interfaces, or these where it has "
		"no targets",
		"{\"enum\": [\"targets\", \"enis\", \"auto\"], \"default\": \"targets\"}"
	),
	FLEET_FLAG(
		struct source,
		is_primary_only,
		"primary_only",
		"of an instance's interfaces only the first"
	),
};
static const struct json_table source_table = JSON_TABLE(source_fields);

static int read_sources(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct deployment *deployment = object;
	size_t n = json_array_size(value);
	struct source *sources = arena_alloc_array(reader->arena, n, sizeof(*sources));
	int result = fleet_check_list(reader, path, value);
	if (sources == NULL)
		return fleet_no_memory(reader);
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
	int result = fleet_read_choice(reader, path, value, choices, &choice);
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
		return fleet_no_memory(reader);
	json_object_foreach (value, key, text) {
		struct json_table_path place = {.parent = path, .key = key};
		tags[n].key = arena_strdup(reader->arena, key);
		if (tags[n].key == NULL)
			return fleet_no_memory(reader);
		int result = json_table_text(reader, &place, text, &tags[n++].value);
		if (result < 0)
			return result;
	}
	deployment->tags = (struct aws_tags) {.items = tags, .n = n};
	return 0;
}

#define DEPLOYMENT struct deployment
static const struct json_table_field deployment_fields[] = {
	FLEET_TEXT(
		DEPLOYMENT,
		id,
		"id",
		"names it and all that is made: 1 to 20 lower-case letters, digits and hyphens",
		.is_required = true,
		.form = "{\"pattern\": \"^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$\"}"
	),
	FLEET_TEXT(
		DEPLOYMENT,
		region,
		"region",
		"such as eu-west-1",
		.is_required = true,
		.form = "{\"pattern\": \"^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$\"}"
	),
	FLEET_TEXT(
		DEPLOYMENT,
		vpc_id,
		"vpc",
		"of the load balancer and the appliances; needed unless there is an existing target"
	),
	FLEET_CUSTOM(
		"sources",
		read_sources,
		"what is mirrored: instance/ID, eni/ID, ecs/CLUSTER/SERVICE, lb/NAME or lb/ARN, "
		"tag/KEY=VALUE,..., subnet/ID, vpc/ID, asg/NAME; as an object where there is more "
		"to say",
		"{\"type\": \"array\", \"items\": " SOURCE_FORM "}",
		.table = &source_table,
		.is_required = true
	),
	FLEET_TEXTS(
		DEPLOYMENT,
		source_vpc_ids,
		"source_vpcs",
		"ids of further VPCs with sources, which must reach the load balancer"
	),
	FLEET_TEXTS(
		DEPLOYMENT,
		source_cidrs,
		"source_cidrs",
		"who may send mirrored traffic; the VPCs of sources and load balancer where left "
		"out"
	),
	{.name = "filter",
	 .type = JSON_TABLE_OBJECT,
	 .table = &fleet_filter_table,
	 .help = "which packets are mirrored"},
	FLEET_OBJECT(DEPLOYMENT, session, "session", session_table, "how they are mirrored"),
	FLEET_TEXTS(
		DEPLOYMENT,
		subnet_ids,
		"subnets",
		"ids, of the load balancer; one in each zone where left out"
	),
	FLEET_CUSTOM(
		"mode",
		read_mode,
		"how appliances take the traffic in: with an interface of its own for DPDK, or by "
		"the kernel",
		"{\"enum\": [\"dpdk\", \"kernel\"], \"default\": \"dpdk\"}"
	),
	FLEET_OBJECT(
		DEPLOYMENT,
		health,
		"health",
		fleet_health_table,
		"the load balancer's health check"
	),
	FLEET_OBJECT(
		DEPLOYMENT,
		appliances,
		"appliances",
		fleet_appliances_table,
		"appliances to launch; none where left out"
	),
	{.name = "existing",
	 .type = JSON_TABLE_OBJECT,
	 .table = &fleet_existing_table,
	 .help = "what is there already and used instead of being made; never changed or deleted"},
	FLEET_CUSTOM(
		"tags",
		read_tags,
		"of all that is made, besides our own",
		"{\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\", "
		"\"minLength\": 1, \"maxLength\": 256}, \"propertyNames\": {\"pattern\": "
		"\"^(?![aA][wW][sS]:|[mM][eE][tT][lL][oO]:)\", \"minLength\": 1, \"maxLength\": "
		"128}, "
		"\"maxProperties\": 46}"
	),
	FLEET_TEXTS(
		DEPLOYMENT,
		extra_types,
		"allow_instance_types",
		"families of instances to try that are not known to be mirrored, such as m9g"
	),
	FLEET_FLAG(
		DEPLOYMENT,
		allows_starved,
		"allow_starved",
		"make sessions that get nothing, as another one takes all before them"
	),
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

static int check(reader_t *reader, path_t *path, const struct deployment *one) {
	char place[DEPLOYMENT_PLACE_MAX];
	struct aws_error error;
	struct json_table_path value = {.parent = path, .key = place};
	int result = deployment_values_check(one, place, &error);
	if (result == -EINVAL)
		return json_table_fail(reader, &value, "%s", error.message);
	if (result == 0)
		result = deployment_check(one, &error);
	if (result == -EINVAL)
		return json_table_fail(reader, path, "%s", error.message);
	return result < 0 ? fleet_no_memory(reader) : 0;
}

static int read_deployments(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct fleet *fleet = object;
	size_t n = json_array_size(value);
	int result = fleet_check_list(reader, path, value);
	fleet->deployments = arena_alloc_array(reader->arena, n, sizeof(*fleet->deployments));
	if (fleet->deployments == NULL)
		return fleet_no_memory(reader);
	for (size_t i = 0; result == 0 && i < n; i++) {
		struct json_table_path item = {.parent = path, .index = i};
		struct deployment *one = &fleet->deployments[i];
		result = json_table_read(
			reader, &deployment_table, &item, json_array_get(value, i), one
		);
		if (result == 0)
			result = check_unique(reader, &item, fleet, i);
		if (result == 0)
			result = check(reader, &item, one);
		fleet->n_deployments = i + 1;
	}
	return result;
}

// For editors, which find the schema by it.
static int read_nothing(reader_t *, path_t *, json_t *, void *) {
	return 0;
}

static const struct json_table_field fleet_fields[] = {
	FLEET_CUSTOM("$schema", read_nothing, "for editors; not read", "{\"type\": \"string\"}"),
	FLEET_CUSTOM(
		"deployments",
		read_deployments,
		"each is set up on its own",
		"{\"type\": \"array\"}",
		.table = &deployment_table,
		.is_required = true
	),
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

char *fleet_schema(void) {
	return json_table_schema_text(&fleet_table);
}

void fleet_release(struct fleet *fleet) {
	arena_release(&fleet->arena);
	*fleet = (struct fleet) {0};
}
