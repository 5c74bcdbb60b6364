// metlo-appliance destroy: takes away what was made for a deployment.

#include "aws_failure.h"
#include "command.h"
#include "confirm.h"
#include "console.h"
#include "ownership.h"
#include "plan_print.h"
#include "plan_run.h"
#include "undertaking.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS 6
#define LOOK_PAUSE_MS 2000

struct options {
	struct aws_options common;
	struct deployments_options deployments;
	bool is_sure;
};

static const struct aws_option rows[] = {
	DEPLOYMENTS_ROWS_FILE(struct options, deployments),
	DEPLOYMENTS_ROW_ID(struct options, deployments),
	AWS_OPTION_FLAG(struct options, is_sure, "yes", "do it without a question"),
};

static const struct aws_command command = {
	.name = "destroy",
	.help = "Takes away all that was made for deployments: shows it, asks, and deletes it. "
		"Only what has\n"
		"the tags of the deployment goes; what was there before it stays.",
	.usage = "-f FILE | --id ID [OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.notes = "Ctrl-C ends it after the calls that are under way; run it again to go on.\n\n"
		 "Exit codes: 0 nothing is left, 1 failed or not confirmed, 2 wrong options, 130 "
		 "after Ctrl-C.",
};

static void print_left(const struct plan *plan) {
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].action == PLAN_DELETE)
			plan_print_step(&plan->steps[i], "", false, stdout);
}

// One more look, and what is there goes as well where it was seen before: what was deleted can be seen for a
// moment still, and what a run made just before its end may be seen only now. 0 where nothing is left, 1
// where there is something, or the exit code of what failed in '*ret_code'.
static int
look(struct undertaking *undertaking,
     struct undertaking_item *item,
     bool is_last,
     bool deletes,
     int *ret_code) {
	const char *id = item->deployment->id;
	struct plan_run_options run = {.again = item->again};
	struct apply_result applied;
	struct aws_error error = {0};
	struct survey survey;
	int result = survey_make(item->client, item->deployment, SURVEY_DESTROY, &survey, &error);
	if (result < 0) {
		*ret_code =
			aws_failure_say(result, &error, "see what is left of deployment '%s'", id);
		return result;
	}
	bool is_left = plan_has_changes(&survey.plan);
	if (is_left && is_last) {
		printf("this is left of deployment '%s'; run it again: %s\n", id, item->again);
		print_left(&survey.plan);
	} else if (is_left && deletes) {
		*ret_code = plan_run(
			undertaking->connection, item->client, &survey.plan, &run, &applied
		);
		apply_result_release(&applied);
		result = *ret_code != EXIT_SUCCESS ? -EIO : 0;
	}
	survey_release(&survey);
	return result < 0 ? result : is_left;
}

static int make_sure(struct undertaking *undertaking, struct undertaking_item *item) {
	const struct outside *outside = client_outside(item->client);
	int code = EXIT_FAILURE;
	for (int i = 0; i < LOOKS; i++) {
		if (i > 0)
			outside->sleep_ms(outside->ctx, LOOK_PAUSE_MS);
		int left = look(undertaking, item, i == LOOKS - 1, i % 2 == 1, &code);
		if (left < 0)
			return code;
		if (left == 0) {
			printf("nothing is left of deployment '%s'\n", item->deployment->id);
			return EXIT_SUCCESS;
		}
	}
	return EXIT_FAILURE;
}

static int destroy_one(void *, struct undertaking *undertaking, struct undertaking_item *item) {
	struct apply_result result;
	struct plan_run_options run = {.again = item->again};
	int code =
		plan_run(undertaking->connection, item->client, &item->survey.plan, &run, &result);
	apply_result_release(&result);
	return code == EXIT_SUCCESS ? make_sure(undertaking, item) : code;
}

static bool is_said(const struct aws_tags *tags, const char **said, size_t *n, size_t n_max) {
	const char *id = tags_get(tags, OWNERSHIP_TAG_DEPLOYMENT);
	if (id == NULL || !ownership_is_managed(tags) || *n == n_max)
		return true;
	for (size_t i = 0; i < *n; i++)
		if (strcmp(said[i], id) == 0)
			return true;
	said[(*n)++] = id;
	return false;
}

// Ids that may have been meant: those of mirror targets that were made by this tool.
static void say_nothing_to_do(void *, const struct undertaking_item *item) {
	const struct ec2_mirror_targets *targets = &item->survey.inventory.targets;
	const char *said[16];
	size_t n = 0;
	printf("nothing to do: there is nothing of deployment '%s' in %s",
	       item->deployment->id,
	       item->deployment->region);
	for (size_t i = 0; i < targets->targets.n; i++) {
		const struct aws_tags *tags = &targets->targets.items[i].tags;
		if (is_said(tags, said, &n, sizeof(said) / sizeof(said[0])))
			continue;
		char id[64];
		snprintf(id, sizeof(id), "%s", said[n - 1]);
		console_neutralise(id);
		printf("%s'%s'", n == 1 ? "; deployments there: " : ", ", id);
	}
	putchar('\n');
}

int destroy_main(int argc, char **argv) {
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
			.purpose = SURVEY_DESTROY,
			.command = command.name,
			.question = "delete all of this?",
			.is_sure = options.is_sure,
			.carry_out = destroy_one,
			.say_nothing_to_do = say_nothing_to_do,
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
