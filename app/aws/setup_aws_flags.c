// From the flags to the answers.

#include "deployment_values.h"
#include "file.h"
#include "mirror_filter_text.h"
#include "setup_aws.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER_DATA_MAX 16384

static int no_memory(struct aws_error *error) {
	return aws_error_set(error, -ENOMEM, "OutOfMemory", "reading the options");
}

static int invalid(struct aws_error *error, const char *why) {
	return aws_error_set(error, -EINVAL, "InvalidOption", "%s", why);
}

int setup_add_text(struct setup *setup, struct shape_strings *list, const char *text) {
	const char **items = arena_grow(&setup->arena, list->items, list->n, sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	items[list->n++] = text;
	list->items = items;
	return 0;
}

bool setup_has_source(const struct setup *setup, enum source_kind kind) {
	for (size_t i = 0; i < setup->deployment.n_sources; i++)
		if (setup->deployment.sources[i].kind == kind)
			return true;
	return false;
}

static int compare_ports(const void *a, const void *b) {
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

int setup_set_ports(struct setup *setup, const char *text, struct aws_error *error) {
	size_t n = setup->n_ports, n_extra;
	uint16_t *ports = arena_alloc_array(&setup->arena, n + strlen(text) + 1, sizeof(*ports));
	if (ports == NULL)
		return no_memory(error);
	if (n > 0)
		memcpy(ports, setup->ports, n * sizeof(*ports));
	for (const char *at = text; *at != '\0';) {
		char *end;
		long port = *at >= '0' && *at <= '9' ? strtol(at, &end, 10) : 0;
		if (port < 1 || port > UINT16_MAX || (*end != '\0' && *end != ','))
			return aws_error_set(
				error,
				-EINVAL,
				"InvalidOption",
				"'%s': ports are numbers from 1 to 65535 with commas in between, "
				"such as "
				"80,8080",
				text
			);
		ports[n++] = (uint16_t)port;
		at = end + (*end == ',') + strspn(end + (*end == ','), " ");
	}
	if (n == 0)
		return invalid(error, "a port is missing");
	qsort(ports, n, sizeof(*ports), compare_ports);
	if (mirror_filter_for_servers(ports, n, &setup->arena, &setup->deployment.rules, &n_extra)
	    < 0)
		return no_memory(error);
	setup->ports = ports;
	setup->n_ports = n;
	return 0;
}

int setup_add_rule(struct setup *setup, const char *text, struct aws_error *error) {
	struct mirror_filter_rules more = setup->deployment.rules;
	struct mirror_filter_plan plan;
	struct mirror_filter_rule rule;
	int result = mirror_filter_rule_parse(text, &setup->arena, &rule, error);
	if (result < 0)
		return result;
	more.items = arena_grow(&setup->arena, more.items, more.n, sizeof(*more.items));
	if (more.items == NULL)
		return no_memory(error);
	more.items[more.n++] = rule;
	result = mirror_filter_compile(&more, &setup->arena, &plan, error);
	if (result < 0)
		return result == -E2BIG ? -EINVAL : result;
	setup->deployment.rules = more;
	return 0;
}

static int take_sources(struct setup *setup, struct aws_error *error) {
	const struct setup_options *options = &setup->options;
	struct deployment *deployment = &setup->deployment;
	size_t n = options->sources.n;
	struct source *sources = arena_alloc_array(&setup->arena, n, sizeof(*sources));
	if (sources == NULL)
		return no_memory(error);
	for (size_t i = 0; i < n; i++) {
		int result =
			source_parse(options->sources.items[i], &setup->arena, &sources[i], error);
		if (result < 0)
			return result;
		sources[i].is_primary_only = options->is_primary_only;
		if (options->lb_mode >= 0)
			sources[i].lb_mode = (enum source_lb_mode)options->lb_mode;
	}
	deployment->sources = sources;
	deployment->n_sources = n;
	return 0;
}

static int take_filter(struct setup *setup, struct aws_error *error) {
	const struct setup_options *options = &setup->options;
	int result = 0;
	int n_ways = options->takes_everything + (options->server_ports.n > 0)
		+ (options->rules.n > 0) + (options->existing_filter != NULL);
	if (n_ways > 1)
		return invalid(
			error,
			"--everything, --server-port, --rule and --existing-filter exclude one "
			"another"
		);
	if (options->takes_everything)
		setup->filter = SETUP_FILTER_EVERYTHING;
	if (options->existing_filter != NULL)
		setup->filter = SETUP_FILTER_EXISTING;
	for (size_t i = 0; result == 0 && i < options->server_ports.n; i++) {
		setup->filter = SETUP_FILTER_SERVERS;
		result = setup_set_ports(setup, options->server_ports.items[i], error);
	}
	for (size_t i = 0; result == 0 && i < options->rules.n; i++) {
		setup->filter = SETUP_FILTER_RULES;
		result = setup_add_rule(setup, options->rules.items[i], error);
	}
	setup->deployment.existing_filter = options->existing_filter;
	setup->deployment.mirrors_dns = options->mirrors_dns;
	return result;
}

static int take_user_data(struct setup *setup, struct aws_error *error) {
	const char *path = setup->options.user_data;
	struct strbuf text;
	if (path == NULL)
		return 0;
	strbuf_init(&text, USER_DATA_MAX);
	int result = file_read(path, &text);
	if (result == 0) {
		setup->deployment.appliances.user_data = arena_strdup(&setup->arena, text.data);
		if (setup->deployment.appliances.user_data == NULL)
			result = -ENOMEM;
	}
	strbuf_release(&text);
	if (result == -ENOMEM)
		return no_memory(error);
	if (result < 0)
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidOption",
			"--user-data: cannot read '%s': %s",
			path,
			strerror(-result)
		);
	return 0;
}

static int take_collector(struct setup *setup, struct aws_error *error) {
	const struct setup_options *options = &setup->options;
	struct deployment *deployment = &setup->deployment;
	const struct {
		bool is_given;
		enum setup_collector collector;
	} ways[] = {
		{options->image != NULL, SETUP_COLLECTOR_IMAGE},
		{options->image_parameter != NULL, SETUP_COLLECTOR_PARAMETER},
		{options->existing_target != NULL, SETUP_COLLECTOR_TARGET},
		{options->appliances.n > 0, SETUP_COLLECTOR_APPLIANCES},
		{options->has_no_appliances, SETUP_COLLECTOR_NONE},
	};
	size_t n_given = 0;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!ways[i].is_given)
			continue;
		setup->collector = ways[i].collector;
		n_given++;
	}
	if (n_given > 1)
		return invalid(
			error,
			"--ami, --ami-parameter, --appliance, --existing-target and "
			"--no-appliances "
			"exclude "
			"one another"
		);
	if (n_given == 0 && options->existing_balancer != NULL)
		setup->collector = SETUP_COLLECTOR_BALANCER;
	deployment->existing_target = options->existing_target;
	deployment->existing_load_balancer = options->existing_balancer;
	deployment->existing_appliances = options->appliances;
	deployment->appliances = (struct deployment_appliances) {
		.image_id = options->image,
		.image_parameter = options->image_parameter,
		.instance_type = options->instance_type,
		.key_name = options->key_name,
		.instance_profile = options->instance_profile,
		.is_group = options->is_scaling_group,
		.n = options->count,
		.n_max = options->count_max,
	};
	return take_user_data(setup, error);
}

static int take_tags(struct setup *setup, struct aws_error *error) {
	const struct shape_strings *texts = &setup->options.tags;
	struct aws_tag *tags = arena_alloc_array(&setup->arena, texts->n, sizeof(*tags));
	if (tags == NULL)
		return no_memory(error);
	for (size_t i = 0; i < texts->n; i++) {
		const char *text = texts->items[i], *equals = strchr(text, '=');
		if (equals == NULL || equals == text || equals[1] == '\0'
		    || strncmp(text, "aws:", 4) == 0 || strncmp(text, "metlo:", 6) == 0)
			return aws_error_set(
				error,
				-EINVAL,
				"InvalidOption",
				"--tag: '%s' must be KEY=VALUE, and the key not begin with aws: or "
				"metlo:",
				text
			);
		tags[i].key = arena_strndup(&setup->arena, text, (size_t)(equals - text));
		tags[i].value = equals + 1;
		if (tags[i].key == NULL)
			return no_memory(error);
	}
	setup->deployment.tags = (struct aws_tags) {.items = tags, .n = texts->n};
	return 0;
}

static int take_vni(struct setup *setup, struct aws_error *error) {
	struct deployment_session *session = &setup->deployment.session;
	const char *text = setup->options.vni;
	char *end;
	if (text == NULL || strcmp(text, "random") == 0)
		return 0;
	if (strcmp(text, "per-source") == 0) {
		session->vni_mode = DEPLOYMENT_VNI_PER_SOURCE;
		return 0;
	}
	session->vni_mode = DEPLOYMENT_VNI_GIVEN;
	session->vni = strtol(text, &end, 10);
	if (end == text || *end != '\0' || session->vni < 1 || session->vni > EC2_MIRROR_VNI_MAX)
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidOption",
			"--vni: expected a number from 1 to %d, random or per-source, found '%s'",
			EC2_MIRROR_VNI_MAX,
			text
		);
	return 0;
}

int setup_take_flags(struct setup *setup, struct aws_error *error) {
	char place[DEPLOYMENT_PLACE_MAX];
	const struct setup_options *options = &setup->options;
	struct deployment *deployment = &setup->deployment;
	int result = take_sources(setup, error);
	if (result == 0)
		result = take_filter(setup, error);
	if (result == 0)
		result = take_collector(setup, error);
	if (result == 0)
		result = take_tags(setup, error);
	if (result == 0)
		result = take_vni(setup, error);
	if (result < 0)
		return result;
	deployment->id = options->id;
	deployment->region = options->common.region;
	deployment->vpc_id = options->vpc;
	deployment->source_vpc_ids = options->source_vpcs;
	deployment->source_cidrs = options->source_cidrs;
	deployment->subnet_ids = options->subnets;
	deployment->mode = options->mode == DEPLOYMENT_KERNEL ? DEPLOYMENT_KERNEL : DEPLOYMENT_DPDK;
	deployment->health = (struct deployment_health) {
		.protocol = options->health_protocol,
		.port = (uint16_t)options->health_port,
		.path = options->health_path,
	};
	deployment->session.number = options->session_number;
	deployment->session.packet_length = options->packet_length;
	deployment->extra_types = options->extra_types;
	deployment->allows_starved = options->allows_starved;
	setup->save = options->save;
	// Appliances go by the mode, which may be asked for yet.
	bool is_mode_known = options->mode >= 0 || options->appliances.n == 0;
	return is_mode_known ? deployment_values_check(deployment, place, error) : 0;
}
