#pragma once

// What stands behind mirror targets: whether someone takes what sessions send there.

#include "elbv2.h"
#include "inventory.h"

enum mirror_path_view {
	MIRROR_PATH_SEEN,
	MIRROR_PATH_GONE, // the target, or what it leads to, does not exist
	MIRROR_PATH_HIDDEN, // another account's, or the permission to look is missing
	MIRROR_PATH_OTHER, // leads to something other than a load balancer, which is not looked at
};

struct mirror_path {
	const char *target_id;
	enum mirror_path_view view;
	// Of MIRROR_PATH_SEEN:
	const struct elbv2_load_balancer *balancer;
	const struct elbv2_listener *listener; // UDP on the VXLAN port; NULL: none
	struct elbv2_targets_health health; // of the listener's target group
	size_t n_healthy;
	size_t n_starting;
};

struct mirror_paths {
	struct arena arena;
	struct mirror_path *items;
	size_t n;
};

// Looks behind the targets of these sessions, each once: three calls for each load balancer.
// As client_call().
int mirror_paths_load(
	struct client *client,
	const struct inventory *inventory,
	const struct ec2_mirror_session *const *sessions,
	size_t n_sessions,
	struct mirror_paths *ret_paths,
	struct aws_error *error
);
void mirror_paths_release(struct mirror_paths *paths);

// NULL where it was not looked at.
const struct mirror_path *mirror_path_of(const struct mirror_paths *paths, const char *target_id);
