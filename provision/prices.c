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

// Sizes of a family cost in proportion.
static const struct {
	const char *family;
	double large_hour;
} families[] = {
	{"c5", 0.085},	  {"c5n", 0.108},   {"c6a", 0.0765},   {"c6g", 0.068},	 {"c6gn", 0.0864},
	{"c6i", 0.085},	  {"c6in", 0.1134}, {"c7a", 0.10264},  {"c7g", 0.0725},	 {"c7gn", 0.1248},
	{"c7i", 0.08925}, {"c8g", 0.07976}, {"m5", 0.096},     {"m5n", 0.119},	 {"m6a", 0.0864},
	{"m6g", 0.077},	  {"m6i", 0.096},   {"m6in", 0.13923}, {"m7a", 0.11592}, {"m7g", 0.0816},
	{"m7i", 0.1008},  {"m8g", 0.08976}, {"r6i", 0.126},    {"r7i", 0.1323},	 {"t3", 0.0832},
	{"t3a", 0.0752},  {"t4g", 0.0672},
};

static const struct {
	const char *size;
	double factor;
} sizes[] = {
	{"nano", 0.0625},
	{"micro", 0.125},
	{"small", 0.25},
	{"medium", 0.5},
	{"large", 1},
	{"xlarge", 2},
	{"2xlarge", 4},
	{"4xlarge", 8},
	{"8xlarge", 16},
	{"12xlarge", 24},
	{"16xlarge", 32},
	{"24xlarge", 48},
};

double prices_builtin_instance(const char *instance_type) {
	size_t len = strcspn(instance_type, ".");
	double large_hour = 0;
	if (instance_type[len] == 0)
		return 0;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (strlen(families[i].family) == len
		    && strncmp(families[i].family, instance_type, len) == 0)
			large_hour = families[i].large_hour;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (strcmp(sizes[i].size, instance_type + len + 1) == 0)
			return large_hour * sizes[i].factor;
	return 0;
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

struct fetcher {
	struct client *client;
	struct arena *arena;
	struct prices *prices;
	struct aws_error *error;
};

// Sets those of the wanted amounts that the list has.
static int
fetch(struct fetcher *fetcher,
      const struct pricing_query *query,
      const struct wanted *wanted,
      size_t n_wanted) {
	struct arena *arena = fetcher->arena;
	struct pricing_products products;
	int result = pricing_get_products(fetcher->client, query, arena, &products, fetcher->error);
	for (size_t i = 0; result == 0 && i < products.products.n; i++) {
		struct pricing_price price;
		if (pricing_read_product(products.products.items[i], arena, &price) < 0)
			continue;
		for (size_t j = 0; j < n_wanted; j++) {
			if (!ends_with(price.usage_type, wanted[j].usage_tail))
				continue;
			*wanted[j].amount = price.amount;
			fetcher->prices->currency = price.currency;
		}
	}
	return result;
}

static int fetch_mirroring(struct fetcher *fetcher) {
	double *amount = &fetcher->prices->session_hour;
	struct pricing_filter filters[] = {{"regionCode", client_region(fetcher->client)}};
	struct pricing_query query = {
		.service_code = "AmazonVPC",
		.filters = {.items = filters, .n = 1},
	};
	struct wanted wanted = {"ENI-Mirror", amount};
	*amount = 0;
	int result = fetch(fetcher, &query, &wanted, 1);
	return result < 0 ? result : *amount > 0 ? 0 : -ENODATA;
}

static int fetch_balancer(struct fetcher *fetcher) {
	double *amount = &fetcher->prices->balancer_hour;
	struct pricing_filter filters[] = {
		{"regionCode", client_region(fetcher->client)},
		{"productFamily", "Load Balancer-Network"},
	};
	struct pricing_query query = {
		.service_code = "AWSELB",
		.filters = {.items = filters, .n = 2},
	};
	struct wanted wanted[] = {
		{"LoadBalancerUsage", amount},
		{"LCUUsage", &fetcher->prices->balancer_unit_hour},
	};
	*amount = 0;
	int result = fetch(fetcher, &query, wanted, 2);
	return result < 0 ? result : *amount > 0 ? 0 : -ENODATA;
}

// Only what is billed by the hour while it runs: "BoxUsage:c6i.large". That it has no price is not said as an
// error.
static void fetch_instance(struct fetcher *fetcher, const char *instance_type) {
	struct pricing_filter filters[] = {
		{"regionCode", client_region(fetcher->client)},
		{"instanceType", instance_type},
		{"operatingSystem", "Linux"},
		{"tenancy", "Shared"},
		{"capacitystatus", "Used"},
		{"preInstalledSw", "NA"},
	};
	struct pricing_query query = {
		.service_code = "AmazonEC2",
		.filters = {.items = filters, .n = sizeof(filters) / sizeof(filters[0])},
	};
	struct wanted wanted = {
		arena_printf(fetcher->arena, "BoxUsage:%s", instance_type),
		&fetcher->prices->instance_hour,
	};
	if (wanted.usage_tail != NULL)
		(void)fetch(fetcher, &query, &wanted, 1);
}

static const char *why_not(int result, const struct aws_error *error, struct arena *arena) {
	if (result == -ENODATA)
		return "the price list has no prices for this region";
	if (result == -ENOENT)
		return "without credentials there is no price list";
	const char *why = arena_printf(arena, "the price list cannot be read (%s)", error->code);
	return why == NULL ? "the price list cannot be read" : why;
}

void prices_load(
	struct client *client,
	const char *instance_type,
	struct arena *arena,
	struct prices *ret_prices
) {
	struct prices prices;
	struct aws_error error = {0};
	struct fetcher fetcher = {
		.client = client,
		.arena = arena,
		.prices = &prices,
		.error = &error,
	};
	prices_builtin(&prices);
	int result = fetch_mirroring(&fetcher);
	if (result == 0)
		result = fetch_balancer(&fetcher);
	if (result < 0) {
		prices_builtin(&prices);
		prices.why_not = why_not(result, &error, arena);
		if (instance_type != NULL)
			prices.instance_hour = prices_builtin_instance(instance_type);
	} else {
		prices.is_live = true;
		if (instance_type != NULL)
			fetch_instance(&fetcher, instance_type);
	}
	*ret_prices = prices;
}
