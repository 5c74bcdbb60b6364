#include "prices.h"

#include "pricing.h"

#include <errno.h>
#include <string.h>

void prices_builtin(struct prices *ret_prices) {
	*ret_prices = (struct prices) {
		.currency = "USD",
		.session_hour = 0.015,
		.balancer_hour = 0.0225,
		.balancer_unit_hour = 0.006,
		.cross_zone_gb = 0.01,
	};
}

// The end of the usage type is the same in all regions: "EUC1-ENI-Mirror".
static bool ends_with(const char *text, const char *tail) {
	size_t len = strlen(text), tail_len = strlen(tail);
	return len >= tail_len && strcmp(text + len - tail_len, tail) == 0;
}

struct wanted {
	const char *usage_tail;
	double *amount;
};

static void
take(const struct pricing_products *products,
     const struct wanted *wanted,
     size_t n_wanted,
     struct arena *arena,
     struct prices *prices) {
	for (size_t i = 0; i < products->products.n; i++) {
		struct pricing_price price;
		if (pricing_read_product(products->products.items[i], arena, &price) < 0)
			continue;
		for (size_t j = 0; j < n_wanted; j++) {
			if (!ends_with(price.usage_type, wanted[j].usage_tail))
				continue;
			*wanted[j].amount = price.amount;
			prices->currency = price.currency;
		}
	}
}

static int
fetch(struct client *client,
      const char *service_code,
      struct pricing_filter *filters,
      size_t n_filters,
      struct arena *arena,
      struct pricing_products *ret_products) {
	struct pricing_query query = {
		.service_code = service_code,
		.filters = {.items = filters, .n = n_filters},
	};
	struct aws_error error;
	return pricing_get_products(client, &query, arena, ret_products, &error);
}

static int fetch_mirroring(struct client *client, struct arena *arena, struct prices *prices) {
	struct pricing_filter filters[] = {{"regionCode", client_region(client)}};
	struct wanted wanted = {"ENI-Mirror", &prices->session_hour};
	struct pricing_products products;
	prices->session_hour = 0;
	int result = fetch(client, "AmazonVPC", filters, 1, arena, &products);
	if (result == 0)
		take(&products, &wanted, 1, arena, prices);
	return result < 0 ? result : prices->session_hour > 0 ? 0 : -ENOENT;
}

static int fetch_balancer(struct client *client, struct arena *arena, struct prices *prices) {
	struct pricing_filter filters[] = {
		{"regionCode", client_region(client)},
		{"productFamily", "Load Balancer-Network"},
	};
	struct wanted wanted[] = {
		{"LoadBalancerUsage", &prices->balancer_hour},
		{"LCUUsage", &prices->balancer_unit_hour},
	};
	struct pricing_products products;
	prices->balancer_hour = 0;
	int result = fetch(client, "AWSELB", filters, 2, arena, &products);
	if (result == 0)
		take(&products, wanted, 2, arena, prices);
	return result < 0 ? result : prices->balancer_hour > 0 ? 0 : -ENOENT;
}

// Only what is billed by the hour while it runs: "BoxUsage:c6i.large".
static void fetch_instance(
	struct client *client,
	const char *instance_type,
	struct arena *arena,
	struct prices *prices
) {
	struct pricing_filter filters[] = {
		{"regionCode", client_region(client)},
		{"instanceType", instance_type},
		{"operatingSystem", "Linux"},
		{"tenancy", "Shared"},
		{"capacitystatus", "Used"},
		{"preInstalledSw", "NA"},
	};
	struct pricing_products products;
	const char *tail = arena_printf(arena, "BoxUsage:%s", instance_type);
	if (tail == NULL || fetch(client, "AmazonEC2", filters, 6, arena, &products) < 0)
		return;
	struct wanted wanted = {tail, &prices->instance_hour};
	take(&products, &wanted, 1, arena, prices);
}

void prices_load(
	struct client *client,
	const char *instance_type,
	struct arena *arena,
	struct prices *ret_prices
) {
	struct prices prices;
	prices_builtin(&prices);
	int result = fetch_mirroring(client, arena, &prices);
	if (result == 0)
		result = fetch_balancer(client, arena, &prices);
	if (result < 0) {
		prices_builtin(&prices);
		prices.why_not = result == -ENOENT ? "the price list has no prices for this region"
						   : "the price list cannot be read";
	} else {
		prices.is_live = true;
	}
	if (instance_type != NULL)
		fetch_instance(client, instance_type, arena, &prices);
	*ret_prices = prices;
}
