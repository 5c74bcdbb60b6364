// metlo-appliance plan: what 'apply' would do, and what it would cost.

#include "aws_connection.h"
#include "aws_failure.h"
#include "command.h"
#include "deployments.h"
#include "listing.h"
#include "plan_print.h"

#include <stdlib.h>

struct options {
	struct aws_options common;
	struct deployments_options deployments;
	bool has_detailed_exitcode;
};

static const struct aws_option rows[] = {
	DEPLOYMENTS_ROWS_FILE(struct options, deployments),
	AWS_OPTION_FLAG(
		struct options,
		has_detailed_exitcode,
		"detailed-exitcode",
		"exit with 3 where something is to be done"
	),
};

static const struct aws_command command = {
	.name = "plan",
	.help = "Shows what 'apply' would do with the deployments of a file, and what they cost a "
		"month.\n"
		"Nothing is changed.",
	.usage = "-f FILE [OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.has_output = true,
	.notes = "Exit codes: 0 done, 1 failed, 2 wrong options, 3 see --detailed-exitcode.",
};

struct planning {
	const struct options *options;
	struct aws_connection *connection;
	json_t *plans; // with --output json; NULL when memory has run out
	size_t n_shown;
	size_t n_failed;
	bool has_changes;
};

static void show(struct planning *planning, struct client *client, const struct survey *survey) {
	struct plan_cost cost;
	plan_cost_load(client, &survey->plan, 0, &cost);
	if (planning->options->common.output == AWS_OUTPUT_JSON) {
		json_array_append_new(planning->plans, plan_print_json(survey, &cost));
	} else {
		if (planning->n_shown > 0)
			putchar('\n');
		plan_print(survey, &cost, plan_print_is_coloured(stdout), stdout);
	}
	planning->n_shown++;
	planning->has_changes = planning->has_changes || plan_has_changes(&survey->plan);
	plan_cost_release(&cost);
}

static void plan_one(struct planning *planning, const struct deployment *deployment) {
	struct aws_error error = {0};
	struct client *client = NULL;
	struct survey survey;
	int result =
		aws_connection_client(planning->connection, deployment->region, &client, &error);
	if (result == 0)
		result = survey_make(client, deployment, SURVEY_SET_UP, &survey, &error);
	if (result == 0) {
		show(planning, client, &survey);
		survey_release(&survey);
	} else {
		aws_failure_say(
			result,
			&error,
			"plan deployment '%s' in '%s'",
			deployment->id,
			deployment->region
		);
		planning->n_failed++;
	}
	aws_connection_client_free(client);
}

static int plan_all(struct planning *planning) {
	struct deployments deployments;
	int code = EXIT_SUCCESS;
	if (!deployments_load(
		    &planning->options->deployments,
		    planning->options->common.region,
		    planning->connection,
		    &deployments
	    ))
		return EXIT_FAILURE;
	planning->plans = json_array();
	for (size_t i = 0; i < deployments.n; i++)
		plan_one(planning, deployments.items[i]);
	if (planning->options->common.output == AWS_OUTPUT_JSON)
		code = listing_show_json(json_pack("{s:O}", "deployments", planning->plans));
	json_decref(planning->plans);
	deployments_release(&deployments);
	if (planning->n_failed > 0 || code != EXIT_SUCCESS)
		return EXIT_FAILURE;
	bool is_told = planning->options->has_detailed_exitcode && planning->has_changes;
	return is_told ? EXIT_HAS_CHANGES : EXIT_SUCCESS;
}

int plan_main(int argc, char **argv) {
	struct arena arena = arena_empty();
	struct options options = {0};
	struct aws_connection connection;
	struct planning planning = {.options = &options, .connection = &connection};
	struct aws_error error;
	int code = EXIT_USAGE;
	if (aws_options_read(&command, argc, argv, &arena, &options, &code)
	    && deployments_are_named(command.name, &options.deployments)) {
		int result = aws_connection_open(&options.common, &connection, &error);
		if (result < 0) {
			code = aws_failure_say(result, &error, "connect to AWS");
		} else {
			code = plan_all(&planning);
			aws_connection_close(&connection);
		}
	}
	arena_release(&arena);
	return code;
}
