#include "key.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int decode(const char *text, bool is_all, struct key *ret_key) {
	size_t n = strlen(text);
	uint8_t *exact = malloc(n == 0 ? 1 : n); // a sanitizer sees an over-read
	assert_non_null(exact);
	memcpy(exact, text, n);
	int taken = key_decode(exact, n, is_all, ret_key);
	free(exact);
	return taken;
}

static const struct {
	const char *bytes;
	enum key_kind kind;
	int taken;
} cases[] = {
	{"a", KEY_TEXT, 1},
	{" ", KEY_TEXT, 1},
	{"\xc3\xa9x", KEY_TEXT, 2},
	{"\xf0\x9f\x8d\x8a", KEY_TEXT, 4},
	{"?", KEY_TEXT, 1},
	{"\r", KEY_ENTER, 1},
	{"\n", KEY_ENTER, 1},
	{"\t", KEY_TAB, 1},
	{"\x7f", KEY_BACKSPACE, 1},
	{"\b", KEY_BACKSPACE, 1},
	{"\x03", KEY_CONTROL, 1},
	{"\x1b[A", KEY_UP, 3},
	{"\x1bOB", KEY_DOWN, 3},
	{"\x1b[5~x", KEY_PAGE_UP, 4},
	{"\x1b[6~", KEY_PAGE_DOWN, 4},
	{"\x1b[1~", KEY_HOME, 4},
	{"\x1bOF", KEY_END, 3},
	{"\x1b[3~", KEY_DELETE, 4},
	{"\x1b[200~", KEY_PASTE_BEGIN, 6},
	{"\x1b[201~", KEY_PASTE_END, 6},
	{"\x1b[1;5A", KEY_UNKNOWN, 6}, // Ctrl with an arrow
	{"\x1b[[A", KEY_UNKNOWN, 4}, // F1 of the Linux console
	{"\x1b\x1b[A", KEY_ESCAPE, 1},
	{"\x1bq", KEY_ESCAPE, 1},
	{"\x1b[\x01", KEY_UNKNOWN, 2}, // cut short by another key
	{"\xff", KEY_UNKNOWN, 1},
	{"\xc3x", KEY_UNKNOWN, 1},
	{"\xc2\x9b", KEY_UNKNOWN, 2}, // a control character of eight bits
	{"\xe2\x80\xae", KEY_UNKNOWN, 3}, // turns the direction of what follows
	{"\x1b[1111111111111111111111111111111111111", KEY_UNKNOWN, 32},
};

static void reads_what_terminals_send(void **) {
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key key;
		assert_int_equal(decode(cases[i].bytes, false, &key), cases[i].taken);
		assert_int_equal(key.kind, cases[i].kind);
	}
}

static void keeps_the_character(void **) {
	struct key key;
	assert_int_equal(decode("\xc3\xa9", false, &key), 2);
	assert_string_equal(key.text, "\xc3\xa9");
	assert_int_equal(decode("\x03", false, &key), 1);
	assert_int_equal(key.letter, 'c');
}

static void waits_for_the_rest(void **) {
	static const char *const begun[] = {
		"", "\x1b", "\x1b[", "\x1bO", "\x1b[20", "\x1b[[", "\xc3", "\xf0\x9f"};
	for (size_t i = 0; i < sizeof(begun) / sizeof(begun[0]); i++) {
		struct key key;
		assert_int_equal(decode(begun[i], false, &key), -EAGAIN);
	}
}

static void takes_what_does_not_go_on(void **) {
	struct key key;
	assert_int_equal(decode("\x1b", true, &key), 1);
	assert_int_equal(key.kind, KEY_ESCAPE);
	assert_int_equal(decode("\x1b[2", true, &key), 3);
	assert_int_equal(key.kind, KEY_UNKNOWN);
	assert_int_equal(decode("\xc3", true, &key), 1);
	assert_int_equal(key.kind, KEY_UNKNOWN);
}

// Whatever comes, it goes on: every byte is taken at last.
static void gets_through_any_bytes(void **) {
	uint32_t seed = 1;
	for (int round = 0; round < 2000; round++) {
		uint8_t bytes[48];
		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = round % 2 == 0
				? (uint8_t)(seed >> 24)
				: (uint8_t)("\x1b[O0;~A\xc3\xa9"[(seed >> 24) % 9]);
		}
		for (size_t at = 0; at < sizeof(bytes);) {
			struct key key;
			int taken = key_decode(bytes + at, sizeof(bytes) - at, true, &key);
			assert_in_range(taken, 1, sizeof(bytes) - at);
			at += (size_t)taken;
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_terminals_send),
		cmocka_unit_test(keeps_the_character),
		cmocka_unit_test(waits_for_the_rest),
		cmocka_unit_test(takes_what_does_not_go_on),
		cmocka_unit_test(gets_through_any_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
