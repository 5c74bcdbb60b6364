// metlo-appliance sessions pause, and resume

#include "aws_failure.h"
#include "console.h"
#include "pause.h"
#include "plan_run.h"
#include "sessions.h"
#include "survey.h"
#include "timestamps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS_MAX 5
#define LOOK_PAUSE_MS 2000

static const struct aws_option rows[] = {
	AWS_OPTION_SECONDS(
		struct sessions_options,
		for_s,
		"for",
		"TIME",
		"for this long: 30m, 2h, 1d; the first 'refresh' after that ends it"
	),
	DEPLOYMENTS_ROW_ID(struct sessions_options, deployments),
	DEPLOYMENTS_ROWS_FILE(struct sessions_options, deployments),
};

#define NOTES                                                                                      \
	"Without --id and -f it is the only deployment of the region. A deployment is paused as "  \
	"a "                                                                                       \
	"whole, because its sources\nshare sessions; a source to be paused by itself needs a "     \
	"deployment of its own. What is paused is kept in\nthe tag '" PAUSE_TAG                    \
	"' of the deployment's mirror filter and target."

static const struct aws_command pause_command = {
	.name = "sessions pause",
	.help = "Deletes the mirror sessions of a deployment, so that nothing is mirrored or "
		"billed "
		"for them, and remembers that:\n'apply' and 'refresh' make none until 'sessions "
		"resume', or until the time of --for is over.",
	.usage = "[--for TIME] [OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.notes = NOTES,
};

static const struct aws_command resume_command = {
	.name = "sessions resume",
	.help = "Ends a pause. With a file the sessions are made at once, without one by the next "
		"'refresh'. With --for they are\nwanted for that long only, and the first "
		"'refresh' "
		"after that pauses the deployment again.",
	.usage = "[--for TIME] [OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.notes = NOTES,
};

struct pausing {
	const struct sessions_options *options;
	struct aws_connection *connection;
	struct client *client;
	const struct deployment *deployment; // of the file, or just its id; NULL: the only one
	const char *id;
	struct session_view view;
	bool is_resuming;
};

static const char *verb(const struct pausing *pausing) {
	return pausing->is_resuming ? "resume" : "pause";
}

static bool has_file(const struct pausing *pausing) {
	return pausing->options->deployments.config != NULL;
}

// Which deployment it is, and whether it is there.
static bool find_deployment(struct pausing *pausing) {
	const char *region = client_region(pausing->client);
	struct shape_strings ids;
	if (session_view_deployments(&pausing->view, &ids) < 0) {
		console_say("out of memory");
		return false;
	}
	if (pausing->deployment != NULL)
		pausing->id = pausing->deployment->id;
	else if (ids.n == 1)
		pausing->id = ids.items[0];
	for (size_t i = 0; pausing->id != NULL && i < ids.n; i++)
		if (strcmp(ids.items[i], pausing->id) == 0)
			return true;
	if (pausing->id != NULL)
		sessions_say_no_deployment(pausing->id, region, &ids);
	else if (ids.n == 0)
		console_say("there is no deployment in region '%s'", region);
	else
		console_say(
			"sessions %s: there are %zu deployments in region '%s', such as '%s'; "
			"choose "
			"one with --id ID",
			verb(pausing),
			ids.n,
			region,
			ids.items[0]
		);
	return false;
}

static bool can_remember(const struct pausing *pausing) {
	if (pause_is_possible(&pausing->view.inventory, pausing->id))
		return true;
	console_say(
		"deployment '%s' uses a mirror filter and a mirror target of others, so there is "
		"nothing of its own to remember a pause on; let it have a filter of its own, or "
		"take "
		"its sources out of its file and run 'metlo-appliance refresh'",
		pausing->id
	);
	return false;
}

static struct pause wanted_pause(const struct pausing *pausing) {
	int64_t for_s = pausing->options->for_s;
	struct pause pause = {
		.time_s = outside_now_s(client_outside(pausing->client)) + for_s,
	};
	if (pausing->is_resuming)
		pause.kind = for_s > 0 ? PAUSE_AFTER : PAUSE_NEVER;
	else
		pause.kind = for_s > 0 ? PAUSE_UNTIL : PAUSE_ALWAYS;
	return pause;
}

static bool is_of_deployment(void *ctx, const struct ec2_mirror_session *session) {
	const struct pausing *pausing = ctx;
	const char *id = session_view_deployment(session);
	return id != NULL && strcmp(id, pausing->id) == 0;
}

static int do_pause(struct pausing *pausing, const struct pause *pause) {
	struct sessions_work work = {
		.connection = pausing->connection,
		.client = pausing->client,
	};
	int code = sessions_delete(
		&work, pausing->id, &pausing->view.inventory, is_of_deployment, pausing
	);
	char until[TIMESTAMP_ISO_SIZE];
	timestamp_to_iso(pause->time_s, until);
	if (pause->kind == PAUSE_UNTIL)
		printf("deployment '%s' is paused until %s; the first 'refresh' after that makes "
		       "its "
		       "sessions again\n",
		       pausing->id,
		       until);
	else
		printf("deployment '%s' is paused until 'metlo-appliance sessions resume --id "
		       "%s'\n",
		       pausing->id,
		       pausing->id);
	if (code != EXIT_SUCCESS)
		console_say("some of its sessions are still there; 'refresh' removes them");
	return code;
}

// The tag that was changed may be seen late.
static int survey_resumed(struct pausing *pausing, struct survey *survey, struct aws_error *error) {
	const struct outside *outside = client_outside(pausing->client);
	for (int i = 0; i < LOOKS_MAX; i++) {
		int result = survey_make(
			pausing->client, pausing->deployment, SURVEY_SET_UP, survey, error
		);
		if (result < 0)
			return result;
		if (!survey->plan.is_paused)
			return 0;
		survey_release(survey);
		outside->sleep_ms(outside->ctx, LOOK_PAUSE_MS);
	}
	return aws_error_set(
		error,
		-ETIMEDOUT,
		"TookTooLong",
		"AWS still shows the pause; 'metlo-appliance refresh' makes the sessions later"
	);
}

static int make_sessions(struct pausing *pausing) {
	struct plan_run_options run = {.is_terse = true};
	struct apply_result made;
	struct aws_error error = {0};
	struct survey survey;
	int result = survey_resumed(pausing, &survey, &error);
	if (result < 0)
		return aws_failure_say(
			result, &error, "make the sessions of deployment '%s'", pausing->id
		);
	int code = EXIT_FAILURE;
	if (plan_has_foundation(&survey.plan)) {
		plan_limit_to_refresh(&survey.plan);
		code = plan_run(pausing->connection, pausing->client, &survey.plan, &run, &made);
		apply_result_release(&made);
	} else {
		console_say(
			"deployment '%s' is not complete; 'metlo-appliance apply' makes what is "
			"missing",
			pausing->id
		);
	}
	survey_release(&survey);
	return code;
}

static void say_resumed(const struct pausing *pausing, const struct pause *pause) {
	char text[PAUSE_TEXT_SIZE];
	pause_describe(pause, outside_now_s(client_outside(pausing->client)), text);
	printf("deployment '%s' is %s\n", pausing->id, text);
	if (pause->kind == PAUSE_AFTER)
		printf("the first 'refresh' after that pauses it\n");
	if (!has_file(pausing))
		printf("its sessions come with the next 'metlo-appliance refresh'; 'sessions "
		       "resume "
		       "-f FILE' makes them at once\n");
}

static int do_one(struct pausing *pausing) {
	const struct session_choice choice = {
		.deployment = pausing->deployment == NULL ? NULL : pausing->deployment->id,
	};
	const struct pause pause = wanted_pause(pausing);
	struct aws_error error = {0};
	int result = session_view_load(pausing->client, &choice, &pausing->view, &error);
	if (result < 0)
		return aws_failure_say(
			result,
			&error,
			"%s in region '%s'",
			verb(pausing),
			client_region(pausing->client)
		);
	int code = EXIT_FAILURE;
	if (find_deployment(pausing) && can_remember(pausing)) {
		result = pause_set(
			pausing->client, &pausing->view.inventory, pausing->id, &pause, &error
		);
		if (result < 0) {
			code = aws_failure_say(
				result, &error, "%s deployment '%s'", verb(pausing), pausing->id
			);
		} else if (!pausing->is_resuming) {
			code = do_pause(pausing, &pause);
		} else {
			code = has_file(pausing) ? make_sessions(pausing) : EXIT_SUCCESS;
			say_resumed(pausing, &pause);
		}
	}
	session_view_release(&pausing->view);
	return code;
}

static int visit(struct pausing *pausing, const struct deployment *deployment) {
	struct aws_error error = {0};
	const char *region = deployment == NULL ? NULL : deployment->region;
	pausing->deployment = deployment;
	pausing->client = NULL;
	pausing->id = NULL;
	int result = aws_connection_client(pausing->connection, region, &pausing->client, &error);
	int code =
		result < 0 ? aws_failure_say(result, &error, "%s", verb(pausing)) : do_one(pausing);
	aws_connection_client_free(pausing->client);
	return code;
}

static int visit_all(struct pausing *pausing) {
	const struct deployments_options *chosen = &pausing->options->deployments;
	struct deployments deployments;
	int code = EXIT_SUCCESS;
	if (chosen->config == NULL && chosen->id == NULL)
		return visit(pausing, NULL);
	if (!deployments_load(
		    chosen, pausing->options->common.region, pausing->connection, &deployments
	    ))
		return EXIT_FAILURE;
	for (size_t i = 0; i < deployments.n; i++) {
		int one = visit(pausing, deployments.items[i]);
		code = code == EXIT_SUCCESS ? one : code;
	}
	deployments_release(&deployments);
	return code;
}

static bool
are_named(const struct aws_command *command, const struct deployments_options *options) {
	bool is_named =
		options->config != NULL || options->id != NULL || options->deployment != NULL;
	return !is_named || deployments_are_named(command->name, options);
}

static int run(const struct aws_command *command, bool is_resuming, int argc, char **argv) {
	struct arena arena = arena_empty();
	struct sessions_options options = {0};
	struct aws_connection connection;
	struct pausing pausing = {
		.options = &options,
		.connection = &connection,
		.is_resuming = is_resuming,
	};
	struct aws_error error = {0};
	int code = EXIT_USAGE;
	if (aws_options_read(command, argc, argv, &arena, &options, &code)
	    && are_named(command, &options.deployments)) {
		int result = aws_connection_open(&options.common, &connection, &error);
		if (result < 0) {
			code = aws_failure_say(result, &error, "connect to AWS");
		} else {
			code = visit_all(&pausing);
			aws_connection_close(&connection);
		}
	}
	arena_release(&arena);
	return code;
}

int sessions_pause_main(int argc, char **argv) {
	return run(&pause_command, false, argc, argv);
}

int sessions_resume_main(int argc, char **argv) {
	return run(&resume_command, true, argc, argv);
}
