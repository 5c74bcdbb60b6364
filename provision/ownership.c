#include "ownership.h"

#include <errno.h>
#include <string.h>

#define VALUE_MAX 256 // of a tag

bool ownership_is_id(const char *id) {
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return len > 0 && len <= OWNERSHIP_ID_MAX && id[len] == 0 && id[0] != '-'
		&& id[len - 1] != '-';
}

bool ownership_is_managed(const struct aws_tags *tags) {
	return tags_has(tags, OWNERSHIP_TAG_MANAGED, "true");
}

bool ownership_is_ours(const struct aws_tags *tags, const char *deployment) {
	return ownership_is_managed(tags) && tags_has(tags, OWNERSHIP_TAG_DEPLOYMENT, deployment);
}

bool ownership_has_source(const struct aws_tags *tags, const char *source) {
	const char *value = tags_get(tags, OWNERSHIP_TAG_SOURCE);
	size_t len = strlen(source) < VALUE_MAX ? strlen(source) : VALUE_MAX;
	return value != NULL && strlen(value) == len && strncmp(value, source, len) == 0;
}

int ownership_tags(
	const char *deployment,
	const char *name,
	const char *source,
	const struct aws_tags *extra,
	struct arena *arena,
	struct aws_tags *ret_tags
) {
	size_t n = 0;
	struct aws_tag *items = arena_alloc_array(arena, 4 + extra->n, sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	items[n++] = (struct aws_tag) {OWNERSHIP_TAG_MANAGED, "true"};
	items[n++] = (struct aws_tag) {OWNERSHIP_TAG_DEPLOYMENT, deployment};
	items[n++] = (struct aws_tag) {"Name", name};
	if (source != NULL) {
		const char *value = arena_strndup(
			arena, source, strlen(source) < VALUE_MAX ? strlen(source) : VALUE_MAX
		);
		if (value == NULL)
			return -ENOMEM;
		items[n++] = (struct aws_tag) {OWNERSHIP_TAG_SOURCE, value};
	}
	for (size_t i = 0; i < extra->n; i++)
		items[n++] = extra->items[i];
	*ret_tags = (struct aws_tags) {.items = items, .n = n};
	return 0;
}
