// metlo-appliance doctor: finds out why mirrored traffic does not arrive.

#include "doctor.h"

#include "aws_failure.h"
#include "command.h"
#include "console.h"
#include "deployments.h"
#include "listing.h"
#include "session_view.h"
#include "shell_words.h"
#include "suggest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 4096

struct options {
	struct aws_options common;
	struct deployments_options deployments;
	struct shape_strings skips;
	bool is_quiet;
	bool is_strict;
};

static const struct aws_option rows[] = {
	DEPLOYMENTS_ROWS_FILE(struct options, deployments),
	DEPLOYMENTS_ROW_ID(struct options, deployments),
	AWS_OPTION_TEXTS(
		struct options,
		skips,
		"skip",
		"CHECK",
		"leave this check out; may be repeated, as in --skip permissions"
	),
	AWS_OPTION_FLAG(struct options, is_quiet, "quiet", "show only what is not ok"),
	AWS_OPTION_FLAG(struct options, is_strict, "strict", "a warning is a failure too"),
};

static const struct aws_command command = {
	.name = "doctor",
	.help = "Looks at everything between the sources and the appliances, and says what is "
		"wrong "
		"and how to\n"
		"mend it: for the deployments of a file, one that is there already (--id), or all "
		"that are found\n"
		"in the region by their tags. With the file it knows best what should be. Changes "
		"nothing.",
	.usage = "[-f FILE | --id ID] [OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.has_output = true,
	.notes = "What may not be looked at is 'unknown', with the permission that is missing.\n\n"
		 "Exit codes: 0 all is well, perhaps with warnings; 1 there is a problem, or "
		 "something is unknown;\n"
		 "2 wrong options.",
};

struct visit {
	const struct options *options;
	struct aws_connection *connection;
	const char *file; // as it is typed
	uint64_t skipped;
	json_t *deployments; // of JSON; NULL: memory has run out
	size_t n_shown;
	int code; // of the command so far
};

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
	char line[LINE_MAX_BYTES];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	console_neutralise(line);
	puts(line);
}

static bool is_well(const struct visit *visit, const struct doctor *doctor) {
	return doctor->n_by_state[DOCTOR_PROBLEM] == 0 && doctor->n_by_state[DOCTOR_UNKNOWN] == 0
		&& (doctor->n_by_state[DOCTOR_WARNING] == 0 || !visit->options->is_strict);
}

static void print_finding(const struct doctor_finding *finding) {
	say("  %-8s %-17s %s",
	    doctor_state_text(finding->state),
	    doctor_check_text(finding->check),
	    finding->text);
	if (finding->fix != NULL)
		say("  %-8s %-17s fix: %s", "", "", finding->fix);
}

static void
print(struct visit *visit, const struct deployment *deployment, const struct doctor *doctor) {
	bool is_quiet = visit->options->is_quiet;
	if (visit->n_shown++ > 0)
		putchar('\n');
	say("deployment '%s' in %s", deployment->id, deployment->region);
	for (size_t i = 0; i < doctor->n_findings; i++)
		if (!is_quiet || doctor->findings[i].state != DOCTOR_OK)
			print_finding(&doctor->findings[i]);
	const size_t *n = doctor->n_by_state;
	say("%s: %zu ok, %zu warning%s, %zu problem%s, %zu unknown",
	    n[DOCTOR_PROBLEM] + n[DOCTOR_UNKNOWN] + n[DOCTOR_WARNING] == 0 ? "all is well"
		    : n[DOCTOR_PROBLEM] + n[DOCTOR_UNKNOWN] == 0	   ? "it works"
									   : "not all is well",
	    n[DOCTOR_OK],
	    n[DOCTOR_WARNING],
	    n[DOCTOR_WARNING] == 1 ? "" : "s",
	    n[DOCTOR_PROBLEM],
	    n[DOCTOR_PROBLEM] == 1 ? "" : "s",
	    n[DOCTOR_UNKNOWN]);
}

static json_t *json_of_finding(const struct doctor_finding *finding) {
	json_t *subjects = json_array();
	for (size_t i = 0; i < finding->subjects.n; i++)
		json_array_append_new(subjects, json_string(finding->subjects.items[i]));
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s?, s:o}",
		"check",
		doctor_check_text(finding->check),
		"about",
		doctor_check_what(finding->check),
		"state",
		doctor_state_text(finding->state),
		"text",
		finding->text,
		"fix",
		finding->fix,
		"subjects",
		subjects
	);
}

static void
add_json(struct visit *visit, const struct deployment *deployment, const struct doctor *doctor) {
	json_t *findings = json_array();
	json_t *counts = json_object();
	for (size_t i = 0; i < doctor->n_findings; i++)
		if (!visit->options->is_quiet || doctor->findings[i].state != DOCTOR_OK)
			json_array_append_new(findings, json_of_finding(&doctor->findings[i]));
	for (enum doctor_state state = DOCTOR_OK; state <= DOCTOR_UNKNOWN; state++)
		json_object_set_new(
			counts,
			doctor_state_text(state),
			json_integer((json_int_t)doctor->n_by_state[state])
		);
	json_t *one = json_pack(
		"{s:s, s:s, s:b, s:o, s:o}",
		"id",
		deployment->id,
		"region",
		deployment->region,
		"is_well",
		is_well(visit, doctor),
		"counts",
		counts,
		"findings",
		findings
	);
	if (json_array_append_new(visit->deployments, one) < 0) {
		json_decref(visit->deployments);
		visit->deployments = NULL;
	}
}

static int
examine(struct visit *visit,
	const struct deployment *deployment,
	struct client *client,
	struct client *dry_client) {
	struct aws_error error = {0};
	struct doctor doctor;
	const struct doctor_options options = {
		.deployment = deployment,
		.file = visit->file,
		.skipped = visit->skipped,
		.dry_client = dry_client,
	};
	int result = doctor_run(client, &options, &doctor, &error);
	if (result == -ENOENT && error.operation[0] == '\0') {
		console_say("%s", error.message);
		return EXIT_FAILURE;
	}
	if (result < 0)
		return aws_failure_say(result, &error, "look at deployment '%s'", deployment->id);
	int code = is_well(visit, &doctor) ? EXIT_SUCCESS : EXIT_FAILURE;
	if (visit->options->common.output == AWS_OUTPUT_JSON)
		add_json(visit, deployment, &doctor);
	else
		print(visit, deployment, &doctor);
	doctor_release(&doctor);
	return code;
}

static void visit_one(struct visit *visit, const struct deployment *deployment) {
	struct aws_error error = {0};
	struct client *client = NULL, *dry_client = NULL;
	const char *region = deployment->region;
	int code;
	int result = aws_connection_client(visit->connection, region, &client, &error);
	if (result == 0)
		result = aws_connection_dry_client(visit->connection, region, &dry_client, &error);
	if (result < 0)
		code = aws_failure_say(result, &error, "look at deployment '%s'", deployment->id);
	else
		code = examine(visit, deployment, client, dry_client);
	visit->code = visit->code == EXIT_SUCCESS ? code : visit->code;
	aws_connection_client_free(dry_client);
	aws_connection_client_free(client);
}

// The ids live in 'view'.
static int find_ids(
	struct visit *visit,
	struct client *client,
	struct session_view *view,
	struct shape_strings *ret_ids
) {
	const struct session_choice all = {0};
	struct aws_error error = {0};
	int result = session_view_load(client, &all, view, &error);
	if (result == 0 && session_view_deployments(view, ret_ids) < 0)
		result = aws_error_set(&error, -ENOMEM, "OutOfMemory", "finding deployments");
	if (result < 0)
		visit->code = aws_failure_say(
			result, &error, "find the deployments in region '%s'", client_region(client)
		);
	return result;
}

static void visit_region(struct visit *visit) {
	struct aws_error error = {0};
	struct session_view view = {0};
	struct shape_strings ids = {0};
	struct client *client;
	int result = aws_connection_client(visit->connection, NULL, &client, &error);
	if (result < 0) {
		visit->code = aws_failure_say(result, &error, "find the deployments");
		return;
	}
	result = find_ids(visit, client, &view, &ids);
	for (size_t i = 0; result == 0 && i < ids.n; i++) {
		struct deployment one = {.id = ids.items[i], .region = client_region(client)};
		visit_one(visit, &one);
	}
	if (result == 0 && ids.n == 0) {
		console_say("there is no deployment in region '%s'", client_region(client));
		visit->code = EXIT_FAILURE;
	}
	session_view_release(&view);
	aws_connection_client_free(client);
}

static void visit_all(struct visit *visit) {
	const struct deployments_options *chosen = &visit->options->deployments;
	struct deployments deployments;
	if (chosen->config == NULL && chosen->id == NULL) {
		visit_region(visit);
		return;
	}
	if (!deployments_load(
		    chosen, visit->options->common.region, visit->connection, &deployments
	    )) {
		visit->code = EXIT_FAILURE;
		return;
	}
	for (size_t i = 0; i < deployments.n; i++)
		visit_one(visit, deployments.items[i]);
	deployments_release(&deployments);
}

static int run(struct visit *visit) {
	struct aws_connection connection;
	struct aws_error error = {0};
	int result = aws_connection_open(&visit->options->common, &connection, &error);
	if (result < 0)
		return aws_failure_say(result, &error, "connect to AWS");
	visit->connection = &connection;
	visit->deployments = json_array();
	visit_all(visit);
	bool is_json = visit->options->common.output == AWS_OUTPUT_JSON;
	size_t n = json_array_size(visit->deployments);
	if (is_json && (n > 0 || visit->deployments == NULL)) {
		int code = listing_show_json(
			visit->deployments == NULL
				? NULL
				: json_pack("{s:O}", "deployments", visit->deployments)
		);
		visit->code = visit->code == EXIT_SUCCESS ? code : visit->code;
	}
	json_decref(visit->deployments);
	aws_connection_close(&connection);
	visit->connection = NULL;
	return visit->code;
}

static bool read_skips(const struct shape_strings *names, uint64_t *ret_skipped) {
	const char *checks[DOCTOR_N_CHECKS + 1];
	for (size_t i = 0; i < DOCTOR_N_CHECKS; i++)
		checks[i] = doctor_check_text((enum doctor_check)i);
	checks[DOCTOR_N_CHECKS] = NULL;
	for (size_t i = 0; i < names->n; i++) {
		size_t at = 0;
		while (at < DOCTOR_N_CHECKS && strcmp(checks[at], names->items[i]) != 0)
			at++;
		if (at == DOCTOR_N_CHECKS) {
			const char *near = suggest(names->items[i], checks);
			console_say(
				"doctor: there is no check '%s'%s%s%s",
				names->items[i],
				near == NULL ? "" : "; did you mean '",
				near == NULL ? "" : near,
				near == NULL ? "" : "'?"
			);
			return false;
		}
		*ret_skipped |= DOCTOR_BIT(at);
	}
	return true;
}

static bool are_named(const struct deployments_options *options) {
	bool is_named =
		options->config != NULL || options->id != NULL || options->deployment != NULL;
	return !is_named || deployments_are_named(command.name, options);
}

int doctor_main(int argc, char **argv) {
	struct arena arena = arena_empty();
	struct options options = {0};
	struct visit visit = {.options = &options};
	int code = EXIT_USAGE;
	if (aws_options_read(&command, argc, argv, &arena, &options, &code)
	    && are_named(&options.deployments) && read_skips(&options.skips, &visit.skipped)) {
		const char *config = options.deployments.config;
		visit.file = config == NULL ? NULL : shell_words_quote(config, &arena);
		code = run(&visit);
	}
	arena_release(&arena);
	return code;
}
