// metlo-appliance apply: makes what a file of deployments says.

#include "aws_failure.h"
#include "command.h"
#include "confirm.h"
#include "plan_run.h"
#include "plan_verify.h"
#include "undertaking.h"

#include <stdio.h>
#include <stdlib.h>

struct options {
	struct aws_options common;
	struct deployments_options deployments;
	bool is_sure;
	bool keeps_partial;
};

static const struct aws_option rows[] = {
	DEPLOYMENTS_ROWS_FILE(struct options, deployments),
	AWS_OPTION_FLAG(struct options, is_sure, "yes", "do it without a question"),
	AWS_OPTION_FLAG(
		struct options,
		keeps_partial,
		"keep",
		"keep what was made where a first set-up fails"
	),
};

static const struct aws_command command = {
	.name = "apply",
	.help = "Makes what the deployments of a file say: shows the plan and its cost, asks, does "
		"it, and\n"
		"looks whether traffic can arrive. What is there already is kept or changed.",
	.usage = "-f FILE [OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.notes =
		"Ctrl-C ends it after the calls that are under way; run it again to go on. A "
		"second one\n"
		"ends it at once.\n\n"
		"Exit codes: 0 done, 1 failed or not confirmed, 2 wrong options, 130 after Ctrl-C.",
};

static int apply_one(void *ctx, struct undertaking *undertaking, struct undertaking_item *item) {
	const struct options *options = ctx;
	const char *id = item->deployment->id;
	struct apply_result result;
	struct plan_run_options run = {
		.keeps_partial = options->keeps_partial,
		.again = item->again,
		.undo = item->undo,
	};
	int code =
		plan_run(undertaking->connection, item->client, &item->survey.plan, &run, &result);
	if (code == EXIT_SUCCESS) {
		printf("deployment '%s' is set up:\n", id);
		code = plan_verify(item->client, item->deployment, &result);
		printf("next, whether traffic arrives:\n"
		       "  metlo-appliance doctor --id %s --region %s\n"
		       "and to follow what comes and goes:\n"
		       "  metlo-appliance refresh -f %s --watch 60\n",
		       id,
		       item->deployment->region,
		       options->deployments.config);
	}
	apply_result_release(&result);
	return code;
}

static void say_nothing_to_do(void *, const struct undertaking_item *item) {
	printf("\nnothing to do: deployment '%s' is as it should be\n", item->deployment->id);
}

int apply_main(int argc, char **argv) {
	struct arena arena = arena_empty();
	struct options options = {0};
	struct aws_connection connection;
	struct aws_error error;
	int code = EXIT_USAGE;
	if (aws_options_read(&command, argc, argv, &arena, &options, &code)
	    && deployments_are_named(command.name, &options.deployments)
	    && confirm_is_possible(command.name, options.is_sure)) {
		struct undertaking undertaking = {
			.options = &options.common,
			.named = &options.deployments,
			.connection = &connection,
			.purpose = SURVEY_SET_UP,
			.command = command.name,
			.question = "apply this?",
			.is_sure = options.is_sure,
			.carry_out = apply_one,
			.say_nothing_to_do = say_nothing_to_do,
			.ctx = &options,
		};
		int result = aws_connection_open(&options.common, &connection, &error);
		if (result < 0) {
			code = aws_failure_say(result, &error, "connect to AWS");
		} else {
			code = undertaking_run(&undertaking);
			aws_connection_close(&connection);
		}
	}
	arena_release(&arena);
	return code;
}
