// The questions in their order: which are left, and the way back.

#include "aws_failure.h"
#include "console.h"
#include "interruption.h"
#include "prompt_view.h"
#include "region.h"
#include "setup_aws.h"
#include "strbuf.h"
#include "survey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2
#define NOTHING_MADE "nothing was made"
#define N_STEPS_MAX 32

struct setup_step {
	const char *flags; // NULL: one that can be left open
	bool (*applies)(const struct setup *setup); // NULL: always
	bool (*is_given)(const struct setup *setup); // by flags
	setup_question *ask;
};

static bool is_region_given(const struct setup *setup) {
	return setup->options.common.region != NULL;
}

static bool is_vpc_given(const struct setup *setup) {
	return setup->options.vpc != NULL;
}

static bool needs_vpc(const struct setup *setup) {
	return setup->options.existing_target == NULL || setup->options.sources.n == 0;
}

static bool are_sources_given(const struct setup *setup) {
	return setup->options.sources.n > 0;
}

static bool has_balancer_source(const struct setup *setup) {
	return setup_has_source(setup, SOURCE_LOAD_BALANCER);
}

static bool is_lb_mode_given(const struct setup *setup) {
	return setup->options.lb_mode >= 0;
}

static bool has_instance_source(const struct setup *setup) {
	return setup_has_source(setup, SOURCE_INSTANCE)
		|| setup_has_source(setup, SOURCE_SCALING_GROUP);
}

static bool is_primary_given(const struct setup *setup) {
	return setup->options.is_primary_only;
}

static bool is_filter_given(const struct setup *setup) {
	const struct setup_options *options = &setup->options;
	return options->takes_everything || options->server_ports.n > 0 || options->rules.n > 0
		|| options->existing_filter != NULL;
}

static bool filters_servers(const struct setup *setup) {
	return setup->filter == SETUP_FILTER_SERVERS;
}

static bool filters_by_rules(const struct setup *setup) {
	return setup->filter == SETUP_FILTER_RULES;
}

static bool filters_by_existing(const struct setup *setup) {
	return setup->filter == SETUP_FILTER_EXISTING;
}

static bool makes_filter(const struct setup *setup) {
	return setup->filter != SETUP_FILTER_EXISTING;
}

static bool is_dns_given(const struct setup *setup) {
	return setup->options.mirrors_dns;
}

static bool is_mode_given(const struct setup *setup) {
	return setup->options.mode >= 0;
}

static bool has_own_target(const struct setup *setup) {
	return setup->options.existing_target == NULL;
}

static bool is_collector_given(const struct setup *setup) {
	const struct setup_options *options = &setup->options;
	return options->image != NULL || options->image_parameter != NULL
		|| options->appliances.n > 0 || options->existing_target != NULL
		|| options->existing_balancer != NULL || options->has_no_appliances;
}

static bool is_collector_complete(const struct setup *setup) {
	return setup->options.image != NULL || setup->options.image_parameter != NULL;
}

static bool launches(const struct setup *setup) {
	return setup->collector == SETUP_COLLECTOR_IMAGE
		|| setup->collector == SETUP_COLLECTOR_PARAMETER;
}

static bool is_instance_type_given(const struct setup *setup) {
	return setup->options.instance_type != NULL;
}

static bool is_count_given(const struct setup *setup) {
	return setup->options.count > 0;
}

static bool launches_with_dpdk(const struct setup *setup) {
	return launches(setup) && setup->deployment.mode == DEPLOYMENT_DPDK;
}

static bool is_profile_given(const struct setup *setup) {
	return setup->options.instance_profile != NULL;
}

static bool is_scaling_given(const struct setup *setup) {
	return setup->options.is_scaling_group;
}

static bool uses_appliances(const struct setup *setup) {
	return setup->collector == SETUP_COLLECTOR_APPLIANCES;
}

static bool are_appliances_given(const struct setup *setup) {
	return setup->options.appliances.n > 0;
}

static bool uses_target(const struct setup *setup) {
	return setup->collector == SETUP_COLLECTOR_TARGET;
}

static bool is_target_given(const struct setup *setup) {
	return setup->options.existing_target != NULL;
}

static bool uses_balancer(const struct setup *setup) {
	return setup->collector == SETUP_COLLECTOR_BALANCER;
}

static bool is_balancer_given(const struct setup *setup) {
	return setup->options.existing_balancer != NULL;
}

static bool is_id_given(const struct setup *setup) {
	return setup->options.id != NULL;
}

static bool is_save_given(const struct setup *setup) {
	return setup->options.save != NULL;
}

#define COLLECTOR_FLAGS                                                                            \
	"one of --ami, --ami-parameter, --appliance, --existing-target, "                          \
	"--existing-load-balancer, --no-appliances"

static const struct setup_step steps[] = {
	{"--region", NULL, is_region_given, setup_ask_region},
	{"--vpc", needs_vpc, is_vpc_given, setup_ask_vpc},
	{NULL, NULL, are_sources_given, setup_ask_kind},
	{"--source", NULL, are_sources_given, setup_ask_sources},
	{NULL, NULL, are_sources_given, setup_ask_more},
	{NULL, has_balancer_source, is_lb_mode_given, setup_ask_lb_mode},
	{NULL, has_instance_source, is_primary_given, setup_ask_primary},
	{NULL, NULL, is_filter_given, setup_ask_filter},
	{NULL, filters_servers, is_filter_given, setup_ask_ports},
	{NULL, filters_by_rules, is_filter_given, setup_ask_rules},
	{NULL, filters_by_existing, is_filter_given, setup_ask_existing_filter},
	{NULL, makes_filter, is_dns_given, setup_ask_dns},
	{NULL, has_own_target, is_mode_given, setup_ask_mode},
	{COLLECTOR_FLAGS, NULL, is_collector_given, setup_ask_collector},
	{NULL, launches, is_collector_complete, setup_ask_image},
	{"--instance-type", launches, is_instance_type_given, setup_ask_instance_type},
	{"--count", launches, is_count_given, setup_ask_count},
	{"--instance-profile", launches_with_dpdk, is_profile_given, setup_ask_profile},
	{NULL, launches, is_scaling_given, setup_ask_scaling},
	{NULL, uses_appliances, are_appliances_given, setup_ask_appliances},
	{NULL, uses_target, is_target_given, setup_ask_target},
	{NULL, uses_balancer, is_balancer_given, setup_ask_balancer},
	{"--id", NULL, is_id_given, setup_ask_id},
	{NULL, NULL, is_save_given, setup_ask_save},
};
#define N_STEPS (sizeof(steps) / sizeof(steps[0]))

static bool is_open(const struct setup *setup, size_t at) {
	const struct setup_step *step = &steps[at];
	return (step->applies == NULL || step->applies(setup)) && !step->is_given(setup);
}

// Where nobody can be asked, the region may come from the environment or the profile.
static void take_region(struct setup *setup) {
	struct aws_error error;
	if (setup->deployment.region == NULL)
		region_resolve(
			&setup->connection->outside,
			&setup->connection->settings,
			&setup->arena,
			&setup->deployment.region,
			&error
		);
}

// The flags that are missing, in one line; empty: none.
static void find_missing(const struct setup *setup, bool has_region, struct strbuf *ret_flags) {
	for (size_t i = 0; i < N_STEPS; i++) {
		bool is_known = steps[i].ask == setup_ask_region && has_region;
		if (steps[i].flags != NULL && is_open(setup, i) && !is_known)
			strbuf_printf(
				ret_flags, "%s%s", ret_flags->len == 0 ? "" : "; ", steps[i].flags
			);
	}
	if (!setup->terminal.is_interactive && !setup->options.is_sure
	    && !setup->options.is_dry_run)
		strbuf_printf(ret_flags, "%s--yes or --dry-run", ret_flags->len == 0 ? "" : "; ");
}

static void stopped(struct setup *setup, const char *why, int code) {
	console_say("%s; " NOTHING_MADE, why);
	setup->code = code;
}

// True where the next question may be asked; false where the program ends.
static bool conclude(struct setup *setup, enum prompt_result result) {
	switch (result) {
	case PROMPT_DONE:
	case PROMPT_BACK:
		if (!interruption_is_noted(NULL))
			return true;
		stopped(setup, "stopped", interruption_exit_code());
		return false;
	case PROMPT_INTERRUPTED:
		stopped(setup, "stopped", 128 + setup->terminal.interrupted_by);
		return false;
	case PROMPT_ENDED:
		stopped(setup, "the input has ended", EXIT_FAILURE);
		return false;
	case PROMPT_FAILED:
		return false;
	}
	return false;
}

static bool ask_from(struct setup *setup, size_t at) {
	while (at < N_STEPS) {
		if (!is_open(setup, at)) {
			at++;
			continue;
		}
		enum prompt_result result = steps[at].ask(setup);
		if (!conclude(setup, result))
			return false;
		if (result == PROMPT_DONE) {
			setup->asked[setup->n_asked++] = at++;
			continue;
		}
		if (setup->n_asked == 0)
			prompt_view_say(
				&setup->terminal, "this is the first question; Ctrl-C ends it"
			);
		else
			at = setup->asked[--setup->n_asked];
	}
	return true;
}

bool setup_ask_all(struct setup *setup) {
	struct strbuf missing;
	static_assert(N_STEPS <= SETUP_STEPS_MAX);
	bool can_ask = setup->terminal.is_interactive;
	strbuf_init(&missing, 4096);
	if (!can_ask)
		take_region(setup);
	find_missing(setup, !can_ask && setup->deployment.region != NULL, &missing);
	setup->asks = can_ask && missing.len > 0;
	bool is_complete = missing.len == 0;
	if (!is_complete && !can_ask) {
		console_say(
			"setup-aws: nobody can be asked here, and this is missing: %s", missing.data
		);
		setup->code = EXIT_USAGE;
	}
	strbuf_release(&missing);
	return setup->asks ? ask_from(setup, 0) : is_complete;
}

bool setup_ask_again(struct setup *setup) {
	if (setup->n_asked == 0) {
		stopped(setup, "not confirmed", EXIT_FAILURE);
		return false;
	}
	return ask_from(setup, setup->asked[--setup->n_asked]);
}

enum prompt_result
setup_fail(struct setup *setup, int result, const struct aws_error *error, const char *what) {
	setup_say_busy(setup, NULL);
	setup->code = aws_failure_say(result, error, "%s", what);
	if (result == -ECANCELED)
		console_say(NOTHING_MADE);
	return PROMPT_FAILED;
}

enum prompt_result setup_no_memory(struct setup *setup) {
	console_say("out of memory; " NOTHING_MADE);
	setup->code = EXIT_FAILURE;
	return PROMPT_FAILED;
}

// A Ctrl-C while something was read counts as one at the question that comes then.
static bool is_interrupted(struct setup *setup) {
	if (!interruption_is_noted(NULL))
		return false;
	setup->terminal.interrupted_by = interruption_signal();
	return true;
}

static enum prompt_result check_prompt(struct setup *setup, enum prompt_result result) {
	if (result != PROMPT_FAILED)
		return result;
	console_say("cannot use the terminal: %s; " NOTHING_MADE, strerror(errno));
	setup->code = EXIT_FAILURE;
	return result;
}

enum prompt_result
setup_choose(struct setup *setup, const struct prompt_select *question, size_t *ret_at) {
	bool *chosen = arena_alloc_array(&setup->arena, question->n_items, sizeof(*chosen));
	if (chosen == NULL)
		return setup_no_memory(setup);
	if (is_interrupted(setup))
		return PROMPT_INTERRUPTED;
	enum prompt_result result =
		check_prompt(setup, prompt_select(&setup->terminal, question, chosen));
	for (size_t i = 0; result == PROMPT_DONE && i < question->n_items; i++)
		if (chosen[i])
			*ret_at = i;
	return result;
}

enum prompt_result
setup_choose_several(struct setup *setup, const struct prompt_select *question, bool **ret_chosen) {
	*ret_chosen = arena_alloc_array(&setup->arena, question->n_items, sizeof(**ret_chosen));
	if (*ret_chosen == NULL)
		return setup_no_memory(setup);
	if (is_interrupted(setup))
		return PROMPT_INTERRUPTED;
	return check_prompt(setup, prompt_select(&setup->terminal, question, *ret_chosen));
}

enum prompt_result
setup_type(struct setup *setup, const struct prompt_text *question, const char **ret_text) {
	char text[1024];
	if (is_interrupted(setup))
		return PROMPT_INTERRUPTED;
	enum prompt_result result =
		check_prompt(setup, prompt_text(&setup->terminal, question, text, sizeof(text)));
	if (result != PROMPT_DONE)
		return result;
	const char *copy = arena_strdup(&setup->arena, text);
	if (copy == NULL)
		return setup_no_memory(setup);
	*ret_text = copy;
	return result;
}

enum prompt_result setup_yes_no(
	struct setup *setup,
	const char *title,
	const char *label,
	bool preset,
	bool *ret_yes
) {
	if (is_interrupted(setup))
		return PROMPT_INTERRUPTED;
	return check_prompt(setup, prompt_yes_no(&setup->terminal, title, label, preset, ret_yes));
}

void setup_say_busy(const struct setup *setup, const char *what) {
	if (!setup->terminal.can_draw || !setup->terminal.is_interactive)
		return;
	char line[128];
	size_t columns, rows;
	terminal_size(&setup->terminal, &columns, &rows);
	int len = what == NULL
		? snprintf(line, sizeof(line), "\r\033[K")
		: snprintf(line, sizeof(line), "\r\033[K%.*s", (int)columns - 1, what);
	terminal_write(&setup->terminal, line, (size_t)len < sizeof(line) ? (size_t)len : 0);
}

const char *setup_tags_text(const struct aws_tags *tags, struct arena *arena) {
	struct strbuf text;
	strbuf_init(&text, 65536);
	for (size_t i = 0; i < tags->n; i++) {
		const struct aws_tag *tag = &tags->items[i];
		if (tag->key == NULL || strcmp(tag->key, "Name") == 0
		    || strncmp(tag->key, "aws:", 4) == 0)
			continue;
		const char *value = tag->value == NULL ? "" : tag->value;
		strbuf_printf(&text, "%s%s=%s", text.len == 0 ? "" : " ", tag->key, value);
	}
	const char *copy = strbuf_status(&text) == 0 ? arena_strdup(arena, text.data) : NULL;
	strbuf_release(&text);
	return copy == NULL ? "" : copy;
}

int setup_load_inventory(struct setup *setup, struct aws_error *error) {
	const char *vpc_id = setup->deployment.vpc_id;
	const struct shape_strings vpcs = {.items = &vpc_id, .n = vpc_id == NULL ? 0 : 1};
	if (setup->has_inventory)
		return 0;
	setup_say_busy(setup, "reading the VPC ...");
	int result = inventory_load(setup->client, &vpcs, &setup->inventory, error);
	setup_say_busy(setup, NULL);
	setup->has_inventory = result == 0;
	return result;
}

void setup_forget_inventory(struct setup *setup) {
	if (setup->has_inventory)
		inventory_release(&setup->inventory);
	setup->has_inventory = false;
}
