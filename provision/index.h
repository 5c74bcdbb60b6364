#pragma once

// Looks things up by a text, where there may be several of one: interfaces by their instance, sessions by
// their interface. Filled, then sorted, then asked.

#include "arena.h"

#include <stddef.h>

struct index_entry {
	const char *key;
	const void *value;
};

struct index {
	struct index_entry *entries;
	size_t n;
};

// Borrows key and value. A key that is NULL or empty is left out. -ENOMEM.
[[nodiscard]] int
index_add(struct index *index, struct arena *arena, const char *key, const void *value);

// Entries of one key are ordered by the address of their value.
void index_sort(struct index *index);

// The first value of the key, or NULL. 'key' may be NULL.
const void *index_find(const struct index *index, const char *key);

// All entries of the key, '*ret_n' of them.
const struct index_entry *index_range(const struct index *index, const char *key, size_t *ret_n);
