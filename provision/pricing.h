#pragma once

// AWS Price List.

#include "client.h"

struct pricing_filter {
	const char *field; // "regionCode", "productFamily"
	const char *value; // exactly
};

struct pricing_query {
	const char *service_code; // "AmazonVPC", "AWSELB", "AmazonEC2"
	struct {
		struct pricing_filter *items;
		size_t n;
	} filters;
};

struct pricing_products {
	struct shape_strings products; // each a JSON text of its own
};

CLIENT_CALL_DECLARE(pricing_get_products, struct pricing_query, struct pricing_products);

struct pricing_price {
	const char *usage_type; // "EU-ENI-Mirror"
	const char *unit; // "Hrs"
	const char *currency; // "USD", in China "CNY"
	double amount; // of the first tier, on demand
};

// Reads one of the products. -EBADMSG where it holds no on-demand price, -ENOMEM.
int pricing_read_product(const char *json, struct arena *arena, struct pricing_price *ret_price);
