#pragma once

// What things cost in a region: from AWS's price list, or where that cannot be had from a table of our own.

#include "client.h"

#include <stdbool.h>

// When the table was made, and for which region.
#define PRICES_TABLE_DATE "2026-02"
#define PRICES_TABLE_REGION "us-east-1"

#define PRICES_HOURS_PER_MONTH 730

struct prices {
	bool is_live;
	const char *why_not; // where it is not live
	const char *currency;
	double session_hour;
	double balancer_hour;
	double balancer_unit_hour; // NLCU: 1 GB an hour, or 400 new or 50,000 open flows a second
	double cross_zone_gb; // each way
	double instance_hour; // of the type asked for; 0: not known
};

// Never fails: what cannot be had comes from the table. 'instance_type' may be NULL. Texts live in 'arena'.
void prices_load(
	struct client *client,
	const char *instance_type,
	struct arena *arena,
	struct prices *ret_prices
);

void prices_builtin(struct prices *ret_prices);

// An hour of a common instance type, with Linux, on demand; 0 where it is not in the table.
double prices_builtin_instance(const char *instance_type);
