#include "gaps.h"

#include "retry.h"

#include <errno.h>
#include <string.h>

static bool is_gap(const char *operation, int result, const struct aws_error *error) {
	if (strncmp(operation, "sts:", 4) == 0)
		return false;
	if (result == -EBADMSG || result == -E2BIG)
		return true;
	switch (retry_classify(result, error)) {
	case RETRY_THROTTLED:
	case RETRY_TRANSIENT:
	case RETRY_UNKNOWN:
		return true;
	case RETRY_NEVER:
	case RETRY_EXPIRED:
	case RETRY_SKEWED:
		break;
	}
	return result == -EREMOTEIO && aws_error_is_denied(error);
}

bool gaps_take(
	struct gaps *gaps,
	const char *operation,
	int result,
	const struct aws_error *error
) {
	struct arena *arena = &gaps->arena;
	if (!is_gap(operation, result, error))
		return false;
	struct gap gap = {
		.operation = arena_strdup(arena, operation),
		.is_denied = result == -EREMOTEIO && aws_error_is_denied(error),
		.code = arena_strdup(arena, error->code),
		.message = arena_strdup(arena, error->message),
	};
	struct gap *items = arena_grow(arena, gaps->items, gaps->n, sizeof(*items));
	if (items == NULL || gap.operation == NULL || gap.code == NULL || gap.message == NULL)
		return false;
	items[gaps->n++] = gap;
	gaps->items = items;
	return true;
}

const struct gap *gaps_find(const struct gaps *gaps, const char *operation) {
	for (size_t i = 0; gaps != NULL && i < gaps->n; i++)
		if (strcmp(gaps->items[i].operation, operation) == 0)
			return &gaps->items[i];
	return NULL;
}

void gaps_release(struct gaps *gaps) {
	arena_release(&gaps->arena);
	*gaps = (struct gaps) {0};
}
