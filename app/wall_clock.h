#pragma once

// How far the time of day has gone from a clock that nobody sets: what somebody has set it by since the
// first look. NTP's slewing moves both alike.

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct wall_clock {
	bool has_first;
	int64_t first_offset_ns;
	atomic_int_least64_t shift_ns; // one writer: rw, others: ro
};

// Time of day less CLOCK_MONOTONIC. False where that could not be measured just now.
bool wall_clock_measure(int64_t *ret_offset_ns);

// Takes a measurement in. Less than a millisecond is no step, but how exactly one can measure.
void wall_clock_take(struct wall_clock *clock, int64_t offset_ns);
