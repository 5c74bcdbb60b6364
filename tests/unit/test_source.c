#include "instance_types.h"
#include "ownership.h"
#include "source.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void reads_and_writes_every_kind(void **) {
	static const char *const texts[] = {
		"instance/i-0123456789abcdef0",
		"eni/eni-0123456789abcdef0",
		"ecs/shop/cart",
		"lb/shop-front",
		"lb/arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/x/1",
		"tag/env=prod,tier=api",
		"tag/empty=",
		"subnet/subnet-1",
		"vpc/vpc-1",
		"asg/a name with spaces",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena arena = arena_empty();
		struct source source;
		struct aws_error error;
		assert_int_equal(source_parse(texts[i], &arena, &source, &error), 0);
		assert_string_equal(source_key(&source, &arena), texts[i]);
		arena_release(&arena);
	}
}

static void refuses_what_is_no_source(void **) {
	static const char *const texts[] = {
		"",
		"instance",
		"instance/",
		"instance/eni-1",
		"eni/i-1",
		"subnet/vpc-1",
		"ecs/shop",
		"ecs/shop/",
		"ecs//cart",
		"tag/",
		"tag/=value",
		"bucket/x",
		"INSTANCE/i-1",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena arena = arena_empty();
		struct source source;
		struct aws_error error;
		if (source_parse(texts[i], &arena, &source, &error) != -EINVAL)
			fail_msg("accepted '%s'", texts[i]);
		assert_non_null(strstr(error.message, texts[i]));
		arena_release(&arena);
	}
}

static void knows_instance_types(void **) {
	static const struct {
		const char *type;
		enum instance_types_support support;
	} cases[] = {
		{"m5.large", INSTANCE_TYPES_SUPPORTED},
		{"m7i-flex.large", INSTANCE_TYPES_SUPPORTED},
		{"u7in-16tb.224xlarge", INSTANCE_TYPES_SUPPORTED},
		{"c5.metal", INSTANCE_TYPES_SUPPORTED},
		{"mac2-m2pro.metal", INSTANCE_TYPES_SUPPORTED},
		{"t2.micro", INSTANCE_TYPES_UNSUPPORTED},
		{"m8g.large", INSTANCE_TYPES_UNSUPPORTED},
		{"c6i.metal", INSTANCE_TYPES_UNSUPPORTED},
		{"m7i.metal-24xl", INSTANCE_TYPES_UNSUPPORTED},
		{"m9x.large", INSTANCE_TYPES_UNKNOWN},
		{"nonsense", INSTANCE_TYPES_UNKNOWN},
		{"", INSTANCE_TYPES_UNKNOWN},
	};
	const char *extra_items[] = {"m9x", "t2.micro"};
	struct shape_strings none = {0}, extra = {extra_items, 2};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (instance_types_support(cases[i].type, &none) != cases[i].support)
			fail_msg("is wrong about '%s'", cases[i].type);
	assert_int_equal(instance_types_support("m9x.large", &extra), INSTANCE_TYPES_SUPPORTED);
	assert_int_equal(instance_types_support("t2.micro", &extra), INSTANCE_TYPES_SUPPORTED);
	assert_int_equal(instance_types_support("t2.small", &extra), INSTANCE_TYPES_UNSUPPORTED);
}

static void knows_its_own_by_tags(void **) {
	struct aws_tag items[] = {
		{"metlo:managed", "true"},
		{"metlo:deployment", "prod"},
		{"Name", NULL},
	};
	struct aws_tags tags = {items, 3};
	assert_true(ownership_is_ours(&tags, "prod"));
	assert_false(ownership_is_ours(&tags, "pro"));
	assert_string_equal(tags_get(&tags, "Name"), "");
	items[0].value = "false";
	assert_false(ownership_is_ours(&tags, "prod"));
	assert_true(ownership_is_id("a1-b2"));
	assert_false(ownership_is_id(""));
	assert_false(ownership_is_id("-a"));
	assert_false(ownership_is_id("A"));
	assert_false(ownership_is_id("a-name-that-is-too-long"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_every_kind),
		cmocka_unit_test(refuses_what_is_no_source),
		cmocka_unit_test(knows_instance_types),
		cmocka_unit_test(knows_its_own_by_tags),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
