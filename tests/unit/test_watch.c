#include "watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_pause_grows_with_failures_to_a_limit(void **) {
	assert_int_equal(watch_delay_s(60, 0), 60);
	assert_int_equal(watch_delay_s(60, 1), 120);
	assert_int_equal(watch_delay_s(60, 3), 480);
	assert_int_equal(watch_delay_s(60, 4), WATCH_DELAY_MAX_S);
	assert_int_equal(watch_delay_s(60, 4000000000u), WATCH_DELAY_MAX_S);
}

static void a_longer_interval_is_its_own_limit(void **) {
	assert_int_equal(watch_delay_s(86400, 0), 86400);
	assert_int_equal(watch_delay_s(86400, 5), 86400);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pause_grows_with_failures_to_a_limit),
		cmocka_unit_test(a_longer_interval_is_its_own_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
