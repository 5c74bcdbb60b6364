#include "deployments.h"

#include "aws_failure.h"
#include "console.h"
#include "ownership.h"
#include "region.h"
#include "suggest.h"

#include <errno.h>
#include <string.h>

#define NAMES_MAX 64

bool deployments_are_named(const char *command, const struct deployments_options *options) {
	if (options->config == NULL && options->deployment != NULL)
		console_say("%s: --deployment chooses from a file; -f FILE is missing", command);
	else if (options->config == NULL && options->id == NULL)
		console_say("%s: which deployment? Name a file with -f FILE; see --help", command);
	else if (options->config != NULL && options->id != NULL)
		console_say("%s: either -f FILE or --id ID, not both", command);
	else
		return true;
	return false;
}

static bool
load_by_id(const char *id, struct aws_connection *connection, struct deployments *deployments) {
	struct aws_error error;
	struct deployment *one = arena_alloc(&deployments->arena, sizeof(*one));
	deployments->items = arena_alloc(&deployments->arena, sizeof(void *));
	if (one == NULL || deployments->items == NULL) {
		console_say("out of memory");
		return false;
	}
	if (!ownership_is_id(id)) {
		console_say(
			"--id: '%s' is no deployment's id: 1 to 20 lower-case letters, digits and "
			"hyphens",
			id
		);
		return false;
	}
	one->id = id;
	int result = region_resolve(
		&connection->outside,
		&connection->settings,
		&deployments->arena,
		&one->region,
		&error
	);
	deployments->items[deployments->n++] = one;
	if (result < 0)
		aws_failure_say(result, &error, "look for deployment '%s'", id);
	return result == 0;
}

static bool is_chosen(
	const struct deployment *one,
	const struct deployments_options *options,
	const char *region
) {
	return (options->deployment == NULL || strcmp(options->deployment, one->id) == 0)
		&& (region == NULL || strcmp(region, one->region) == 0);
}

static void
say_none(const struct deployments_options *options, const char *region, const struct fleet *fleet) {
	const char *names[NAMES_MAX + 1];
	size_t n = 0;
	for (; n < NAMES_MAX && n < fleet->n_deployments; n++)
		names[n] = fleet->deployments[n].id;
	names[n] = NULL;
	const char *near = options->deployment == NULL ? NULL : suggest(options->deployment, names);
	if (near != NULL && strcmp(near, options->deployment) != 0)
		console_say(
			"config '%s' has no deployment '%s'; did you mean '%s'?",
			options->config,
			options->deployment,
			near
		);
	else if (options->deployment != NULL)
		console_say(
			"config '%s' has no deployment '%s'%s%s",
			options->config,
			options->deployment,
			region == NULL ? "" : " in region ",
			region == NULL ? "" : region
		);
	else if (region != NULL)
		console_say(
			"config '%s' has no deployment in region '%s'", options->config, region
		);
	else
		console_say("config '%s' has no deployments", options->config);
}

static bool load_file(
	const struct deployments_options *options,
	const char *region,
	struct deployments *deployments
) {
	struct aws_error error;
	int result = fleet_load(options->config, &deployments->fleet, &error);
	if (result == -EINVAL)
		console_say("config '%s': %s", options->config, error.message);
	else if (result < 0)
		console_say("%s", error.message);
	if (result < 0)
		return false;
	const struct fleet *fleet = &deployments->fleet;
	deployments->items =
		arena_alloc_array(&deployments->arena, fleet->n_deployments, sizeof(void *));
	if (deployments->items == NULL) {
		console_say("out of memory");
		return false;
	}
	for (size_t i = 0; i < fleet->n_deployments; i++)
		if (is_chosen(&fleet->deployments[i], options, region))
			deployments->items[deployments->n++] = &fleet->deployments[i];
	if (deployments->n == 0)
		say_none(options, region, fleet);
	return deployments->n > 0;
}

bool deployments_load(
	const struct deployments_options *options,
	const char *region,
	struct aws_connection *connection,
	struct deployments *ret_deployments
) {
	struct deployments deployments = {0};
	bool is_loaded = options->id != NULL ? load_by_id(options->id, connection, &deployments)
					     : load_file(options, region, &deployments);
	if (is_loaded)
		*ret_deployments = deployments;
	else
		deployments_release(&deployments);
	return is_loaded;
}

void deployments_release(struct deployments *deployments) {
	fleet_release(&deployments->fleet);
	arena_release(&deployments->arena);
}
