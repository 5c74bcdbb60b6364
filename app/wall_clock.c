#include "wall_clock.h"

#include <stdlib.h>
#include <time.h>

#define STEP_MIN_NS 1000000
#define MEASURE_MAX_NS 100000
#define N_TRIES 3

static int64_t clock_ns(clockid_t clock) {
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool wall_clock_measure(int64_t *ret_offset_ns) {
	for (int i = 0; i < N_TRIES; i++) {
		int64_t before = clock_ns(CLOCK_MONOTONIC);
		int64_t wall = clock_ns(CLOCK_REALTIME);
		int64_t took = clock_ns(CLOCK_MONOTONIC) - before;
		if (took > MEASURE_MAX_NS) // without the processor in between
			continue;
		*ret_offset_ns = wall - before - took / 2;
		return true;
	}
	return false;
}

void wall_clock_take(struct wall_clock *clock, int64_t offset_ns) {
	if (!clock->has_first) {
		clock->has_first = true;
		clock->first_offset_ns = offset_ns;
	}
	int64_t shift_ns = offset_ns - clock->first_offset_ns;
	int64_t used_ns = atomic_load_explicit(&clock->shift_ns, memory_order_relaxed);
	if (llabs(shift_ns - used_ns) >= STEP_MIN_NS)
		atomic_store_explicit(&clock->shift_ns, shift_ns, memory_order_relaxed);
}
