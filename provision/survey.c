#include "survey.h"

#include <errno.h>
#include <string.h>

static int add(struct arena *arena, struct shape_strings *list, const char *text) {
	if (text == NULL)
		return 0;
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], text) == 0)
			return 0;
	const char **items = arena_grow(arena, list->items, list->n, sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	items[list->n++] = text;
	list->items = items;
	return 0;
}

// Where selectors look. What is named by id is found wherever it is.
static int choose_vpcs(
	const struct deployment *deployment,
	struct arena *arena,
	struct shape_strings *ret_vpc_ids
) {
	int result = add(arena, ret_vpc_ids, deployment->vpc_id);
	for (size_t i = 0; result == 0 && i < deployment->source_vpc_ids.n; i++)
		result = add(arena, ret_vpc_ids, deployment->source_vpc_ids.items[i]);
	for (size_t i = 0; result == 0 && i < deployment->n_sources; i++)
		if (deployment->sources[i].kind == SOURCE_VPC)
			result = add(arena, ret_vpc_ids, deployment->sources[i].id);
	return result;
}

static int
load(struct client *client,
     const struct deployment *deployment,
     struct survey *survey,
     struct aws_error *error) {
	struct arena scratch = arena_empty();
	struct shape_strings vpc_ids = {0};
	int result = choose_vpcs(deployment, &scratch, &vpc_ids);
	if (result < 0)
		aws_error_set(error, result, "OutOfMemory", "reading the account");
	if (result == 0)
		result = inventory_load(client, &vpc_ids, &survey->inventory, error);
	if (result == 0)
		result = found_load(client, deployment, &survey->found, error);
	arena_release(&scratch);
	return result;
}

static int
judge(struct client *client,
      const struct deployment *deployment,
      struct survey *survey,
      struct aws_error *error) {
	struct candidate_options options = {
		.deployment = deployment->id,
		.session_number = deployment->session.number,
		.extra_types = deployment->extra_types,
		.appliances = survey->found.appliances,
		.allows_starved = deployment->allows_starved,
	};
	int result = resolve_sources(
		client,
		&survey->inventory,
		deployment->sources,
		deployment->n_sources,
		&survey->resolution,
		error
	);
	if (result == 0)
		result = inventory_add_subnets(client, &survey->inventory, error);
	if (result == 0
	    && candidates_judge(
		       &survey->inventory, &survey->resolution, &options, &survey->candidates
	       ) < 0)
		return aws_error_set(error, -ENOMEM, "OutOfMemory", "judging the sources");
	return result;
}

int survey_make(
	struct client *client,
	const struct deployment *deployment,
	enum survey_purpose purpose,
	struct survey *ret_survey,
	struct aws_error *error
) {
	struct survey *survey = ret_survey;
	*survey = (struct survey) {0};
	int result = load(client, deployment, survey, error);
	if (result == 0 && purpose != SURVEY_DESTROY)
		result = judge(client, deployment, survey, error);
	if (result == 0 && purpose == SURVEY_SET_UP)
		result = plan_make(
			deployment,
			&survey->inventory,
			&survey->found,
			&survey->candidates,
			&survey->plan,
			error
		);
	else if (result == 0 && purpose == SURVEY_DESTROY)
		result = plan_destroy(
			deployment, &survey->inventory, &survey->found, &survey->plan, error
		);
	if (result < 0)
		survey_release(survey);
	return result;
}

void survey_release(struct survey *survey) {
	plan_release(&survey->plan);
	candidates_release(&survey->candidates);
	resolution_release(&survey->resolution);
	found_release(&survey->found);
	inventory_release(&survey->inventory);
}
