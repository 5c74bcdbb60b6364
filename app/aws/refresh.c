// metlo-appliance refresh: sessions for what came, none for what went. Once, for a timer, or again and again.

#include "aws_failure.h"
#include "command.h"
#include "console.h"
#include "deployments.h"
#include "interruption.h"
#include "plan_print.h"
#include "plan_run.h"
#include "refresh_memory.h"
#include "survey.h"
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define REFUSAL_REST_S 3600

struct options {
	struct aws_options common;
	struct deployments_options deployments;
	int64_t watch_s; // 0: once
	bool allows_empty;
};

static const struct aws_option rows[] = {
	DEPLOYMENTS_ROWS_FILE(struct options, deployments),
	AWS_OPTION_SECONDS(
		struct options,
		watch_s,
		"watch",
		"SECONDS",
		"do it again and again, with such pauses, until SIGTERM"
	),
	AWS_OPTION_FLAG(
		struct options,
		allows_empty,
		"allow-empty",
		"also remove all sessions of a deployment, where its sources find nothing"
	),
};

static const struct aws_command command = {
	.name = "refresh",
	.help = "Makes mirror sessions for what came since 'apply' (new instances, tasks, targets) "
		"and deletes\n"
		"those of what went, so that nothing is billed in vain. Also ends and begins "
		"pauses whose time\n"
		"has come. Asks nothing and changes nothing else.",
	.usage = "-f FILE [OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.notes = "With --watch the file is read anew each time. A deployment that fails is tried "
		 "again after ever\n"
		 "longer pauses, up to 15 minutes; an interface that AWS refuses, after an hour. "
		 "SIGTERM or\n"
		 "Ctrl-C ends it with 0 after the calls that are under way.\n\n"
		 "Exit codes: 0 done, 1 failed, 2 wrong options, 130 after Ctrl-C.",
};

struct refreshing {
	const struct options *options;
	struct aws_connection connection;
	bool is_open; // the connection
	bool is_first_round;
	struct refresh_memory
		memory; // of a watch: deployments that failed, interfaces that were refused
	int code; // of a round
};

static void
say_waiting(const struct refreshing *refreshing, const struct plan *plan, size_t n_waiting) {
	if (n_waiting > 0 && refreshing->is_first_round)
		console_say(
			"deployment '%s' in '%s' needs %zu other changes; 'plan' shows them and "
			"'apply' "
			"makes them",
			plan->deployment->id,
			plan->deployment->region,
			n_waiting
		);
}

// What 'refresh' cannot do.
static bool is_refreshable(const struct plan *plan, const char *config) {
	const struct deployment *deployment = plan->deployment;
	const char *why = plan->is_first     ? "does not exist yet"
		: !plan_has_foundation(plan) ? "is not complete"
					     : NULL;
	if (why == NULL)
		return true;
	console_say(
		"deployment '%s' in '%s' %s; 'metlo-appliance apply -f %s' makes it",
		deployment->id,
		deployment->region,
		why,
		config
	);
	return false;
}

// All sources gone at once is more often a mistake in them, or in what AWS lets us see, than a wish.
static bool may_empty(const struct options *options, const struct plan *plan) {
	size_t n_removed = plan_n_sessions_emptied(plan);
	if (options->allows_empty || n_removed < 2)
		return true;
	console_say(
		"refresh would remove all %zu sessions of deployment '%s' in '%s'; if that is "
		"right, use 'metlo-appliance apply -f %s', or --allow-empty",
		n_removed,
		plan->deployment->id,
		plan->deployment->region,
		options->deployments.config
	);
	return false;
}

// What AWS refuses is refused in the next round, too.
static void leave_out_refused(const struct refresh_memory *memory, struct plan *plan) {
	size_t n = 0;
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *step = &plan->steps[i];
		if (step->kind == PLAN_SESSION && step->action == PLAN_CREATE
		    && refresh_memory_rests(memory, step->name))
			plan->n_by_action[PLAN_CREATE]--;
		else
			plan->steps[n++] = *step;
	}
	plan->n_steps = n;
}

static void remember_refused(
	struct refreshing *refreshing,
	const struct plan *plan,
	const struct apply_result *result
) {
	int64_t watch_s = refreshing->options->watch_s;
	for (size_t i = 0; watch_s > 0 && i < result->n_steps; i++)
		if (result->steps[i].outcome == APPLY_REFUSED)
			refresh_memory_refuse(
				&refreshing->memory, plan->steps[i].name, watch_s, REFUSAL_REST_S
			);
}

static int
do_changes(struct refreshing *refreshing, struct client *client, const struct plan *plan) {
	struct plan_run_options run = {.is_terse = true};
	struct apply_result result;
	char counts[128];
	plan_print_counts(plan, counts, sizeof(counts));
	printf("deployment '%s' in %s: %s\n", plan->deployment->id, plan->deployment->region, counts
	);
	fflush(stdout);
	int code = plan_run(&refreshing->connection, client, plan, &run, &result);
	remember_refused(refreshing, plan, &result);
	apply_result_release(&result);
	return code;
}

static int
refresh_survey(struct refreshing *refreshing, struct client *client, struct survey *survey) {
	struct plan *plan = &survey->plan;
	if (!is_refreshable(plan, refreshing->options->deployments.config))
		return EXIT_FAILURE;
	if (!may_empty(refreshing->options, plan))
		return EXIT_FAILURE;
	size_t n_waiting = plan_limit_to_refresh(plan);
	say_waiting(refreshing, plan, n_waiting);
	leave_out_refused(&refreshing->memory, plan);
	if (plan_has_changes(plan))
		return do_changes(refreshing, client, plan);
	if (refreshing->options->watch_s == 0 || refreshing->is_first_round)
		printf("deployment '%s' in %s: nothing to do%s\n",
		       plan->deployment->id,
		       plan->deployment->region,
		       plan->is_paused ? ", it is paused" : "");
	fflush(stdout);
	return EXIT_SUCCESS;
}

static int refresh_one(struct refreshing *refreshing, const struct deployment *deployment) {
	struct aws_error error = {0};
	struct client *client = NULL;
	struct survey survey;
	int code;
	int result =
		aws_connection_client(&refreshing->connection, deployment->region, &client, &error);
	if (result == 0)
		result = survey_make(client, deployment, SURVEY_SET_UP, &survey, &error);
	if (result == 0) {
		code = refresh_survey(refreshing, client, &survey);
		survey_release(&survey);
	} else {
		code = aws_failure_say(
			result,
			&error,
			"refresh deployment '%s' in '%s'",
			deployment->id,
			deployment->region
		);
	}
	aws_connection_client_free(client);
	return code;
}

// One that fails is tried less often, which is no reason to do so with the others.
static int refresh_in_turn(struct refreshing *refreshing, const struct deployment *deployment) {
	struct refresh_memory *memory = &refreshing->memory;
	int64_t watch_s = refreshing->options->watch_s;
	char key[256];
	snprintf(key, sizeof(key), "%s in %s", deployment->id, deployment->region);
	if (refresh_memory_rests(memory, key))
		return EXIT_SUCCESS;
	int code = refresh_one(refreshing, deployment);
	if (code != EXIT_SUCCESS && watch_s > 0)
		refresh_memory_fail(memory, key, watch_s);
	else if (code == EXIT_SUCCESS && refresh_memory_recover(memory, key))
		console_say(
			"refreshing deployment '%s' in '%s' works again",
			deployment->id,
			deployment->region
		);
	return code;
}

// Whether the file could be read; the exit code is in 'refreshing->code'.
static bool refresh_all(struct refreshing *refreshing) {
	const struct options *options = refreshing->options;
	struct deployments deployments;
	if (!deployments_load(
		    &options->deployments,
		    options->common.region,
		    &refreshing->connection,
		    &deployments
	    ))
		return false;
	refreshing->code = EXIT_SUCCESS;
	for (size_t i = 0; i < deployments.n && !interruption_is_noted(NULL); i++) {
		int own = refresh_in_turn(refreshing, deployments.items[i]);
		refreshing->code = own != EXIT_SUCCESS ? own : refreshing->code;
	}
	deployments_release(&deployments);
	return true;
}

static void disconnect(struct refreshing *refreshing) {
	if (refreshing->is_open)
		aws_connection_close(&refreshing->connection);
	refreshing->is_open = false;
}

// A connection serves as long as all goes well; after a failure settings and keys are read anew.
static bool refresh_round(void *ctx) {
	struct refreshing *refreshing = ctx;
	struct aws_error error = {0};
	int result = 0;
	refreshing->code = EXIT_FAILURE;
	refresh_memory_advance(&refreshing->memory);
	if (!refreshing->is_open)
		result = aws_connection_open(
			&refreshing->options->common, &refreshing->connection, &error
		);
	refreshing->is_open = result == 0;
	if (result < 0)
		aws_failure_say(result, &error, "connect to AWS");
	bool is_good = result == 0 && refresh_all(refreshing);
	if (refreshing->code != EXIT_SUCCESS)
		disconnect(refreshing);
	refreshing->is_first_round = false;
	return is_good;
}

// A file that is wrong from the beginning is no error that passes.
static bool is_readable(const struct deployments_options *options) {
	struct deployments deployments;
	if (!deployments_load(options, NULL, NULL, &deployments))
		return false;
	deployments_release(&deployments);
	return true;
}

static int run(const struct options *options) {
	struct refreshing refreshing = {.options = options, .is_first_round = true};
	if (!is_readable(&options->deployments))
		return EXIT_FAILURE;
	if (options->watch_s == 0)
		refresh_round(&refreshing);
	else
		watch_run(options->watch_s, refresh_round, &refreshing);
	disconnect(&refreshing);
	refresh_memory_release(&refreshing.memory);
	return options->watch_s == 0 ? refreshing.code : EXIT_SUCCESS;
}

int refresh_main(int argc, char **argv) {
	struct arena arena = arena_empty();
	struct options options = {0};
	int code = EXIT_USAGE;
	if (aws_options_read(&command, argc, argv, &arena, &options, &code)
	    && deployments_are_named(command.name, &options.deployments))
		code = run(&options);
	arena_release(&arena);
	return code;
}
