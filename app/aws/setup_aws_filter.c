// What of the traffic is mirrored.

#include "mirror_filter_text.h"
#include "ownership.h"
#include "prompt_view.h"
#include "resolve.h"
#include "setup_aws.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PORTS_PRESET "80,8080"

enum prompt_result setup_ask_filter(struct setup *setup) {
	static const struct prompt_item items[] = {
		[SETUP_FILTER_EVERYTHING
		 - 1] = {.name = "everything", .detail = "all TCP and UDP, both directions"},
		[SETUP_FILTER_SERVERS - 1] =
			{.name = "HTTP servers",
			 .detail = "only TCP to and from ports that you name"},
		[SETUP_FILTER_RULES - 1] =
			{.name = "rules of your own",
			 .detail = "protocol, direction, ports, addresses"},
		[SETUP_FILTER_EXISTING
			- 1] = {.name = "a filter that exists", .detail = "used as it is"},
	};
	const struct prompt_select question = {
		.title = "which traffic?",
		.label = "filter",
		.items = items,
		.n_items = sizeof(items) / sizeof(items[0]),
		.at = setup->filter == SETUP_FILTER_OPEN ? 0 : (size_t)setup->filter - 1,
	};
	size_t at = 0;
	enum prompt_result result = setup_choose(setup, &question, &at);
	if (result != PROMPT_DONE)
		return result;
	setup->filter = (enum setup_filter)(at + 1);
	setup->deployment.rules = (struct mirror_filter_rules) {0};
	setup->deployment.existing_filter = NULL;
	setup->deployment.mirrors_dns = false;
	return result;
}

// The ports that load balancers and containers among the sources are known to use; "" where none are.
static int known_ports(struct setup *setup, const char **ret_text, struct aws_error *error) {
	struct resolution resolution;
	struct strbuf text;
	int result = setup_need_client(setup, error);
	if (result == 0)
		result = setup_load_inventory(setup, error);
	if (result < 0)
		return result;
	setup_say_busy(setup, "looking at the sources ...");
	result = resolve_sources(
		setup->client,
		&setup->inventory,
		setup->deployment.sources,
		setup->deployment.n_sources,
		&resolution,
		error
	);
	setup_say_busy(setup, NULL);
	if (result < 0)
		return result;
	strbuf_init(&text, 4096);
	for (size_t i = 0; i < resolution.n_ports && i < EC2_MIRROR_RULES_PER_DIRECTION; i++)
		strbuf_printf(&text, "%s%u", i == 0 ? "" : ",", (unsigned)resolution.ports[i]);
	*ret_text = arena_strdup(&setup->arena, text.data);
	strbuf_release(&text);
	resolution_release(&resolution);
	return *ret_text == NULL ? aws_error_set(error, -ENOMEM, "OutOfMemory", "reading ports")
				 : 0;
}

struct check {
	struct setup *setup;
	struct aws_error error; // whose message a complaint points to
};

static const char *check_ports(void *ctx, const char *text) {
	struct check *check = ctx;
	struct setup *setup = check->setup;
	setup->ports = NULL;
	setup->n_ports = 0;
	return setup_set_ports(setup, text, &check->error) < 0 ? check->error.message : NULL;
}

enum prompt_result setup_ask_ports(struct setup *setup) {
	struct aws_error error;
	struct check check = {.setup = setup};
	const char *known = "", *text;
	int status = known_ports(setup, &known, &error);
	if (status < 0)
		return setup_fail(setup, status, &error, "look at the sources");
	const struct prompt_text question = {
		.title = "which TCP ports do the servers listen on?",
		.label = "server ports",
		.hint = known[0] != '\0' ? "load balancers and containers there use these"
					 : "numbers with commas in between",
		.preset = known[0] != '\0' ? known : PORTS_PRESET,
		.check = check_ports,
		.ctx = &check,
	};
	return setup_type(setup, &question, &text);
}

static const char *check_rule(void *ctx, const char *text) {
	struct check *check = ctx;
	if (text[0] == '\0')
		return check->setup->deployment.rules.n > 0 ? NULL : "at least one rule is needed";
	return setup_add_rule(check->setup, text, &check->error) < 0 ? check->error.message : NULL;
}

enum prompt_result setup_ask_rules(struct setup *setup) {
	struct check check = {.setup = setup};
	setup->deployment.rules = (struct mirror_filter_rules) {0};
	for (;;) {
		char title[96];
		const char *text = "";
		size_t n = setup->deployment.rules.n;
		snprintf(
			title,
			sizeof(title),
			n == 0 ? "rule 1" : "rule %zu (an empty line ends the list)",
			n + 1
		);
		const struct prompt_text question = {
			.title = title,
			.label = "rule",
			.hint = "such as: accept tcp to any port 8000-8080; reject egress udp from "
				"any "
				"port 53 to 10.0.0.0/8",
			.preset = n == 0 ? NULL : "",
			.check = check_rule,
			.ctx = &check,
		};
		enum prompt_result result = setup_type(setup, &question, &text);
		if (result == PROMPT_DONE && text[0] == '\0')
			return PROMPT_DONE;
		if (result == PROMPT_BACK && n > 0)
			setup->deployment.rules.n--; // the one before is to be typed again
		else if (result != PROMPT_DONE)
			return result;
	}
}

enum prompt_result setup_ask_existing_filter(struct setup *setup) {
	struct aws_error error;
	int status = setup_need_client(setup, &error);
	if (status == 0)
		status = setup_load_inventory(setup, &error);
	if (status < 0)
		return setup_fail(setup, status, &error, "read the filters");
	const struct ec2_mirror_filters *filters = &setup->inventory.filters;
	struct prompt_item *items =
		arena_alloc_array(&setup->arena, filters->filters.n, sizeof(*items));
	size_t at = 0;
	if (items == NULL)
		return setup_no_memory(setup);
	for (size_t i = 0; i < filters->filters.n; i++) {
		const struct ec2_mirror_filter *filter = &filters->filters.items[i];
		bool is_ours = ownership_is_managed(&filter->tags);
		items[i] = (struct prompt_item) {
			.name = tags_get(&filter->tags, "Name"),
			.id = filter->id,
			.detail = filter->description,
			.tags = setup_tags_text(&filter->tags, &setup->arena),
			.note = is_ours ? "it belongs to a deployment and goes with it" : NULL,
			.state = is_ours ? PROMPT_REFUSED : PROMPT_FINE,
		};
	}
	if (filters->filters.n == 0) {
		prompt_view_say(&setup->terminal, "there are no filters here");
		return PROMPT_BACK;
	}
	const struct prompt_select question = {
		.title = "which filter?",
		.label = "existing filter",
		.items = items,
		.n_items = filters->filters.n,
	};
	enum prompt_result result = setup_choose(setup, &question, &at);
	if (result == PROMPT_DONE) {
		setup->deployment.existing_filter =
			arena_strdup(&setup->arena, filters->filters.items[at].id);
		if (setup->deployment.existing_filter == NULL)
			return setup_no_memory(setup);
	}
	return result;
}

enum prompt_result setup_ask_dns(struct setup *setup) {
	return setup_yes_no(
		setup,
		"mirror queries to Amazon's DNS resolver too?",
		"mirror DNS",
		false,
		&setup->deployment.mirrors_dns
	);
}
