#include "timestamps.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void writes_both_forms(void **) {
	char basic[TIMESTAMP_BASIC_SIZE], iso[TIMESTAMP_ISO_SIZE];
	timestamp_to_basic(1440938160, basic);
	assert_string_equal(basic, "20150830T123600Z");
	timestamp_to_iso(1440938160, iso);
	assert_string_equal(iso, "2015-08-30T12:36:00Z");
	timestamp_to_iso(INT64_MIN, iso);
	timestamp_to_iso(INT64_MAX, iso);
	assert_string_equal(iso, "9999-12-31T23:59:59Z");
}

static void reads_what_services_send(void **) {
	static const char *const same[] = {
		"2015-08-30T12:36:00Z",
		"2015-08-30T12:36:00.123456789Z",
		"2015-08-30T12:36:00",
		"2015-08-30T14:36:00+02:00",
		"2015-08-30T07:06:00-0530",
		"2015-08-30 12:36:00z",
	};
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		int64_t time_s = 0;
		assert_int_equal(timestamp_from_iso(same[i], &time_s), 0);
		assert_int_equal(time_s, 1440938160);
	}
	int64_t time_s = 0;
	assert_int_equal(timestamp_from_http("Sun, 30 Aug 2015 12:36:00 GMT", &time_s), 0);
	assert_int_equal(time_s, 1440938160);
}

static void refuses_what_is_no_time(void **) {
	static const char *const bad[] = {
		"",
		"2015",
		"2015-08-30",
		"2015-08-30T12:36",
		"2015-13-01T00:00:00Z",
		"2015-02-30T00:00:00Z",
		"2015-08-30T24:00:00Z",
		"2015-08-30T12:36:00Zx",
		"2015-08-30T12:36:00+2",
		"2015-08-30T12:36:00+99:00",
		" 2015-08-30T12:36:00Z",
	};
	int64_t time_s = 7;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (timestamp_from_iso(bad[i], &time_s) != -EBADMSG)
			fail_msg("accepted '%s'", bad[i]);
	assert_int_equal(timestamp_from_http("Sun, 30 Aux 2015 12:36:00 GMT", &time_s), -EBADMSG);
	assert_int_equal(timestamp_from_http("Sun, 30 anF 2015 12:36:00 GMT", &time_s), -EBADMSG);
	assert_int_equal(timestamp_from_http("30 Aug 2015 12:36:00 GMT", &time_s), -EBADMSG);
	assert_int_equal(timestamp_from_http("Sun, 30 Aug 2015 12:36:00", &time_s), -EBADMSG);
	assert_int_equal(time_s, 7);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_both_forms),
		cmocka_unit_test(reads_what_services_send),
		cmocka_unit_test(refuses_what_is_no_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
