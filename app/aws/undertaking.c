#include "undertaking.h"

#include "aws_failure.h"
#include "confirm.h"
#include "console.h"
#include "interruption.h"
#include "plan_print.h"
#include "shell_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What a user would type to do this with one of the deployments. Never NULL.
static const char *command_line(
	const struct undertaking *undertaking,
	const char *command,
	const struct deployment *deployment,
	struct arena *arena
) {
	const char *config = undertaking->named->config, *profile = undertaking->options->profile;
	const char *line;
	if (config != NULL)
		line = arena_printf(
			arena,
			"metlo-appliance %s -f %s --deployment %s",
			command,
			shell_words_quote(config, arena),
			deployment->id
		);
	else
		line = arena_printf(
			arena,
			"metlo-appliance %s --id %s --region %s",
			command,
			deployment->id,
			deployment->region
		);
	if (line != NULL && profile != NULL)
		line = arena_printf(
			arena, "%s --profile %s", line, shell_words_quote(profile, arena)
		);
	return line == NULL ? command : line;
}

static void plan_item(struct undertaking *undertaking, struct undertaking_item *item) {
	const struct deployment *deployment = item->deployment;
	struct aws_error error = {0};
	int result = aws_connection_client(
		undertaking->connection, deployment->region, &item->client, &error
	);
	if (result == 0)
		result = survey_make(
			item->client, deployment, undertaking->purpose, &item->survey, &error
		);
	item->is_planned = result == 0;
	if (item->is_planned)
		plan_cost_load(item->client, &item->survey.plan, 0, &item->cost);
	else
		aws_failure_say(
			result,
			&error,
			"plan deployment '%s' in '%s'",
			deployment->id,
			deployment->region
		);
}

static void release_item(struct undertaking_item *item) {
	if (item->is_planned) {
		plan_cost_release(&item->cost);
		survey_release(&item->survey);
	}
	aws_connection_client_free(item->client);
}

static bool has_changes(const struct undertaking_item *item) {
	return item->is_planned && plan_has_changes(&item->survey.plan);
}

static void show_sum(const struct undertaking_item *items, size_t n) {
	double before = 0, after = 0;
	const char *currency = NULL;
	for (size_t i = 0; i < n; i++) {
		if (!items[i].is_planned)
			continue;
		if (currency != NULL && strcmp(currency, items[i].cost.prices.currency) != 0)
			return;
		currency = items[i].cost.prices.currency;
		before += items[i].cost.before.month;
		after += items[i].cost.after.month;
	}
	printf("\nall deployments together: %.2f %s a month, now %.2f\n", after, currency, before);
}

// How many have something to do.
static size_t
show(struct undertaking *undertaking, const struct undertaking_item *items, size_t n) {
	size_t n_shown = 0, n_with_changes = 0;
	bool is_coloured = plan_print_is_coloured(stdout);
	for (size_t i = 0; i < n; i++) {
		if (!items[i].is_planned)
			continue;
		if (n_shown++ > 0)
			putchar('\n');
		if (has_changes(&items[i]) || undertaking->purpose == SURVEY_SET_UP)
			plan_print(&items[i].survey, &items[i].cost, is_coloured, stdout);
		n_with_changes += has_changes(&items[i]);
		if (!has_changes(&items[i]))
			undertaking->say_nothing_to_do(undertaking->ctx, &items[i]);
	}
	if (n_with_changes > 1)
		show_sum(items, n);
	fflush(stdout);
	return n_with_changes;
}

static int carry_out(struct undertaking *undertaking, struct undertaking_item *items, size_t n) {
	size_t n_done = 0, n_failed = 0;
	int code = EXIT_SUCCESS;
	for (size_t i = 0; i < n && !interruption_is_noted(NULL); i++) {
		if (!has_changes(&items[i])) {
			n_failed += !items[i].is_planned;
			continue;
		}
		const struct deployment *deployment = items[i].deployment;
		printf("\n%s deployment '%s' in %s:\n",
		       undertaking->command,
		       deployment->id,
		       deployment->region);
		int own = undertaking->carry_out(undertaking->ctx, undertaking, &items[i]);
		n_done += own == EXIT_SUCCESS;
		n_failed += own != EXIT_SUCCESS;
		code = own != EXIT_SUCCESS ? own : code;
	}
	if (n > 1)
		printf("\n%s: %zu deployments done, %zu failed, %zu had nothing to do or were not "
		       "reached\n",
		       undertaking->command,
		       n_done,
		       n_failed,
		       n - n_done - n_failed);
	return code;
}

static int undertake(struct undertaking *undertaking, struct undertaking_item *items, size_t n) {
	int code = EXIT_SUCCESS;
	for (size_t i = 0; i < n; i++) {
		plan_item(undertaking, &items[i]);
		if (!items[i].is_planned)
			code = EXIT_FAILURE;
	}
	if (show(undertaking, items, n) == 0)
		return code;
	if (!undertaking->is_sure)
		putchar('\n');
	if (!undertaking->is_sure && !confirm_ask("%s", undertaking->question)) {
		printf("nothing was changed\n");
		return EXIT_FAILURE;
	}
	int own = carry_out(undertaking, items, n);
	return own != EXIT_SUCCESS ? own : code;
}

int undertaking_run(struct undertaking *undertaking) {
	struct deployments deployments;
	struct arena arena = arena_empty();
	if (!deployments_load(
		    undertaking->named,
		    undertaking->options->region,
		    undertaking->connection,
		    &deployments
	    ))
		return EXIT_FAILURE;
	size_t n = deployments.n;
	struct undertaking_item *items = arena_alloc_array(&arena, n, sizeof(*items));
	int code = EXIT_FAILURE;
	if (items == NULL) {
		console_say("out of memory");
	} else {
		for (size_t i = 0; i < n; i++) {
			const struct deployment *one = deployments.items[i];
			items[i].deployment = one;
			items[i].again =
				command_line(undertaking, undertaking->command, one, &arena);
			items[i].undo = command_line(undertaking, "destroy", one, &arena);
		}
		code = undertake(undertaking, items, n);
		for (size_t i = 0; i < n; i++)
			release_item(&items[i]);
	}
	arena_release(&arena);
	deployments_release(&deployments);
	return code;
}
