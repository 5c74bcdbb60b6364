#pragma once

// What the tables of fleet.c share. A row says where a value goes, its bounds, what it means and, as JSON
// Schema, what its type alone does not say; "default" there is for the reader, the code has its own.

#include "fleet.h"
#include "json_table.h"

#define FLEET_TEXT(T, member, key, help_, ...)                                                     \
	{                                                                                          \
		.name = (key), .type = JSON_TABLE_TEXT, .help = (help_),                           \
		.offset = SHAPE_OFFSET_(T, member, const char *), __VA_ARGS__                      \
	}
#define FLEET_TEXTS(T, member, key, help_, ...)                                                    \
	{                                                                                          \
		.name = (key), .type = JSON_TABLE_TEXTS, .help = (help_),                          \
		.offset = SHAPE_OFFSET_(T, member, struct shape_strings), __VA_ARGS__              \
	}
#define FLEET_FLAG(T, member, key, help_)                                                          \
	{                                                                                          \
		.name = (key), .type = JSON_TABLE_FLAG, .help = (help_),                           \
		.offset = SHAPE_OFFSET_(T, member, bool), .form = "{\"default\": false}"           \
	}
#define FLEET_NUMBER(T, member, key, low, high, help_, ...)                                        \
	{                                                                                          \
		.name = (key), .type = JSON_TABLE_NUMBER, .help = (help_),                         \
		.offset = SHAPE_OFFSET_(T, member, int64_t), .min = (low), .max = (high),          \
		__VA_ARGS__                                                                        \
	}
#define FLEET_OBJECT(T, member, key, sub, help_)                                                   \
	{                                                                                          \
		.name = (key), .type = JSON_TABLE_OBJECT, .help = (help_),                         \
		.offset = offsetof(T, member), .table = &(sub)                                     \
	}
#define FLEET_CUSTOM(key, function, help_, form_, ...)                                             \
	{                                                                                          \
		.name = (key), .type = JSON_TABLE_CUSTOM, .help = (help_), .form = (form_),        \
		.read = (function), __VA_ARGS__                                                    \
	}

// The first is of a struct deployment_health, the second of deployment_appliances, the rest of deployment.
extern const struct json_table fleet_health_table;
extern const struct json_table fleet_appliances_table;
extern const struct json_table fleet_existing_table;
extern const struct json_table fleet_filter_table;

int fleet_no_memory(const struct json_table_reader *reader);
int fleet_check_list(
	const struct json_table_reader *reader,
	const struct json_table_path *path,
	json_t *value
);

// One of two texts; '*ret_text' is the one of ours.
int fleet_read_choice(
	const struct json_table_reader *reader,
	const struct json_table_path *path,
	json_t *value,
	const char *const choices[2],
	const char **ret_text
);
