#include "display.h"
#include "paragraph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_shown(const char *text, size_t width, const char *wanted) {
	char *shown = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&shown, &len);
	struct paragraph paragraph;
	paragraph_begin(&paragraph, to, width, 2, 4);
	paragraph_add(&paragraph, "%s", text);
	paragraph_end(&paragraph);
	fclose(to);
	assert_string_equal(shown, wanted);
	free(shown);
}

static void words_that_do_not_fit_go_to_the_next_line(void **) {
	assert_shown("one two three", 9, "  one two\n    three\n");
	assert_shown("one two three", 15, "  one two three\n");
	assert_shown("one two three", 14, "  one two\n    three\n");
	assert_shown("one  two ", 9, "  one\n    two\n");
	assert_shown("xy a=1,b=2", 11, "  xy\n    a=1,b=2\n");
	assert_shown("a=1,b=2,c=3", 10, "  a=1,b=2,\n    c=3\n");
}

static void nothing_is_broken_without_a_window(void **) {
	assert_shown("one two three", 0, "  one two three\n");
}

static void a_word_that_is_wider_than_the_window_stays_whole(void **) {
	assert_shown("a unbreakable b", 8, "  a\n    unbreakable\n    b\n");
}

static void columns_are_counted_and_not_bytes(void **) {
	assert_shown("größe größe", 13, "  größe größe\n");
	assert_shown("日本 日本", 10, "  日本\n    日本\n");
}

static void foreign_text_steers_nothing(void **) {
	assert_shown("a\033[2Jb\nc", 0, "  a?[2Jb?c\n");
}

static void parts_stand_in_columns(void **) {
	char *shown = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&shown, &len);
	struct paragraph paragraph;
	paragraph_begin(&paragraph, to, 14, 0, 8);
	paragraph_add(&paragraph, "ab");
	paragraph_pad(&paragraph, 8);
	paragraph_pad(&paragraph, 4);
	paragraph_add(&paragraph, "cd efg hi");
	paragraph_end(&paragraph);
	fclose(to);
	assert_string_equal(shown, "ab      cd efg\n        hi\n");
	free(shown);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_do_not_fit_go_to_the_next_line),
		cmocka_unit_test(nothing_is_broken_without_a_window),
		cmocka_unit_test(a_word_that_is_wider_than_the_window_stays_whole),
		cmocka_unit_test(columns_are_counted_and_not_bytes),
		cmocka_unit_test(foreign_text_steers_nothing),
		cmocka_unit_test(parts_stand_in_columns),
	};
	display_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
