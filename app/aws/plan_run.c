#include "plan_run.h"

#include "aws_failure.h"
#include "console.h"
#include "interruption.h"
#include "plan_progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define N_WORKERS 8 // besides the main thread

struct crew {
	struct aws_connection *connection;
	const char *region;
};

static struct client *open_client(void *ctx) {
	const struct crew *crew = ctx;
	struct client *client = NULL;
	struct aws_error error;
	return aws_connection_client(crew->connection, crew->region, &client, &error) < 0 ? NULL
											  : client;
}

static void close_client(void *, struct client *client) {
	aws_connection_client_free(client);
}

// What is there now and was not before.
static void say_made(const struct plan *plan, const struct apply_result *result) {
	size_t n_made = 0;
	for (size_t i = 0; i < plan->n_steps && i < result->n_steps; i++)
		n_made += plan->steps[i].action == PLAN_CREATE && result->steps[i].id != NULL;
	if (n_made == 0) {
		printf("%zu of %zu steps were done\n",
		       result->n_done,
		       plan->n_steps - plan->n_by_action[PLAN_KEEP]);
		return;
	}
	printf("made so far, and billed where AWS bills it:\n");
	for (size_t i = 0; i < plan->n_steps && i < result->n_steps; i++) {
		const struct plan_step *step = &plan->steps[i];
		const char *id = result->steps[i].id;
		if (step->action != PLAN_CREATE || id == NULL || step->kind == PLAN_RULE)
			continue;
		printf("  %-21s  %s  %s\n", plan_kind_text(step->kind), step->name, id);
	}
}

static void say_next(const struct plan_run_options *options) {
	if (options->undo == NULL)
		printf("to go on: %s\n", options->again);
	else
		printf("to go on: %s\nto undo:  %s\n", options->again, options->undo);
}

static void say_state(
	const struct plan *plan,
	const struct plan_run_options *options,
	const struct apply_result *result
) {
	if (options->is_terse)
		return;
	say_made(plan, result);
	say_next(options);
}

static const struct plan_step *
failed_step(const struct plan *plan, const struct apply_result *result) {
	for (size_t i = 0; i < result->n_steps; i++)
		if (result->steps[i].outcome == APPLY_FAILED)
			return &plan->steps[i];
	return NULL;
}

static int say_failure(
	int failure,
	const struct aws_error *error,
	const struct plan *plan,
	const struct apply_result *result
) {
	const char *id = plan->deployment->id;
	const struct plan_step *step = failed_step(plan, result);
	if (step == NULL)
		return aws_failure_say(failure, error, "finish deployment '%s'", id);
	bool is_registration = step->kind == PLAN_REGISTRATION;
	return aws_failure_say(
		failure,
		error,
		"%s %s '%s' of deployment '%s'",
		is_registration ? "register" : plan_action_text(step->action),
		is_registration ? "target" : plan_kind_text(step->kind),
		step->name,
		id
	);
}

static int conclude(
	int failure,
	const struct aws_error *error,
	const struct plan *plan,
	const struct plan_run_options *options,
	const struct apply_result *result
) {
	int code = EXIT_SUCCESS;
	if (failure == -ECANCELED && interruption_is_noted(NULL)) {
		console_say("stopped in the middle of deployment '%s'", plan->deployment->id);
		code = interruption_exit_code();
		say_state(plan, options, result);
	} else if (failure < 0) {
		code = say_failure(failure, error, plan, result);
		if (!result->was_rolled_back) {
			say_state(plan, options, result);
		} else if (result->n_left > 0) {
			printf("%zu of the things that were made are left\n", result->n_left);
			say_next(options);
		} else {
			printf("nothing is left of what was made\n");
		}
	}
	if (result->n_refused > 0)
		console_say(
			"AWS refuses to mirror %zu of the interfaces of deployment '%s'; see above",
			result->n_refused,
			plan->deployment->id
		);
	return code;
}

int plan_run(
	struct aws_connection *connection,
	struct client *client,
	const struct plan *plan,
	const struct plan_run_options *options,
	struct apply_result *ret_result
) {
	struct plan_progress progress;
	struct crew crew = {.connection = connection, .region = plan->deployment->region};
	struct aws_error error = {0};
	plan_progress_init(&progress, plan, stdout);
	struct apply_options apply = {
		.events = plan_progress_events(&progress),
		.keeps_partial = options->keeps_partial,
		.open_client = open_client,
		.close_client = close_client,
		.client_ctx = &crew,
		.n_workers = N_WORKERS,
	};
	interruption_watch();
	int failure = apply_run(client, plan, &apply, ret_result, &error);
	plan_progress_clear(&progress);
	int code = conclude(failure, &error, plan, options, ret_result);
	fflush(stdout);
	return code;
}
