#pragma once

// Whether mirrored traffic can arrive, looked at from the outside: the last step of a set-up.

#include "apply.h"

enum verify_state {
	VERIFY_GOOD,
	VERIFY_PENDING, // may come right by itself: an appliance that starts
	VERIFY_BAD,
};

struct verify_finding {
	enum verify_state state;
	const char *what; // "listener", "appliances", "sessions"
	const char *text; // what was seen
	const char *fix; // NULL where there is nothing to do
};

struct verify {
	struct arena arena;
	struct verify_finding *findings;
	size_t n_findings;
	size_t n_by_state[VERIFY_BAD + 1];
};

// Looks, for some seconds where things are not to be seen yet; does not wait for appliances to start.
int verify_run(
	struct client *client,
	const struct deployment *deployment,
	const struct apply_result *result,
	struct verify *ret_verify,
	struct aws_error *error
);
void verify_release(struct verify *verify);

// What a reason of ELB's health check means and what helps; NULL for one that is not known.
const char *verify_health_fix(const char *reason);
