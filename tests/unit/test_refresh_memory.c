#include "refresh_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

// Rounds until it is tried again.
static int n_rounds(struct refresh_memory *memory, const char *key) {
	int n = 0;
	do {
		refresh_memory_advance(memory);
		n++;
	} while (refresh_memory_rests(memory, key));
	return n;
}

static void what_fails_rests_ever_longer(void **) {
	struct refresh_memory memory = refresh_memory_empty();
	static const int wanted[] = {2, 4, 8, 15, 15};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		refresh_memory_fail(&memory, "a", 60);
		assert_true(refresh_memory_rests(&memory, "a"));
		assert_false(refresh_memory_rests(&memory, "b"));
		assert_int_equal(n_rounds(&memory, "a"), wanted[i]);
	}
	refresh_memory_release(&memory);
}

static void what_recovers_begins_anew(void **) {
	struct refresh_memory memory = refresh_memory_empty();
	assert_false(refresh_memory_recover(&memory, "a"));
	refresh_memory_fail(&memory, "a", 60);
	refresh_memory_fail(&memory, "b", 60);
	assert_true(refresh_memory_recover(&memory, "a"));
	assert_false(refresh_memory_recover(&memory, "a"));
	assert_true(refresh_memory_rests(&memory, "b"));
	refresh_memory_fail(&memory, "a", 60);
	assert_int_equal(n_rounds(&memory, "a"), 2);
	refresh_memory_release(&memory);
}

static void what_is_refused_rests_and_is_forgotten(void **) {
	struct refresh_memory memory = refresh_memory_empty();
	refresh_memory_refuse(&memory, "eni-1", 600, 3600);
	assert_int_equal(n_rounds(&memory, "eni-1"), 7);
	assert_int_equal(memory.n_items, 0);
	refresh_memory_refuse(&memory, "eni-1", 86400, 3600);
	assert_int_equal(n_rounds(&memory, "eni-1"), 1);
	refresh_memory_release(&memory);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fails_rests_ever_longer),
		cmocka_unit_test(what_recovers_begins_anew),
		cmocka_unit_test(what_is_refused_rests_and_is_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
