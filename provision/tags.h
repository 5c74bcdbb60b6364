#pragma once

// Tags as all services have them.

#include "shape.h"

struct aws_tag {
	const char *key;
	const char *value;
};

struct aws_tags {
	struct aws_tag *items;
	size_t n;
};

// The value of a tag, or NULL.
const char *tags_get(const struct aws_tags *tags, const char *key);

bool tags_has(const struct aws_tags *tags, const char *key, const char *value);

// Items of a list of tags: "Key" and "Value", or "key" and "value".
extern const struct shape tags_shape;
extern const struct shape tags_lower_shape;
