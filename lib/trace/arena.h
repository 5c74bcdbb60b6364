#pragma once

// Memory for a library that wants malloc() and free() for every body it decodes: a region that is
// reserved once, with a list of freed pieces for each size, so that what one body used serves the
// next. Never more than was reserved; pages count only once touched.

#include <stddef.h>
#include <stdint.h>

#define ARENA_CLASSES 96

struct arena_piece;

struct arena {
	uint8_t *memory;
	size_t size, used;
	struct arena_piece *free[ARENA_CLASSES];
};

// -ENOMEM.
[[nodiscard]] int arena_init(struct arena *arena, size_t size);
void arena_release(struct arena *arena);

// Not cleared; NULL where the arena is full. Any size.
void *arena_alloc(struct arena *arena, size_t size);
void arena_free(struct arena *arena, void *p); // NULL is fine

// Frees everything at once.
void arena_reset(struct arena *arena);
