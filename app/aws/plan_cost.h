#pragma once

// What a plan costs a month, before and after.

#include "client.h"
#include "estimate.h"
#include "plan.h"
#include "prices.h"

struct plan_cost {
	struct arena arena;
	struct prices prices;
	struct estimate before;
	struct estimate after;
};

// Asks for prices; never fails, see prices.h. 'gbps' is the mirrored traffic on average, 0 where unknown.
void plan_cost_load(
	struct client *client,
	const struct plan *plan,
	double gbps,
	struct plan_cost *ret_cost
);
void plan_cost_release(struct plan_cost *cost);
