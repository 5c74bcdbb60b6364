#pragma once

// What a run came to, for people.

#include "collector.h"
#include "stats.h"
#include "summary.h"

#include <stdio.h>

// 'summary' may be NULL.
void report_print(
	struct collector *collector,
	const struct summary *summary,
	const struct stats_run *run,
	FILE *to
);
