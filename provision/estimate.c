#include "estimate.h"

#include <math.h>
#include <string.h>

#define GB_PER_HOUR_PER_GBPS 450.0 // 10^9 bits a second for an hour, in 10^9 bytes

static void add(struct estimate *estimate, struct estimate_line line) {
	line.month = line.quantity * line.each;
	line.is_unknown = fpclassify(line.each) == FP_ZERO;
	estimate->month += line.month;
	estimate->lines[estimate->n_lines++] = line;
}

void estimate_make(
	const struct estimate_question *question,
	const struct prices *prices,
	struct estimate *ret_estimate
) {
	struct estimate estimate = {0};
	double gb_per_hour = question->gbps * GB_PER_HOUR_PER_GBPS;
	double gb_per_month = gb_per_hour * PRICES_HOURS_PER_MONTH;
	if (question->n_sessions > 0)
		add(&estimate,
		    (struct estimate_line) {
			    .what = "mirror sessions",
			    .quantity = (double)question->n_sessions,
			    .unit = "sessions",
			    .each = prices->session_hour * PRICES_HOURS_PER_MONTH,
		    });
	if (question->has_balancer)
		add(&estimate,
		    (struct estimate_line) {
			    .what = "network load balancer",
			    .quantity = 1,
			    .unit = "load balancer",
			    .each = prices->balancer_hour * PRICES_HOURS_PER_MONTH,
		    });
	if (question->has_balancer && gb_per_hour > 0)
		add(&estimate,
		    (struct estimate_line) {
			    .what = "load balancer capacity",
			    .quantity = gb_per_hour,
			    .unit = "NLCU",
			    .each = prices->balancer_unit_hour * PRICES_HOURS_PER_MONTH,
		    });
	if (gb_per_month * question->cross_zone_share > 0)
		add(&estimate,
		    (struct estimate_line) {
			    .what = "transfer between zones",
			    .quantity = 2 * gb_per_month * question->cross_zone_share,
			    .unit = "GB",
			    .each = prices->cross_zone_gb,
		    });
	if (question->n_appliances > 0)
		add(&estimate,
		    (struct estimate_line) {
			    .what = "appliances",
			    .quantity = (double)question->n_appliances,
			    .unit = "instances",
			    .each = prices->instance_hour * PRICES_HOURS_PER_MONTH,
		    });
	*ret_estimate = estimate;
}

static bool exists(const struct plan_step *step, bool is_after) {
	return is_after ? step->action != PLAN_DELETE : step->action != PLAN_CREATE;
}

struct estimate_question estimate_of_plan(const struct plan *plan, double gbps, bool is_after) {
	struct estimate_question question = {.gbps = gbps};
	size_t n_zones = plan->subnet_ids.n;
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *step = &plan->steps[i];
		if (!exists(step, is_after))
			continue;
		if (step->kind == PLAN_SESSION)
			question.n_sessions++;
		else if (step->kind == PLAN_BALANCER)
			question.has_balancer = true;
		else if (step->kind == PLAN_INSTANCE)
			question.n_appliances++;
		else if (step->kind == PLAN_SCALING_GROUP)
			question.n_appliances += is_after || plan->found->group == NULL
				? plan->deployment->appliances.n
				: plan->found->group->desired;
	}
	// A source and the appliance that its traffic sticks to are in the same zone by chance alone.
	if (n_zones > 1)
		question.cross_zone_share = (double)(n_zones - 1) / (double)n_zones;
	return question;
}
