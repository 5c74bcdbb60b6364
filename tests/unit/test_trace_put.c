#include "trace_put.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static void address_is(const char *text, const char *want) {
	uint8_t address[16], *to = malloc(ADDRESS_TEXT_MAX);
	assert_int_equal(inet_pton(AF_INET6, text, address), 1);
	size_t len = address_put(to, address);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(to, want, len);
	free(to);
}

static void writes_addresses_as_rfc_5952_wants_them(void **) {
	address_is("2001:db8::1", "2001:db8::1");
	address_is("2001:0db8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1");
	address_is("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"); // one group is not shortened
	address_is("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"); // the longest run
	address_is("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"); // the first of equals
	address_is(
		"2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:FFFF", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"
	);
	address_is("::", "::");
	address_is("::1", "::1");
	address_is("1::", "1::");
	address_is("fe80::1:0:0:0", "fe80::1:0:0:0");
	address_is("1:0:0:2:3:4:0:0", "1::2:3:4:0:0");
	address_is("0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7");
	address_is("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::");
}

static void writes_mapped_addresses_as_dotted_quads(void **) {
	address_is("::ffff:0.0.0.0", "0.0.0.0");
	address_is("::ffff:192.0.2.1", "192.0.2.1");
	address_is("::ffff:255.255.255.255", "255.255.255.255");
	address_is("::ffff:10.20.100.99", "10.20.100.99");
	address_is("::1:ffff:a00:1", "::1:ffff:a00:1");
}

static void agrees_with_the_c_library_on_addresses(void **) {
	uint64_t seed = 88172645463325252;
	for (int i = 0; i < 20000; i++) {
		uint8_t address[16], to[ADDRESS_TEXT_MAX];
		char want[INET6_ADDRSTRLEN];
		for (int j = 0; j < 16; j++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			address[j] = seed >> 60 < 9 ? 0 : (uint8_t)(seed >> 20);
		}
		address[0] = 0x20; // glibc writes ::a.b.c.d in its own way
		inet_ntop(AF_INET6, address, want, sizeof(want));
		size_t len = address_put(to, address);
		assert_int_equal(len, strlen(want));
		assert_memory_equal(to, want, len);
	}
}

static void number_is(uint64_t value, const char *want) {
	uint8_t *to = malloc(strlen(want));
	uint8_t *end = put_number(to, value);
	assert_int_equal(end - to, strlen(want));
	assert_memory_equal(to, want, strlen(want));
	free(to);
}

static void writes_numbers(void **) {
	number_is(0, "0");
	number_is(9, "9");
	number_is(10, "10");
	number_is(99, "99");
	number_is(100, "100");
	number_is(65535, "65535");
	number_is(1234567, "1234567");
	number_is(UINT64_MAX, "18446744073709551615");
}

static void milliseconds_are(uint64_t ns, const char *want) {
	uint8_t *to = malloc(strlen(want));
	uint8_t *end = put_milliseconds(to, ns);
	assert_int_equal(end - to, strlen(want));
	assert_memory_equal(to, want, strlen(want));
	free(to);
}

static void writes_milliseconds_to_the_microsecond(void **) {
	milliseconds_are(0, "0.000");
	milliseconds_are(999, "0.000");
	milliseconds_are(1000, "0.001");
	milliseconds_are(1234567, "1.234");
	milliseconds_are(3600000000000, "3600000.000");
}

static void timestamp_is(struct trace_clock *clock, uint64_t ns, const char *want) {
	uint8_t *to = malloc(30);
	uint8_t *end = put_timestamp(to, clock, ns);
	assert_int_equal(end - to, 30);
	assert_memory_equal(to, want, 30);
	free(to);
}

static void writes_timestamps(void **) {
	struct trace_clock clock = {0};
	timestamp_is(&clock, 0, "1970-01-01T00:00:00.000000000Z");
	timestamp_is(&clock, 1, "1970-01-01T00:00:00.000000001Z");
	timestamp_is(&clock, 1732371667123456789, "2024-11-23T14:21:07.123456789Z");
	timestamp_is(&clock, 951782400000000000, "2000-02-29T00:00:00.000000000Z");
	timestamp_is(&clock, 951868799999999999, "2000-02-29T23:59:59.999999999Z");
	timestamp_is(&clock, 4107542400000000000, "2100-03-01T00:00:00.000000000Z");
	timestamp_is(&clock, UINT64_MAX, "2554-07-21T23:34:33.709551615Z");
}

static void agrees_with_the_c_library_on_dates(void **) {
	struct trace_clock clock = {0};
	for (time_t t = 0; t < 16000000000; t += 86400 * 13 + 3607) {
		struct tm tm;
		char want[40];
		gmtime_r(&t, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.000000000Z", &tm);
		timestamp_is(&clock, (uint64_t)t * 1000000000u, want);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_addresses_as_rfc_5952_wants_them),
		cmocka_unit_test(writes_mapped_addresses_as_dotted_quads),
		cmocka_unit_test(agrees_with_the_c_library_on_addresses),
		cmocka_unit_test(writes_numbers),
		cmocka_unit_test(writes_milliseconds_to_the_microsecond),
		cmocka_unit_test(writes_timestamps),
		cmocka_unit_test(agrees_with_the_c_library_on_dates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
