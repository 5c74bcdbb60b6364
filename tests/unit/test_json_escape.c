#include "json_escape_priv.h"
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct form {
	const char *name;
	size_t (*escape)(uint8_t *to, struct slice text);
	size_t (*escape_body)(uint8_t *to, struct slice text);
};

static size_t escape_chosen(uint8_t *to, struct slice text) {
	return json_escape(to, text, text.len);
}

#ifdef HAS_V16
static size_t escape_16(uint8_t *to, struct slice text) {
	return json_escape_16(to, text, text.len);
}
#endif

// All forms that run here, the plain one first.
static size_t list_forms(struct form forms[5]) {
	size_t n = 0;
	forms[n++] = (struct form) {"portable", json_escape_portable, json_escape_body_portable};
	forms[n++] = (struct form) {"chosen", escape_chosen, json_escape_body};
#ifdef HAS_V16
	forms[n++] = (struct form) {"16", escape_16, json_escape_body_16};
#endif
#ifdef JSON_ESCAPE_HAS_AVX512
	if (json_escape_can_avx2())
		forms[n++] = (struct form) {"avx2", escape_16, json_escape_body_avx2};
	if (json_escape_can_avx512())
		forms[n++] = (struct form) {"avx512", json_escape_avx512, json_escape_body_avx512};
#endif
	return n;
}

struct result {
	size_t len, body_len;
	uint8_t *text, *body;
};

static struct result escape(const struct form *form, struct slice text) {
	struct result r = {
		.text = malloc(JSON_ESCAPE_ROOM(text.len)),
		.body = malloc(JSON_ESCAPE_ROOM(text.len)),
	};
	r.len = form->escape(r.text, text);
	r.body_len = form->escape_body(r.body, text);
	return r;
}

static void release(struct result *r) {
	free(r->text);
	free(r->body);
}

static void same_result(const struct form *form, struct slice text, const struct result *want) {
	struct result got = escape(form, text);
	bool is_same = got.len == want->len && got.body_len == want->body_len
		&& memcmp(got.text, want->text, want->len) == 0
		&& (want->body_len == SIZE_MAX || memcmp(got.body, want->body, want->body_len) == 0
		);
	if (!is_same)
		fail_msg("form '%s' differs", form->name);
	release(&got);
}

// All forms agree on 'text', wherever in a line of the cache it begins, with nothing readable
// behind it.
static void agree_on(struct slice text) {
	struct form forms[5];
	size_t n_forms = list_forms(forms);
	struct result want = escape(&forms[0], text);
	for (size_t shift = 0; shift < 64; shift += 1 + shift / 16 * 5) {
		uint8_t *copy = malloc(shift + text.len + (shift + text.len == 0));
		memcpy(copy + shift, text.data, text.len);
		for (size_t i = 1; i < n_forms; i++)
			same_result(&forms[i], slice_of(copy + shift, text.len), &want);
		free(copy);
	}
	release(&want);
}

static void gives(const char *text, size_t len, const char *want) {
	struct form forms[5];
	(void)list_forms(forms);
	struct result r = escape(&forms[0], slice_of(text, len));
	assert_int_equal(r.len, strlen(want));
	assert_memory_equal(r.text, want, r.len);
	release(&r);
	agree_on(slice_of(text, len));
}
#define GIVES(text, want) gives(text, sizeof(text) - 1, want)

static void is_text_for(const struct form *form, struct slice text, bool want) {
	uint8_t *to = malloc(JSON_ESCAPE_ROOM(text.len));
	if ((form->escape_body(to, text) != SIZE_MAX) != want)
		fail_msg(
			"form '%s' takes text of %zu bytes for what it is not", form->name, text.len
		);
	free(to);
}

static void is_text(const char *text, size_t len, bool want) {
	struct form forms[5];
	size_t n_forms = list_forms(forms);
	// At many places in a piece, with plain text before and behind.
	for (size_t before = 0; before < 132; before += before < 70 ? 1 : 7) {
		for (size_t behind = 0; behind < 70; behind += behind < 18 ? 1 : 9) {
			size_t total = before + len + behind;
			uint8_t *copy = malloc(total + (total == 0));
			memset(copy, 'a', total);
			memcpy(copy + before, text, len);
			for (size_t i = 0; i < n_forms; i++)
				is_text_for(&forms[i], slice_of(copy, total), want);
			free(copy);
		}
	}
	agree_on(slice_of(text, len));
}
#define IS_TEXT(text) is_text(text, sizeof(text) - 1, true)
#define IS_NOT_TEXT(text) is_text(text, sizeof(text) - 1, false)

static void escapes_what_json_wants_escaped(void **) {
	GIVES("", "");
	GIVES("plain", "plain");
	GIVES("\"", "\\\"");
	GIVES("a\\b", "a\\\\b");
	GIVES("{\"name\":\"value\"}", "{\\\"name\\\":\\\"value\\\"}");
	GIVES("\b\f\n\r\t", "\\b\\f\\n\\r\\t");
	GIVES("\0\1\x1f", "\\u0000\\u0001\\u001f");
	GIVES("\x0b\x0e\x1b", "\\u000b\\u000e\\u001b");
	GIVES("\x7f/", "\x7f/");
	GIVES("\xe2\x80\xa8\xe2\x80\xa9", "\xe2\x80\xa8\xe2\x80\xa9");
	GIVES("\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"",
	      "\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"");
}

static void replaces_what_is_not_utf8(void **) {
	GIVES("a\xff", "a\xef\xbf\xbd");
	GIVES("\xc3\xa4\xc3", "\xc3\xa4\xef\xbf\xbd");
	// The table of Unicode 15, section 3.9, "U+FFFD for truncated sequences".
	GIVES("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41",
	      "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\x41");
	// The same, "for surrogates" and "for other ill-formed sequences".
	GIVES("\xed\xa0\x80\x41", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\x41");
	GIVES("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42",
	      "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\x41\xef\xbf\xbd\xef\xbf"
	      "\xbd\x42");
}

static void escapes_every_byte_in_every_place(void **) {
	for (int c = 0; c < 256; c++) {
		for (size_t at = 0; at < 20; at++) {
			uint8_t text[20];
			memset(text, 'x', sizeof(text));
			text[at] = (uint8_t)c;
			agree_on(slice_of(text, sizeof(text)));
		}
	}
}

static void takes_utf8_at_its_boundaries(void **) {
	IS_TEXT("\x20");
	IS_TEXT("\x7f");
	IS_TEXT("\xc2\x80");
	IS_TEXT("\xdf\xbf");
	IS_TEXT("\xe0\xa0\x80");
	IS_TEXT("\xed\x9f\xbf");
	IS_TEXT("\xee\x80\x80");
	IS_TEXT("\xef\xbf\xbf");
	IS_TEXT("\xf0\x90\x80\x80");
	IS_TEXT("\xf4\x8f\xbf\xbf");
	IS_TEXT("\t\n\f\r\x1b");
	IS_TEXT("\xc3\xa4\x1b\xe2\x82\xac\x1b\x1b\xf0\x9f\x98\x80");
}

static void refuses_utf8_beyond_its_boundaries(void **) {
	IS_NOT_TEXT("\x80");
	IS_NOT_TEXT("\xbf");
	IS_NOT_TEXT("\xc0\x80");
	IS_NOT_TEXT("\xc1\xbf");
	IS_NOT_TEXT("\xc2");
	IS_NOT_TEXT("\xc2\xc2");
	IS_NOT_TEXT("\xe0\x80\x80");
	IS_NOT_TEXT("\xe0\x9f\xbf");
	IS_NOT_TEXT("\xe1\x80");
	IS_NOT_TEXT("\xed\xa0\x80");
	IS_NOT_TEXT("\xed\xbf\xbf");
	IS_NOT_TEXT("\xf0\x80\x80\x80");
	IS_NOT_TEXT("\xf0\x8f\xbf\xbf");
	IS_NOT_TEXT("\xf1\x80\x80");
	IS_NOT_TEXT("\xf4\x90\x80\x80");
	IS_NOT_TEXT("\xf5\x80\x80\x80");
	IS_NOT_TEXT("\xf8\x88\x80\x80\x80");
	IS_NOT_TEXT("\xfe");
	IS_NOT_TEXT("\xff");
	IS_NOT_TEXT("\xc3\xa4\x1b\xe2\x82\x1b\xac");
}

static void takes_binary_data_bytes_for_no_text(void **) {
	for (char c = 0; c < 0x20; c++) {
		bool is_good = strchr("\t\n\f\r\x1b", c) != NULL && c != 0;
		is_text(&c, 1, is_good);
	}
}

static void validates_all_pairs_alike(void **) {
	static const uint8_t ends[] = {0x00, 0x41, 0x80, 0xbf, 0xc2, 0xf0};
	struct form forms[5];
	size_t n_forms = list_forms(forms);
	uint8_t to[JSON_ESCAPE_ROOM(4)];
	for (uint32_t i = 0; i < 65536u * 36; i++) {
		uint32_t end = i / 65536;
		uint8_t text[4] = {(uint8_t)i, (uint8_t)(i >> 8), ends[end % 6], ends[end / 6]};
		size_t want = json_escape_body_portable(to, slice_of(text, 4));
		for (size_t j = 1; j < n_forms; j++) {
			if (forms[j].escape_body(to, slice_of(text, 4)) != want)
				fail_msg("form '%s' differs at %08x", forms[j].name, i);
		}
	}
}

static uint64_t next_random(uint64_t *state) {
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void all_forms_agree_on_random_text(void **) {
	static const char *pieces[] = {
		"\"",
		"\\",
		"\n",
		"\x1b",
		"\x01",
		"\xc3\xa4",
		"\xe2\x82\xac",
		"\xf0\x9f\x98\x80",
		"\x80",
		"\xe2\x82",
		"abcdefgh",
		"0123456789abcdefghij"};
	uint64_t state = 88172645463325252;
	for (int round = 0; round < 2000; round++) {
		uint8_t text[300];
		size_t len = 0;
		size_t n_kinds = 1 + next_random(&state) % 12;
		while (len < 250 && next_random(&state) % 40 != 0) {
			const char *piece = pieces[12 - 1 - next_random(&state) % n_kinds];
			memcpy(text + len, piece, strlen(piece));
			len += strlen(piece);
		}
		agree_on(slice_of(text, len));
	}
}

static void reads_no_further_than_it_may(void **) {
	// The sanitizer sees a read past the end; this sees one that matters.
	uint8_t *text = malloc(32);
	memset(text, '"', 32);
	memset(text, 'a', 5);
	uint8_t to[JSON_ESCAPE_ROOM(5)];
	assert_int_equal(json_escape(to, slice_of(text, 5), 32), 5);
	assert_memory_equal(to, "aaaaa", 5);
	free(text);
}

static void cuts_only_incomplete_characters(void **) {
	static const struct {
		const char *text;
		size_t whole;
	} cases[] = {
		{"", 0},
		{"abc", 3},
		{"ab\xc3", 2},
		{"ab\xc3\xa4", 4},
		{"a\xe2\x82", 1},
		{"a\xe2\x82\xac", 4},
		{"\xf0\x9f\x98", 0},
		{"\xf0\x9f\x98\x80", 4},
		{"\x80\x80\x80\x80", 4}, // not cut: wrong
		{"a\xff", 2},
		{"a\xe0\x80", 3}, // overlong whatever follows
		{"\xed\xa0", 2}, // a surrogate whatever follows
		{"\xf4\x90", 2},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(utf8_whole(slice_of_string(cases[i].text)), cases[i].whole);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_what_json_wants_escaped),
		cmocka_unit_test(replaces_what_is_not_utf8),
		cmocka_unit_test(escapes_every_byte_in_every_place),
		cmocka_unit_test(takes_utf8_at_its_boundaries),
		cmocka_unit_test(refuses_utf8_beyond_its_boundaries),
		cmocka_unit_test(takes_binary_data_bytes_for_no_text),
		cmocka_unit_test(validates_all_pairs_alike),
		cmocka_unit_test(all_forms_agree_on_random_text),
		cmocka_unit_test(reads_no_further_than_it_may),
		cmocka_unit_test(cuts_only_incomplete_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
