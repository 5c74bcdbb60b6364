#pragma once

// What time it is in a capture, as its frames tell. Time only moves on. A step forward counts when
// several frames in a row have made it: a single frame with a wrong time stamp would otherwise end
// every connection.

#include <stdint.h>

#define CLOCK_STEP_NS 1000000000u // further is a step
#define CLOCK_CONFIRM 8 // frames that confirm a step

// All zero at first.
struct clock {
	uint64_t now_ns;
	uint64_t step_ns; // where the step goes to that frames are confirming
	uint32_t n_confirmed; // by so many
};

static inline void clock_take(struct clock *clock, uint64_t time_ns) {
	if (time_ns <= clock->now_ns || time_ns - clock->now_ns <= CLOCK_STEP_NS) {
		clock->n_confirmed = 0;
		clock->now_ns = time_ns > clock->now_ns ? time_ns : clock->now_ns;
		return;
	}
	if (clock->n_confirmed++ == 0 || time_ns < clock->step_ns)
		clock->step_ns = time_ns;
	if (clock->n_confirmed < CLOCK_CONFIRM)
		return;
	clock->now_ns = clock->step_ns;
	clock->n_confirmed = 0;
}
