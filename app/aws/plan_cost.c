#include "plan_cost.h"

static void
make(const struct plan *plan,
     double gbps,
     bool is_after,
     struct plan_cost *cost,
     struct estimate *ret) {
	struct estimate_question question = estimate_of_plan(plan, gbps, is_after);
	estimate_make(&question, &cost->prices, ret);
}

void plan_cost_load(
	struct client *client,
	const struct plan *plan,
	double gbps,
	struct plan_cost *ret_cost
) {
	struct plan_cost *cost = ret_cost;
	*cost = (struct plan_cost) {0};
	prices_load(
		client, plan->deployment->appliances.instance_type, &cost->arena, &cost->prices
	);
	make(plan, gbps, false, cost, &cost->before);
	make(plan, gbps, true, cost, &cost->after);
}

void plan_cost_release(struct plan_cost *cost) {
	arena_release(&cost->arena);
}
