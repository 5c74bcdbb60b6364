// metlo-appliance sessions list

#include "aws_failure.h"
#include "console.h"
#include "listing.h"
#include "pause.h"
#include "sessions.h"
#include "timestamps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct aws_option rows[] = {
	AWS_OPTION_FLAG(
		struct sessions_options,
		is_all,
		"all",
		"also sessions of others on the same interfaces"
	),
	AWS_OPTION_TEXTS(
		struct sessions_options,
		sources,
		"source",
		"KEY",
		"only of this source: tag/env=prod, instance/i-1, ...; may be repeated"
	),
	DEPLOYMENTS_ROW_ID(struct sessions_options, deployments),
	DEPLOYMENTS_ROWS_FILE(struct sessions_options, deployments),
};

static const struct aws_command command = {
	.name = "sessions list",
	.help = "Shows the mirror sessions of every deployment in the region, of one (--id), or of "
		"those of a file (-f), and whether they deliver.",
	.usage = "[OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.has_output = true,
};

static const struct listing_column columns[] = {
	{.key = "session_id", .title = "SESSION"},
	{.key = "deployment", .title = "DEPLOYMENT"},
	{.key = "session_number", .title = "NUMBER"},
	{.key = "vni", .title = "VNI"},
	{.key = "source_type", .title = "TYPE"},
	{.key = "source_id", .title = "SOURCE"},
	{.key = "source_name", .title = "NAME", .is_flexible = true},
	{.key = "target_id", .title = "TARGET", .is_flexible = true},
	{.key = "filter_id", .title = "FILTER", .is_flexible = true},
	{.key = "packet_length", .title = "LENGTH"},
	{.key = "status", .title = "STATUS"},
	{.key = "reason", .title = "REASON", .is_flexible = true},
	// Only in JSON:
	{.key = "region"},
	{.key = "interface_id"},
	{.key = "sources"},
	{.key = "is_ours"},
	{.key = "owner_id"},
	{.key = "description"},
	{.key = "why"},
	{.key = "fix"},
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct showing {
	const struct sessions_options *options;
	struct aws_connection *connection;
	struct arena arena;
	struct listing listing;
	json_t *deployments; // NULL: memory has run out
	json_t *reasons; // reason -> {why, fix, differ, n}, in the order in which they came up
	size_t n_flowing;
	bool has_failed;
};

static json_t *optional(struct shape_number number) {
	return number.is_set ? json_integer(number.value) : json_null();
}

static json_t *list_of(const struct shape_strings *texts) {
	json_t *list = json_array();
	for (size_t i = 0; i < texts->n; i++)
		json_array_append_new(list, json_string(texts->items[i]));
	return list;
}

static json_t *make_row(
	const struct session_view *view,
	const struct ec2_mirror_session *session,
	const struct session_status *status,
	const struct shape_strings *sources,
	const char *region
) {
	const struct ec2_network_interface *interface =
		inventory_interface(&view->inventory, session->network_interface_id);
	const struct ec2_instance *instance = interface == NULL
		? NULL
		: inventory_instance(&view->inventory, interface->instance_id);
	const char *deployment = session_view_deployment(session);
	return json_pack(
		"{s:s?, s:s?, s:I, s:o, s:s, s:s?, s:s, s:s?, s:s?, s:o, s:s, s:s?, s:s, s:s?, "
		"s:o, "
		"s:b, s:s?, s:s?, s:s?, s:s?}",
		"session_id",
		session->id,
		"deployment",
		deployment,
		"session_number",
		(json_int_t)session->number,
		"vni",
		optional(session->vni),
		"source_type",
		interface == NULL ? "eni" : session_source_type(interface),
		"source_id",
		instance != NULL ? instance->id : session->network_interface_id,
		"source_name",
		session_source_name(interface, instance),
		"target_id",
		session->target_id,
		"filter_id",
		session->filter_id,
		"packet_length",
		optional(session->packet_length),
		"status",
		session_status_state_text(status->state),
		"reason",
		status->reason == SESSION_REASON_NONE ? NULL
						      : session_status_reason_text(status->reason),
		"region",
		region,
		"interface_id",
		session->network_interface_id,
		"sources",
		list_of(sources),
		"is_ours",
		deployment != NULL,
		"owner_id",
		session->owner_id,
		"description",
		session->description,
		"why",
		status->why,
		"fix",
		status->fix
	);
}

static void count(struct showing *showing, const struct session_status *status) {
	if (status->why == NULL) {
		showing->n_flowing++;
		return;
	}
	const char *key = session_status_reason_text(status->reason);
	json_t *known = json_object_get(showing->reasons, key);
	if (known == NULL) {
		known = json_pack(
			"{s:s, s:s?, s:b, s:i}",
			"why",
			status->why,
			"fix",
			status->fix,
			"differ",
			false,
			"n",
			1
		);
		json_object_set_new(showing->reasons, key, known);
		return;
	}
	json_int_t n = json_integer_value(json_object_get(known, "n"));
	json_object_set_new(known, "n", json_integer(n + 1));
	if (strcmp(json_string_value(json_object_get(known, "why")), status->why) != 0)
		json_object_set(known, "differ", json_true());
}

static int add_session(
	struct showing *showing,
	const struct session_view *view,
	const struct ec2_mirror_session *session,
	const struct deployment *deployment, // of the file; NULL: not known
	const char *region
) {
	struct session_status status;
	struct shape_strings sources = {0};
	const struct shape_strings *extra = deployment == NULL ? NULL : &deployment->extra_types;
	int result = session_status_judge(
		&view->inventory, &view->paths, extra, session, &showing->arena, &status
	);
	if (result == 0)
		result = session_sources(session, &showing->arena, &sources);
	if (result < 0)
		return result;
	listing_add(&showing->listing, make_row(view, session, &status, &sources, region));
	count(showing, &status);
	return 0;
}

static size_t n_of(const struct session_view *view, const char *deployment) {
	size_t n = 0;
	for (size_t i = 0; i < view->n; i++) {
		const char *id = session_view_deployment(view->items[i]);
		n += id != NULL && strcmp(id, deployment) == 0;
	}
	return n;
}

static json_t *
make_deployment(const struct session_view *view, const char *id, const char *region) {
	char text[PAUSE_TEXT_SIZE], until[TIMESTAMP_ISO_SIZE];
	int64_t now_s = view->inventory.read_at_s;
	struct pause pause;
	pause_find(&view->inventory, id, &pause);
	pause_describe(&pause, now_s, text);
	bool is_paused = pause_holds(&pause, now_s);
	bool has_end = is_paused ? pause.kind == PAUSE_UNTIL : pause.kind == PAUSE_AFTER;
	timestamp_to_iso(pause.time_s, until);
	return json_pack(
		"{s:s, s:s, s:I, s:b, s:s?, s:s}",
		"id",
		id,
		"region",
		region,
		"sessions",
		(json_int_t)n_of(view, id),
		"is_paused",
		is_paused,
		"until",
		has_end ? until : NULL,
		"mirroring",
		text
	);
}

static bool is_among(const struct shape_strings *list, const char *text) {
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

// The one that was asked for must be there; of a file, it may yet have to be made.
static int add_deployments(
	struct showing *showing,
	struct session_view *view,
	const struct deployment *deployment,
	const char *region
) {
	struct shape_strings ids;
	if (session_view_deployments(view, &ids) < 0)
		return -ENOMEM;
	if (deployment != NULL && !is_among(&ids, deployment->id)) {
		bool is_of_file = showing->options->deployments.config != NULL;
		showing->has_failed = showing->has_failed || !is_of_file;
		if (is_of_file)
			console_say(
				"deployment '%s' has nothing in region '%s' yet; 'metlo-appliance "
				"apply' makes it",
				deployment->id,
				region
			);
		else
			sessions_say_no_deployment(deployment->id, region, &ids);
		return 0;
	}
	for (size_t i = 0; i < ids.n; i++)
		if (deployment == NULL || strcmp(deployment->id, ids.items[i]) == 0)
			json_array_append_new(
				showing->deployments, make_deployment(view, ids.items[i], region)
			);
	return 0;
}

static int add_region(
	struct showing *showing,
	struct client *client,
	const struct deployment *deployment,
	struct aws_error *error
) {
	const struct session_choice choice = {
		.deployment = deployment == NULL ? NULL : deployment->id,
		.sources = showing->options->sources,
		.with_others = showing->options->is_all,
		.with_paths = true,
	};
	const char *region = client_region(client);
	struct session_view view;
	int result = session_view_load(client, &choice, &view, error);
	if (result < 0)
		return result;
	result = add_deployments(showing, &view, deployment, region);
	for (size_t i = 0; result == 0 && i < view.n; i++)
		result = add_session(showing, &view, view.items[i], deployment, region);
	if (result < 0)
		aws_error_set(error, result, "OutOfMemory", "judging the sessions");
	session_view_release(&view);
	return result;
}

// NULL: every deployment in the region.
static int visit(struct showing *showing, const struct deployment *deployment) {
	struct aws_error error = {0};
	struct client *client = NULL;
	const char *region = deployment == NULL ? NULL : deployment->region;
	int result = aws_connection_client(showing->connection, region, &client, &error);
	if (result == 0)
		result = add_region(showing, client, deployment, &error);
	int code = EXIT_SUCCESS;
	if (result < 0 && client != NULL)
		code = aws_failure_say(
			result, &error, "list the sessions in region '%s'", client_region(client)
		);
	else if (result < 0)
		code = aws_failure_say(result, &error, "list the sessions");
	aws_connection_client_free(client);
	return code;
}

static int visit_all(struct showing *showing) {
	const struct deployments_options *chosen = &showing->options->deployments;
	struct deployments deployments;
	int code = EXIT_SUCCESS;
	if (chosen->config == NULL && chosen->id == NULL)
		return visit(showing, NULL);
	if (!deployments_load(
		    chosen, showing->options->common.region, showing->connection, &deployments
	    ))
		return EXIT_FAILURE;
	for (size_t i = 0; i < deployments.n; i++) {
		int one = visit(showing, deployments.items[i]);
		code = code == EXIT_SUCCESS ? one : code;
	}
	deployments_release(&deployments);
	return code;
}

static void print_reasons(const struct showing *showing) {
	const char *key;
	json_t *reason;
	size_t n = json_array_size(showing->listing.rows);
	if (n == 0)
		return;
	printf("\n%zu session%s, %zu flowing\n", n, n == 1 ? "" : "s", showing->n_flowing);
	json_object_foreach (showing->reasons, key, reason) {
		bool differ = json_is_true(json_object_get(reason, "differ"));
		const char *fix = json_string_value(json_object_get(reason, "fix"));
		json_int_t times = json_integer_value(json_object_get(reason, "n"));
		sessions_print(
			stdout,
			"  %lld %s: %s%s",
			(long long)times,
			key,
			differ ? "such as " : "",
			json_string_value(json_object_get(reason, "why"))
		);
		if (fix != NULL)
			sessions_print(stdout, "     %s", fix);
	}
}

static void print_deployments(const struct showing *showing) {
	size_t i;
	json_t *one;
	json_array_foreach (showing->deployments, i, one) {
		const char *mirroring = json_string_value(json_object_get(one, "mirroring"));
		if (strcmp(mirroring, "active") != 0)
			sessions_print(
				stdout,
				"deployment '%s' is %s",
				json_string_value(json_object_get(one, "id")),
				mirroring
			);
	}
}

static int show(struct showing *showing) {
	struct listing *listing = &showing->listing;
	if (listing->rows == NULL || showing->deployments == NULL
	    || showing->options->common.output == AWS_OUTPUT_JSON)
		return listing_show_json(
			listing->rows == NULL ? NULL
					      : json_pack(
						      "{s:O, s:O}",
						      listing->key,
						      listing->rows,
						      "deployments",
						      showing->deployments
					      )
		);
	int code = listing_show(listing, AWS_OUTPUT_TABLE);
	print_reasons(showing);
	print_deployments(showing);
	if (json_array_size(listing->rows) == 0 && !showing->has_failed)
		console_say(
			"no sessions%s", showing->options->sources.n > 0 ? " of this source" : ""
		);
	return code;
}

static int list(struct showing *showing) {
	listing_init(&showing->listing, "sessions", columns, N_COLUMNS);
	showing->deployments = json_array();
	showing->reasons = json_object();
	int code = visit_all(showing);
	// Where only some of the regions cannot be read, the others are shown.
	bool has_any = code == EXIT_SUCCESS || json_array_size(showing->listing.rows) > 0;
	int shown = has_any ? show(showing) : EXIT_SUCCESS;
	if (code == EXIT_SUCCESS)
		code = showing->has_failed ? EXIT_FAILURE : shown;
	json_decref(showing->deployments);
	json_decref(showing->reasons);
	listing_release(&showing->listing);
	arena_release(&showing->arena);
	return code;
}

static bool are_named(const struct deployments_options *options) {
	bool is_named =
		options->config != NULL || options->id != NULL || options->deployment != NULL;
	return !is_named || deployments_are_named(command.name, options);
}

int sessions_list_main(int argc, char **argv) {
	struct arena arena = arena_empty();
	struct sessions_options options = {0};
	struct aws_connection connection;
	struct showing showing = {.options = &options, .connection = &connection};
	struct aws_error error = {0};
	int code = EXIT_USAGE;
	if (aws_options_read(&command, argc, argv, &arena, &options, &code)
	    && are_named(&options.deployments)
	    && sessions_check_sources(command.name, &options.sources)) {
		int result = aws_connection_open(&options.common, &connection, &error);
		if (result < 0) {
			code = aws_failure_say(result, &error, "connect to AWS");
		} else {
			code = list(&showing);
			aws_connection_close(&connection);
		}
	}
	arena_release(&arena);
	return code;
}
