#include "estimate.h"

#include <math.h>
#include <string.h>

#define GB_PER_HOUR_PER_GBPS 450.0 // 10^9 bits a second for an hour, in 10^9 bytes

#define PER_HOUR "hour"
#define PER_GB "GB"

static void add(struct estimate *estimate, struct estimate_line line) {
	line.month = line.quantity * line.price;
	if (strcmp(line.per, PER_HOUR) == 0)
		line.month *= PRICES_HOURS_PER_MONTH;
	line.hour = line.month / PRICES_HOURS_PER_MONTH;
	line.is_unknown = fpclassify(line.price) == FP_ZERO;
	estimate->is_complete = estimate->is_complete && !line.is_unknown;
	estimate->hour += line.hour;
	estimate->month += line.month;
	estimate->lines[estimate->n_lines++] = line;
}

static void add_things(
	const struct estimate_question *question,
	const struct prices *prices,
	struct estimate *estimate
) {
	if (question->n_sessions > 0)
		add(estimate,
		    (struct estimate_line) {
			    .key = "mirror_sessions",
			    .what = "mirror sessions",
			    .quantity = (double)question->n_sessions,
			    .unit = "sessions",
			    .price = prices->session_hour,
			    .per = PER_HOUR,
		    });
	if (question->has_balancer)
		add(estimate,
		    (struct estimate_line) {
			    .key = "load_balancer",
			    .what = "network load balancer",
			    .quantity = 1,
			    .unit = "load balancer",
			    .price = prices->balancer_hour,
			    .per = PER_HOUR,
		    });
	if (question->n_appliances > 0)
		add(estimate,
		    (struct estimate_line) {
			    .key = "appliances",
			    .what = "appliances",
			    .quantity = (double)question->n_appliances,
			    .unit = "instances",
			    .price = prices->instance_hour,
			    .per = PER_HOUR,
		    });
}

// Mirrored traffic is paid for in the load balancer's units, and both ways where it crosses zones.
static void add_traffic(
	const struct estimate_question *question,
	const struct prices *prices,
	struct estimate *estimate
) {
	double gb_per_hour = question->gbps * GB_PER_HOUR_PER_GBPS;
	double crossing = 2 * gb_per_hour * PRICES_HOURS_PER_MONTH * question->cross_zone_share;
	if ((question->has_balancer || question->uses_balancer) && gb_per_hour > 0)
		add(estimate,
		    (struct estimate_line) {
			    .key = "load_balancer_capacity",
			    .what = "load balancer capacity",
			    .quantity = gb_per_hour,
			    .unit = "NLCU",
			    .price = prices->balancer_unit_hour,
			    .per = PER_HOUR,
		    });
	if (crossing > 0)
		add(estimate,
		    (struct estimate_line) {
			    .key = "cross_zone_transfer",
			    .what = "transfer between zones",
			    .quantity = crossing,
			    .unit = "GB",
			    .price = prices->cross_zone_gb,
			    .per = PER_GB,
		    });
}

void estimate_make(
	const struct estimate_question *question,
	const struct prices *prices,
	struct estimate *ret_estimate
) {
	struct estimate estimate = {.is_complete = true};
	struct estimate one_gbps = {0};
	struct estimate_question one = *question;
	one.gbps = 1;
	add_traffic(&one, prices, &one_gbps);
	add_things(question, prices, &estimate);
	add_traffic(question, prices, &estimate);
	estimate.gbps_month = one_gbps.month;
	*ret_estimate = estimate;
}

static bool exists(const struct plan_step *step, bool is_after) {
	return is_after ? step->action != PLAN_DELETE : step->action != PLAN_CREATE;
}

struct estimate_question estimate_of_plan(const struct plan *plan, double gbps, bool is_after) {
	struct estimate_question question = {
		.gbps = gbps,
		.uses_balancer = plan->deployment->existing_load_balancer != NULL,
	};
	const struct elbv2_load_balancer *balancer = plan->found->balancer;
	size_t n_zones = plan->subnet_ids.n;
	if (n_zones == 0 && balancer != NULL)
		n_zones = balancer->zones.n;
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
