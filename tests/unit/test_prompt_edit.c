#include "display.h"
#include "prompt_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum prompt_edit_answer press(struct prompt_edit *edit, enum key_kind kind) {
	const struct key key = {.kind = kind};
	return prompt_edit_key(edit, &key);
}

static void press_control(struct prompt_edit *edit, char letter) {
	const struct key key = {.kind = KEY_CONTROL, .letter = letter};
	prompt_edit_key(edit, &key);
}

static void type(struct prompt_edit *edit, const char *text) {
	while (*text != '\0') {
		struct key key;
		int n = key_decode((const uint8_t *)text, strlen(text), true, &key);
		prompt_edit_key(edit, &key);
		text += n;
	}
}

static void edits_whole_characters(void **) {
	struct prompt_edit edit = {0};
	type(&edit, "a\xc3\xa9\xe6\x97\xa5z");
	press(&edit, KEY_LEFT);
	press(&edit, KEY_LEFT);
	press(&edit, KEY_BACKSPACE);
	assert_string_equal(edit.text, "a\xe6\x97\xa5z");
	press(&edit, KEY_DELETE);
	assert_string_equal(edit.text, "az");
	press(&edit, KEY_RIGHT);
	press(&edit, KEY_RIGHT);
	press(&edit, KEY_DELETE);
	type(&edit, "!");
	assert_string_equal(edit.text, "az!");
	press(&edit, KEY_HOME);
	press(&edit, KEY_BACKSPACE);
	press(&edit, KEY_LEFT);
	type(&edit, "_");
	press(&edit, KEY_END);
	type(&edit, ".");
	assert_string_equal(edit.text, "_az!.");
}

static void takes_words_and_ends_out(void **) {
	struct prompt_edit edit = {0};
	type(&edit, "one two three");
	press_control(&edit, 'w');
	assert_string_equal(edit.text, "one two ");
	press_control(&edit, 'w');
	assert_string_equal(edit.text, "one ");
	press_control(&edit, 'a');
	press_control(&edit, 'k');
	assert_string_equal(edit.text, "");
	type(&edit, "x");
	press_control(&edit, 'u');
	assert_string_equal(edit.text, "");
}

static void stays_within_bounds(void **) {
	struct prompt_edit edit = {0};
	for (int i = 0; i < 2 * PROMPT_EDIT_MAX; i++)
		type(&edit, "x");
	assert_int_equal(strlen(edit.text), PROMPT_EDIT_MAX);
}

static void a_pasted_line_does_not_enter_itself(void **) {
	struct prompt_edit edit = {0};
	press(&edit, KEY_PASTE_BEGIN);
	type(&edit, "10.0.0.0/8");
	assert_int_equal(press(&edit, KEY_ENTER), PROMPT_EDIT_OPEN);
	press(&edit, KEY_PASTE_END);
	assert_int_equal(press(&edit, KEY_ENTER), PROMPT_EDIT_ENTERED);
	assert_string_equal(edit.text, "10.0.0.0/8");
}

static const char *only_abc(void *, const char *text) {
	return strcmp(text, "abc") == 0 ? NULL : "it must be abc";
}

static void checks_the_answer(void **) {
	const struct prompt_text question = {.title = "what?", .check = only_abc};
	struct prompt_edit edit = {0};
	assert_null(prompt_edit_answer(&edit, &question));
	assert_non_null(edit.complaint);
	type(&edit, "ab");
	assert_null(edit.complaint);
	assert_null(prompt_edit_answer(&edit, &question));
	assert_string_equal(edit.complaint, "it must be abc");
	type(&edit, "c");
	assert_string_equal(prompt_edit_answer(&edit, &question), "abc");
}

static void an_empty_line_is_the_preset(void **) {
	const struct prompt_text question = {.title = "what?", .preset = "abc", .check = only_abc};
	struct prompt_edit edit = {0};
	assert_string_equal(prompt_edit_answer(&edit, &question), "abc");
}

static void shows_what_is_around_the_cursor(void **) {
	const struct prompt_text question = {
		.title = "a title that is longer than the window is wide \x1b[2J",
		.hint = "and a hint",
	};
	struct prompt_edit edit = {0};
	for (int i = 0; i < 60; i++)
		type(&edit, "\xe6\x97\xa5");
	for (int i = 0; i <= 60; i++) {
		struct prompt_view view;
		assert_int_equal(prompt_edit_view(&edit, &question, 20, &view), 0);
		for (size_t line = 0; line < view.n_lines; line++) {
			assert_true(display_width(view.lines[line].text) <= 20);
			assert_null(strchr(view.lines[line].text, '\x1b'));
		}
		assert_in_range(view.cursor, 2, 19);
		prompt_view_release(&view);
		press(&edit, KEY_LEFT);
	}
	assert_int_equal(edit.at, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_whole_characters),
		cmocka_unit_test(takes_words_and_ends_out),
		cmocka_unit_test(stays_within_bounds),
		cmocka_unit_test(a_pasted_line_does_not_enter_itself),
		cmocka_unit_test(checks_the_answer),
		cmocka_unit_test(an_empty_line_is_the_preset),
		cmocka_unit_test(shows_what_is_around_the_cursor),
	};
	display_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
