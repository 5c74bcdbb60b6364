#pragma once

// A network interface that is wanted, judged before any call is made: whether AWS can mirror it, whether
// it would get anything, and what to do instead.

#include "inventory.h"
#include "resolve.h"

#include <stdbool.h>

enum candidate_verdict {
	CANDIDATE_FINE,
	CANDIDATE_TRY, // AWS does not promise it; a refusal is reported and nothing else suffers
	CANDIDATE_REFUSED,
};

// X(name, verdict, text): the text is the reason's name in JSON.
#define CANDIDATE_REASONS(X)                                                                       \
	X(NONE, FINE, "none")                                                                      \
	X(TYPE_UNKNOWN, TRY, "instance-type-unknown")                                              \
	X(ALB, TRY, "load-balancer")                                                               \
	X(FARGATE, TRY, "fargate")                                                                 \
	X(ECS_AWSVPC, TRY, "ecs-awsvpc")                                                           \
	X(FOREIGN_FILTER_UNKNOWN, TRY, "foreign-session-unknown")                                  \
	X(APPLIANCE, REFUSED, "appliance")                                                         \
	X(INTERFACE_TYPE, REFUSED, "interface-type")                                               \
	X(IPV6_ONLY, REFUSED, "ipv6-only-subnet")                                                  \
	X(REQUESTER_MANAGED, REFUSED, "requester-managed")                                         \
	X(NOT_ATTACHED, REFUSED, "not-attached")                                                   \
	X(NOT_RUNNING, REFUSED, "not-running")                                                     \
	X(TYPE_UNSUPPORTED, REFUSED, "instance-type-unsupported")                                  \
	X(OTHER_ACCOUNT, REFUSED, "other-account")                                                 \
	X(SESSIONS_FULL, REFUSED, "three-sessions")                                                \
	X(NUMBER_TAKEN, REFUSED, "session-number-taken")                                           \
	X(STARVED, REFUSED, "starved")

enum candidate_reason {
#define X(name, verdict, text) CANDIDATE_REASON_##name,
	CANDIDATE_REASONS(X)
#undef X
};

const char *candidate_reason_text(enum candidate_reason reason);

struct candidate {
	const struct ec2_network_interface *interface;
	const struct ec2_instance *instance; // NULL where it belongs to none that can be seen
	struct shape_strings sources; // keys
	bool is_named;
	enum candidate_verdict verdict;
	enum candidate_reason reason;
	const char *why; // a sentence; NULL where fine
	const char *instead; // what to do; NULL where there is nothing to say
	const struct ec2_mirror_session
		*session; // of this deployment, on this interface; NULL: none yet
	size_t n_foreign; // sessions of others there
	int64_t number; // of its session: the one it has, the one asked for, or the lowest that is free
};

struct candidate_options {
	const char *deployment; // its id: whose sessions are ours
	int64_t session_number; // 0: choose
	struct shape_strings extra_types; // see instance_types.h
	struct shape_strings
		appliances; // ids of instances and addresses that collect mirrored traffic
	bool allows_starved;
};

struct candidates {
	struct arena arena;
	struct candidate *items; // as in the resolution: by the interface's id
	size_t n;
};

// No call is made. What the candidates point to lives in inventory and resolution. -ENOMEM.
int candidates_judge(
	const struct inventory *inventory,
	const struct resolution *resolution,
	const struct candidate_options *options,
	struct candidates *ret_candidates
);
void candidates_release(struct candidates *candidates);

// The Name tag of the instance or the interface, or its description; never NULL.
const char *candidate_name(const struct candidate *candidate);
