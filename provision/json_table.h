#pragma once

// Reads JSON that people write into structs, by tables, strictly: an unknown key, a wrong type or a number out
// of range is an error that names its place ("$.deployments[0].session.number"), what was expected and a near
// miss.

#include "arena.h"
#include "error.h"
#include "shape.h"

#include <jansson.h>

enum json_table_type {
	JSON_TABLE_TEXT, // const char *
	JSON_TABLE_NUMBER, // int64_t
	JSON_TABLE_FLAG, // bool
	JSON_TABLE_TEXTS, // struct shape_strings
	JSON_TABLE_OBJECT, // a struct, by a table of its own
	JSON_TABLE_CUSTOM, // what 'read' makes of it
};

struct json_table_reader {
	struct arena *arena;
	struct aws_error *error;
};

// The place of a value, as a chain to the root.
struct json_table_path {
	const struct json_table_path *parent;
	const char *key; // of an object's member
	size_t index; // of an array's item, where 'key' is NULL
};

struct json_table_field {
	const char *name;
	enum json_table_type type;
	bool is_required;
	size_t offset;
	int64_t min; // of a number
	int64_t max;
	const struct json_table
		*table; // of an object; of what 'read' takes: of the items of its list
	const char *help; // one phrase
	const char *form; // JSON Schema of what the type does not say, as JSON
	int (*read
	)(const struct json_table_reader *reader,
	  const struct json_table_path *path,
	  json_t *value,
	  void *object // the whole struct
	);
};

struct json_table {
	const struct json_table_field *fields;
	size_t n_fields;
};

#define JSON_TABLE(fields_)                                                                        \
	{ .fields = (fields_), .n_fields = sizeof(fields_) / sizeof((fields_)[0]) }

// Texts are copied into the arena. -EINVAL, -ENOMEM.
int json_table_read(
	const struct json_table_reader *reader,
	const struct json_table *table,
	const struct json_table_path *path,
	json_t *value,
	void *object
);

// For 'read' functions: -EINVAL with a message that begins with the place.
int json_table_fail(
	const struct json_table_reader *reader,
	const struct json_table_path *path,
	const char *format,
	...
) __attribute__((format(printf, 3, 4)));

// A copy of a text; an error where it is none.
int json_table_text(
	const struct json_table_reader *reader,
	const struct json_table_path *path,
	json_t *value,
	const char **ret_text
);

// The JSON Schema (draft 2020-12) of an object, with a newline at its end; the caller frees it. NULL without
// memory.
char *json_table_schema_text(const struct json_table *table);
