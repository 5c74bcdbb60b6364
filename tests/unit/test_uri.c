#include "uri.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_slice(struct slice s, const char *wanted) {
	if (!slice_equals(s, wanted))
		fail_msg("wanted '%s', got '%.*s'", wanted, (int)s.len, (const char *)s.data);
}

static void parses_the_parts_of_an_address(void **) {
	struct uri uri;
	assert_int_equal(uri_parse("https://ec2.us-east-1.amazonaws.com", &uri), 0);
	assert_true(uri.is_https);
	assert_slice(uri.host, "ec2.us-east-1.amazonaws.com");
	assert_int_equal(uri.port, 0);
	assert_slice(uri.path, "/");

	assert_int_equal(uri_parse("HTTP://127.0.0.1:8080/a/b?c=d&e", &uri), 0);
	assert_false(uri.is_https);
	assert_slice(uri.host, "127.0.0.1");
	assert_int_equal(uri.port, 8080);
	assert_slice(uri.path, "/a/b");
	assert_slice(uri.query, "c=d&e");

	assert_int_equal(uri_parse("http://[fd00:ec2::254]/latest", &uri), 0);
	assert_slice(uri.host, "fd00:ec2::254");
	assert_slice(uri.path, "/latest");

	assert_int_equal(uri_parse("http://[::1]:99", &uri), 0);
	assert_int_equal(uri.port, 99);
}

static void refuses_what_is_no_address(void **) {
	static const char *const bad[] = {
		"",
		"ec2.us-east-1.amazonaws.com",
		"ftp://host/",
		"http://",
		"http:///path",
		"http://host:0/",
		"http://host:65536/",
		"http://host:/",
		"http://host:1x/",
		"http://[::1",
		"http://[::1]x",
		"http://user@host/",
		"http://host/#fragment",
		"http://ho st/",
		"http://host\r\nX: y/",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct uri uri;
		if (uri_parse(bad[i], &uri) != -EBADMSG)
			fail_msg("accepted '%s'", bad[i]);
	}
}

static void encodes_all_but_the_unreserved(void **) {
	struct strbuf buf;
	strbuf_init(&buf, 1000);
	uri_encode(&buf, slice_of_string("aZ09-_.~ /+*\xe2\x82\xac"), false);
	assert_string_equal(buf.data, "aZ09-_.~%20%2F%2B%2A%E2%82%AC");
	strbuf_cut(&buf, 0);
	uri_encode(&buf, slice_of_string("/a b/"), true);
	assert_string_equal(buf.data, "/a%20b/");
	strbuf_release(&buf);
}

static void decodes_and_keeps_a_broken_escape(void **) {
	struct strbuf buf;
	strbuf_init(&buf, 1000);
	uri_decode(&buf, slice_of_string("%2f%2F+%zz%4"));
	assert_string_equal(buf.data, "//+%zz%4");
	strbuf_release(&buf);
}

static void normalises_a_path(void **) {
	static const char *const cases[][2] = {
		{"", "/"},
		{"/", "/"},
		{"//", "/"},
		{"/a/..", "/"},
		{"/../..", "/"},
		{"/a/b/../..", "/"},
		{"/a/./b", "/a/b"},
		{"/./", "/"},
		{"//a//", "/a/"},
		{"/a/b/..", "/a/"},
		{"/a/..b", "/a/..b"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strbuf buf;
		strbuf_init(&buf, 1000);
		uri_normalise_path(&buf, slice_of_string(cases[i][0]));
		assert_string_equal(buf.data, cases[i][1]);
		strbuf_release(&buf);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_the_parts_of_an_address),
		cmocka_unit_test(refuses_what_is_no_address),
		cmocka_unit_test(encodes_all_but_the_unreserved),
		cmocka_unit_test(decodes_and_keeps_a_broken_escape),
		cmocka_unit_test(normalises_a_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
