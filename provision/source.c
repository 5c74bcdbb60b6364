#include "source.h"

#include <errno.h>
#include <string.h>

static const char *const kind_texts[] = {
#define X(name, text) [SOURCE_##name] = text,
	SOURCE_KINDS(X)
#undef X
};

// What an id of this kind begins with; NULL: any name.
static const char *const id_prefixes[] = {
	[SOURCE_INSTANCE] = "i-",
	[SOURCE_INTERFACE] = "eni-",
	[SOURCE_SUBNET] = "subnet-",
	[SOURCE_VPC] = "vpc-",
	[SOURCE_SCALING_GROUP] = NULL,
};

const char *source_kind_text(enum source_kind kind) {
	return kind_texts[kind];
}

static int bad(struct aws_error *error, const char *text, const char *why) {
	return aws_error_set(error, -EINVAL, "InvalidSource", "source '%s': %s", text, why);
}

static int find_kind(const char *text, size_t len, enum source_kind *ret_kind) {
	for (size_t i = 0; i < sizeof(kind_texts) / sizeof(kind_texts[0]); i++) {
		if (strlen(kind_texts[i]) != len || strncmp(kind_texts[i], text, len) != 0)
			continue;
		*ret_kind = (enum source_kind)i;
		return 0;
	}
	return -EINVAL;
}

// "env=prod,tier=api"; a tag without '=' has an empty value.
static int parse_tags(const char *text, struct arena *arena, struct aws_tags *tags) {
	while (*text != 0) {
		size_t len = strcspn(text, ",");
		size_t key_len = strcspn(text, "=,");
		struct aws_tag *items = arena_grow(arena, tags->items, tags->n, sizeof(*items));
		if (items == NULL)
			return -ENOMEM;
		if (key_len == 0)
			return -EINVAL;
		size_t value_at = key_len < len ? key_len + 1 : len;
		items[tags->n] = (struct aws_tag) {
			.key = arena_strndup(arena, text, key_len),
			.value = arena_strndup(arena, text + value_at, len - value_at),
		};
		if (items[tags->n].key == NULL || items[tags->n].value == NULL)
			return -ENOMEM;
		tags->items = items;
		tags->n++;
		text += len + (text[len] == ',');
	}
	return tags->n == 0 ? -EINVAL : 0;
}

static int check_id(const struct source *source, const char *text, struct aws_error *error) {
	size_t n_prefixes = sizeof(id_prefixes) / sizeof(id_prefixes[0]);
	const char *prefix = source->kind < n_prefixes ? id_prefixes[source->kind] : NULL;
	if (source->id[0] == 0)
		return bad(error, text, "the id is missing");
	if (prefix != NULL && strncmp(source->id, prefix, strlen(prefix)) != 0)
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidSource",
			"source '%s': the id of this kind begins with '%s'",
			text,
			prefix
		);
	const char *slash = strchr(source->id, '/');
	if (source->kind == SOURCE_ECS_SERVICE
	    && (slash == NULL || slash == source->id || slash[1] == 0))
		return bad(error, text, "it must be ecs/CLUSTER/SERVICE");
	return 0;
}

int source_parse(
	const char *text,
	struct arena *arena,
	struct source *ret_source,
	struct aws_error *error
) {
	struct source source = {0};
	size_t kind_len = strcspn(text, "/");
	if (text[kind_len] == 0 || find_kind(text, kind_len, &source.kind) < 0)
		return bad(
			error,
			text,
			"it must be instance/, eni/, ecs/, lb/, tag/, subnet/, vpc/ or asg/ and an "
			"id"
		);
	const char *rest = text + kind_len + 1;
	int result;
	if (source.kind == SOURCE_TAGS) {
		result = parse_tags(rest, arena, &source.tags);
		if (result == -EINVAL)
			bad(error, text, "it must be tag/KEY=VALUE,KEY=VALUE...");
	} else {
		source.id = arena_strdup(arena, rest);
		result = source.id == NULL ? -ENOMEM : check_id(&source, text, error);
	}
	if (result == 0)
		*ret_source = source;
	else if (result == -ENOMEM)
		aws_error_set(error, result, "OutOfMemory", "reading a source");
	return result;
}

const char *source_key(const struct source *source, struct arena *arena) {
	struct strbuf text;
	strbuf_init(&text, 65536);
	strbuf_printf(&text, "%s/", kind_texts[source->kind]);
	if (source->kind != SOURCE_TAGS)
		strbuf_add_text(&text, source->id);
	for (size_t i = 0; source->kind == SOURCE_TAGS && i < source->tags.n; i++) {
		const struct aws_tag *tag = &source->tags.items[i];
		strbuf_printf(&text, "%s%s=%s", i > 0 ? "," : "", tag->key, tag->value);
	}
	const char *key = strbuf_status(&text) < 0 ? NULL : arena_strdup(arena, text.data);
	strbuf_release(&text);
	return key;
}
