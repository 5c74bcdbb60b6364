// metlo-appliance refresh: sessions for what came, none for what went. Once, for a timer, or again and again.

#include "aws_failure.h"
#include "command.h"
#include "console.h"
#include "deployments.h"
#include "interruption.h"
#include "plan_print.h"
#include "plan_run.h"
#include "survey.h"
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct options {
	struct aws_options common;
	struct deployments_options deployments;
	int64_t watch_s; // 0: once
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
	.notes = "With --watch the file is read anew each time, an error is told and tried again "
		 "after a longer\n"
		 "pause, and SIGTERM or Ctrl-C ends it with 0 after the calls that are under "
		 "way.\n\n"
		 "Exit codes: 0 done, 1 failed, 2 wrong options, 130 after Ctrl-C.",
};

struct refreshing {
	const struct options *options;
	struct aws_connection connection;
	bool is_open; // the connection
	bool is_first_round;
	bool has_failed; // the round before
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

static int
do_changes(struct refreshing *refreshing, struct client *client, const struct plan *plan) {
	struct plan_run_options run = {.is_terse = true};
	struct apply_result result;
	printf("deployment '%s' in %s: ", plan->deployment->id, plan->deployment->region);
	plan_print_counts(plan, stdout);
	putchar('\n');
	fflush(stdout);
	int code = plan_run(&refreshing->connection, client, plan, &run, &result);
	apply_result_release(&result);
	return code;
}

static int
refresh_survey(struct refreshing *refreshing, struct client *client, struct survey *survey) {
	struct plan *plan = &survey->plan;
	if (!is_refreshable(plan, refreshing->options->deployments.config))
		return EXIT_FAILURE;
	size_t n_waiting = plan_limit_to_refresh(plan);
	say_waiting(refreshing, plan, n_waiting);
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

static int refresh_all(struct refreshing *refreshing) {
	const struct options *options = refreshing->options;
	struct deployments deployments;
	int code = EXIT_SUCCESS;
	if (!deployments_load(
		    &options->deployments,
		    options->common.region,
		    &refreshing->connection,
		    &deployments
	    ))
		return EXIT_FAILURE;
	for (size_t i = 0; i < deployments.n && !interruption_is_noted(NULL); i++) {
		int own = refresh_one(refreshing, deployments.items[i]);
		code = own != EXIT_SUCCESS ? own : code;
	}
	deployments_release(&deployments);
	return code;
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
	if (!refreshing->is_open)
		result = aws_connection_open(
			&refreshing->options->common, &refreshing->connection, &error
		);
	refreshing->is_open = result == 0;
	refreshing->code = result < 0 ? aws_failure_say(result, &error, "connect to AWS")
				      : refresh_all(refreshing);
	bool is_good = refreshing->code == EXIT_SUCCESS;
	if (is_good && refreshing->has_failed)
		console_say("refresh works again");
	if (!is_good)
		disconnect(refreshing);
	refreshing->has_failed = !is_good;
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
