#pragma once

// The counters of a collector as one JSON object; docs/stats.md describes it.

#include "collector.h"
#include "failure.h"

#include <stdint.h>

struct stats_run {
	uint64_t started_ns, ended_ns; // since 1970
	uint64_t memory; // bytes reserved at start
	bool is_profiled;
};

// That the file can be written when the time comes. -errno with '*ret_failure' filled.
[[nodiscard]] int stats_probe(const char *path, struct failure *ret_failure);

// Writes the file whole or not at all: beside it first, then renamed. Of a link, that is what it leads
// to. What is no regular file (a pipe, /dev/null) or open as a standard stream is written as it is; "-"
// is standard output. -errno with '*ret_failure' filled.
[[nodiscard]] int stats_write(
	const char *path,
	struct collector *collector,
	const struct stats_run *run,
	struct failure *ret_failure
);

// CPU time of this process so far, user and system, in seconds.
double stats_cpu_seconds(void);
