// metlo-appliance setup-aws: from a VPC to its traffic at an appliance, by questions or by flags.

#include "setup_aws.h"

#include "aws_failure.h"
#include "command.h"
#include "console.h"
#include "fleet_write.h"
#include "interruption.h"
#include "plan_cost.h"
#include "plan_print.h"
#include "plan_run.h"
#include "plan_verify.h"
#include "prompt_view.h"
#include "shell_words.h"
#include "survey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 24

// With hundreds of sources nobody reads or copies the line.
#define LINE_SHOWN_MAX 4000

// A file of answers is what 'apply' and 'plan' are for: theirs is the work.
static int run_config(const struct setup_options *options) {
	static char names[][16] = {
		"apply",
		"plan",
		"-f",
		"--deployment",
		"--region",
		"--profile",
		"--endpoint-url",
		"--ca-bundle",
		"--yes",
		"--keep"};
	enum {
		APPLY,
		PLAN,
		FILE_OF,
		DEPLOYMENT,
		REGION,
		PROFILE,
		ENDPOINT,
		BUNDLE,
		YES,
		KEEP
	};
	const struct {
		char *name;
		const char *value;
	} pairs[] = {
		{names[FILE_OF], options->config},
		{names[DEPLOYMENT], options->only},
		{names[REGION], options->common.region},
		{names[PROFILE], options->common.profile},
		{names[ENDPOINT], options->common.endpoint_url},
		{names[BUNDLE], options->common.ca_bundle},
	};
	struct arena arena = arena_empty();
	char *words[WORDS_MAX + 1] = {names[options->is_dry_run ? PLAN : APPLY]};
	int n = 1;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (pairs[i].value == NULL)
			continue;
		words[n++] = pairs[i].name;
		words[n++] = arena_strdup(&arena, pairs[i].value);
		if (words[n - 1] == NULL) {
			console_say("out of memory");
			arena_release(&arena);
			return EXIT_FAILURE;
		}
	}
	if (options->is_sure && !options->is_dry_run)
		words[n++] = names[YES];
	if (options->keeps_partial && !options->is_dry_run)
		words[n++] = names[KEEP];
	int code = options->is_dry_run ? plan_main(n, words) : apply_main(n, words);
	arena_release(&arena);
	return code;
}

static bool is_config_alone(const struct setup_options *options) {
	if (options->config == NULL && options->only != NULL)
		console_say("setup-aws: --deployment chooses from a file; --config is missing");
	else if (options->config != NULL && (options->sources.n > 0 || options->vpc != NULL || options->id != NULL || options->save != NULL))
		console_say(
			"setup-aws: either --config or --vpc, --source, --id and --save, not both"
		);
	else
		return true;
	return false;
}

static int save(const struct setup *setup) {
	struct aws_error error;
	if (setup->save == NULL)
		return EXIT_SUCCESS;
	int result = fleet_save(&setup->deployment, setup->save, &error);
	if (result < 0) {
		console_say("%s; nothing was made", error.message);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

static void print_line(const char *text) {
	char *copy = strdup(text == NULL ? "" : text);
	if (copy != NULL) {
		console_neutralise(copy);
		printf("  %s\n", copy);
	}
	free(copy);
}

// A command line that reads the file of answers. Never NULL.
static const char *line_with_file(struct setup *setup, const char *before, const char *behind) {
	const char *path = shell_words_quote(setup->save, &setup->arena);
	const char *line = path == NULL
		? NULL
		: arena_printf(&setup->arena, "metlo-appliance %s -f %s%s", before, path, behind);
	return line == NULL ? "metlo-appliance apply" : line;
}

static void print_same(struct setup *setup) {
	const char *line = setup_command_line(setup);
	printf("the same without questions:\n");
	if (setup->save != NULL && line != NULL && strlen(line) > LINE_SHOWN_MAX)
		line = line_with_file(setup, "apply", " --yes");
	print_line(line);
}

static void print_next(struct setup *setup) {
	const char *id = setup->deployment.id, *region = setup->deployment.region;
	printf("next:\n"
	       "  metlo-appliance doctor --id %s --region %s    says whether traffic arrives\n"
	       "  metlo-appliance sessions list --id %s --region %s\n",
	       id,
	       region,
	       id,
	       region);
	if (setup->save != NULL)
		print_line(line_with_file(
			setup, "refresh", " --watch 60    follows what comes and goes"
		));
	else
		printf("  --save FILE keeps the answers for 'refresh', which follows what comes "
		       "and "
		       "goes\n");
	printf("  metlo-appliance destroy --id %s --region %s    takes all of it away\n", id, region
	);
	print_same(setup);
}

static int carry_out(struct setup *setup, const struct survey *survey) {
	struct apply_result result;
	const char *again = setup->save == NULL ? setup_command_line(setup)
						: line_with_file(setup, "apply", "");
	const struct plan_run_options run = {
		.keeps_partial = setup->options.keeps_partial,
		.again = again == NULL ? "metlo-appliance setup-aws" : again,
		.undo = arena_printf(
			&setup->arena,
			"metlo-appliance destroy --id %s --region %s",
			setup->deployment.id,
			setup->deployment.region
		),
	};
	int code = plan_run(setup->connection, setup->client, &survey->plan, &run, &result);
	if (code == EXIT_SUCCESS) {
		printf("deployment '%s' is set up:\n", setup->deployment.id);
		code = plan_verify(setup->client, &setup->deployment, &result);
		print_next(setup);
	}
	apply_result_release(&result);
	return code;
}

static void warn_about_sources(const struct survey *survey) {
	const struct candidates *candidates = &survey->candidates;
	size_t n_good = 0;
	for (size_t i = 0; i < candidates->n; i++)
		n_good += candidates->items[i].verdict != CANDIDATE_REFUSED;
	if (n_good == 0)
		console_say(
			"nothing of the sources can be mirrored now; the rest would cost money and "
			"get no traffic"
		);
}

// True where it shall be done. False: 'setup->code', or '*ret_is_back' for another round of questions.
static bool confirm(struct setup *setup, bool *ret_is_back) {
	bool yes = false;
	if (setup->options.is_sure)
		return true;
	fflush(stdout);
	switch (setup_yes_no(setup, "do this?", "confirmed", false, &yes)) {
	case PROMPT_DONE:
		if (yes)
			return true;
		console_say("not confirmed; nothing was made");
		break;
	case PROMPT_BACK:
		*ret_is_back = true;
		return false;
	case PROMPT_INTERRUPTED:
		console_say("stopped; nothing was made");
		setup->code = 128 + setup->terminal.interrupted_by;
		return false;
	case PROMPT_ENDED:
		console_say("the input has ended; nothing was made");
		break;
	case PROMPT_FAILED:
		break;
	}
	setup->code = EXIT_FAILURE;
	return false;
}

// Shows the plan, and does it where that is wanted. False for another round of questions.
static bool finish_plan(struct setup *setup, const struct survey *survey) {
	bool is_back = false;
	struct plan_cost cost;
	setup_say_busy(setup, "reading prices ...");
	plan_cost_load(setup->client, &survey->plan, 0, &cost);
	setup_say_busy(setup, NULL);
	plan_print(survey, &cost, plan_print_is_coloured(stdout), stdout);
	plan_cost_release(&cost);
	warn_about_sources(survey);
	if (interruption_is_noted(NULL)) {
		console_say("stopped; nothing was made");
		setup->code = interruption_exit_code();
		return true;
	}
	bool has_changes = plan_has_changes(&survey->plan);
	if (setup->options.is_dry_run || !has_changes) {
		setup->code = save(setup);
		if (!has_changes)
			printf("\nnothing to do: deployment '%s' is as it should be\n",
			       setup->deployment.id);
		else
			printf("\nnothing was changed\n");
		print_same(setup);
		return true;
	}
	if (!confirm(setup, &is_back))
		return !is_back;
	setup->code = save(setup);
	if (setup->code == EXIT_SUCCESS)
		setup->code = carry_out(setup, survey);
	return true;
}

// The same for the deployment as it is now.
static bool finish(struct setup *setup) {
	struct aws_error error = {0};
	struct survey survey;
	int result = deployment_check(&setup->deployment, &error);
	if (result < 0) {
		console_say("setup-aws: %s; nothing was made", error.message);
		setup->code = EXIT_USAGE;
		return true;
	}
	if (setup->save != NULL && fleet_may_save(&setup->deployment, setup->save, &error) < 0) {
		console_say("%s; nothing was made", error.message);
		setup->code = EXIT_FAILURE;
		return true;
	}
	result = setup_need_client(setup, &error);
	setup_say_busy(setup, "making the plan ...");
	if (result == 0)
		result = survey_make(
			setup->client, &setup->deployment, SURVEY_SET_UP, &survey, &error
		);
	setup_say_busy(setup, NULL);
	if (result < 0) {
		setup_fail(setup, result, &error, "make the plan");
		return true;
	}
	bool is_finished = finish_plan(setup, &survey);
	survey_release(&survey);
	return is_finished;
}

static void run(struct setup *setup) {
	bool is_complete = setup_ask_all(setup);
	while (is_complete && !finish(setup))
		is_complete = setup_ask_again(setup);
	aws_connection_client_free(setup->client);
	setup_forget_inventory(setup);
}

static int run_questions(struct setup *setup) {
	struct aws_connection connection;
	struct aws_error error;
	int result = setup_take_flags(setup, &error);
	if (result < 0) {
		console_say("setup-aws: %s", error.message);
		return result == -EINVAL ? EXIT_USAGE : EXIT_FAILURE;
	}
	terminal_init(&setup->terminal);
	setup->terminal.noted_signal = interruption_signal;
	interruption_watch();
	result = aws_connection_open(&setup->options.common, &connection, &error);
	if (result < 0)
		return aws_failure_say(result, &error, "connect to AWS");
	setup->connection = &connection;
	run(setup);
	aws_connection_close(&connection);
	return setup->code;
}

int setup_aws_main(int argc, char **argv) {
	struct setup setup = {.options = {.lb_mode = -1, .mode = -1}};
	int code = EXIT_USAGE;
	if (aws_options_read(&setup_command, argc, argv, &setup.arena, &setup.options, &code)
	    && is_config_alone(&setup.options))
		code = setup.options.config != NULL ? run_config(&setup.options)
						    : run_questions(&setup);
	arena_release(&setup.arena);
	return code;
}
