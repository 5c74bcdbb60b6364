#include "setting.h"

#include "suggest.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_KEYS_MAX 64
#define FOUND_MAX 64

// Every SETTING_LIST_OF() has this layout. Lists are read and written as bytes, since their
// pointers have different types.
struct list SETTING_LIST_OF(void);
#define LIST_GROWTH 8

static struct list list_of(const void *target) {
	struct list list;
	memcpy(&list, target, sizeof(list));
	return list;
}

static char *text_of(const void *target) {
	char *text;
	memcpy(&text, target, sizeof(text));
	return text;
}

static void *member_of(const struct setting *field, void *target) {
	return (char *)target + field->at;
}

static void *entry_of(const struct setting *setting, const struct list *list, size_t i) {
	return (char *)list->items + i * setting->item_size;
}

void setting_release(const struct setting *setting, void *target) {
	if (setting->type == SETTING_TEXT) {
		free(text_of(target));
		memset(target, 0, sizeof(char *));
	} else if (setting->type == SETTING_OBJECT) {
		for (const struct setting *field = setting->fields; field->key != NULL; field++)
			setting_release(field, member_of(field, target));
	} else if (setting->type == SETTING_LIST) {
		struct list list = list_of(target);
		for (size_t i = 0; i < list.n; i++)
			setting_release(setting->item, entry_of(setting, &list, i));
		free(list.items);
		memset(target, 0, sizeof(struct list));
	}
}

static void expected_choice(const struct setting *setting, char *ret, size_t ret_size) {
	size_t len = (size_t)snprintf(ret, ret_size, "one of");
	for (const char *const *name = setting->choices; *name != NULL && len < ret_size; name++) {
		const char *mark = name == setting->choices ? "" : ",";
		len += (size_t)snprintf(ret + len, ret_size - len, "%s \"%s\"", mark, *name);
	}
}

static void expected_list(const struct setting *setting, char *ret, size_t ret_size) {
	static const char *const kinds[] = {
		[SETTING_NUMBER] = "numbers",
		[SETTING_BOOL] = "booleans",
		[SETTING_TEXT] = "strings",
		[SETTING_CHOICE] = "names",
		[SETTING_OBJECT] = "objects",
		[SETTING_LIST] = "arrays",
	};
	const char *kind = kinds[setting->item->type];
	snprintf(
		ret,
		ret_size,
		"an array of %" PRIu32 " to %" PRIu32 " %s",
		setting->min,
		setting->max,
		kind
	);
}

void setting_expected(const struct setting *setting, char *ret, size_t ret_size) {
	switch (setting->type) {
	case SETTING_NUMBER:
		snprintf(
			ret,
			ret_size,
			"an integer from %" PRIu32 " to %" PRIu32,
			setting->min,
			setting->max
		);
		return;
	case SETTING_BOOL:
		snprintf(ret, ret_size, "true or false");
		return;
	case SETTING_TEXT:
		snprintf(
			ret,
			ret_size,
			"a string of %" PRIu32 " to %" PRIu32 " bytes",
			setting->min,
			setting->max
		);
		return;
	case SETTING_CHOICE:
		expected_choice(setting, ret, ret_size);
		return;
	case SETTING_OBJECT:
		snprintf(ret, ret_size, "an object");
		return;
	case SETTING_LIST:
		expected_list(setting, ret, ret_size);
		return;
	}
}

// What is there instead, short enough for a line.
static void describe_found(const json_t *value, char *ret, size_t ret_size) {
	if (json_is_object(value) || json_is_array(value)) {
		const char *kind = json_is_object(value) ? "an object" : "an array";
		size_t n = json_is_object(value) ? json_object_size(value) : json_array_size(value);
		snprintf(ret, ret_size, "%s of %zu", kind, n);
		return;
	}
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	if (text == NULL && json_is_string(value)) // of an option, whose bytes may be any
		snprintf(ret, ret_size, "\"%s\"", json_string_value(value));
	else if (text == NULL)
		snprintf(ret, ret_size, "something else");
	else if (strlen(text) < ret_size)
		snprintf(ret, ret_size, "%s", text);
	else
		snprintf(ret, ret_size, "%.*s...", (int)ret_size - 4, text);
	free(text);
}

static int
refuse(const struct setting *setting,
       const json_t *value,
       const char *path,
       struct setting_error *ret_error) {
	char expected[SETTING_ERROR_MAX / 2], found[FOUND_MAX];
	setting_expected(setting, expected, sizeof(expected));
	describe_found(value, found, sizeof(found));
	const char *near = NULL;
	if (setting->type == SETTING_CHOICE && json_is_string(value))
		near = suggest(json_string_value(value), setting->choices);
	snprintf(
		ret_error->text,
		sizeof(ret_error->text),
		"%s: expected %s, found %s%s%s%s",
		path,
		expected,
		found,
		near != NULL ? "; did you mean \"" : "",
		near != NULL ? near : "",
		near != NULL ? "\"?" : ""
	);
	return -EINVAL;
}

static int apply_number(
	const struct setting *setting,
	void *target,
	const json_t *value,
	const char *path,
	struct setting_error *ret_error
) {
	json_int_t number = json_integer_value(value);
	if (!json_is_integer(value) || number < setting->min || number > setting->max)
		return refuse(setting, value, path, ret_error);
	uint32_t stored = (uint32_t)number;
	memcpy(target, &stored, sizeof(stored));
	return 0;
}

static int apply_text(
	const struct setting *setting,
	void *target,
	const json_t *value,
	const char *path,
	struct setting_error *ret_error
) {
	size_t len = json_string_length(value);
	if (!json_is_string(value) || len < setting->min || len > setting->max)
		return refuse(setting, value, path, ret_error);
	char *copy = strdup(json_string_value(value));
	if (copy == NULL)
		return -ENOMEM;
	free(text_of(target));
	memcpy(target, &copy, sizeof(copy));
	return 0;
}

static int apply_choice(
	const struct setting *setting,
	void *target,
	const json_t *value,
	const char *path,
	struct setting_error *ret_error
) {
	const char *text = json_string_value(value);
	for (int i = 0; text != NULL && setting->choices[i] != NULL; i++) {
		if (strcmp(setting->choices[i], text) == 0) {
			memcpy(target, &i, sizeof(i));
			return 0;
		}
	}
	return refuse(setting, value, path, ret_error);
}

static const struct setting *
find_field(const struct setting *setting, const char *key, size_t len) {
	for (const struct setting *field = setting->fields; field->key != NULL; field++) {
		if (strlen(field->key) == len && memcmp(field->key, key, len) == 0)
			return field;
	}
	return NULL;
}

static int refuse_key(
	const struct setting *setting,
	const char *key,
	const char *path,
	struct setting_error *ret_error
) {
	const char *keys[N_KEYS_MAX + 1];
	size_t n = 0;
	for (const struct setting *field = setting->fields; field->key != NULL; field++) {
		assert(n < N_KEYS_MAX);
		keys[n++] = field->key;
	}
	keys[n] = NULL;
	json_t *name = json_string(key);
	char quoted[FOUND_MAX];
	describe_found(name, quoted, sizeof(quoted));
	json_decref(name);
	const char *near = suggest(key, keys);
	if (near != NULL)
		snprintf(
			ret_error->text,
			sizeof(ret_error->text),
			"%s: unknown key %s; did you mean \"%s\"?",
			path,
			quoted,
			near
		);
	else
		snprintf(
			ret_error->text, sizeof(ret_error->text), "%s: unknown key %s", path, quoted
		);
	return -EINVAL;
}

static int refuse_missing(
	const struct setting *setting,
	json_t *value,
	const char *path,
	struct setting_error *ret_error
) {
	for (const struct setting *field = setting->fields; field->key != NULL; field++) {
		if (!field->is_required || json_object_get(value, field->key) != NULL)
			continue;
		snprintf(
			ret_error->text,
			sizeof(ret_error->text),
			"%s: the key \"%s\" is missing",
			path,
			field->key
		);
		return -EINVAL;
	}
	return 0;
}

static int apply_object(
	const struct setting *setting,
	void *target,
	json_t *value,
	const char *path,
	struct setting_error *ret_error
) {
	if (!json_is_object(value))
		return refuse(setting, value, path, ret_error);
	const char *key;
	json_t *member;
	json_object_foreach (value, key, member) {
		const struct setting *field = find_field(setting, key, strlen(key));
		if (field == NULL)
			return refuse_key(setting, key, path, ret_error);
		char below[SETTING_PATH_MAX];
		snprintf(below, sizeof(below), "%s.%s", path, key);
		int r = setting_apply(field, member_of(field, target), member, below, ret_error);
		if (r < 0)
			return r;
	}
	return refuse_missing(setting, value, path, ret_error);
}

// Appends one more entry. The list is stored back at once, so that it can be released whatever
// happens.
static int append_entry(
	const struct setting *setting,
	void *target,
	json_t *value,
	const char *path,
	struct setting_error *ret_error
) {
	struct list list = list_of(target);
	if (list.n % LIST_GROWTH == 0) {
		void *items = reallocarray(list.items, list.n + LIST_GROWTH, setting->item_size);
		if (items == NULL)
			return -ENOMEM;
		list.items = items;
	}
	void *entry = entry_of(setting, &list, list.n);
	memset(entry, 0, setting->item_size);
	list.n++;
	memcpy(target, &list, sizeof(list));

	if (setting->item->type == SETTING_OBJECT && setting_preset(setting->item, entry) < 0)
		return -ENOMEM;
	return setting_apply(setting->item, entry, value, path, ret_error);
}

static int apply_list(
	const struct setting *setting,
	void *target,
	json_t *value,
	const char *path,
	struct setting_error *ret_error
) {
	size_t n = json_array_size(value);
	if (!json_is_array(value) || n < setting->min || n > setting->max)
		return refuse(setting, value, path, ret_error);
	setting_release(setting, target);
	for (size_t i = 0; i < n; i++) {
		char below[SETTING_PATH_MAX];
		snprintf(below, sizeof(below), "%s[%zu]", path, i);
		int r = append_entry(setting, target, json_array_get(value, i), below, ret_error);
		if (r < 0)
			return r;
	}
	return 0;
}

int setting_apply(
	const struct setting *setting,
	void *target,
	json_t *value,
	const char *path,
	struct setting_error *ret_error
) {
	switch (setting->type) {
	case SETTING_NUMBER:
		return apply_number(setting, target, value, path, ret_error);
	case SETTING_BOOL:
		if (!json_is_boolean(value))
			return refuse(setting, value, path, ret_error);
		*(bool *)target = json_is_true(value);
		return 0;
	case SETTING_TEXT:
		return apply_text(setting, target, value, path, ret_error);
	case SETTING_CHOICE:
		return apply_choice(setting, target, value, path, ret_error);
	case SETTING_OBJECT:
		return apply_object(setting, target, value, path, ret_error);
	case SETTING_LIST:
		return apply_list(setting, target, value, path, ret_error);
	}
	return -EINVAL;
}

int setting_preset(const struct setting *root, void *target) {
	for (const struct setting *field = root->fields; field->key != NULL; field++) {
		void *member = member_of(field, target);
		if (field->type == SETTING_OBJECT) {
			if (setting_preset(field, member) < 0)
				return -ENOMEM;
			continue;
		}
		if (field->preset == NULL)
			continue;
		json_t *value = json_loads(field->preset, JSON_DECODE_ANY, NULL);
		if (value == NULL)
			return -ENOMEM;
		struct setting_error error;
		int r = setting_apply(field, member, value, field->key, &error);
		json_decref(value);
		assert(r != -EINVAL);
		if (r < 0)
			return r;
	}
	return 0;
}

const struct setting *
setting_find(const struct setting *root, const char *dotted, void *target, void **ret_target) {
	const struct setting *setting = root;
	for (const char *part = dotted; setting != NULL; part++) {
		if (setting->type != SETTING_OBJECT)
			return NULL;
		size_t len = strcspn(part, ".");
		setting = find_field(setting, part, len);
		if (setting == NULL)
			return NULL;
		target = member_of(setting, target);
		part += len;
		if (*part == '\0')
			break;
	}
	*ret_target = target;
	return setting;
}
