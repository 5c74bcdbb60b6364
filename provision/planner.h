#pragma once

// What the parts of plan.c share.

#include "plan.h"

struct planner {
	struct plan *plan;
	const struct deployment *deployment;
	const struct inventory *inventory;
	const struct found *found;
	const struct candidates *candidates; // NULL: everything goes
	struct aws_error *error;
};

// -EINVAL where something that the deployment names and that is needed from the start does not exist.
int planner_check(struct planner *planner);

// The parts: each adds the steps of its resources. 0, -EINVAL, -ENOMEM.
int planner_groups(struct planner *planner);
int planner_balancer(struct planner *planner);
int planner_filter(struct planner *planner);
int planner_target(struct planner *planner);
int planner_appliances(struct planner *planner);
int planner_registrations(struct planner *planner);
int planner_sessions(struct planner *planner);

int planner_no_memory(struct planner *planner);

// A new step, or NULL with the error set. 'format' makes the reason.
struct plan_step *planner_add(
	struct planner *planner,
	enum plan_action action,
	enum plan_kind kind,
	const char *name,
	const char *id,
	const char *format,
	...
) __attribute__((format(printf, 6, 7)));

int planner_note(struct planner *planner, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

// Appends a text to a list in the plan's arena.
int planner_add_text(struct planner *planner, struct shape_strings *list, const char *text);

// Whether the load balancer, target group and listener are ours to make.
bool planner_makes_balancer(const struct planner *planner);
bool planner_makes_target_group(const struct planner *planner);
