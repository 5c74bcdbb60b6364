#include "arena.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

struct arena_piece {
	union {
		struct arena_piece *next; // while free
		size_t class; // while in use
	};
	uint64_t pad; // what follows is aligned to 16
};

// Four classes for each power of two, so that at most a quarter is wasted.
//   class  0..3: 64 80 96 112   4..7: 128 160 192 224   ...
static size_t class_size(size_t class) {
	return ((size_t)64 << class / 4) + ((size_t)16 << class / 4) * (class % 4);
}

static size_t class_of(size_t size) {
	size_t class = 0;
	if (size >= 128)
		class = 4 * ((size_t)(63 - __builtin_clzll(size)) - 6);
	while (class_size(class) < size)
		class ++;
	return class;
}

int arena_init(struct arena *arena, size_t size) {
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (memory == MAP_FAILED)
		return -ENOMEM;
	*arena = (struct arena) {.memory = memory, .size = size};
	return 0;
}

void arena_release(struct arena *arena) {
	if (arena->memory != NULL)
		munmap(arena->memory, arena->size);
	arena->memory = NULL;
}

void *arena_alloc(struct arena *arena, size_t size) {
	if (size > arena->size)
		return NULL;
	size_t class = class_of(size + sizeof(struct arena_piece));
	struct arena_piece *piece = arena->free[class];
	if (piece != NULL) {
		arena->free[class] = piece->next;
	} else {
		if (class_size(class) > arena->size - arena->used)
			return NULL;
		piece = (struct arena_piece *)(void *)(arena->memory + arena->used);
		arena->used += class_size(class);
	}
	piece->class = class;
	return piece + 1;
}

void arena_free(struct arena *arena, void *p) {
	if (p == NULL)
		return;
	struct arena_piece *piece = (struct arena_piece *)p - 1;
	size_t class = piece->class;
	piece->next = arena->free[class];
	arena->free[class] = piece;
}

void arena_reset(struct arena *arena) {
	arena->used = 0;
	memset(arena->free, 0, sizeof(arena->free));
}
