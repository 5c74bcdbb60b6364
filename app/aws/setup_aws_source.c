// What is mirrored: the kind of source, and which.

#include "console.h"
#include "prompt_view.h"
#include "setup_aws.h"
#include "setup_offers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct kind_text {
	const char *name;
	const char *detail;
	const char *title; // of the list
} kinds[] = {
	[SOURCE_INSTANCE] =
		{"EC2 instances", "all interfaces of chosen instances", "which instances?"},
	[SOURCE_INTERFACE] =
		{"network interfaces", "also of databases and caches", "which network interfaces?"},
	[SOURCE_ECS_SERVICE] = {"ECS services", "on EC2 and Fargate", "which services?"},
	[SOURCE_LOAD_BALANCER] =
		{"load balancers",
		 "what they send to, or their own interfaces",
		 "which load balancers?"},
	[SOURCE_TAGS] =
		{"tags",
		 "instances and interfaces that have all of the chosen tags",
		 "which tags? (all of "
		 "them must match)"},
	[SOURCE_SUBNET] = {"subnets", "everything in them", "which subnets?"},
	[SOURCE_VPC] = {"whole VPCs", "everything in them", "which VPCs?"},
	[SOURCE_SCALING_GROUP] =
		{"Auto Scaling groups", "their instances, as they come and go", "which groups?"},
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct prompt_item kind_item(size_t kind) {
	return (struct prompt_item) {.name = kinds[kind].name, .detail = kinds[kind].detail};
}

enum prompt_result setup_ask_kind(struct setup *setup) {
	struct prompt_item items[N_KINDS];
	size_t at = 0;
	for (size_t i = 0; i < N_KINDS; i++)
		items[i] = kind_item(i);
	const struct prompt_select question = {
		.title = "what shall be mirrored?",
		.label = "source type",
		.items = items,
		.n_items = N_KINDS,
		.at = setup->has_kind ? (size_t)setup->kind : 0,
	};
	enum prompt_result result = setup_choose(setup, &question, &at);
	if (result == PROMPT_DONE) {
		setup->kind = (enum source_kind)at;
		setup->has_kind = true;
	}
	return result;
}

// A copy that outlives the offers. False without memory.
static bool copy_source(struct setup *setup, const struct source *from, struct source *to) {
	*to = (struct source) {.kind = from->kind};
	if (from->id != NULL) {
		to->id = arena_strdup(&setup->arena, from->id);
		return to->id != NULL;
	}
	struct aws_tag *tag = arena_alloc(&setup->arena, sizeof(*tag));
	if (tag == NULL)
		return false;
	tag->key = arena_strdup(&setup->arena, from->tags.items[0].key);
	tag->value = arena_strdup(&setup->arena, from->tags.items[0].value);
	to->tags = (struct aws_tags) {.items = tag, .n = 1};
	return tag->key != NULL && tag->value != NULL;
}

// Several tags are one source: all must match.
static bool join_tags(struct setup *setup, struct source *sources, size_t n) {
	struct aws_tag *tags = arena_alloc_array(&setup->arena, n, sizeof(*tags));
	if (tags == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		tags[i] = sources[i].tags.items[0];
	sources[0].tags = (struct aws_tags) {.items = tags, .n = n};
	return true;
}

// Sources of other kinds that were chosen before stay; those of this kind were in the list again.
static size_t keep_others(const struct setup *setup, struct source *sources) {
	size_t n = 0;
	for (size_t i = 0; i < setup->n_kept; i++) {
		const struct source *one = &setup->deployment.sources[i];
		if (one->kind != setup->kind || one->kind == SOURCE_TAGS)
			sources[n++] = *one;
	}
	return n;
}

static bool
take_sources(struct setup *setup, const struct setup_offers *offers, const bool *chosen) {
	struct source *sources =
		arena_alloc_array(&setup->arena, setup->n_kept + offers->n, sizeof(*sources));
	if (sources == NULL)
		return false;
	size_t n_others = keep_others(setup, sources), n = n_others;
	for (size_t i = 0; i < offers->n; i++)
		if (chosen[i] && !copy_source(setup, &offers->items[i].source, &sources[n++]))
			return false;
	if (setup->kind == SOURCE_TAGS && n > n_others + 1) {
		if (!join_tags(setup, sources + n_others, n - n_others))
			return false;
		n = n_others + 1;
	}
	setup->deployment.sources = sources;
	setup->deployment.n_sources = n;
	return true;
}

static bool is_chosen_before(const struct setup *setup, const struct source *source) {
	for (size_t i = 0; i < setup->deployment.n_sources; i++) {
		const struct source *one = &setup->deployment.sources[i];
		if (one->kind == source->kind && one->id != NULL && source->id != NULL
		    && strcmp(one->id, source->id) == 0)
			return true;
	}
	return false;
}

static enum prompt_result choose(struct setup *setup, const struct setup_offers *offers) {
	struct prompt_item *items = arena_alloc_array(&setup->arena, offers->n, sizeof(*items));
	bool *chosen;
	if (items == NULL)
		return setup_no_memory(setup);
	for (size_t i = 0; i < offers->n; i++) {
		items[i] = setup_offer_item(&offers->items[i], &setup->arena);
		items[i].is_chosen = is_chosen_before(setup, &offers->items[i].source);
	}
	const struct prompt_select question = {
		.title = kinds[setup->kind].title,
		.label = "sources",
		.items = items,
		.n_items = offers->n,
		.is_multiple = true,
	};
	enum prompt_result result = setup_choose_several(setup, &question, &chosen);
	if (result == PROMPT_DONE && !take_sources(setup, offers, chosen))
		return setup_no_memory(setup);
	return result;
}

static enum prompt_result ask_sources(struct setup *setup) {
	struct aws_error error;
	struct setup_offers offers;
	char text[128];
	int status = setup_need_client(setup, &error);
	if (status == 0)
		status = setup_load_inventory(setup, &error);
	if (status < 0)
		return setup_fail(setup, status, &error, "read the VPC");
	setup_say_busy(setup, "looking for sources ...");
	status = setup_offers_load(
		setup->client,
		&setup->inventory,
		setup->kind,
		setup->deployment.vpc_id,
		&offers,
		&error
	);
	setup_say_busy(setup, NULL);
	if (status < 0)
		return setup_fail(setup, status, &error, "look for sources");
	enum prompt_result result = PROMPT_BACK;
	if (offers.n > 0) {
		result = choose(setup, &offers);
	} else {
		snprintf(text, sizeof(text), "there are no %s here", kinds[setup->kind].name);
		prompt_view_say(&setup->terminal, text);
	}
	setup_offers_release(&offers);
	return result;
}

enum prompt_result setup_ask_sources(struct setup *setup) {
	setup->n_kept = 0;
	return ask_sources(setup);
}

// '*ret_kind' is N_KINDS where that is all.
static enum prompt_result ask_another_kind(struct setup *setup, size_t *ret_kind) {
	struct prompt_item items[N_KINDS + 1] = {
		{.name = "nothing else", .detail = "that is all"},
	};
	size_t at = 0;
	for (size_t i = 0; i < N_KINDS; i++)
		items[i + 1] = kind_item(i);
	const struct prompt_select question = {
		.title = "what else shall be mirrored?",
		.items = items,
		.n_items = N_KINDS + 1,
	};
	enum prompt_result result = setup_choose(setup, &question, &at);
	*ret_kind = at == 0 ? N_KINDS : at - 1;
	return result;
}

enum prompt_result setup_ask_more(struct setup *setup) {
	enum source_kind first = setup->kind;
	for (;;) {
		size_t kind;
		enum prompt_result result = ask_another_kind(setup, &kind);
		if (result != PROMPT_DONE || kind == N_KINDS) {
			setup->kind = first; // where the way back leads
			return result;
		}
		setup->kind = (enum source_kind)kind;
		setup->n_kept = setup->deployment.n_sources;
		result = ask_sources(setup);
		if (result != PROMPT_DONE && result != PROMPT_BACK)
			return result;
	}
}

// Answers that hold for all sources.
static struct source *writable_sources(struct setup *setup) {
	size_t n = setup->deployment.n_sources;
	struct source *sources = arena_alloc_array(&setup->arena, n, sizeof(*sources));
	if (sources != NULL && n > 0)
		memcpy(sources, setup->deployment.sources, n * sizeof(*sources));
	if (sources != NULL)
		setup->deployment.sources = sources;
	return sources;
}

enum prompt_result setup_ask_lb_mode(struct setup *setup) {
	static const struct prompt_item items[] = {
		[SOURCE_LB_TARGETS] =
			{.name = "its targets", .detail = "what it sends to; here TLS has ended"},
		[SOURCE_LB_ENIS] =
			{.name = "its own interfaces",
			 .detail = "application and classic ones only; both legs"},
		[SOURCE_LB_AUTO] =
			{.name = "its targets, else its own",
			 .detail = "where a load balancer has no targets"},
	};
	const struct prompt_select question = {
		.title = "what of a load balancer?",
		.label = "load balancer mode",
		.items = items,
		.n_items = sizeof(items) / sizeof(items[0]),
	};
	size_t at = 0;
	enum prompt_result result = setup_choose(setup, &question, &at);
	struct source *sources = writable_sources(setup);
	if (sources == NULL)
		return setup_no_memory(setup);
	for (size_t i = 0; result == PROMPT_DONE && i < setup->deployment.n_sources; i++)
		if (sources[i].kind == SOURCE_LOAD_BALANCER)
			sources[i].lb_mode = (enum source_lb_mode)at;
	return result;
}

enum prompt_result setup_ask_primary(struct setup *setup) {
	static const struct prompt_item items[] = {
		{.name = "all interfaces", .detail = "one session for each"},
		{.name = "only the first", .detail = "the primary interface"},
	};
	const struct prompt_select question = {
		.title = "which interfaces of an instance?",
		.label = "interfaces",
		.items = items,
		.n_items = sizeof(items) / sizeof(items[0]),
	};
	size_t at = 0;
	enum prompt_result result = setup_choose(setup, &question, &at);
	struct source *sources = writable_sources(setup);
	if (sources == NULL)
		return setup_no_memory(setup);
	for (size_t i = 0; result == PROMPT_DONE && i < setup->deployment.n_sources; i++)
		sources[i].is_primary_only = at == 1;
	return result;
}
