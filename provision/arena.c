#include "arena.h"

#include <openssl/crypto.h>

#include <errno.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE 16384

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	alignas(max_align_t) char data[];
};

void arena_release(struct arena *arena) {
	while (arena->chunks != NULL) {
		struct arena_chunk *chunk = arena->chunks;
		arena->chunks = chunk->next;
		OPENSSL_cleanse(chunk->data, chunk->size);
		free(chunk);
	}
	*arena = arena_empty();
}

static struct arena_chunk *chunk_create(size_t size) {
	if (size > SIZE_MAX / 2)
		return NULL;
	struct arena_chunk *chunk = calloc(1, sizeof(*chunk) + size);
	if (chunk != NULL)
		chunk->size = size;
	return chunk;
}

// A large block gets a chunk of its own behind the first one, which goes on being filled.
static void *alloc_large(struct arena *arena, size_t size) {
	struct arena_chunk *chunk = chunk_create(size);
	if (chunk == NULL)
		return NULL;
	chunk->next = arena->chunks->next;
	arena->chunks->next = chunk;
	return chunk->data;
}

void *arena_alloc(struct arena *arena, size_t size) {
	size_t aligned = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	void *block = NULL;
	if (aligned < size) {
		errno = ENOMEM;
		return NULL;
	}
	if (arena->chunks != NULL && aligned <= arena->room - arena->used) {
		block = arena->chunks->data + arena->used;
		arena->used += aligned;
	} else if (arena->chunks != NULL && aligned > CHUNK_SIZE / 4) {
		block = alloc_large(arena, aligned);
	} else {
		size_t room = aligned > CHUNK_SIZE ? aligned : CHUNK_SIZE;
		struct arena_chunk *chunk = chunk_create(room);
		if (chunk != NULL) {
			chunk->next = arena->chunks;
			arena->chunks = chunk;
			arena->room = room;
			arena->used = aligned;
			block = chunk->data;
		}
	}
	if (block == NULL)
		errno = ENOMEM;
	return block;
}

void *arena_alloc_array(struct arena *arena, size_t n, size_t size) {
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return arena_alloc(arena, bytes);
}

// Room is a function of 'n' alone, so no capacity need be stored: 0, then 4, 8, 16...
void *arena_grow(struct arena *arena, const void *items, size_t n, size_t size) {
	bool is_full = n == 0 || (n >= 4 && (n & (n - 1)) == 0);
	union {
		const void *items;
		void *same;
	} given = {items};
	if (!is_full)
		return given.same;
	void *larger = arena_alloc_array(arena, n < 4 ? 4 : n * 2, size);
	if (larger != NULL && n > 0)
		memcpy(larger, items, n * size);
	return larger;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len) {
	char *copy = arena_alloc(arena, len + 1);
	if (copy != NULL)
		memcpy(copy, text, len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text) {
	return text == NULL ? NULL : arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...) {
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1);
	if (text != NULL)
		vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

void arena_take(struct arena *arena, struct arena *from) {
	if (from->chunks == NULL)
		return;
	if (arena->chunks == NULL) {
		*arena = *from;
		*from = arena_empty();
		return;
	}
	struct arena_chunk *last = from->chunks;
	while (last->next != NULL)
		last = last->next;
	last->next = arena->chunks->next;
	arena->chunks->next = from->chunks;
	*from = arena_empty();
}
