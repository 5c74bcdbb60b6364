#pragma once

// What the commands below 'metlo-appliance sessions' share.

#include "aws_connection.h"
#include "command.h"
#include "deployments.h"
#include "session_view.h"

struct sessions_options {
	struct aws_options common;
	struct deployments_options deployments;
	struct shape_strings sources;
	struct shape_strings ids;
	bool is_all;
	bool is_sure; // --yes
	int64_t for_s; // 0: not given
};

command_fn sessions_list_main;
command_fn sessions_remove_main;
command_fn sessions_pause_main;
command_fn sessions_resume_main;

// Whether all of the sources can be read; else it is said, and the exit code is EXIT_USAGE.
bool sessions_check_sources(const char *command, const struct shape_strings *sources);

// Says that a deployment has no session, filter or target, and which have.
void sessions_say_no_deployment(
	const char *id,
	const char *region,
	const struct shape_strings *ids
);

// One line on 'to', with foreign text made harmless.
void sessions_print(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Sessions that are deleted, several at a time.
struct sessions_work {
	struct aws_connection *connection;
	struct client *client;
	size_t n_done; // written
};

// Deletes those of a deployment that are chosen, with a line for each. What fails is said. The exit code.
[[nodiscard]] int sessions_delete(
	struct sessions_work *work,
	const char *deployment, // its id
	const struct inventory *inventory,
	bool (*is_chosen)(void *ctx, const struct ec2_mirror_session *session),
	void *ctx
);
