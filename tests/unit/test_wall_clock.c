#include "wall_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define HOUR_NS 3600000000000
#define START_NS 1700000000000000000

static void is_at_rest_while_nobody_sets_the_clock(void **) {
	struct wall_clock clock = {};
	for (int64_t error_ns = -400000; error_ns <= 400000; error_ns += 50000)
		wall_clock_take(&clock, START_NS + error_ns);
	assert_int_equal(clock.shift_ns, 0);
}

static void follows_steps_there_and_back(void **) {
	struct wall_clock clock = {};
	wall_clock_take(&clock, START_NS);
	wall_clock_take(&clock, START_NS + HOUR_NS);
	assert_int_equal(clock.shift_ns, HOUR_NS);
	wall_clock_take(&clock, START_NS + HOUR_NS + 1000);
	assert_int_equal(clock.shift_ns, HOUR_NS);
	wall_clock_take(&clock, START_NS - HOUR_NS);
	assert_int_equal(clock.shift_ns, -HOUR_NS);
	wall_clock_take(&clock, START_NS);
	assert_int_equal(clock.shift_ns, 0);
}

static void follows_many_small_steps(void **) {
	struct wall_clock clock = {};
	for (int64_t i = 0; i <= 1000; i++)
		wall_clock_take(&clock, START_NS + i * 300000);
	assert_in_range(clock.shift_ns, 300000000 - 1000000, 300000000);
}

static void measures_what_it_was_before(void **) {
	int64_t one = 0, other = 0;
	struct wall_clock clock = {};
	if (!wall_clock_measure(&one) || !wall_clock_measure(&other))
		skip();
	wall_clock_take(&clock, one);
	wall_clock_take(&clock, other);
	assert_int_equal(clock.shift_ns, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_at_rest_while_nobody_sets_the_clock),
		cmocka_unit_test(follows_steps_there_and_back),
		cmocka_unit_test(follows_many_small_steps),
		cmocka_unit_test(measures_what_it_was_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
