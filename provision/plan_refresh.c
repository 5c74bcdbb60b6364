#include "plan.h"

static bool is_refreshed(const struct plan_step *step) {
	return step->kind == PLAN_SESSION || step->kind == PLAN_REGISTRATION;
}

bool plan_has_foundation(const struct plan *plan) {
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *step = &plan->steps[i];
		bool carries = step->kind == PLAN_TARGET_GROUP || step->kind == PLAN_BALANCER
			|| step->kind == PLAN_LISTENER || step->kind == PLAN_FILTER
			|| step->kind == PLAN_TARGET;
		if (carries && step->action == PLAN_CREATE)
			return false;
	}
	return true;
}

size_t plan_n_sessions_emptied(const struct plan *plan) {
	size_t n = 0;
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *step = &plan->steps[i];
		if (step->kind == PLAN_SESSION && step->action != PLAN_DELETE)
			return 0;
		n += step->kind == PLAN_SESSION;
	}
	return plan->is_paused ? 0 : n;
}

size_t plan_limit_to_refresh(struct plan *plan) {
	size_t n = 0, n_waiting = 0;
	for (size_t i = 0; i < plan->n_steps; i++) {
		struct plan_step *step = &plan->steps[i];
		if (is_refreshed(step) || step->action == PLAN_KEEP) {
			plan->steps[n++] = *step;
			continue;
		}
		n_waiting++;
		plan->n_by_action[step->action]--;
		// What is to go is left out: its id must not pass for that of what stays.
		if (step->action != PLAN_CHANGE)
			continue;
		plan->n_by_action[PLAN_KEEP]++;
		plan->steps[n] = *step;
		plan->steps[n++].action = PLAN_KEEP;
	}
	plan->n_steps = n;
	return n_waiting;
}
