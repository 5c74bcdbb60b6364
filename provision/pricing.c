#include "pricing.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct service service_pricing = {
	.id = "pricing",
	.endpoint = "api.pricing",
	.signing_name = "pricing",
	.protocol = PROTOCOL_JSON,
	.target = "AWSPriceListService.",
	.variable = "PRICING",
};

static const struct shape_field filter_fields[] = {
	SHAPE_CONSTANT("Type", "TERM_MATCH"),
	SHAPE_STRING(struct pricing_filter, field, "Field"),
	SHAPE_STRING(struct pricing_filter, value, "Value"),
};
static const struct shape filter_shape = SHAPE(struct pricing_filter, filter_fields);
static const struct shape_field query_fields[] = {
	SHAPE_STRING(struct pricing_query, service_code, "ServiceCode"),
	SHAPE_LIST(struct pricing_query, filters, "Filters", filter_shape),
};
static const struct shape query_shape = SHAPE(struct pricing_query, query_fields);
static const struct shape_field products_fields[] = {
	SHAPE_STRINGS(struct pricing_products, products, "PriceList"),
};
static const struct shape products_shape = SHAPE(struct pricing_products, products_fields);

CLIENT_CALL_DEFINE(
	pricing_get_products,
	struct pricing_query,
	struct pricing_products,
	.service = &service_pricing,
	.name = "GetProducts",
	.input = &query_shape,
	.output = &products_shape,
	.paging = {"NextToken", "NextToken", NULL, "MaxResults", 100, 0}
);

// The tier that begins at 0; where none says where it begins, the first.
static const struct node *first_tier(const struct node *dimensions) {
	for (const struct node *tier = dimensions->child; tier != NULL; tier = tier->next) {
		const char *begin = node_text(tier, "beginRange");
		if (begin != NULL && strcmp(begin, "0") == 0)
			return tier;
	}
	return dimensions->child;
}

// {"product": {"attributes": {"usagetype": ...}}, "terms": {"OnDemand": {SKU: {"priceDimensions":
// {CODE: {"unit": ..., "pricePerUnit": {CURRENCY: ...}}}}}}}
int pricing_read_product(const char *json, struct arena *arena, struct pricing_price *ret_price) {
	struct node *root = NULL;
	int result = node_from_json(arena, slice_of_string(json), &root);
	if (result < 0)
		return result;
	const struct node *terms = node_find(root, "terms/OnDemand");
	const struct node *dimensions =
		node_find(terms == NULL ? NULL : terms->child, "priceDimensions");
	const struct node *tier = dimensions == NULL ? NULL : first_tier(dimensions);
	const struct node *unit_price = node_find(tier, "pricePerUnit");
	const struct node *amount = unit_price == NULL ? NULL : unit_price->child;
	const char *usage_type = node_text(root, "product/attributes/usagetype");
	char *end = NULL;
	if (amount == NULL || amount->text == NULL || usage_type == NULL)
		return -EBADMSG;
	double value = strtod(amount->text, &end);
	if (end == amount->text || *end != 0 || !isfinite(value))
		return -EBADMSG;
	*ret_price = (struct pricing_price) {
		.usage_type = usage_type,
		.unit = node_text(tier, "unit"),
		.currency = amount->name,
		.amount = value,
	};
	return 0;
}
