#pragma once

// Settings described as tables. One row is everything about a key: where its value goes, its
// bounds, its preset and what it means. The validator, the presets and the JSON Schema all come from
// the rows.

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
	SETTING_NUMBER, // uint32_t, from 'min' to 'max'
	SETTING_BOOL, // bool
	SETTING_TEXT, // char *, NULL when unset; 'min' to 'max' bytes
	SETTING_CHOICE, // int, an index of 'choices'
	SETTING_OBJECT, // a struct in place, of 'fields'
	SETTING_LIST, // struct SETTING_LIST_OF(type of 'item'), 'min' to 'max' entries
};

struct setting {
	const char *key; // NULL ends a table
	enum setting_type type;
	bool is_required;
	size_t at; // where the value is in its struct
	uint32_t min, max;
	const char *preset; // as JSON; NULL: nothing, zero or false
	const char *const *choices; // ends with NULL
	const struct setting *fields; // of an object
	const struct setting *item; // of a list
	size_t item_size;
	const char *help; // one sentence
};

#define SETTING_LIST_OF(type)                                                                      \
	{                                                                                          \
		type *items;                                                                       \
		size_t n;                                                                          \
	}

#define SETTING_PATH_MAX 256
#define SETTING_ERROR_MAX 512

// One line: the path, what was expected, what was found.
struct setting_error {
	char text[SETTING_ERROR_MAX];
};

// Sets every preset below 'root', which is an object and all zero. -ENOMEM.
[[nodiscard]] int setting_preset(const struct setting *root, void *target);

// Sets what 'value' gives; a list is replaced as a whole. 'path' is how errors name the value
// ("$.http"). -EINVAL with '*ret_error' filled, or -ENOMEM. On failure 'target' may be half set but
// can be released.
[[nodiscard]] int setting_apply(
	const struct setting *setting,
	void *target,
	json_t *value,
	const char *path,
	struct setting_error *ret_error
);

// Frees what 'target' owns.
void setting_release(const struct setting *setting, void *target);

// The row that a dotted name ("http.body_keep") stands for, and where its value is in 'target'.
// NULL where there is none.
const struct setting *
setting_find(const struct setting *root, const char *dotted, void *target, void **ret_target);

// "an integer from 1 to 64"
void setting_expected(const struct setting *setting, char *ret, size_t ret_size);

// The JSON Schema of a setting. NULL when out of memory.
[[nodiscard]] json_t *setting_schema(const struct setting *setting);
