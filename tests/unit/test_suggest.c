#include "suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const words[] = {"run", "status", "check-config", "help", NULL};

static const struct {
	const char *mistyped;
	const char *meant; // NULL: too far from all
} cases[] = {
	{"stauts", "status"}, // two letters swapped
	{"statu", "status"}, // one missing
	{"statuss", "status"}, // one too many
	{"stafus", "status"}, // one wrong
	{"rnu", "run"},
	{"hepl", "help"},
	{"checkconfig", "check-config"},
	{"r", NULL}, // two letters of three are missing
	{"x", NULL},
	{"iam", NULL},
	{"frobnicate", NULL},
	{"", NULL},
	{"a-word-that-is-much-longer-than-any-word-we-know", NULL},
};

static void finds_what_was_meant(void **) {
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *exact = strdup(cases[i].mistyped); // a sanitizer sees an over-read
		const char *found = suggest(exact, words);
		free(exact);
		if (cases[i].meant == NULL) {
			assert_null(found);
			continue;
		}
		assert_non_null(found);
		assert_string_equal(found, cases[i].meant);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_meant),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
