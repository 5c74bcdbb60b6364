// metlo-appliance sessions: the mirror sessions that there are, and what can be done with them.

#include "sessions.h"

#include "apply.h"
#include "aws_failure.h"
#include "console.h"
#include "interruption.h"
#include "source.h"
#include "suggest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define N_WORKERS 4

static const struct subcommand {
	const char *name;
	command_fn *run;
	const char *help;
} subcommands[] = {
	{"list", sessions_list_main, "show them, with what keeps them from flowing"},
	{"remove", sessions_remove_main, "delete some or all of them"},
	{"pause", sessions_pause_main, "delete them until they are wanted again"},
	{"resume", sessions_resume_main, "end a pause"},
};
#define N_SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

bool sessions_check_sources(const char *command, const struct shape_strings *sources) {
	struct arena arena = arena_empty();
	struct aws_error error = {0};
	struct source source;
	int result = 0;
	for (size_t i = 0; result == 0 && i < sources->n; i++)
		result = source_parse(sources->items[i], &arena, &source, &error);
	if (result < 0)
		console_say("%s: --source: %s", command, error.message);
	arena_release(&arena);
	return result == 0;
}

void sessions_say_no_deployment(
	const char *id,
	const char *region,
	const struct shape_strings *ids
) {
	char there[512] = "";
	for (size_t i = 0; i < ids->n; i++) {
		size_t len = strlen(there);
		snprintf(
			there + len, sizeof(there) - len, "%s'%s'", i > 0 ? ", " : "", ids->items[i]
		);
	}
	if (ids->n == 0)
		console_say(
			"nothing is mirrored by deployment '%s' in region '%s', nor by any other; "
			"choose "
			"another region with --region",
			id,
			region
		);
	else
		console_say(
			"nothing is mirrored by deployment '%s' in region '%s'; there %s %s",
			id,
			region,
			ids->n == 1 ? "is" : "are",
			there
		);
}

void sessions_print(FILE *to, const char *format, ...) {
	char line[2048];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	console_neutralise(line);
	fprintf(to, "%s\n", line);
}

static void
tell_finished(void *ctx, const struct plan_step *step, int result, const struct aws_error *error) {
	struct sessions_work *work = ctx;
	if (result < 0) {
		aws_failure_say(result, error, "remove the mirror session of '%s'", step->name);
		return;
	}
	work->n_done++;
	sessions_print(stdout, "removed the session of '%s' ('%s')", step->name, step->id);
	fflush(stdout);
}

static struct client *open_worker(void *ctx) {
	struct sessions_work *work = ctx;
	struct aws_error error;
	struct client *client = NULL;
	const char *region = client_region(work->client);
	if (aws_connection_client(work->connection, region, &client, &error) < 0)
		return NULL;
	return client;
}

static void close_worker(void *, struct client *client) {
	aws_connection_client_free(client);
}

static int apply(struct sessions_work *work, const struct plan *plan) {
	const struct apply_options options = {
		.events = {.ctx = work, .finished = tell_finished},
		.keeps_partial = true, // nothing is made that would have to be taken back
		.open_client = open_worker,
		.close_client = close_worker,
		.client_ctx = work,
		.n_workers = N_WORKERS,
	};
	struct apply_result result;
	struct aws_error error = {0};
	interruption_watch();
	int status = apply_run(work->client, plan, &options, &result, &error);
	int code = status < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	// What a step failed of was said; that it was stopped was not.
	if (status < 0 && (status == -ECANCELED || result.n_failed == 0))
		code = aws_failure_say(status, &error, "do all of it");
	apply_result_release(&result);
	return code;
}

int sessions_delete(
	struct sessions_work *work,
	const char *deployment_id,
	const struct inventory *inventory,
	bool (*is_chosen)(void *ctx, const struct ec2_mirror_session *session),
	void *ctx
) {
	const struct deployment deployment = {
		.id = deployment_id,
		.region = client_region(work->client),
	};
	static const struct found nothing_else;
	struct plan plan;
	if (plan_remove_sessions(&deployment, inventory, &nothing_else, is_chosen, ctx, &plan)
	    < 0) {
		console_say("out of memory");
		return EXIT_FAILURE;
	}
	int code = apply(work, &plan);
	plan_release(&plan);
	return code;
}

static void print_help(void) {
	printf("Shows and changes the mirror sessions of deployments.\n\n"
	       "usage: metlo-appliance sessions COMMAND [OPTION...]\n\ncommands:\n");
	for (size_t i = 0; i < N_SUBCOMMANDS; i++)
		printf("  %-14s %s\n", subcommands[i].name, subcommands[i].help);
	printf("\n'metlo-appliance sessions COMMAND --help' shows the options of a command.\n");
}

static int refuse(const char *word) {
	const char *names[N_SUBCOMMANDS + 1];
	for (size_t i = 0; i < N_SUBCOMMANDS; i++)
		names[i] = subcommands[i].name;
	names[N_SUBCOMMANDS] = NULL;
	const char *near = suggest(word, names);
	if (near != NULL)
		console_say("unknown command 'sessions %s'; did you mean '%s'?", word, near);
	else
		console_say("unknown command 'sessions %s'; see 'sessions --help'", word);
	return EXIT_USAGE;
}

int sessions_main(int argc, char **argv) {
	if (argc < 2) {
		console_say("sessions needs a command: list, remove, pause or resume");
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help();
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < N_SUBCOMMANDS; i++)
		if (strcmp(argv[1], subcommands[i].name) == 0)
			return subcommands[i].run(argc - 1, argv + 1);
	return refuse(argv[1]);
}
