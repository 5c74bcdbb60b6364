#pragma once

// The mirror sessions of a region, with all that is needed to show and to judge them.

#include "client.h"
#include "inventory.h"
#include "mirror_path.h"
#include "session_status.h"

#include <stdbool.h>

struct session_choice {
	const char *deployment; // NULL: of any deployment of ours
	struct shape_strings sources; // keys; none: any. See session_has_source()
	bool with_others; // also what others have on the same interfaces
	bool with_paths; // so that they can be judged
};

struct session_view {
	struct arena arena;
	struct inventory inventory;
	struct mirror_paths paths;
	// By deployment, interface and number; with those of others by interface and number.
	const struct ec2_mirror_session **items;
	size_t n;
};

// That an interface does not exist is no error. As client_call().
int session_view_load(
	struct client *client,
	const struct session_choice *choice,
	struct session_view *ret_view,
	struct aws_error *error
);
void session_view_release(struct session_view *view);

// The ids of all deployments of ours in the region that have a session, a filter or a target, sorted.
// -ENOMEM.
int session_view_deployments(struct session_view *view, struct shape_strings *ret_ids);

// Of the deployment that made it; NULL where it is not ours.
const char *session_view_deployment(const struct ec2_mirror_session *session);
