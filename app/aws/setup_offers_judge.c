// What would become of each offer, were it chosen.

#include "index.h"
#include "setup_aws.h"
#include "setup_offers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// Kinds that take calls to look behind are judged up to so many; more are shown without a verdict.
#define JUDGED_MAX 60

static bool are_judged(const struct setup_offers *offers) {
	enum source_kind kind = offers->n == 0 ? SOURCE_VPC : offers->items[0].source.kind;
	bool takes_calls = kind == SOURCE_ECS_SERVICE || kind == SOURCE_LOAD_BALANCER
		|| kind == SOURCE_SCALING_GROUP;
	return !takes_calls || offers->n <= JUDGED_MAX;
}

static void count(struct setup_offer *offer, const struct candidate *candidate) {
	offer->n_fine += candidate->verdict == CANDIDATE_FINE;
	offer->n_doubtful += candidate->verdict == CANDIDATE_TRY;
	offer->n_refused += candidate->verdict == CANDIDATE_REFUSED;
	if (offer->why != NULL || candidate->verdict == CANDIDATE_FINE)
		return;
	offer->why = candidate->why;
	offer->instead = candidate->instead;
}

static void count_all(struct setup_offers *offers, const struct index *by_key) {
	for (size_t i = 0; i < offers->candidates.n; i++) {
		const struct candidate *candidate = &offers->candidates.items[i];
		for (size_t k = 0; k < candidate->sources.n; k++) {
			size_t n;
			const struct index_entry *entries =
				index_range(by_key, candidate->sources.items[k], &n);
			if (n > 0) {
				const struct setup_offer *offer = entries[0].value;
				count(&offers->items[offer - offers->items], candidate);
			}
		}
	}
	for (size_t i = 0; i < offers->resolution.n_problems; i++) {
		size_t n;
		const struct resolve_problem *problem = &offers->resolution.problems[i];
		const struct index_entry *entries = index_range(by_key, problem->source, &n);
		const struct setup_offer *offer = n > 0 ? entries[0].value : NULL;
		if (offer != NULL)
			offers->items[offer - offers->items].problem = problem->text;
	}
}

static int no_memory(struct aws_error *error) {
	return aws_error_set(error, -ENOMEM, "OutOfMemory", "judging the sources");
}

int setup_offers_judge(
	struct client *client,
	struct inventory *inventory,
	struct setup_offers *offers,
	struct aws_error *error
) {
	struct index by_key = {0};
	const struct candidate_options options = {.deployment = ""};
	struct source *sources = arena_alloc_array(&offers->arena, offers->n, sizeof(*sources));
	if (sources == NULL)
		return no_memory(error);
	if (!are_judged(offers))
		return 0;
	for (size_t i = 0; i < offers->n; i++) {
		struct setup_offer *offer = &offers->items[i];
		sources[i] = offer->source;
		offer->key = source_key(&offer->source, &offers->arena);
		if (offer->key == NULL || index_add(&by_key, &offers->arena, offer->key, offer) < 0)
			return no_memory(error);
	}
	index_sort(&by_key);
	int result =
		resolve_sources(client, inventory, sources, offers->n, &offers->resolution, error);
	if (result < 0)
		return result;
	if (candidates_judge(inventory, &offers->resolution, &options, &offers->candidates) < 0)
		return no_memory(error);
	count_all(offers, &by_key);
	return 0;
}

// Of what is chosen by itself a refusal is final; what a selector finds changes.
static bool is_final(enum source_kind kind) {
	return kind == SOURCE_INSTANCE || kind == SOURCE_INTERFACE;
}

static const char *note_of(const struct setup_offer *offer, struct arena *arena) {
	size_t n = offer->n_fine + offer->n_doubtful + offer->n_refused;
	const char *why = offer->why == NULL ? "" : offer->why;
	const char *instead = offer->instead == NULL ? "" : offer->instead;
	const char *mark = instead[0] == '\0' ? "" : "; ";
	if (n == 0)
		return offer->problem;
	if (offer->n_refused == n)
		return arena_printf(
			arena,
			"%s%s%s%s",
			is_final(offer->source.kind) ? "" : "nothing there can be mirrored now: ",
			why,
			mark,
			instead
		);
	if (offer->n_refused > 0)
		return arena_printf(
			arena,
			"%zu of %zu interfaces cannot be mirrored: %s",
			offer->n_refused,
			n,
			why
		);
	return offer->n_doubtful > 0 ? arena_printf(arena, "%s%s%s", why, mark, instead) : NULL;
}

struct prompt_item setup_offer_item(const struct setup_offer *offer, struct arena *arena) {
	size_t n = offer->n_fine + offer->n_doubtful + offer->n_refused;
	bool is_refused = is_final(offer->source.kind) && n > 0 && offer->n_refused == n;
	struct prompt_item item = {
		.name = offer->name,
		.id = offer->shown_id,
		.detail = offer->detail,
		.tags = setup_tags_text(&offer->tags, arena),
		.note = note_of(offer, arena),
	};
	if (!is_final(offer->source.kind) && n > 0)
		item.detail = arena_printf(
			arena,
			"%s%s%zu interface%s",
			offer->detail == NULL ? "" : offer->detail,
			offer->detail == NULL ? "" : ", ",
			n,
			n == 1 ? "" : "s"
		);
	if (item.note != NULL)
		item.state = is_refused ? PROMPT_REFUSED : PROMPT_DOUBTFUL;
	return item;
}
