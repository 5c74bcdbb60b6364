#include "display.h"
#include "listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct listing_column columns[] = {
	{.key = "id", .title = "ID"},
	{.key = "number", .title = "N"},
	{.key = "name", .title = "NAME", .is_flexible = true},
	{.key = "tags", .title = "TAGS", .is_flexible = true},
	{.key = "is_on", .title = "ON"},
	{.key = "hidden"},
};

static void add(struct listing *listing, const char *id, int number, const char *name) {
	listing_add(
		listing,
		json_pack(
			"{s:s, s:i, s:s?, s:[s, s], s:b, s:s}",
			"id",
			id,
			"number",
			number,
			"name",
			name,
			"tags",
			"a=1",
			"b=2",
			"is_on",
			number > 5,
			"hidden",
			"x"
		)
	);
}

static void fill(struct listing *listing, const char *name) {
	listing_init(listing, "things", columns, sizeof(columns) / sizeof(columns[0]));
	add(listing, "i-1", 7, name);
	add(listing, "i-22", 123, NULL);
}

// The caller frees it.
static char *printed(const struct listing *listing, size_t width) {
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	listing_print(listing, width, to);
	fclose(to);
	return text;
}

static void assert_printed(const char *name, size_t width, const char *wanted) {
	struct listing listing;
	fill(&listing, name);
	char *text = printed(&listing, width);
	assert_string_equal(text, wanted);
	free(text);
	listing_release(&listing);
}

static void columns_are_aligned(void **) {
	assert_printed(
		"web one",
		0,
		"ID      N  NAME     TAGS      ON\n"
		"i-1     7  web one  a=1, b=2  yes\n"
		"i-22  123  -        a=1, b=2  yes\n"
	);
}

static void columns_of_the_terminal_are_counted_and_not_bytes(void **) {
	assert_printed(
		"größe",
		0,
		"ID      N  NAME   TAGS      ON\n"
		"i-1     7  größe  a=1, b=2  yes\n"
		"i-22  123  -      a=1, b=2  yes\n"
	);
	assert_printed(
		"日本",
		0,
		"ID      N  NAME  TAGS      ON\n"
		"i-1     7  日本  a=1, b=2  yes\n"
		"i-22  123  -     a=1, b=2  yes\n"
	);
}

static void what_could_steer_a_terminal_is_shown_as_a_question_mark(void **) {
	assert_printed(
		"a\033[2Jb\n",
		0,
		"ID      N  NAME     TAGS      ON\n"
		"i-1     7  a?[2Jb?  a=1, b=2  yes\n"
		"i-22  123  -        a=1, b=2  yes\n"
	);
}

static void long_texts_are_cut_to_the_window(void **) {
	assert_printed(
		"a very long name of an instance",
		41,
		"ID      N  NAME             TAGS      ON\n"
		"i-1     7  a very long na…  a=1, b=2  yes\n"
		"i-22  123  -                a=1, b=2  yes\n"
	);
}

static void rows_become_blocks_where_the_window_is_too_narrow(void **) {
	assert_printed(
		"web",
		20,
		"ID    i-1\nN     7\nNAME  web\nTAGS  a=1, b=2\nON    yes\n\n"
		"ID    i-22\nN     123\nNAME  -\nTAGS  a=1, b=2\nON    yes\n"
	);
}

static void an_empty_table_is_no_line(void **) {
	struct listing listing;
	listing_init(&listing, "things", columns, 1);
	char *text = printed(&listing, 0);
	assert_string_equal(text, "");
	free(text);
	listing_release(&listing);
}

static void a_row_that_could_not_be_made_is_no_empty_list(void **) {
	struct listing listing;
	fill(&listing, "web");
	listing_add(&listing, NULL);
	add(&listing, "i-3", 1, NULL);
	assert_int_equal(listing_show(&listing, AWS_OUTPUT_TABLE), EXIT_FAILURE);
	listing_release(&listing);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_aligned),
		cmocka_unit_test(columns_of_the_terminal_are_counted_and_not_bytes),
		cmocka_unit_test(what_could_steer_a_terminal_is_shown_as_a_question_mark),
		cmocka_unit_test(long_texts_are_cut_to_the_window),
		cmocka_unit_test(rows_become_blocks_where_the_window_is_too_narrow),
		cmocka_unit_test(an_empty_table_is_no_line),
		cmocka_unit_test(a_row_that_could_not_be_made_is_no_empty_list),
	};
	display_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
