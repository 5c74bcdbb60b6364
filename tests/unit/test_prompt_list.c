#include "display.h"
#include "prompt_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct prompt_item items[] = {
	{.name = "shop-web-1", .id = "i-0a1", .detail = "m5.large", .tags = "env=prod team=shop"},
	{.name = "shop-web-2", .id = "i-0a2", .detail = "m5.large", .tags = "env=test team=shop"},
	{.name = "old",
	 .id = "i-0b1",
	 .detail = "t2.micro",
	 .note = "AWS cannot mirror t2.micro; move it to t3.micro",
	 .state = PROMPT_REFUSED},
	{.name = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e-api",
	 .id = "i-0c1",
	 .tags = "owner=\x1b[31mred"},
	{.name = "new",
	 .id = "i-0d1",
	 .detail = "z9.large",
	 .note = "its type is newer than this program",
	 .state = PROMPT_DOUBTFUL},
};
#define N_ITEMS (sizeof(items) / sizeof(items[0]))

static void open_list(struct prompt_list *list, bool is_multiple) {
	const struct prompt_select question = {
		.title = "which instances?",
		.items = items,
		.n_items = N_ITEMS,
		.is_multiple = is_multiple,
	};
	assert_int_equal(prompt_list_init(list, &question), 0);
}

static enum prompt_list_answer press(struct prompt_list *list, enum key_kind kind) {
	const struct key key = {.kind = kind};
	return prompt_list_key(list, &key, 2);
}

static void type(struct prompt_list *list, const char *text) {
	for (; *text != '\0'; text++) {
		const struct key key = {.kind = KEY_TEXT, .text = {*text, '\0'}};
		prompt_list_key(list, &key, 2);
	}
}

static void press_control(struct prompt_list *list, char letter) {
	const struct key key = {.kind = KEY_CONTROL, .letter = letter};
	prompt_list_key(list, &key, 2);
}

static const char *name_at_cursor(const struct prompt_list *list) {
	return prompt_list_focus(list)->fields[0];
}

static void filters_by_name_id_and_tags(void **) {
	static const struct {
		const char *filter;
		size_t n;
	} cases[] = {
		{"", 5},
		{"WEB", 2},
		{"i-0b1", 1},
		{"team=shop", 2},
		{"m5 prod", 1},
		{"prod test", 0},
		{"t3.micro", 1},
		{"  old  ", 1},
	};
	struct prompt_list list;
	open_list(&list, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		prompt_list_filter(&list, cases[i].filter);
		assert_int_equal(list.n_shown, cases[i].n);
	}
	prompt_list_release(&list);
}

static void narrows_while_one_types(void **) {
	struct prompt_list list;
	open_list(&list, true);
	type(&list, "web");
	assert_int_equal(list.n_shown, 2);
	press(&list, KEY_DOWN);
	assert_string_equal(name_at_cursor(&list), "shop-web-2");
	press(&list, KEY_BACKSPACE);
	assert_string_equal(list.filter, "we");
	assert_string_equal(name_at_cursor(&list), "shop-web-2");
	press_control(&list, 'u');
	assert_int_equal(list.n_shown, N_ITEMS);
	assert_string_equal(name_at_cursor(&list), "shop-web-2");
	prompt_list_release(&list);
}

static void takes_back_whole_characters_and_words(void **) {
	struct prompt_list list;
	open_list(&list, false);
	prompt_list_filter(&list, "ab \xc3\xa9");
	press(&list, KEY_BACKSPACE);
	assert_string_equal(list.filter, "ab ");
	press_control(&list, 'w');
	assert_string_equal(list.filter, "");
	press(&list, KEY_BACKSPACE);
	assert_string_equal(list.filter, "");
	prompt_list_release(&list);
}

static void keeps_a_long_filter_within_bounds(void **) {
	struct prompt_list list;
	open_list(&list, false);
	for (int i = 0; i < 3 * PROMPT_LIST_FILTER_MAX; i++)
		type(&list, "x");
	assert_int_equal(strlen(list.filter), PROMPT_LIST_FILTER_MAX);
	prompt_list_release(&list);
}

static void moves_and_stops_at_the_ends(void **) {
	struct prompt_list list;
	open_list(&list, false);
	press(&list, KEY_UP);
	assert_int_equal(list.at, 0);
	press(&list, KEY_PAGE_DOWN);
	assert_int_equal(list.at, 2);
	press(&list, KEY_END);
	assert_int_equal(list.at, N_ITEMS - 1);
	press(&list, KEY_DOWN);
	assert_int_equal(list.at, N_ITEMS - 1);
	press(&list, KEY_PAGE_UP);
	press(&list, KEY_HOME);
	assert_int_equal(list.at, 0);
	prompt_list_filter(&list, "no such thing");
	press(&list, KEY_END);
	press(&list, KEY_DOWN);
	press(&list, KEY_PAGE_DOWN);
	assert_null(prompt_list_focus(&list));
	prompt_list_release(&list);
}

static void chooses_several(void **) {
	struct prompt_list list;
	open_list(&list, true);
	type(&list, " ");
	press(&list, KEY_DOWN);
	press(&list, KEY_TAB);
	assert_int_equal(prompt_list_n_chosen(&list), 2);
	type(&list, " ");
	assert_int_equal(prompt_list_n_chosen(&list), 1);
	assert_int_equal(press(&list, KEY_ENTER), PROMPT_LIST_DONE);
	assert_true(list.rows[0].is_chosen);
	prompt_list_release(&list);
}

static void takes_the_one_at_the_cursor_when_none_is_marked(void **) {
	struct prompt_list list;
	open_list(&list, true);
	press(&list, KEY_DOWN);
	assert_int_equal(press(&list, KEY_ENTER), PROMPT_LIST_DONE);
	assert_int_equal(prompt_list_n_chosen(&list), 1);
	assert_true(list.rows[1].is_chosen);
	prompt_list_release(&list);
}

static void begins_at_what_can_be_chosen(void **) {
	const struct prompt_select question = {
		.title = "which?",
		.items = items + 2, // the first is refused
		.n_items = N_ITEMS - 2,
	};
	const struct prompt_select refused = {.title = "which?", .items = items + 2, .n_items = 1};
	struct prompt_list list;
	assert_int_equal(prompt_list_init(&list, &question), 0);
	assert_int_equal(list.at, 1);
	prompt_list_release(&list);
	assert_int_equal(prompt_list_init(&list, &refused), 0);
	assert_int_equal(list.at, 0);
	prompt_list_release(&list);
}

static void does_not_choose_what_is_refused(void **) {
	for (int is_multiple = 0; is_multiple < 2; is_multiple++) {
		struct prompt_list list;
		open_list(&list, is_multiple);
		prompt_list_filter(&list, "old");
		press(&list, KEY_TAB);
		assert_int_equal(press(&list, KEY_ENTER), PROMPT_LIST_OPEN);
		assert_int_equal(prompt_list_n_chosen(&list), 0);
		assert_string_equal(list.message, items[2].note);
		prompt_list_filter(&list, "nothing at all");
		assert_int_equal(press(&list, KEY_ENTER), PROMPT_LIST_OPEN);
		prompt_list_release(&list);
	}
}

static void chooses_all_that_match_and_can_be(void **) {
	struct prompt_list list;
	open_list(&list, true);
	press_control(&list, 'a');
	assert_int_equal(prompt_list_n_chosen(&list), N_ITEMS - 1);
	prompt_list_filter(&list, "web");
	press_control(&list, 'a');
	assert_int_equal(prompt_list_n_chosen(&list), N_ITEMS - 3);
	prompt_list_release(&list);
}

static void escape_clears_the_filter_and_then_goes_back(void **) {
	struct prompt_list list;
	open_list(&list, false);
	type(&list, "web");
	assert_int_equal(press(&list, KEY_ESCAPE), PROMPT_LIST_OPEN);
	assert_int_equal(list.n_shown, N_ITEMS);
	assert_int_equal(press(&list, KEY_ESCAPE), PROMPT_LIST_BACK);
	prompt_list_release(&list);
}

static void pasted_lines_are_a_filter_and_no_answer(void **) {
	struct prompt_list list;
	open_list(&list, true);
	press(&list, KEY_PASTE_BEGIN);
	type(&list, "web 2");
	assert_int_equal(press(&list, KEY_ENTER), PROMPT_LIST_OPEN);
	press(&list, KEY_PASTE_END);
	assert_int_equal(prompt_list_n_chosen(&list), 0);
	assert_int_equal(list.n_shown, 1);
	prompt_list_release(&list);
}

// Every line fits, is whole UTF-8 without control characters, and there are no more than rows.
static void check_view(struct prompt_list *list, size_t columns, size_t rows) {
	struct prompt_view view;
	assert_int_equal(prompt_list_view(list, columns, rows, &view), 0);
	assert_true(view.n_lines <= rows);
	bool has_focus = false;
	for (size_t i = 0; i < view.n_lines; i++) {
		const char *text = view.lines[i].text;
		assert_true(display_width(text) <= columns);
		for (const char *c = text; *c != '\0'; c++)
			assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
		has_focus = has_focus || strncmp(text, "> ", 2) == 0;
	}
	assert_true(has_focus || list->n_shown == 0);
	prompt_view_release(&view);
}

static void fits_any_window(void **) {
	struct prompt_list list;
	open_list(&list, true);
	for (size_t columns = 20; columns <= 200; columns += 7)
		for (size_t rows = 5; rows <= 50; rows += 3)
			for (int at = 0; at < (int)N_ITEMS; at++) {
				check_view(&list, columns, rows);
				press(&list, at % 2 == 0 ? KEY_DOWN : KEY_END);
				if (at == 4)
					press(&list, KEY_HOME);
			}
	prompt_list_filter(&list, "nothing at all that would match anything");
	check_view(&list, 20, 5);
	prompt_list_release(&list);
}

static bool has_text(const struct prompt_view *view, const char *text) {
	for (size_t i = 0; i < view->n_lines; i++)
		if (strstr(view->lines[i].text, text) != NULL)
			return true;
	return false;
}

static void shows_the_reason_and_no_foreign_escapes(void **) {
	struct prompt_list list;
	struct prompt_view view;
	open_list(&list, true);
	assert_int_equal(prompt_list_view(&list, 200, 24, &view), 0);
	assert_true(has_text(&view, "[-] old"));
	assert_true(has_text(&view, "AWS cannot mirror t2.micro"));
	assert_true(has_text(&view, "owner=?[31mred"));
	assert_true(has_text(&view, "env=prod team=shop"));
	prompt_view_release(&view);
	prompt_list_release(&list);
}

static void shows_at_40_columns_what_was_cut(void **) {
	struct prompt_list list;
	struct prompt_view view;
	open_list(&list, true);
	prompt_list_filter(&list, "old");
	assert_int_equal(prompt_list_view(&list, 40, 24, &view), 0);
	assert_true(has_text(&view, "AWS cannot mirror t2.micro; move it to"));
	assert_true(has_text(&view, "t3.micro"));
	prompt_view_release(&view);
	prompt_list_release(&list);
}

static void scrolls_so_that_the_cursor_is_seen(void **) {
	struct prompt_item many[300];
	char names[300][16];
	struct prompt_list list;
	for (size_t i = 0; i < 300; i++) {
		snprintf(names[i], sizeof(names[i]), "name-%03zu", i);
		many[i] = (struct prompt_item) {.name = names[i]};
	}
	const struct prompt_select question = {
		.title = "one of many", .items = many, .n_items = 300, .at = 150};
	assert_int_equal(prompt_list_init(&list, &question), 0);
	check_view(&list, 40, 10);
	press(&list, KEY_END);
	check_view(&list, 40, 10);
	assert_int_equal(list.top, 300 - prompt_list_page(&list, 40, 10));
	prompt_list_filter(&list, "name-00");
	check_view(&list, 40, 40);
	assert_int_equal(list.top, 0);
	prompt_list_release(&list);
}

static void cuts_by_columns_not_by_bytes(void **) {
	struct arena arena = arena_empty();
	const char *wide = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"; // three characters, six columns
	assert_int_equal(display_width(wide), 6);
	assert_string_equal(prompt_view_cut(&arena, wide, 6), wide);
	assert_string_equal(
		prompt_view_cut(&arena, wide, 5), "\xe6\x97\xa5\xe6\x9c\xac\xe2\x80\xa6"
	);
	assert_string_equal(prompt_view_cut(&arena, wide, 4), "\xe6\x97\xa5\xe2\x80\xa6");
	assert_int_equal(display_width("e\xcc\x81"), 1); // with an accent of its own
	assert_int_equal(display_fit("e\xcc\x81x", 1, NULL), 3);
	arena_release(&arena);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_by_name_id_and_tags),
		cmocka_unit_test(narrows_while_one_types),
		cmocka_unit_test(takes_back_whole_characters_and_words),
		cmocka_unit_test(keeps_a_long_filter_within_bounds),
		cmocka_unit_test(moves_and_stops_at_the_ends),
		cmocka_unit_test(chooses_several),
		cmocka_unit_test(takes_the_one_at_the_cursor_when_none_is_marked),
		cmocka_unit_test(begins_at_what_can_be_chosen),
		cmocka_unit_test(does_not_choose_what_is_refused),
		cmocka_unit_test(chooses_all_that_match_and_can_be),
		cmocka_unit_test(escape_clears_the_filter_and_then_goes_back),
		cmocka_unit_test(pasted_lines_are_a_filter_and_no_answer),
		cmocka_unit_test(fits_any_window),
		cmocka_unit_test(shows_the_reason_and_no_foreign_escapes),
		cmocka_unit_test(shows_at_40_columns_what_was_cut),
		cmocka_unit_test(scrolls_so_that_the_cursor_is_seen),
		cmocka_unit_test(cuts_by_columns_not_by_bytes),
	};
	display_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
