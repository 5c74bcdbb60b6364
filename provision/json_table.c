#include "json_table.h"

#include "strbuf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NEAR_MAX 2 // edits that still make a near miss
#define NAME_MAX_ 64

static void add_path(struct strbuf *text, const struct json_table_path *path) {
	if (path == NULL) {
		strbuf_add_char(text, '$');
		return;
	}
	add_path(text, path->parent);
	if (path->key != NULL)
		strbuf_printf(text, ".%s", path->key);
	else
		strbuf_printf(text, "[%zu]", path->index);
}

int json_table_fail(
	const struct json_table_reader *reader,
	const struct json_table_path *path,
	const char *format,
	...
) {
	char why[400];
	struct strbuf place;
	va_list args;
	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	strbuf_init(&place, 4096);
	add_path(&place, path);
	aws_error_set(reader->error, -EINVAL, "InvalidConfig", "%s: %s", place.data, why);
	strbuf_release(&place);
	return -EINVAL;
}

static int no_memory(const struct json_table_reader *reader) {
	return aws_error_set(reader->error, -ENOMEM, "OutOfMemory", "reading the configuration");
}

static const char *type_name(const json_t *value) {
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "a text";
	case JSON_INTEGER:
		return "a number";
	case JSON_REAL:
		return "a number with a fraction";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		break;
	}
	return "null";
}

int json_table_text(
	const struct json_table_reader *reader,
	const struct json_table_path *path,
	json_t *value,
	const char **ret_text
) {
	if (!json_is_string(value))
		return json_table_fail(
			reader, path, "a text is expected, not %s", type_name(value)
		);
	if (json_string_length(value) == 0)
		return json_table_fail(reader, path, "it is empty");
	*ret_text = arena_strdup(reader->arena, json_string_value(value));
	return *ret_text == NULL ? no_memory(reader) : 0;
}

static int read_number(
	const struct json_table_reader *reader,
	const struct json_table_field *field,
	const struct json_table_path *path,
	json_t *value,
	int64_t *ret_number
) {
	if (!json_is_integer(value))
		return json_table_fail(
			reader, path, "a number is expected, not %s", type_name(value)
		);
	json_int_t number = json_integer_value(value);
	if (number < field->min || number > field->max)
		return json_table_fail(
			reader,
			path,
			"%" JSON_INTEGER_FORMAT " is not between %" PRId64 " and %" PRId64,
			number,
			field->min,
			field->max
		);
	*ret_number = number;
	return 0;
}

static int read_texts(
	const struct json_table_reader *reader,
	const struct json_table_path *path,
	json_t *value,
	struct shape_strings *ret_texts
) {
	if (!json_is_array(value))
		return json_table_fail(
			reader, path, "a list of texts is expected, not %s", type_name(value)
		);
	const char **items =
		arena_alloc_array(reader->arena, json_array_size(value), sizeof(*items));
	if (items == NULL)
		return no_memory(reader);
	int result = 0;
	for (size_t i = 0; result == 0 && i < json_array_size(value); i++) {
		struct json_table_path item = {.parent = path, .index = i};
		result = json_table_text(reader, &item, json_array_get(value, i), &items[i]);
	}
	if (result == 0)
		*ret_texts = (struct shape_strings) {.items = items, .n = json_array_size(value)};
	return result;
}

static int read_field(
	const struct json_table_reader *reader,
	const struct json_table_field *field,
	const struct json_table_path *path,
	json_t *value,
	void *object
) {
	void *member = (char *)object + field->offset;
	switch (field->type) {
	case JSON_TABLE_TEXT:
		return json_table_text(reader, path, value, member);
	case JSON_TABLE_NUMBER:
		return read_number(reader, field, path, value, member);
	case JSON_TABLE_TEXTS:
		return read_texts(reader, path, value, member);
	case JSON_TABLE_OBJECT:
		return json_table_read(reader, field->table, path, value, member);
	case JSON_TABLE_CUSTOM:
		return field->read(reader, path, value, object);
	case JSON_TABLE_FLAG:
		break;
	}
	if (!json_is_boolean(value))
		return json_table_fail(
			reader, path, "true or false is expected, not %s", type_name(value)
		);
	*(bool *)member = json_is_true(value);
	return 0;
}

static size_t least(size_t a, size_t b) {
	return a < b ? a : b;
}

// Levenshtein's distance, by one row of the table at a time.
static size_t distance(const char *a, const char *b) {
	size_t row[NAME_MAX_ + 1];
	size_t len = strlen(b);
	if (len > NAME_MAX_)
		return SIZE_MAX;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != 0; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < len; j++) {
			size_t changed = diagonal + (a[i] != b[j]);
			diagonal = row[j + 1];
			row[j + 1] = least(changed, least(row[j], row[j + 1]) + 1);
		}
	}
	return row[len];
}

static int fail_unknown(
	const struct json_table_reader *reader,
	const struct json_table *table,
	const struct json_table_path *path
) {
	const char *nearest = NULL;
	size_t best = NEAR_MAX + 1;
	for (size_t i = 0; i < table->n_fields; i++) {
		size_t d = distance(path->key, table->fields[i].name);
		if (d < best) {
			best = d;
			nearest = table->fields[i].name;
		}
	}
	if (nearest == NULL)
		return json_table_fail(reader, path, "there is no such key");
	return json_table_fail(
		reader, path, "there is no such key; is '%s' what is meant?", nearest
	);
}

static const struct json_table_field *find_field(const struct json_table *table, const char *name) {
	for (size_t i = 0; i < table->n_fields; i++)
		if (strcmp(table->fields[i].name, name) == 0)
			return &table->fields[i];
	return NULL;
}

int json_table_read(
	const struct json_table_reader *reader,
	const struct json_table *table,
	const struct json_table_path *path,
	json_t *value,
	void *object
) {
	const char *key;
	json_t *member;
	if (!json_is_object(value))
		return json_table_fail(
			reader, path, "an object is expected, not %s", type_name(value)
		);
	json_object_foreach (value, key, member) {
		struct json_table_path place = {.parent = path, .key = key};
		const struct json_table_field *field = find_field(table, key);
		int result = field == NULL ? fail_unknown(reader, table, &place)
					   : read_field(reader, field, &place, member, object);
		if (result < 0)
			return result;
	}
	for (size_t i = 0; i < table->n_fields; i++)
		if (table->fields[i].is_required
		    && json_object_get(value, table->fields[i].name) == NULL)
			return json_table_fail(
				reader, path, "'%s' is missing", table->fields[i].name
			);
	return 0;
}
