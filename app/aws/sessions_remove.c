// metlo-appliance sessions remove

#include "aws_failure.h"
#include "confirm.h"
#include "console.h"
#include "sessions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 20 // of what is to be removed

static const struct aws_option rows[] = {
	AWS_OPTION_TEXTS(
		struct sessions_options,
		sources,
		"source",
		"KEY",
		"those of this source: tag/env=prod, instance/i-1, ...; may be repeated"
	),
	AWS_OPTION_FLAG(struct sessions_options, is_all, "all", "all of the deployment"),
	DEPLOYMENTS_ROW_ID(struct sessions_options, deployments),
	AWS_OPTION_FLAG(struct sessions_options, is_sure, "yes", "do not ask"),
};

static const struct aws_command command = {
	.name = "sessions remove",
	.help = "Deletes mirror sessions that metlo-appliance has made: some by their ids, those "
		"of a "
		"source, or all of\na deployment. Filters, targets and what others have made stay.",
	.usage = "ID...|--source KEY|--all [OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.argument = "ID",
	.arguments_at = offsetof(struct sessions_options, ids),
	.notes = "'refresh' and 'apply' make the sessions of a deployment again. To stop that, "
		 "pause "
		 "it ('sessions pause'),\nor take the sources out of its file.",
};

struct removing {
	const struct sessions_options *options;
	struct aws_connection *connection;
	struct client *client;
	struct session_view view;
};

// Exactly one way to choose.
static bool is_chosen_well(const struct sessions_options *options) {
	int n_ways = (options->ids.n > 0) + (options->sources.n > 0) + options->is_all;
	if (n_ways == 0)
		console_say(
			"%s: which sessions? Name their ids, --source KEY or --all", command.name
		);
	else if (n_ways > 1)
		console_say("%s: either ids, --source KEY or --all, not several", command.name);
	for (size_t i = 0; n_ways == 1 && i < options->ids.n; i++) {
		if (strncmp(options->ids.items[i], "tms-", 4) == 0)
			continue;
		console_say(
			"%s: '%s' is no mirror session's id, which begins with 'tms-'",
			command.name,
			options->ids.items[i]
		);
		return false;
	}
	return n_ways == 1 && sessions_check_sources(command.name, &options->sources);
}

static const struct ec2_mirror_session *
find_session(const struct inventory *inventory, const char *id) {
	for (size_t i = 0; i < inventory->sessions.sessions.n; i++) {
		const struct ec2_mirror_session *session = &inventory->sessions.sessions.items[i];
		if (session->id != NULL && strcmp(session->id, id) == 0)
			return session;
	}
	return NULL;
}

// Every one must be there and ours, or nothing is done.
static bool check_id(const struct removing *removing, const char *id) {
	const char *region = client_region(removing->client);
	const char *wanted = removing->options->deployments.id;
	const struct ec2_mirror_session *session = find_session(&removing->view.inventory, id);
	const char *deployment = session == NULL ? NULL : session_view_deployment(session);
	if (session == NULL)
		console_say(
			"there is no mirror session '%s' in region '%s'; 'metlo-appliance sessions "
			"list' shows them",
			id,
			region
		);
	else if (deployment == NULL)
		console_say("session '%s' was not made by metlo-appliance; it is not touched", id);
	else if (wanted != NULL && strcmp(wanted, deployment) != 0)
		console_say(
			"session '%s' is of deployment '%s', not of '%s'", id, deployment, wanted
		);
	else
		return true;
	return false;
}

static void choose_ids(struct removing *removing) {
	const struct shape_strings *ids = &removing->options->ids;
	struct session_view *view = &removing->view;
	size_t n = 0;
	for (size_t i = 0; ids->n > 0 && i < view->n; i++)
		for (size_t j = 0; j < ids->n; j++)
			if (strcmp(view->items[i]->id, ids->items[j]) == 0) {
				view->items[n++] = view->items[i];
				break;
			}
	if (ids->n > 0)
		view->n = n;
}

// "--all" is all of one deployment.
static bool is_one_deployment(struct removing *removing) {
	const char *id = removing->options->deployments.id;
	struct shape_strings ids;
	if (session_view_deployments(&removing->view, &ids) < 0) {
		console_say("out of memory");
		return false;
	}
	for (size_t i = 0; id != NULL && i < ids.n; i++)
		if (strcmp(ids.items[i], id) == 0)
			return true;
	if (id != NULL) {
		sessions_say_no_deployment(id, client_region(removing->client), &ids);
		return false;
	}
	if (!removing->options->is_all || ids.n < 2)
		return true;
	console_say(
		"%s: there are %zu deployments in region '%s', such as '%s'; choose one with --id "
		"ID",
		command.name,
		ids.n,
		client_region(removing->client),
		ids.items[0]
	);
	return false;
}

static bool confirm_removal(const struct removing *removing) {
	const struct session_view *view = &removing->view;
	if (removing->options->is_sure)
		return true;
	for (size_t i = 0; i < view->n && i < SHOWN_MAX; i++) {
		const struct ec2_mirror_session *session = view->items[i];
		const char *source = tags_get(&session->tags, "metlo:source");
		sessions_print(
			stderr,
			"  %s of deployment '%s' on %s (%s)",
			session->id,
			session_view_deployment(session),
			session->network_interface_id,
			source == NULL ? "?" : source
		);
	}
	if (view->n > SHOWN_MAX)
		fprintf(stderr, "  and %zu more\n", view->n - SHOWN_MAX);
	return confirm_ask(
		"remove %zu mirror session%s in region '%s'?",
		view->n,
		view->n == 1 ? "" : "s",
		client_region(removing->client)
	);
}

static bool is_listed(void *ctx, const struct ec2_mirror_session *session) {
	const struct session_view *view = ctx;
	for (size_t i = 0; i < view->n; i++)
		if (view->items[i] == session)
			return true;
	return false;
}

// They are in the order of their deployments, each of which is done by itself.
static int remove_all(struct removing *removing) {
	struct session_view *view = &removing->view;
	struct sessions_work work = {
		.connection = removing->connection,
		.client = removing->client,
	};
	const char *last = "";
	int code = EXIT_SUCCESS;
	for (size_t i = 0; code == EXIT_SUCCESS && i < view->n; i++) {
		const char *deployment = session_view_deployment(view->items[i]);
		if (strcmp(deployment, last) == 0)
			continue;
		last = deployment;
		code = sessions_delete(&work, deployment, &view->inventory, is_listed, view);
	}
	printf("%zu of %zu removed\n", work.n_done, view->n);
	if (work.n_done > 0)
		printf("'refresh' and 'apply' make them again, for their sources are still wanted; "
		       "to stop that, pause the\ndeployment ('metlo-appliance sessions pause') or "
		       "take the sources out of its file\n");
	return code;
}

static int run(struct removing *removing) {
	const struct sessions_options *options = removing->options;
	const struct session_choice choice = {
		.deployment = options->deployments.id,
		.sources = options->sources,
	};
	struct aws_error error = {0};
	int result = session_view_load(removing->client, &choice, &removing->view, &error);
	if (result < 0)
		return aws_failure_say(
			result,
			&error,
			"look for sessions in region '%s'",
			client_region(removing->client)
		);
	bool is_good = is_one_deployment(removing);
	for (size_t i = 0; is_good && i < options->ids.n; i++)
		is_good = check_id(removing, options->ids.items[i]);
	choose_ids(removing);
	int code = EXIT_FAILURE;
	if (is_good && removing->view.n == 0) {
		printf("there is nothing to remove\n");
		code = EXIT_SUCCESS;
	} else if (is_good && !confirm_removal(removing)) {
		console_say("nothing was removed");
	} else if (is_good) {
		code = remove_all(removing);
	}
	session_view_release(&removing->view);
	return code;
}

static int connect_and_run(struct removing *removing) {
	struct aws_error error = {0};
	int result = aws_connection_open(&removing->options->common, removing->connection, &error);
	if (result < 0)
		return aws_failure_say(result, &error, "connect to AWS");
	result = aws_connection_client(removing->connection, NULL, &removing->client, &error);
	int code =
		result < 0 ? aws_failure_say(result, &error, "look for sessions") : run(removing);
	aws_connection_client_free(removing->client);
	aws_connection_close(removing->connection);
	return code;
}

int sessions_remove_main(int argc, char **argv) {
	struct arena arena = arena_empty();
	struct sessions_options options = {0};
	struct aws_connection connection;
	struct removing removing = {.options = &options, .connection = &connection};
	int code = EXIT_USAGE;
	if (aws_options_read(&command, argc, argv, &arena, &options, &code)
	    && is_chosen_well(&options) && confirm_is_possible(command.name, options.is_sure))
		code = connect_and_run(&removing);
	arena_release(&arena);
	return code;
}
