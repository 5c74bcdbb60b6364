#include "plan.h"

#include "ownership.h"
#include "planner.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *plan_kind_text(enum plan_kind kind) {
	static const char *const texts[] = {
#define X(name, text) [PLAN_##name] = text,
		PLAN_KINDS(X)
#undef X
	};
	return texts[kind];
}

const char *plan_action_text(enum plan_action action) {
	static const char *const texts[] = {"keep", "create", "change", "delete"};
	return texts[action];
}

int planner_no_memory(struct planner *planner) {
	return aws_error_set(planner->error, -ENOMEM, "OutOfMemory", "making the plan");
}

struct plan_step *planner_add(
	struct planner *planner,
	enum plan_action action,
	enum plan_kind kind,
	const char *name,
	const char *id,
	const char *format,
	...
) {
	struct plan *plan = planner->plan;
	char reason[512];
	va_list args;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	struct plan_step *steps =
		arena_grow(&plan->arena, plan->steps, plan->n_steps, sizeof(*steps));
	const char *copy = arena_strdup(&plan->arena, reason);
	if (steps == NULL || copy == NULL || name == NULL) {
		planner_no_memory(planner);
		return NULL;
	}
	struct plan_step *step = &steps[plan->n_steps++];
	*step = (struct plan_step) {
		.action = action,
		.kind = kind,
		.name = name,
		.id = id,
		.reason = copy,
	};
	plan->steps = steps;
	return step;
}

int planner_note(struct planner *planner, const char *format, ...) {
	struct plan *plan = planner->plan;
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	const char **notes = arena_grow(&plan->arena, plan->notes, plan->n_notes, sizeof(*notes));
	const char *copy = arena_strdup(&plan->arena, text);
	if (notes == NULL || copy == NULL)
		return planner_no_memory(planner);
	notes[plan->n_notes++] = copy;
	plan->notes = notes;
	return 0;
}

int planner_add_text(struct planner *planner, struct shape_strings *list, const char *text) {
	const char **items =
		arena_grow(&planner->plan->arena, list->items, list->n, sizeof(*items));
	if (items == NULL)
		return planner_no_memory(planner);
	items[list->n++] = text;
	list->items = items;
	return 0;
}

bool planner_makes_balancer(const struct planner *planner) {
	return planner->candidates != NULL && planner->deployment->existing_target == NULL
		&& planner->deployment->existing_load_balancer == NULL;
}

// Behind a load balancer that exists, ours is needed only where it does not listen for mirrored traffic.
bool planner_makes_target_group(const struct planner *planner) {
	const struct found *found = planner->found;
	if (planner->candidates == NULL || planner->deployment->existing_target != NULL)
		return false;
	return planner->deployment->existing_load_balancer == NULL || found->listener == NULL
		|| found->target_group != NULL;
}

static int compare_steps(const void *a, const void *b) {
	const struct plan_step *left = a, *right = b;
	if (left->kind != right->kind)
		return (left->kind > right->kind) - (left->kind < right->kind);
	int difference = strcmp(left->name, right->name);
	return difference != 0 ? difference : (int)right->action - (int)left->action;
}

static void finish(struct plan *plan) {
	if (plan->n_steps > 0)
		qsort(plan->steps, plan->n_steps, sizeof(*plan->steps), compare_steps);
	for (size_t i = 0; i < plan->n_steps; i++)
		plan->n_by_action[plan->steps[i].action]++;
}

typedef int part(struct planner *planner);

static int run_parts(struct planner *planner, part *const *parts, size_t n, struct plan *ret_plan) {
	struct plan plan = {
		.deployment = planner->deployment,
		.inventory = planner->inventory,
		.found = planner->found,
		.is_first =
			found_is_nothing(planner->found, planner->inventory, planner->deployment),
	};
	int result = 0;
	planner->plan = &plan;
	for (size_t i = 0; result == 0 && i < n; i++)
		result = parts[i](planner);
	planner->plan = NULL;
	if (result < 0) {
		plan_release(&plan);
		return result;
	}
	finish(&plan);
	*ret_plan = plan;
	return 0;
}

static part *const all_parts[] = {
	planner_groups,
	planner_balancer,
	planner_filter,
	planner_target,
	planner_appliances,
	planner_registrations,
	planner_sessions,
};

#define N_PARTS (sizeof(all_parts) / sizeof(all_parts[0]))

int plan_make(
	const struct deployment *deployment,
	const struct inventory *inventory,
	const struct found *found,
	const struct candidates *candidates,
	struct plan *ret_plan,
	struct aws_error *error
) {
	struct planner planner = {
		.deployment = deployment,
		.inventory = inventory,
		.found = found,
		.candidates = candidates,
		.error = error,
	};
	int result = deployment_check(deployment, error);
	if (result == 0)
		result = planner_check(&planner);
	return result < 0 ? result : run_parts(&planner, all_parts, N_PARTS, ret_plan);
}

int plan_destroy(
	const struct deployment *deployment,
	const struct inventory *inventory,
	const struct found *found,
	struct plan *ret_plan,
	struct aws_error *error
) {
	struct planner planner = {
		.deployment = deployment,
		.inventory = inventory,
		.found = found,
		.error = error,
	};
	return run_parts(&planner, all_parts, N_PARTS, ret_plan);
}

int plan_remove_sessions(
	const struct deployment *deployment,
	const struct inventory *inventory,
	const struct found *found,
	bool (*is_chosen)(void *ctx, const struct ec2_mirror_session *session),
	void *ctx,
	struct plan *ret_plan
) {
	struct aws_error error;
	struct planner planner = {
		.deployment = deployment,
		.inventory = inventory,
		.found = found,
		.error = &error,
	};
	struct plan plan;
	int result = run_parts(&planner, NULL, 0, &plan);
	planner.plan = &plan;
	for (size_t i = 0; result == 0 && i < inventory->sessions.sessions.n; i++) {
		const struct ec2_mirror_session *session = &inventory->sessions.sessions.items[i];
		if (!ownership_is_ours(&session->tags, deployment->id) || !is_chosen(ctx, session))
			continue;
		if (planner_add(
			    &planner,
			    PLAN_DELETE,
			    PLAN_SESSION,
			    session->network_interface_id,
			    session->id,
			    "asked for"
		    )
		    == NULL)
			result = -ENOMEM;
	}
	if (result < 0) {
		plan_release(&plan);
		return result;
	}
	finish(&plan);
	*ret_plan = plan;
	return 0;
}

void plan_release(struct plan *plan) {
	arena_release(&plan->arena);
	*plan = (struct plan) {0};
}

bool plan_has_changes(const struct plan *plan) {
	return plan->n_steps > plan->n_by_action[PLAN_KEEP];
}
