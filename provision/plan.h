#pragma once

// What has to be done so that there is what there should be, as data: to be shown, priced, confirmed and
// applied. Making a plan calls nothing.

#include "candidate.h"
#include "deployment.h"
#include "found.h"
#include "inventory.h"

#include <stdbool.h>
#include <stdint.h>

enum plan_action {
	PLAN_KEEP,
	PLAN_CREATE,
	PLAN_CHANGE,
	PLAN_DELETE,
};

// X(name, text): in the order in which they are made; they are taken away in the opposite order.
#define PLAN_KINDS(X)                                                                              \
	X(BALANCER_GROUP, "security group")                                                        \
	X(APPLIANCE_GROUP, "security group")                                                       \
	X(TARGET_GROUP, "target group")                                                            \
	X(BALANCER, "network load balancer")                                                       \
	X(LISTENER, "listener")                                                                    \
	X(FILTER, "mirror filter")                                                                 \
	X(RULE, "mirror filter rule")                                                              \
	X(TARGET, "mirror target")                                                                 \
	X(TEMPLATE, "launch template")                                                             \
	X(SCALING_GROUP, "Auto Scaling group")                                                     \
	X(INSTANCE, "instance")                                                                    \
	X(REGISTRATION, "registered target")                                                       \
	X(SESSION, "mirror session")

enum plan_kind {
#define X(name, text) PLAN_##name,
	PLAN_KINDS(X)
#undef X
};

#define PLAN_N_KINDS (PLAN_SESSION + 1)

// What a session should be like.
struct plan_session {
	const struct candidate *candidate; // NULL where it goes
	const char *interface_id;
	int64_t number;
	struct shape_number vni; // not set: AWS's choice
	struct shape_number packet_length; // not set: AWS's default
	const char *description;
	const char *source; // keys, with commas
};

struct plan_step {
	enum plan_action action;
	enum plan_kind kind;
	const char *name; // what people know it by
	const char *id; // of what exists; NULL for what is created
	const char *reason; // of any action but create: why; of create: what for
	// What the kind needs besides:
	struct ec2_permissions permissions; // groups: to be added
	struct { // load balancer, target group: to be set
		struct elbv2_attribute *items;
		size_t n;
	} attributes;
	bool sets_health; // target group: its health check
	bool adds_dns; // filter
	bool removes_dns;
	struct ec2_mirror_rule rule;
	struct plan_session session;
	const char *target; // registration: instance or address
	const char *hash; // launch template: of what it launches
};

struct plan {
	struct arena arena;
	const struct deployment *deployment;
	const struct inventory *inventory;
	const struct found *found;
	struct plan_step *steps; // by kind
	size_t n_steps;
	size_t n_by_action[PLAN_DELETE + 1];
	bool is_first; // nothing of the deployment exists yet
	bool is_paused; // no sessions are wanted now, see pause.h
	size_t n_paused; // sessions that would be wanted otherwise
	struct shape_strings subnet_ids; // of the load balancer
	struct shape_strings source_cidrs; // who may send
	const char **notes; // what the user should know, or do themselves
	size_t n_notes;
};

const char *plan_kind_text(enum plan_kind kind);
const char *plan_action_text(enum plan_action action);

// What is pointed to must outlive the plan. -EINVAL where it cannot be (no subnet for the load balancer, a
// filter with too many rules), -ENOMEM.
int plan_make(
	const struct deployment *deployment,
	const struct inventory *inventory,
	const struct found *found,
	const struct candidates *candidates,
	struct plan *ret_plan,
	struct aws_error *error
);

// Takes all of the deployment away.
int plan_destroy(
	const struct deployment *deployment,
	const struct inventory *inventory,
	const struct found *found,
	struct plan *ret_plan,
	struct aws_error *error
);

// Only the sessions: those that 'is_chosen' says are deleted.
int plan_remove_sessions(
	const struct deployment *deployment,
	const struct inventory *inventory,
	const struct found *found,
	bool (*is_chosen)(void *ctx, const struct ec2_mirror_session *session),
	void *ctx,
	struct plan *ret_plan
);

// Whether what sessions and registrations stand on exists: target group, load balancer, listener, filter, target.
bool plan_has_foundation(const struct plan *plan);

// How many sessions go where none is left or made; 0 where there is one, and in a pause, which wants it so.
size_t plan_n_sessions_emptied(const struct plan *plan);

// Leaves of it what 'refresh' does: sessions and registrations. Everything else stays as it is; returns how many
// steps wait for 'apply' because of that.
size_t plan_limit_to_refresh(struct plan *plan);

void plan_release(struct plan *plan);

// Whether applying it would do anything.
bool plan_has_changes(const struct plan *plan);
