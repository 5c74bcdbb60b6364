#pragma once

// An estimate for people, or as JSON.

#include "estimate.h"
#include "prices.h"

#include <jansson.h>

#include <stdbool.h>
#include <stdio.h>

enum estimate_traffic {
	ESTIMATE_TRAFFIC_UNKNOWN, // none is counted
	ESTIMATE_TRAFFIC_GIVEN,
	ESTIMATE_TRAFFIC_MEASURED,
};

struct estimate_report {
	const char *deployment; // its id; NULL: plain numbers
	const char *region; // NULL where no region is known
	struct estimate_question question;
	enum estimate_traffic traffic;
	bool is_paused; // so that no sessions are counted
	struct prices prices;
	struct estimate estimate;
};

void estimate_print(const struct estimate_report *report, FILE *to);

// NULL without memory.
json_t *estimate_print_json(const struct estimate_report *report);
