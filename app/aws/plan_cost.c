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

// Of the appliances: as asked for, or where only the id is known that of one that runs.
static const char *instance_type(const struct plan *plan) {
	const struct ec2_instances *instances = &plan->found->instances;
	if (plan->deployment->appliances.instance_type != NULL)
		return plan->deployment->appliances.instance_type;
	for (size_t i = 0; i < instances->reservations.n; i++) {
		const struct ec2_reservation *reservation = &instances->reservations.items[i];
		for (size_t j = 0; j < reservation->instances.n; j++)
			if (found_is_alive(&reservation->instances.items[j]))
				return reservation->instances.items[j].type;
	}
	return NULL;
}

void plan_cost_load(
	struct client *client,
	const struct plan *plan,
	double gbps,
	struct plan_cost *ret_cost
) {
	struct plan_cost *cost = ret_cost;
	*cost = (struct plan_cost) {0};
	prices_load(client, instance_type(plan), &cost->arena, &cost->prices);
	make(plan, gbps, false, cost, &cost->before);
	make(plan, gbps, true, cost, &cost->after);
}

void plan_cost_release(struct plan_cost *cost) {
	arena_release(&cost->arena);
}
