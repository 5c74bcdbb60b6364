#include "pause.h"

#include "ownership.h"
#include "timestamps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PAUSED "paused"
#define PAUSED_UNTIL "paused-until "
#define ACTIVE_UNTIL "active-until "

static bool begins_with(const char *text, const char *prefix) {
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

int pause_parse(const char *value, struct pause *ret_pause) {
	struct pause pause = {0};
	if (strcmp(value, PAUSED) == 0) {
		*ret_pause = (struct pause) {.kind = PAUSE_ALWAYS};
		return 0;
	}
	if (begins_with(value, PAUSED_UNTIL))
		pause.kind = PAUSE_UNTIL;
	else if (begins_with(value, ACTIVE_UNTIL))
		pause.kind = PAUSE_AFTER;
	else
		return -EBADMSG;
	if (timestamp_from_iso(strchr(value, ' ') + 1, &pause.time_s) < 0)
		return -EBADMSG;
	*ret_pause = pause;
	return 0;
}

void pause_format(const struct pause *pause, char ret_value[PAUSE_TEXT_SIZE]) {
	static const char *const prefixes[] = {
		[PAUSE_NEVER] = "",
		[PAUSE_ALWAYS] = PAUSED,
		[PAUSE_UNTIL] = PAUSED_UNTIL,
		[PAUSE_AFTER] = ACTIVE_UNTIL,
	};
	char time[TIMESTAMP_ISO_SIZE] = "";
	if (pause->kind == PAUSE_UNTIL || pause->kind == PAUSE_AFTER)
		timestamp_to_iso(pause->time_s, time);
	snprintf(ret_value, PAUSE_TEXT_SIZE, "%s%s", prefixes[pause->kind], time);
}

bool pause_holds(const struct pause *pause, int64_t now_s) {
	switch (pause->kind) {
	case PAUSE_NEVER:
		return false;
	case PAUSE_ALWAYS:
		return true;
	case PAUSE_UNTIL:
		return now_s < pause->time_s;
	case PAUSE_AFTER:
		return now_s >= pause->time_s;
	}
	return false;
}

void pause_describe(const struct pause *pause, int64_t now_s, char ret_text[PAUSE_TEXT_SIZE]) {
	bool holds = pause_holds(pause, now_s);
	bool has_end =
		(pause->kind == PAUSE_UNTIL && holds) || (pause->kind == PAUSE_AFTER && !holds);
	char time[TIMESTAMP_ISO_SIZE] = "";
	if (has_end)
		timestamp_to_iso(pause->time_s, time);
	snprintf(
		ret_text,
		PAUSE_TEXT_SIZE,
		"%s%s%s",
		holds ? "paused" : "active",
		has_end ? " until " : "",
		time
	);
}

// The nth mirror filter or target that is the deployment's own: its id, or NULL.
static const char *
holder(const struct inventory *inventory,
       const char *deployment,
       size_t nth,
       const struct aws_tags **ret_tags) {
	const struct ec2_mirror_filters *filters = &inventory->filters;
	const struct ec2_mirror_targets *targets = &inventory->targets;
	for (size_t i = 0; i < filters->filters.n; i++) {
		const struct ec2_mirror_filter *filter = &filters->filters.items[i];
		*ret_tags = &filter->tags;
		if (ownership_is_ours(&filter->tags, deployment) && nth-- == 0)
			return filter->id;
	}
	for (size_t i = 0; i < targets->targets.n; i++) {
		const struct ec2_mirror_target *target = &targets->targets.items[i];
		*ret_tags = &target->tags;
		if (ownership_is_ours(&target->tags, deployment) && nth-- == 0)
			return target->id;
	}
	return NULL;
}

bool pause_find(
	const struct inventory *inventory,
	const char *deployment,
	struct pause *ret_pause
) {
	const struct aws_tags *tags;
	bool is_readable = true;
	*ret_pause = (struct pause) {0};
	for (size_t i = 0; holder(inventory, deployment, i, &tags) != NULL; i++) {
		const char *value = tags_get(tags, PAUSE_TAG);
		if (value == NULL)
			continue;
		if (pause_parse(value, ret_pause) == 0)
			return true;
		is_readable = false;
	}
	return is_readable;
}

bool pause_is_possible(const struct inventory *inventory, const char *deployment) {
	const struct aws_tags *tags;
	return holder(inventory, deployment, 0, &tags) != NULL;
}

static int list_holders(
	const struct inventory *inventory,
	const char *deployment,
	struct arena *arena,
	struct shape_strings *ret_ids
) {
	const struct aws_tags *tags;
	const char **ids = NULL;
	size_t n = 0;
	for (;;) {
		const char *id = holder(inventory, deployment, n, &tags);
		if (id == NULL)
			break;
		ids = arena_grow(arena, ids, n, sizeof(*ids));
		if (ids == NULL)
			return -ENOMEM;
		ids[n++] = id;
	}
	*ret_ids = (struct shape_strings) {.items = ids, .n = n};
	return 0;
}

int pause_set(
	struct client *client,
	const struct inventory *inventory,
	const char *deployment,
	const struct pause *pause,
	struct aws_error *error
) {
	char value[PAUSE_TEXT_SIZE];
	struct aws_tag tag = {.key = PAUSE_TAG, .value = value};
	struct ec2_tagging tagging = {.tags = {.items = &tag, .n = 1}};
	struct arena arena = arena_empty();
	int result = list_holders(inventory, deployment, &arena, &tagging.resource_ids);
	pause_format(pause, value);
	if (result < 0) {
		aws_error_set(error, result, "OutOfMemory", "pausing");
	} else if (tagging.resource_ids.n == 0) {
		result = aws_error_set(
			error,
			-ENOENT,
			"NothingToRememberOn",
			"deployment '%s' has no mirror filter or mirror target of its own, so "
			"there is "
			"nothing to remember a pause on",
			deployment
		);
	} else if (pause->kind == PAUSE_NEVER) {
		tag.value = NULL;
		result = ec2_delete_tags(client, &tagging, &arena, NULL, error);
	} else {
		result = ec2_create_tags(client, &tagging, &arena, NULL, error);
	}
	arena_release(&arena);
	return result;
}
