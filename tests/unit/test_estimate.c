#include "estimate.h"
#include "pricing.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_near(double a, double b) {
	if (fabs(a - b) > 0.005)
		fail_msg("%g is not %g", a, b);
}

static void adds_up_what_a_deployment_costs(void **) {
	struct prices prices;
	struct estimate estimate;
	struct estimate_question question = {
		.n_sessions = 10,
		.has_balancer = true,
		.gbps = 0.1,
		.cross_zone_share = 0.5,
		.n_appliances = 2,
	};
	prices_builtin(&prices);
	prices.instance_hour = 0.17;
	estimate_make(&question, &prices, &estimate);
	assert_int_equal(estimate.n_lines, 5);
	assert_near(estimate.lines[0].month, 10 * 10.95);
	assert_near(estimate.lines[1].month, 0.0225 * 730);
	assert_near(estimate.lines[2].month, 2 * 0.17 * 730);
	assert_near(estimate.lines[3].month, 45 * 0.006 * 730);
	assert_near(estimate.lines[3].hour, 45 * 0.006);
	assert_near(estimate.lines[4].month, 45 * 730 * 0.01);
	assert_near(estimate.lines[4].quantity, 45 * 730);
	assert_near(estimate.hour, estimate.month / 730);
	assert_near(estimate.gbps_month, 10 * (197.1 + 328.5));
	assert_true(estimate.is_complete);
	assert_near(estimate.month, 109.5 + 16.425 + 197.1 + 328.5 + 248.2);
}

static void says_what_has_no_price(void **) {
	struct prices prices;
	struct estimate estimate;
	struct estimate_question question = {.n_appliances = 2};
	prices_builtin(&prices);
	estimate_make(&question, &prices, &estimate);
	assert_int_equal(estimate.n_lines, 1);
	assert_true(estimate.lines[0].is_unknown);
	assert_false(estimate.is_complete);
	assert_near(estimate.month, 0);
}

static void counts_only_the_traffic_of_a_load_balancer_that_is_there_anyway(void **) {
	struct prices prices;
	struct estimate estimate;
	struct estimate_question question = {.uses_balancer = true, .gbps = 1};
	prices_builtin(&prices);
	estimate_make(&question, &prices, &estimate);
	assert_int_equal(estimate.n_lines, 1);
	assert_string_equal(estimate.lines[0].key, "load_balancer_capacity");
}

static void knows_common_instance_types_without_a_price_list(void **) {
	assert_near(prices_builtin_instance("c6i.large") * 1000, 85);
	assert_near(prices_builtin_instance("c7i.2xlarge") * 1000, 357);
	assert_near(prices_builtin_instance("t3.micro") * 1000, 10.4);
	assert_near(prices_builtin_instance("c7i.metal-24xl"), 0);
	assert_near(prices_builtin_instance("c7i"), 0);
	assert_near(prices_builtin_instance("z9.large"), 0);
	assert_near(prices_builtin_instance(""), 0);
}

#define PRODUCT(price)                                                                             \
	"{\"product\":{\"attributes\":{\"usagetype\":\"EUC1-ENI-Mirror\"}},\"terms\":{"            \
	"\"OnDemand\":"                                                                            \
	"{\"SKU.1\":{\"priceDimensions\":{\"SKU.1.2\":{\"unit\":\"Hrs\",\"beginRange\":\"0\","     \
	"\"pricePerUnit\":" price "}}}}}}"

static void reads_a_product_of_the_price_list(void **) {
	struct arena arena = arena_empty();
	struct pricing_price price;
	assert_int_equal(
		pricing_read_product(PRODUCT("{\"USD\":\"0.0180000000\"}"), &arena, &price), 0
	);
	assert_string_equal(price.usage_type, "EUC1-ENI-Mirror");
	assert_string_equal(price.currency, "USD");
	assert_near(price.amount * 1000, 18);
	assert_int_equal(pricing_read_product(PRODUCT("{\"CNY\":\"0.13\"}"), &arena, &price), 0);
	assert_string_equal(price.currency, "CNY");
	arena_release(&arena);
}

static void refuses_products_without_a_price(void **) {
	static const char *const bad[] = {
		"",
		"{}",
		"{\"terms\":{\"OnDemand\":{}}}",
		PRODUCT("{}"),
		PRODUCT("{\"USD\":\"free\"}"),
		PRODUCT("{\"USD\":\"1e999\"}"),
		"not json",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena arena = arena_empty();
		struct pricing_price price;
		if (pricing_read_product(bad[i], &arena, &price) != -EBADMSG)
			fail_msg("accepted '%s'", bad[i]);
		arena_release(&arena);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_up_what_a_deployment_costs),
		cmocka_unit_test(says_what_has_no_price),
		cmocka_unit_test(counts_only_the_traffic_of_a_load_balancer_that_is_there_anyway),
		cmocka_unit_test(knows_common_instance_types_without_a_price_list),
		cmocka_unit_test(reads_a_product_of_the_price_list),
		cmocka_unit_test(refuses_products_without_a_price),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
