#include "transport.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

// Port 0 takes no connection: what is sent fails otherwise.
static int send_with(const char *name, const char *value, struct aws_error *error) {
	struct transport_options options = {0};
	struct transport *transport = transport_create(&options);
	assert_non_null(transport);
	struct outside outside = transport_outside(transport);
	struct http_response response;
	struct http_header header = {name, value};
	struct http_request request = {
		.method = "GET",
		.url = "http://127.0.0.1:0/",
		.headers = &header,
		.n_headers = 1,
		.timeout_ms = 1000,
		.is_direct = true,
	};
	http_response_init(&response, 1000);
	int result = outside.send(outside.ctx, &request, &response, error);
	http_response_release(&response);
	transport_free(transport);
	return result;
}

static void refuses_a_header_that_would_be_two(void **) {
	static const struct http_header bad[] = {
		{"X-Token", "t\r\nX-Evil: 1"},
		{"X-Token", "t\n"},
		{"X-Token", "\rt"},
		{"X-Token", "a\x7f"},
		{"X-Token", "\xc3\xa4"},
		{"X-Evil: 1\r\nX-Token", "t"},
		{"X-Evil: 1", "t"},
		{"X Token", "t"},
		{"", "t"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct aws_error error = {0};
		assert_int_equal(send_with(bad[i].name, bad[i].value, &error), -EINVAL);
		assert_string_equal(error.code, "InvalidHeader");
		assert_null(strstr(error.message, "Evil"));
	}
}

static void takes_other_headers(void **) {
	struct aws_error error = {0};
	assert_int_equal(send_with("X-Token", "a b~!\"", &error), -ECONNREFUSED);
	assert_int_equal(send_with("X-Token", "", &error), -ECONNREFUSED);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_a_header_that_would_be_two),
		cmocka_unit_test(takes_other_headers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
