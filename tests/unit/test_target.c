#include "target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct slice on_heap(const char *text) {
	size_t len = strlen(text);
	uint8_t *copy = malloc(len + (len == 0));
	memcpy(copy, text, len);
	return slice_of(copy, len);
}

static void release(struct slice s) {
	free((void *)(uintptr_t)s.data);
}

static void splits_targets_of_every_form(void **) {
	static const struct {
		const char *text, *path, *query;
	} cases[] = {
		{"/", "/", ""},
		{"/a/b", "/a/b", ""},
		{"/a?x=1", "/a", "x=1"},
		{"/a?", "/a", ""},
		{"/a?x?y", "/a", "x?y"},
		{"/a:b://c", "/a:b://c", ""},
		{"//a/b", "//a/b", ""},
		{"?x=1", "/", "x=1"},
		{"http://h/a?x", "/a", "x"},
		{"HTTPS://h:8443/", "/", ""},
		{"http://h", "/", ""},
		{"http://h?x=1", "/", "x=1"},
		{"http://[2001:db8::1]:80/a", "/a", ""},
		{"http://u@h/a/http://b", "/a/http://b", ""},
		{"://h/a", "://h/a", ""},
		{"1http://h/a", "1http://h/a", ""},
		{"ht tp://h/a", "ht tp://h/a", ""},
		{"http:/h/a", "http:/h/a", ""},
		{"*", "*", ""},
		{"example.com:443", "example.com:443", ""},
		{"", "/", ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice text = on_heap(cases[i].text);
		struct target target = target_split(text);
		assert_true(slice_equals(target.path, cases[i].path));
		assert_true(slice_equals(target.query, cases[i].query));
		release(text);
	}
}

// Decoded pairs as "name|value;".
static void pairs_are(const char *text, const char *want) {
	struct slice query = on_heap(text), rest = query, name, value;
	char got[256];
	size_t len = 0;
	uint8_t *scratch = malloc(query.len + 1);
	while (target_next_pair(&rest, &name, &value)) {
		uint8_t *exact = realloc(scratch, name.len + (name.len == 0));
		struct slice text_of = target_decode(name, exact);
		memcpy(got + len, text_of.data, text_of.len);
		len += text_of.len;
		got[len++] = '|';
		scratch = realloc(exact, value.len + (value.len == 0));
		text_of = target_decode(value, scratch);
		memcpy(got + len, text_of.data, text_of.len);
		len += text_of.len;
		got[len++] = ';';
	}
	assert_int_equal(len, strlen(want));
	assert_memory_equal(got, want, len);
	free(scratch);
	release(query);
}

static void takes_a_query_apart(void **) {
	pairs_are("", "");
	pairs_are("a=1", "a|1;");
	pairs_are("a=1&b=2", "a|1;b|2;");
	pairs_are("a", "a|;");
	pairs_are("a=", "a|;");
	pairs_are("=b", "|b;");
	pairs_are("=", "|;");
	pairs_are("&&a=1&&b&", "a|1;b|;");
	pairs_are("a=b=c", "a|b=c;");
	pairs_are("a[]=1&a[]=2", "a[]|1;a[]|2;");
	pairs_are("a;b=1", "a;b|1;");
}

static void decodes_names_and_values(void **) {
	pairs_are("a+b=c+d", "a b|c d;");
	pairs_are("%61%3d=%26", "a=|&;");
	pairs_are("a=%2B%20", "a|+ ;");
	pairs_are("a=%c3%A4", "a|\xc3\xa4;");
}

static void leaves_what_is_no_escape(void **) {
	pairs_are("a=%", "a|%;");
	pairs_are("a=%4", "a|%4;");
	pairs_are("a=%4g%g4", "a|%4g%g4;");
	pairs_are("a=%%41", "a|%A;");
	pairs_are("a=100%&b=%4", "a|100%;b|%4;");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_targets_of_every_form),
		cmocka_unit_test(takes_a_query_apart),
		cmocka_unit_test(decodes_names_and_values),
		cmocka_unit_test(leaves_what_is_no_escape),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
