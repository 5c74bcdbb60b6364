#pragma once

// Memory that is given back all at once: the answers of AWS, and everything that is computed from
// them, live in an arena and point into it freely. Wiped on release.

#include <stddef.h>

struct arena {
	struct arena_chunk *chunks;
	size_t used; // bytes of the first chunk
	size_t room;
};

static inline struct arena arena_empty(void) {
	return (struct arena) {0};
}

void arena_release(struct arena *arena);

// Zeroed, aligned for any type; NULL with errno ENOMEM. 'size' may be 0.
void *arena_alloc(struct arena *arena, size_t size);

// 'n' items of 'size' bytes; NULL too where the product overflows.
void *arena_alloc_array(struct arena *arena, size_t n, size_t size);

// A larger copy of the array 'items' of 'n' items; the old one stays until the arena goes. Room
// doubles, so that appending n items one by one costs O(n). Returns the array, or NULL.
void *arena_grow(struct arena *arena, const void *items, size_t n, size_t size);

// NULL stays NULL; test 'text' where that matters.
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

// Moves all of 'from' into 'arena'; 'from' is empty afterwards.
void arena_take(struct arena *arena, struct arena *from);
