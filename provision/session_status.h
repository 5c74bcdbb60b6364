#pragma once

// Whether a mirror session delivers anything, as far as that can be seen from the outside, and if not why.

#include "inventory.h"
#include "mirror_path.h"

enum session_status_state {
	SESSION_FLOWING, // nothing was found that would stop it
	SESSION_PARTIAL,
	SESSION_UNKNOWN, // something that decides it cannot be seen
	SESSION_STOPPED,
};

// X(name, state, text): the text is the reason's name in JSON.
#define SESSION_STATUS_REASONS(X)                                                                  \
	X(NONE, FLOWING, "none")                                                                   \
	X(FILTER_ONE_WAY, PARTIAL, "filter-one-way")                                               \
	X(OTHER_ACCOUNT, UNKNOWN, "other-account")                                                 \
	X(FOREIGN_FILTER_UNKNOWN, UNKNOWN, "foreign-session-unknown")                              \
	X(TARGET_HIDDEN, UNKNOWN, "target-hidden")                                                 \
	X(PAUSED, STOPPED, "paused")                                                               \
	X(INTERFACE_GONE, STOPPED, "interface-gone")                                               \
	X(NOT_ATTACHED, STOPPED, "not-attached")                                                   \
	X(NOT_RUNNING, STOPPED, "not-running")                                                     \
	X(TYPE_UNSUPPORTED, STOPPED, "instance-type-unsupported")                                  \
	X(FILTER_GONE, STOPPED, "filter-gone")                                                     \
	X(FILTER_EMPTY, STOPPED, "filter-empty")                                                   \
	X(STARVED, STOPPED, "starved")                                                             \
	X(TARGET_GONE, STOPPED, "target-gone")                                                     \
	X(BALANCER_NOT_ACTIVE, STOPPED, "load-balancer-not-active")                                \
	X(NO_LISTENER, STOPPED, "no-listener")                                                     \
	X(NO_APPLIANCE, STOPPED, "no-appliance")                                                   \
	X(APPLIANCES_STARTING, STOPPED, "appliances-starting")                                     \
	X(NO_HEALTHY_APPLIANCE, STOPPED, "no-healthy-appliance")

enum session_status_reason {
#define X(name, state, text) SESSION_REASON_##name,
	SESSION_STATUS_REASONS(X)
#undef X
};

struct session_status {
	enum session_status_state state;
	enum session_status_reason reason;
	const char *why; // a sentence; NULL where it flows
	const char *fix; // what helps; NULL where nothing is to be said
};

// "flowing", "partial", "unknown", "not-flowing".
const char *session_status_state_text(enum session_status_state state);
const char *session_status_reason_text(enum session_status_reason reason);

// The gravest thing that is found. The session's interface and its instance must be in the inventory if they
// exist (inventory_add()), and the instance's type may be among 'extra_types' (NULL: none). What the load
// balancer is like is not judged where 'paths' lacks it. Texts live in 'arena'. -ENOMEM.
int session_status_judge(
	const struct inventory *inventory,
	const struct mirror_paths *paths,
	const struct shape_strings *extra_types,
	const struct ec2_mirror_session *session,
	struct arena *arena,
	struct session_status *ret_status
);

// Of what kind the source is: "instance", "load-balancer", "ecs-task", "rds", "elasticache", "eni".
const char *session_source_type(const struct ec2_network_interface *interface);

// The Name tag of the instance or the interface, or its description; "" where there is none.
const char *session_source_name(
	const struct ec2_network_interface *interface,
	const struct ec2_instance *instance
);

// Whether the session's source tag names this source, alone or among others, or the source is the session's
// interface or instance itself ("eni/eni-1", "instance/i-1").
bool session_has_source(
	const struct inventory *inventory,
	const struct ec2_mirror_session *session,
	const char *key
);

// The keys in the session's source tag, which AWS cuts after 256 characters. -ENOMEM.
int session_sources(
	const struct ec2_mirror_session *session,
	struct arena *arena,
	struct shape_strings *ret_keys
);
