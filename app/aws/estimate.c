// metlo-appliance estimate: what a deployment costs, there or not.

#include "estimate.h"

#include "aws_connection.h"
#include "aws_failure.h"
#include "command.h"
#include "console.h"
#include "deployments.h"
#include "estimate_print.h"
#include "found.h"
#include "listing.h"
#include "pause.h"
#include "survey.h"
#include "traffic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOT_GIVEN -1
#define TWO_ZONES 0.5 // that crosses zones, of two

struct options {
	struct aws_options common;
	struct deployments_options deployments;
	int64_t n_sessions;
	int64_t n_appliances;
	const char *instance_type;
	double gbps;
	double cross_zone_share;
	bool is_offline;
};

static const struct aws_option rows[] = {
	DEPLOYMENTS_ROWS_FILE(struct options, deployments),
	DEPLOYMENTS_ROW_ID(struct options, deployments),
	AWS_OPTION_DECIMAL(
		struct options,
		gbps,
		"gbps",
		"X",
		"mirrored traffic on average, in 10^9 bits a second"
	),
	AWS_OPTION_DECIMAL(
		struct options,
		cross_zone_share,
		"cross-az-share",
		"S",
		"of it that crosses zones, 0 to 1; else that of the zones, or 0.5"
	),
	AWS_OPTION_NUMBER(
		struct options,
		n_sessions,
		"sessions",
		"N",
		0,
		1000000,
		"plain numbers: so many network interfaces are mirrored"
	),
	AWS_OPTION_NUMBER(
		struct options,
		n_appliances,
		"appliances",
		"N",
		0,
		10000,
		"plain numbers: so many appliances"
	),
	AWS_OPTION_TEXT(
		struct options,
		instance_type,
		"instance-type",
		"TYPE",
		"plain numbers: of the appliances, such as c7i.xlarge"
	),
	AWS_OPTION_FLAG(
		struct options,
		is_offline,
		"offline",
		"plain numbers: call nothing, use built-in prices"
	),
};

static const struct aws_command command = {
	.name = "estimate",
	.help = "Says what deployments cost an hour and a month: those of a file once they are "
		"applied (-f), one as it is now\n(--id), or plain numbers. Traffic that is not "
		"given "
		"is that of the load balancer's last 24 hours.",
	.usage = "-f FILE|--id ID|--sessions N [OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.has_output = true,
	.notes =
		"Plain numbers need no credentials: without them prices come from a built-in "
		"table. "
		"A load balancer's capacity is\ncounted by bytes; more than 400 new or 50,000 open "
		"flows a second for each GB an hour cost more.",
};

struct estimating {
	const struct options *options;
	struct aws_connection *connection;
	json_t *estimates;
	size_t n_shown;
	size_t n_failed;
};

static bool is_given(double value) {
	return value >= 0;
}

static bool has_deployments(const struct options *options) {
	const struct deployments_options *chosen = &options->deployments;
	return chosen->config != NULL || chosen->id != NULL || chosen->deployment != NULL;
}

static bool has_numbers(const struct options *options) {
	return options->n_sessions != NOT_GIVEN || options->n_appliances != NOT_GIVEN
		|| options->instance_type != NULL || options->is_offline;
}

static bool check(const struct options *options) {
	const char *wrong = NULL;
	bool has_appliances = options->n_appliances > 0;
	if (options->cross_zone_share > 1)
		wrong = "--cross-az-share: expected a number from 0 to 1";
	else if (has_deployments(options) && has_numbers(options))
		wrong = "either -f FILE or --id ID, or plain numbers, not both";
	else if (!has_deployments(options) && !has_numbers(options))
		wrong = "of what? Name a file with -f FILE, or say --sessions N; see --help";
	else if (has_appliances && options->instance_type == NULL)
		wrong = "--appliances needs --instance-type TYPE";
	else if (!has_appliances && options->instance_type != NULL)
		wrong = "--instance-type needs --appliances N";
	if (wrong != NULL)
		console_say("%s: %s", command.name, wrong);
	return wrong == NULL
		&& (!has_deployments(options)
		    || deployments_are_named(command.name, &options->deployments));
}

static void show(struct estimating *estimating, struct estimate_report *report) {
	estimate_make(&report->question, &report->prices, &report->estimate);
	if (estimating->options->common.output == AWS_OUTPUT_JSON) {
		json_array_append_new(estimating->estimates, estimate_print_json(report));
	} else {
		if (estimating->n_shown > 0)
			putchar('\n');
		estimate_print(report, stdout);
	}
	estimating->n_shown++;
}

// That of the deployment's appliances: as they are to be, or as they are.
static const char *
instance_type_of(const struct survey *survey, const struct deployment *deployment) {
	if (deployment->appliances.instance_type != NULL)
		return deployment->appliances.instance_type;
	const struct ec2_instances *instances = &survey->found.instances;
	for (size_t i = 0; i < instances->reservations.n; i++) {
		const struct ec2_reservation *reservation = &instances->reservations.items[i];
		for (size_t j = 0; j < reservation->instances.n; j++)
			if (found_is_alive(&reservation->instances.items[j]))
				return reservation->instances.items[j].type;
	}
	return NULL;
}

static void choose_traffic(
	const struct options *options,
	struct client *client,
	const struct survey *survey,
	struct estimate_report *report
) {
	struct aws_error error = {0};
	const struct elbv2_load_balancer *balancer = survey->found.balancer;
	double measured = 0;
	if (is_given(options->cross_zone_share))
		report->question.cross_zone_share = options->cross_zone_share;
	if (is_given(options->gbps)) {
		report->question.gbps = options->gbps;
		report->traffic = ESTIMATE_TRAFFIC_GIVEN;
		return;
	}
	// No figure, and no permission to read it, are the same here: nothing is counted, and that is said.
	if (balancer == NULL || traffic_of_balancer(client, balancer->arn, &measured, &error) < 0)
		return;
	report->question.gbps = measured;
	report->traffic = ESTIMATE_TRAFFIC_MEASURED;
}

static int estimate_one(
	struct estimating *estimating,
	struct client *client,
	const struct deployment *deployment,
	struct aws_error *error
) {
	bool is_after = estimating->options->deployments.config != NULL;
	struct estimate_report report = {
		.deployment = deployment->id,
		.region = deployment->region,
	};
	struct arena arena = arena_empty();
	struct survey survey;
	struct pause pause;
	int result = survey_make(
		client, deployment, is_after ? SURVEY_SET_UP : SURVEY_DESTROY, &survey, error
	);
	if (result < 0)
		return result;
	report.question = estimate_of_plan(&survey.plan, 0, is_after);
	pause_find(&survey.inventory, deployment->id, &pause);
	report.is_paused = pause_holds(&pause, survey.inventory.read_at_s);
	if (!is_after && survey.plan.is_first) {
		aws_error_clear(error); // of what was looked for and is not there
		result = aws_error_set(
			error,
			-ENOENT,
			"NoDeployment",
			"there is nothing of it; check the id and the region"
		);
	} else {
		choose_traffic(estimating->options, client, &survey, &report);
		prices_load(client, instance_type_of(&survey, deployment), &arena, &report.prices);
		show(estimating, &report);
	}
	survey_release(&survey);
	arena_release(&arena);
	return result;
}

static void visit(struct estimating *estimating, const struct deployment *deployment) {
	struct aws_error error = {0};
	struct client *client = NULL;
	int result =
		aws_connection_client(estimating->connection, deployment->region, &client, &error);
	if (result == 0)
		result = estimate_one(estimating, client, deployment, &error);
	if (result < 0) {
		aws_failure_say(
			result,
			&error,
			"estimate deployment '%s' in '%s'",
			deployment->id,
			deployment->region
		);
		estimating->n_failed++;
	}
	aws_connection_client_free(client);
}

static int visit_all(struct estimating *estimating) {
	const struct options *options = estimating->options;
	struct deployments deployments;
	if (!deployments_load(
		    &options->deployments,
		    options->common.region,
		    estimating->connection,
		    &deployments
	    ))
		return EXIT_FAILURE;
	for (size_t i = 0; i < deployments.n; i++)
		visit(estimating, deployments.items[i]);
	deployments_release(&deployments);
	return estimating->n_failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

// Without credentials or a region the table is used; what is wrong with the profile is told all the same.
static int estimate_numbers(struct estimating *estimating) {
	const struct options *options = estimating->options;
	struct estimate_report report = {
		.region = options->common.region,
		.question =
			{
				.n_sessions =
					(size_t)(options->n_sessions > 0 ? options->n_sessions : 0),
				.has_balancer = true,
				.gbps = is_given(options->gbps) ? options->gbps : 0,
				.cross_zone_share = is_given(options->cross_zone_share)
					? options->cross_zone_share
					: TWO_ZONES,
				.n_appliances =
					options->n_appliances > 0 ? options->n_appliances : 0,
			},
		.traffic =
			is_given(options->gbps) ? ESTIMATE_TRAFFIC_GIVEN : ESTIMATE_TRAFFIC_UNKNOWN,
	};
	struct arena arena = arena_empty();
	struct aws_error error = {0};
	struct client *client = NULL;
	prices_builtin(&report.prices);
	if (options->instance_type != NULL)
		report.prices.instance_hour = prices_builtin_instance(options->instance_type);
	if (!options->is_offline) {
		if (aws_connection_client(
			    estimating->connection, options->common.region, &client, &error
		    )
		    == 0) {
			report.region = client_region(client);
			prices_load(client, options->instance_type, &arena, &report.prices);
		} else {
			report.prices.why_not = "no region is chosen";
		}
	}
	show(estimating, &report);
	aws_connection_client_free(client);
	arena_release(&arena);
	return EXIT_SUCCESS;
}

static int run(struct estimating *estimating) {
	const struct options *options = estimating->options;
	estimating->estimates = json_array();
	int code = has_deployments(options) ? visit_all(estimating) : estimate_numbers(estimating);
	if (options->common.output == AWS_OUTPUT_JSON
	    && (code == EXIT_SUCCESS || estimating->n_shown > 0)) {
		int shown =
			listing_show_json(json_pack("{s:O}", "estimates", estimating->estimates));
		code = code == EXIT_SUCCESS ? shown : code;
	}
	json_decref(estimating->estimates);
	return code;
}

int estimate_main(int argc, char **argv) {
	struct arena arena = arena_empty();
	struct options options = {
		.n_sessions = NOT_GIVEN,
		.n_appliances = NOT_GIVEN,
		.gbps = NOT_GIVEN,
		.cross_zone_share = NOT_GIVEN,
	};
	struct aws_connection connection;
	struct estimating estimating = {.options = &options, .connection = &connection};
	struct aws_error error = {0};
	int code = EXIT_USAGE;
	if (aws_options_read(&command, argc, argv, &arena, &options, &code) && check(&options)) {
		int result = aws_connection_open(&options.common, &connection, &error);
		if (result < 0) {
			code = aws_failure_say(result, &error, "connect to AWS");
		} else {
			code = run(&estimating);
			aws_connection_close(&connection);
		}
	}
	arena_release(&arena);
	return code;
}
