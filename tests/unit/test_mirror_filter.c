#include "mirror_filter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
compile(struct arena *arena,
	struct mirror_filter_rule *items,
	size_t n,
	struct mirror_filter_plan *plan) {
	struct mirror_filter_rules rules = {.items = items, .n = n};
	struct aws_error error;
	return mirror_filter_compile(&rules, arena, plan, &error);
}

static void writes_the_default_out_for_both_directions_and_families(void **) {
	struct arena arena = arena_empty();
	struct mirror_filter_rules rules;
	struct mirror_filter_plan plan;
	struct aws_error error;
	assert_int_equal(mirror_filter_default(&arena, &rules), 0);
	assert_int_equal(mirror_filter_compile(&rules, &arena, &plan, &error), 0);
	assert_int_equal(plan.n, 8);
	assert_string_equal(plan.rules[0].direction, "ingress");
	assert_int_equal(plan.rules[0].number, 100);
	assert_int_equal(plan.rules[0].protocol.value, 6);
	assert_string_equal(plan.rules[0].source_cidr, "0.0.0.0/0");
	assert_string_equal(plan.rules[1].source_cidr, "::/0");
	assert_string_equal(plan.rules[2].direction, "egress");
	assert_int_equal(plan.rules[2].number, 100);
	assert_int_equal(plan.rules[4].protocol.value, 17);
	assert_int_equal(plan.rules[4].number, 300);
	arena_release(&arena);
}

static void makes_the_right_rules_for_a_server(void **) {
	struct arena arena = arena_empty();
	struct mirror_filter_rules rules;
	struct mirror_filter_plan plan;
	struct aws_error error;
	uint16_t ports[] = {80, 443};
	size_t n_extra = 9;
	assert_int_equal(mirror_filter_for_servers(ports, 2, &arena, &rules, &n_extra), 0);
	assert_int_equal(n_extra, 0);
	assert_int_equal(mirror_filter_compile(&rules, &arena, &plan, &error), 0);
	assert_int_equal(plan.n, 8);
	assert_string_equal(plan.rules[0].direction, "ingress");
	assert_int_equal(plan.rules[0].destination_from.value, 80);
	assert_int_equal(plan.rules[0].destination_to.value, 80);
	assert_false(plan.rules[0].source_from.is_set);
	assert_string_equal(plan.rules[2].direction, "egress");
	assert_int_equal(plan.rules[2].source_from.value, 80);
	assert_false(plan.rules[2].destination_from.is_set);
	arena_release(&arena);
}

static void merges_the_nearest_ports_when_there_are_too_many(void **) {
	struct arena arena = arena_empty();
	struct mirror_filter_rules rules;
	struct mirror_filter_plan plan;
	struct aws_error error;
	uint16_t ports[] = {80, 81, 443, 445, 3000, 5432, 8080, 8443, 65535};
	size_t n_extra = 0;
	assert_int_equal(mirror_filter_for_servers(ports, 9, &arena, &rules, &n_extra), 0);
	assert_int_equal(rules.n, 10);
	assert_int_equal(rules.items[0].destination_ports.from, 80);
	assert_int_equal(rules.items[0].destination_ports.to, 445);
	assert_int_equal(rules.items[6].destination_ports.from, 8080);
	assert_int_equal(rules.items[6].destination_ports.to, 8443);
	assert_int_equal(n_extra, (445 - 80 + 1 - 4) + (8443 - 8080 + 1 - 2));
	assert_int_equal(mirror_filter_compile(&rules, &arena, &plan, &error), 0);
	assert_int_equal(plan.n, 20);
	arena_release(&arena);
}

static void keeps_rejects_where_they_are(void **) {
	struct arena arena = arena_empty();
	struct mirror_filter_plan plan;
	struct mirror_filter_rule rules[] = {
		{
			.action = "reject",
			.direction = "ingress",
			.protocol = SHAPE_NUMBER_OF(6),
			.destination_ports = {22, 22},
			.source_cidr = "10.0.0.0/8",
		},
		{.direction = "ingress"},
	};
	assert_int_equal(compile(&arena, rules, 2, &plan), 0);
	assert_int_equal(plan.n, 3);
	assert_string_equal(plan.rules[0].action, "reject");
	assert_string_equal(plan.rules[0].destination_cidr, "0.0.0.0/0");
	assert_false(plan.rules[1].protocol.is_set);
	arena_release(&arena);
}

static void refuses_rules_that_make_no_sense(void **) {
	static const struct mirror_filter_rule bad[] = {
		{.source_cidr = "10.0.0.0"},
		{.source_cidr = "10.0.0.0/33"},
		{.source_cidr = "not/8"},
		{.source_cidr = "10.0.0.0/8", .destination_cidr = "::/0"},
		{.destination_ports = {80, 80}},
		{.protocol = {true, 1}, .destination_ports = {80, 80}},
		{.protocol = {true, 6}, .destination_ports = {90, 80}},
		{.protocol = {true, 6}, .destination_ports = {0, 80}},
		{.protocol = {true, 256}},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena arena = arena_empty();
		struct mirror_filter_plan plan;
		struct mirror_filter_rule rule = bad[i];
		if (compile(&arena, &rule, 1, &plan) != -EINVAL)
			fail_msg("accepted rule %zu", i);
		arena_release(&arena);
	}
}

static void counts_the_rules_of_a_direction(void **) {
	struct arena arena = arena_empty();
	struct mirror_filter_plan plan;
	struct mirror_filter_rule rules[6] = {0};
	for (size_t i = 0; i < 6; i++)
		rules[i].direction = "egress";
	assert_int_equal(compile(&arena, rules, 5, &plan), 0);
	assert_int_equal(compile(&arena, rules, 6, &plan), -E2BIG);
	arena_release(&arena);
}

static void knows_a_filter_that_takes_all(void **) {
	struct ec2_mirror_rule all = {
		.action = "accept",
		.number = 100,
		.source_cidr = "0.0.0.0/0",
		.destination_cidr = "0.0.0.0/0",
	};
	struct ec2_mirror_rule ssh = all;
	ssh.action = "reject";
	ssh.number = 50;
	struct ec2_mirror_rule ingress[] = {all, ssh};
	struct ec2_mirror_filter filter = {
		.ingress = {ingress, 1},
		.egress = {&all, 1},
	};
	assert_true(mirror_filter_takes_all(&filter));
	filter.ingress.n = 2;
	assert_false(mirror_filter_takes_all(&filter));
	filter.ingress.n = 1;
	ingress[0].destination_from = SHAPE_NUMBER_OF(80);
	assert_false(mirror_filter_takes_all(&filter));
	ingress[0] = all;
	ingress[0].protocol = SHAPE_NUMBER_OF(17);
	assert_false(mirror_filter_takes_all(&filter));
	filter.egress.n = 0;
	assert_false(mirror_filter_takes_all(&filter));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_the_default_out_for_both_directions_and_families),
		cmocka_unit_test(makes_the_right_rules_for_a_server),
		cmocka_unit_test(merges_the_nearest_ports_when_there_are_too_many),
		cmocka_unit_test(keeps_rejects_where_they_are),
		cmocka_unit_test(refuses_rules_that_make_no_sense),
		cmocka_unit_test(counts_the_rules_of_a_direction),
		cmocka_unit_test(knows_a_filter_that_takes_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
