#include "mirror_filter_text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
parse(const char *text,
      struct arena *arena,
      struct mirror_filter_rule *rule,
      struct aws_error *error) {
	char *exact = strdup(text);
	int result = mirror_filter_rule_parse(exact, arena, rule, error);
	free(exact);
	return result;
}

static const struct {
	const char *text;
	const char *again; // NULL: the same
} good[] = {
	{"accept", NULL},
	{"tcp", "accept tcp"},
	{"reject egress", NULL},
	{"accept ingress tcp to any port 80-90", NULL},
	{"accept udp from any port 53", NULL},
	{"  reject   tcp\tfrom 10.0.0.0/8 port 22 to fd00::/8 port 1-65535 ",
	 "reject tcp from 10.0.0.0/8 port 22 to fd00::/8 port 1-65535"},
	{"accept 6 to any", "accept tcp"},
	{"accept 0", NULL},
	{"accept 255 to 0.0.0.0/0", NULL},
	{"icmpv6", "accept icmpv6"},
};

static void reads_what_people_write(void **) {
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct arena arena = arena_empty();
		struct mirror_filter_rule rule;
		struct aws_error error;
		struct strbuf again;
		strbuf_init(&again, 256);
		if (parse(good[i].text, &arena, &rule, &error) < 0)
			fail_msg("%s", error.message);
		mirror_filter_rule_text(&rule, &again);
		assert_string_equal(
			again.data, good[i].again == NULL ? good[i].text : good[i].again
		);
		strbuf_release(&again);
		arena_release(&arena);
	}
}

static void reads_all_parts(void **) {
	struct arena arena = arena_empty();
	struct mirror_filter_rule rule;
	struct aws_error error;
	assert_int_equal(
		parse("reject egress udp from 10.0.0.0/8 port 5-7 to ::/0 port 9",
		      &arena,
		      &rule,
		      &error),
		0
	);
	assert_string_equal(rule.action, "reject");
	assert_string_equal(rule.direction, "egress");
	assert_int_equal(rule.protocol.value, 17);
	assert_string_equal(rule.source_cidr, "10.0.0.0/8");
	assert_int_equal(rule.source_ports.from, 5);
	assert_int_equal(rule.source_ports.to, 7);
	assert_string_equal(rule.destination_cidr, "::/0");
	assert_int_equal(rule.destination_ports.to, 9);
	arena_release(&arena);
}

static void refuses_what_it_does_not_understand(void **) {
	static const char *const bad[] = {
		"",
		"  ",
		"allow",
		"tcp port 80",
		"from",
		"to 10.0.0.1",
		"to any port",
		"to any port 0",
		"to any port 80-",
		"to any port 90-80",
		"to any port 70000",
		"to any port 80,90",
		"256",
		"-1",
		"to any from any",
		"accept reject",
		"tcp to any port 80 x",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena arena = arena_empty();
		struct mirror_filter_rule rule;
		struct aws_error error = {0};
		assert_int_equal(parse(bad[i], &arena, &rule, &error), -EINVAL);
		assert_non_null(strstr(error.message, bad[i]));
		arena_release(&arena);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_people_write),
		cmocka_unit_test(reads_all_parts),
		cmocka_unit_test(refuses_what_it_does_not_understand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
