#include "tags.h"

#include <string.h>

static const struct shape_field upper_fields[] = {
	SHAPE_STRING(struct aws_tag, key, "Key"),
	SHAPE_STRING(struct aws_tag, value, "Value"),
};
const struct shape tags_shape = SHAPE(struct aws_tag, upper_fields);

static const struct shape_field lower_fields[] = {
	SHAPE_STRING(struct aws_tag, key, "key"),
	SHAPE_STRING(struct aws_tag, value, "value"),
};
const struct shape tags_lower_shape = SHAPE(struct aws_tag, lower_fields);

const char *tags_get(const struct aws_tags *tags, const char *key) {
	for (size_t i = 0; i < tags->n; i++)
		if (tags->items[i].key != NULL && strcmp(tags->items[i].key, key) == 0)
			return tags->items[i].value == NULL ? "" : tags->items[i].value;
	return NULL;
}

bool tags_has(const struct aws_tags *tags, const char *key, const char *value) {
	const char *found = tags_get(tags, key);
	return found != NULL && strcmp(found, value) == 0;
}
