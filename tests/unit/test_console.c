#include "console.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *what, *text, *shown;
} cases[] = {
	{"plain", "GET /users", "GET /users"},
	{"empty", "", ""},
	{"UTF-8",
	 "Gr\xc3\xbc\xc3\x9f"
	 "e \xe2\x82\xac \xf0\x9f\x98\x80",
	 "Gr\xc3\xbc\xc3\x9f"
	 "e \xe2\x82\xac \xf0\x9f\x98\x80"},
	{"escape sequence", "\x1b[31mred", "?[31mred"},
	{"line ends", "a\r\nb\tc", "a??b?c"},
	{"delete",
	 "a\x7f"
	 "b",
	 "a?b"},
	{"C1 control",
	 "a\xc2\x9b"
	 "31m",
	 "a?31m"},
	{"right-to-left override",
	 "a\xe2\x80\xae"
	 "b",
	 "a?b"},
	{"isolate",
	 "a\xe2\x81\xa6"
	 "b",
	 "a?b"},
	{"line separator",
	 "a\xe2\x80\xa8"
	 "b",
	 "a?b"},
	{"stray continuation",
	 "a\x80\xbf"
	 "b",
	 "a??b"},
	{"cut sequence", "a\xe2\x82", "a??"},
	{"overlong", "\xc0\xaf\xe0\x80\xaf", "?????"},
	{"surrogate", "\xed\xa0\x80", "???"},
	{"beyond Unicode", "\xf4\x90\x80\x80", "????"},
	{"no lead byte", "\xff\xfe", "??"},
};

static void shows_nothing_that_steers_a_terminal(void **) {
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = strdup(cases[i].text);
		console_neutralise(text);
		if (strcmp(text, cases[i].shown) != 0)
			fail_msg("%s: '%s'", cases[i].what, text);
		free(text);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_nothing_that_steers_a_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
