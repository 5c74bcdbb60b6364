#include "ownership.h"
#include "pause.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOON 1770120000 // 2026-02-03T12:00:00Z

static void reads_what_it_writes(void **) {
	static const struct {
		struct pause pause;
		const char *value;
	} cases[] = {
		{{.kind = PAUSE_ALWAYS}, "paused"},
		{{.kind = PAUSE_UNTIL, .time_s = NOON}, "paused-until 2026-02-03T12:00:00Z"},
		{{.kind = PAUSE_AFTER, .time_s = NOON}, "active-until 2026-02-03T12:00:00Z"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char value[PAUSE_TEXT_SIZE];
		struct pause pause;
		pause_format(&cases[i].pause, value);
		assert_string_equal(value, cases[i].value);
		char *copy = strdup(value);
		assert_int_equal(pause_parse(copy, &pause), 0);
		free(copy);
		assert_int_equal(pause.kind, cases[i].pause.kind);
		assert_int_equal(pause.time_s, cases[i].pause.time_s);
	}
}

static void refuses_values_that_are_not_its_own(void **) {
	static const char *const bad[] = {
		"",
		"true",
		"Paused",
		"paused ",
		"paused-until",
		"paused-until ",
		"paused-until tomorrow",
		"paused-until 2026-02-30T00:00:00Z",
		"active-until2026-02-03T12:00:00Z",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pause pause;
		char *copy = strdup(bad[i]);
		if (pause_parse(copy, &pause) != -EBADMSG)
			fail_msg("accepted '%s'", bad[i]);
		free(copy);
	}
}

static void ends_at_its_time(void **) {
	const struct pause never = {0};
	const struct pause always = {.kind = PAUSE_ALWAYS};
	const struct pause until = {.kind = PAUSE_UNTIL, .time_s = NOON};
	const struct pause after = {.kind = PAUSE_AFTER, .time_s = NOON};
	assert_false(pause_holds(&never, NOON));
	assert_true(pause_holds(&always, NOON));
	assert_true(pause_holds(&until, NOON - 1));
	assert_false(pause_holds(&until, NOON));
	assert_false(pause_holds(&after, NOON - 1));
	assert_true(pause_holds(&after, NOON));
}

static void says_how_long(void **) {
	static const struct {
		struct pause pause;
		int64_t now_s;
		const char *text;
	} cases[] = {
		{{0}, NOON, "active"},
		{{.kind = PAUSE_ALWAYS}, NOON, "paused"},
		{{.kind = PAUSE_UNTIL, .time_s = NOON},
		 NOON - 1,
		 "paused until 2026-02-03T12:00:00Z"},
		{{.kind = PAUSE_UNTIL, .time_s = NOON}, NOON, "active"},
		{{.kind = PAUSE_AFTER, .time_s = NOON},
		 NOON - 1,
		 "active until 2026-02-03T12:00:00Z"},
		{{.kind = PAUSE_AFTER, .time_s = NOON}, NOON, "paused"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[PAUSE_TEXT_SIZE];
		pause_describe(&cases[i].pause, cases[i].now_s, text);
		assert_string_equal(text, cases[i].text);
	}
}

static struct ec2_mirror_filter filter_of(struct aws_tag *tags, const char *value) {
	tags[0] = (struct aws_tag) {OWNERSHIP_TAG_MANAGED, "true"};
	tags[1] = (struct aws_tag) {OWNERSHIP_TAG_DEPLOYMENT, "prod"};
	tags[2] = (struct aws_tag) {PAUSE_TAG, value};
	return (struct ec2_mirror_filter) {
		.id = "tmf-1",
		.tags = {.items = tags, .n = value == NULL ? 2 : 3},
	};
}

static void finds_the_tag_on_what_is_its_own(void **) {
	struct aws_tag tags[3];
	struct ec2_mirror_filter filter = filter_of(tags, "paused");
	struct inventory inventory = {.filters.filters = {.items = &filter, .n = 1}};
	struct pause pause;
	assert_true(pause_find(&inventory, "prod", &pause));
	assert_int_equal(pause.kind, PAUSE_ALWAYS);
	assert_true(pause_is_possible(&inventory, "prod"));
	assert_true(pause_find(&inventory, "other", &pause));
	assert_int_equal(pause.kind, PAUSE_NEVER);
	assert_false(pause_is_possible(&inventory, "other"));
	filter = filter_of(tags, NULL);
	assert_true(pause_find(&inventory, "prod", &pause));
	assert_int_equal(pause.kind, PAUSE_NEVER);
	filter = filter_of(tags, "perhaps");
	assert_false(pause_find(&inventory, "prod", &pause));
	assert_int_equal(pause.kind, PAUSE_NEVER);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_writes),
		cmocka_unit_test(refuses_values_that_are_not_its_own),
		cmocka_unit_test(ends_at_its_time),
		cmocka_unit_test(says_how_long),
		cmocka_unit_test(finds_the_tag_on_what_is_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
