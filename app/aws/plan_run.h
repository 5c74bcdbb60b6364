#pragma once

// Does what a plan says, in front of the user: live progress, then what came of it and how to go on or undo.

#include "apply.h"
#include "aws_connection.h"
#include "plan.h"

#include <stdbool.h>

struct plan_run_options {
	bool keeps_partial; // of a first set-up that fails
	bool is_terse; // of a run that is repeated anyway: no word about how to go on
	// Command lines, for the messages: "metlo-appliance apply -f fleet.json". 'undo' may be NULL.
	const char *again;
	const char *undo;
};

// From here on the first Ctrl-C or SIGTERM is answered with an orderly end. Returns the exit code: 0, 1, or
// that of the interruption; errors are said. '*ret_result' is always valid and to be released.
int plan_run(
	struct aws_connection *connection,
	struct client *client,
	const struct plan *plan,
	const struct plan_run_options *options,
	struct apply_result *ret_result
);
