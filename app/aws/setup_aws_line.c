// The command line that gives the same without questions.

#include "mirror_filter_text.h"
#include "setup_aws.h"
#include "shell_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX 1048576u

struct line {
	struct strbuf text;
	struct arena *arena;
	bool is_out_of_memory;
};

static void add_flag(struct line *line, bool is_set, const char *name) {
	if (is_set)
		strbuf_printf(&line->text, " --%s", name);
}

static void add_text(struct line *line, const char *name, const char *text) {
	const char *word = text == NULL ? NULL : shell_words_quote(text, line->arena);
	if (text == NULL)
		return;
	line->is_out_of_memory = line->is_out_of_memory || word == NULL;
	strbuf_printf(&line->text, " --%s %s", name, word == NULL ? "" : word);
}

static void add_texts(struct line *line, const char *name, const struct shape_strings *texts) {
	for (size_t i = 0; i < texts->n; i++)
		add_text(line, name, texts->items[i]);
}

static void add_number(struct line *line, const char *name, int64_t number) {
	if (number != 0)
		strbuf_printf(&line->text, " --%s %" PRId64, name, number);
}

static void add_sources(struct line *line, const struct deployment *deployment) {
	bool is_primary_only = false;
	const char *lb_mode = NULL;
	for (size_t i = 0; i < deployment->n_sources; i++) {
		const struct source *source = &deployment->sources[i];
		const char *key = source_key(source, line->arena);
		line->is_out_of_memory = line->is_out_of_memory || key == NULL;
		add_text(line, "source", key);
		is_primary_only = is_primary_only || source->is_primary_only;
		if (source->kind == SOURCE_LOAD_BALANCER)
			lb_mode = setup_lb_modes[source->lb_mode];
	}
	add_flag(line, is_primary_only, "primary-only");
	add_text(line, "lb-mode", lb_mode);
	add_texts(line, "source-vpc", &deployment->source_vpc_ids);
	add_texts(line, "source-cidr", &deployment->source_cidrs);
}

static void add_rules(struct line *line, const struct mirror_filter_rules *rules) {
	for (size_t i = 0; i < rules->n; i++) {
		struct strbuf text;
		strbuf_init(&text, 1024);
		mirror_filter_rule_text(&rules->items[i], &text);
		line->is_out_of_memory = line->is_out_of_memory || strbuf_status(&text) < 0;
		add_text(line, "rule", text.data);
		strbuf_release(&text);
	}
}

static void add_filter(struct line *line, const struct setup *setup) {
	switch (setup->filter) {
	case SETUP_FILTER_OPEN:
	case SETUP_FILTER_EVERYTHING:
		add_flag(line, true, "everything");
		break;
	case SETUP_FILTER_SERVERS:
		strbuf_add_text(&line->text, " --server-port ");
		for (size_t i = 0; i < setup->n_ports; i++)
			strbuf_printf(
				&line->text, "%s%u", i == 0 ? "" : ",", (unsigned)setup->ports[i]
			);
		break;
	case SETUP_FILTER_RULES:
		add_rules(line, &setup->deployment.rules);
		break;
	case SETUP_FILTER_EXISTING:
		add_text(line, "existing-filter", setup->deployment.existing_filter);
		break;
	}
	add_flag(line, setup->deployment.mirrors_dns, "mirror-dns");
}

static void add_collector(struct line *line, const struct setup *setup) {
	const struct deployment *deployment = &setup->deployment;
	const struct deployment_appliances *appliances = &deployment->appliances;
	if (deployment->existing_target == NULL)
		add_text(line, "mode", setup_modes[deployment->mode]);
	add_text(line, "existing-target", deployment->existing_target);
	add_text(line, "existing-load-balancer", deployment->existing_load_balancer);
	add_texts(line, "appliance", &deployment->existing_appliances);
	add_flag(line, setup->collector == SETUP_COLLECTOR_NONE, "no-appliances");
	if (deployment_has_appliances(deployment)) {
		add_text(line, "ami", appliances->image_id);
		add_text(line, "ami-parameter", appliances->image_parameter);
		add_text(line, "instance-type", appliances->instance_type);
		add_number(line, "count", appliances->n);
		add_flag(line, appliances->is_group, "auto-scaling");
		add_number(line, "max", appliances->n_max);
		add_text(line, "instance-profile", appliances->instance_profile);
		add_text(line, "key-name", appliances->key_name);
		add_text(line, "user-data", setup->options.user_data);
	}
	add_texts(line, "subnet", &deployment->subnet_ids);
	add_text(line, "health-protocol", deployment->health.protocol);
	add_number(line, "health-port", deployment->health.port);
	add_text(line, "health-path", deployment->health.path);
}

const char *setup_command_line(struct setup *setup) {
	const struct deployment *deployment = &setup->deployment;
	const struct setup_options *options = &setup->options;
	struct line line = {.arena = &setup->arena};
	strbuf_init(&line.text, LINE_MAX);
	strbuf_add_text(&line.text, "metlo-appliance setup-aws");
	add_text(&line, "region", deployment->region);
	add_text(&line, "profile", options->common.profile);
	add_text(&line, "endpoint-url", options->common.endpoint_url);
	add_text(&line, "ca-bundle", options->common.ca_bundle);
	add_text(&line, "vpc", deployment->vpc_id);
	add_sources(&line, deployment);
	add_filter(&line, setup);
	add_collector(&line, setup);
	add_text(&line, "id", deployment->id);
	add_number(&line, "session-number", deployment->session.number);
	add_text(&line, "vni", options->vni);
	add_number(&line, "packet-length", deployment->session.packet_length);
	add_texts(&line, "tag", &options->tags);
	add_texts(&line, "allow-instance-type", &deployment->extra_types);
	add_flag(&line, deployment->allows_starved, "allow-starved");
	add_text(&line, "save", setup->save);
	add_flag(&line, options->keeps_partial, "keep");
	strbuf_add_text(&line.text, " --yes");
	bool is_whole = strbuf_status(&line.text) == 0 && !line.is_out_of_memory;
	const char *text = is_whole ? arena_strdup(&setup->arena, line.text.data) : NULL;
	strbuf_release(&line.text);
	return text;
}
