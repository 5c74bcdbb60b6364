#pragma once

// What a deployment costs a month.

#include "plan.h"
#include "prices.h"

#define ESTIMATE_LINES_MAX 6

struct estimate_question {
	size_t n_sessions;
	bool has_balancer;
	bool uses_balancer; // one that is there anyway: only the traffic through it counts
	double gbps; // of mirrored traffic, on average
	double cross_zone_share; // of it that crosses zones: 0 to 1
	int64_t n_appliances; // that are launched
};

struct estimate_line {
	const char *key; // in JSON
	const char *what;
	double quantity;
	const char *unit;
	double price; // of one unit, as AWS states it
	const char *per; // "hour"; of traffic, whose quantity is that of a month, "GB"
	double hour;
	double month;
	bool is_unknown; // there is no price; 'hour' and 'month' are 0
};

struct estimate {
	struct estimate_line lines[ESTIMATE_LINES_MAX];
	size_t n_lines;
	double hour;
	double month;
	double gbps_month; // what each further Gbps of traffic adds to it
	bool is_complete; // every line has a price
};

void estimate_make(
	const struct estimate_question *question,
	const struct prices *prices,
	struct estimate *ret_estimate
);

// The question of a plan once it is applied, or of what there is now.
struct estimate_question estimate_of_plan(const struct plan *plan, double gbps, bool is_after);
