#include "message.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

// A stack of free pieces, so that what was used last, and is still in the cache, is used next.
struct stack {
	void **free;
	uint32_t n_free;
	uint32_t n;
	uint32_t size; // of a piece
	uint8_t *memory;
};

// What each class of large buffers has of their memory, in sixteenths; the last class that there is
// has the rest. Cookies and tokens make heads of 2 to 8 KiB; longer ones are rare.
static const uint8_t shares[MESSAGE_LARGE_CLASSES] = {6, 6, 2, 1, 1};
#define SHARES 16u
#define LARGE_MIN 2u // a head that came in parts is copied when it is whole

struct message_pool {
	struct stack blocks;
	struct stack large[MESSAGE_LARGE_CLASSES]; // by size
	uint32_t n_classes;
};

static size_t stack_size(uint32_t n, uint32_t size) {
	return (size_t)n * ((size_t)size + sizeof(void *));
}

static int stack_init(struct stack *s, uint32_t n, uint32_t size) {
	s->n = n;
	s->size = size;
	if (n == 0)
		return 0;
	size_t len = stack_size(n, size);
	s->memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->memory == MAP_FAILED) {
		s->memory = NULL;
		return -ENOMEM;
	}
	// Large pages where the kernel has them; it may say no.
	(void)madvise(s->memory, len, MADV_HUGEPAGE);
	return 0;
}

static void stack_release(struct stack *s) {
	if (s->memory != NULL)
		munmap(s->memory, stack_size(s->n, s->size));
}

static void stack_fill(struct stack *s) {
	if (s->n == 0)
		return;
	s->free = (void **)(void *)(s->memory + (size_t)s->n * s->size);
	for (uint32_t i = 0; i < s->n; i++)
		s->free[i] = s->memory + (size_t)(s->n - 1 - i) * s->size;
	s->n_free = s->n;
}

static void *stack_pop(struct stack *s) {
	return s->n_free == 0 ? NULL : s->free[--s->n_free];
}

// The piece that is popped next was last used by another core.
static void stack_prefetch(const struct stack *s) {
	const uint8_t *piece = s->n_free == 0 ? NULL : s->free[s->n_free - 1];
	for (size_t at = 0; piece != NULL && at < s->size; at += 64)
		__builtin_prefetch(piece + at, 1, 2);
}

static bool stack_has(const struct stack *s, const uint8_t *piece) {
	return piece >= s->memory && piece < s->memory + (size_t)s->n * s->size;
}

static void stack_push(struct stack *s, void *piece) {
	s->free[s->n_free++] = piece;
}

struct shape {
	uint32_t n, size;
};

// Returns how many classes there are.
static uint32_t shape_large(size_t large_bytes, uint32_t large_size, struct shape *ret) {
	uint32_t n_classes = 0;
	uint32_t left = large_bytes == 0 ? 0 : SHARES;
	for (uint32_t size = MESSAGE_LARGE_SMALLEST; left > 0; size *= 2) {
		bool is_last = n_classes == MESSAGE_LARGE_CLASSES - 1 || size >= large_size;
		uint32_t share = is_last ? left : shares[n_classes];
		struct shape *shape = &ret[n_classes++];
		shape->size = is_last ? large_size : size;
		shape->n = (uint32_t)(large_bytes / SHARES * share / shape->size);
		if (shape->n < LARGE_MIN)
			shape->n = LARGE_MIN;
		left -= share;
	}
	return n_classes;
}

static int large_init(struct message_pool *pool, size_t large_bytes, uint32_t large_size) {
	struct shape shapes[MESSAGE_LARGE_CLASSES];
	int err = 0;
	pool->n_classes = shape_large(large_bytes, large_size, shapes);
	for (uint32_t i = 0; i < pool->n_classes && err == 0; i++)
		err = stack_init(&pool->large[i], shapes[i].n, shapes[i].size);
	return err;
}

struct message_pool *
message_pool_create(uint32_t n_blocks, size_t large_bytes, uint32_t large_size) {
	if (n_blocks == 0 || large_size % sizeof(void *) != 0
	    || (large_bytes > 0 && large_size == 0)) {
		errno = EINVAL;
		return NULL;
	}
	struct message_pool *pool = calloc(1, sizeof(*pool));
	if (pool == NULL)
		return NULL;
	if (stack_init(&pool->blocks, n_blocks, MESSAGE_BLOCK_SIZE) < 0
	    || large_init(pool, large_bytes, large_size) < 0) {
		message_pool_free(pool);
		errno = ENOMEM;
		return NULL;
	}
	stack_fill(&pool->blocks);
	for (uint32_t i = 0; i < pool->n_classes; i++)
		stack_fill(&pool->large[i]);
	return pool;
}

void message_pool_free(struct message_pool *pool) {
	if (pool == NULL)
		return;
	stack_release(&pool->blocks);
	for (uint32_t i = 0; i < pool->n_classes; i++)
		stack_release(&pool->large[i]);
	free(pool);
}

size_t message_pool_size(uint32_t n_blocks, size_t large_bytes, uint32_t large_size) {
	struct shape shapes[MESSAGE_LARGE_CLASSES];
	size_t size = sizeof(struct message_pool) + stack_size(n_blocks, MESSAGE_BLOCK_SIZE);
	for (uint32_t i = shape_large(large_bytes, large_size, shapes); i > 0; i--)
		size += stack_size(shapes[i - 1].n, shapes[i - 1].size);
	return size;
}

struct message *message_alloc(struct message_pool *pool) {
	struct message *m = stack_pop(&pool->blocks);
	stack_prefetch(&pool->blocks);
	if (m != NULL)
		memset(m, 0, sizeof(*m));
	return m;
}

void message_free(struct message_pool *pool, struct message *m) {
	while (m != NULL) {
		struct message *response = m->response;
		while (m->blocks != NULL) {
			struct block *block = m->blocks;
			m->blocks = block->next;
			stack_push(&pool->blocks, block);
		}
		message_large_free(pool, m->large_head);
		stack_push(&pool->blocks, m);
		m = response;
	}
}

int message_store_head(
	struct message_pool *pool,
	struct message *m,
	struct slice head,
	const struct header_field *fields,
	uint16_t n_fields
) {
	size_t size = message_head_size(head.len, n_fields);
	size_t fields_size = n_fields * sizeof(*fields);
	size_t fields_at = size - fields_size;
	uint8_t *to = m->room;
	if (head.len > UINT16_MAX)
		return -E2BIG;
	if (size > MESSAGE_ROOM) {
		if (size > message_large_size(pool))
			return -E2BIG;
		to = m->large_head = message_large_alloc(pool, size);
		if (to == NULL)
			return -ENOBUFS;
	} else {
		m->body_at = (uint16_t)size;
	}
	memcpy(to, head.data, head.len);
	memcpy(to + fields_at, fields, fields_size);
	m->head = slice_of(to, head.len);
	m->fields = (const struct header_field *)(const void *)(to + fields_at);
	m->n_fields = n_fields;
	return 0;
}

static size_t append_inline(struct message *m, struct slice bytes) {
	if (m->blocks != NULL)
		return 0;
	size_t at = (size_t)m->body_at + m->body_inline;
	size_t len = slice_first(bytes, MESSAGE_ROOM - at).len;
	memcpy(m->room + at, bytes.data, len);
	m->body_inline = (uint16_t)(m->body_inline + len);
	return len;
}

static struct block *append_block(struct message_pool *pool, struct message *m) {
	struct block *block = message_block_alloc(pool);
	if (block == NULL)
		return NULL;
	if (m->last_block == NULL)
		m->blocks = block;
	else
		m->last_block->next = block;
	m->last_block = block;
	return block;
}

size_t message_append_body(struct message_pool *pool, struct message *m, struct slice bytes) {
	size_t kept = append_inline(m, bytes);
	while (kept < bytes.len) {
		struct block *block = m->last_block;
		if (block == NULL || block->len == sizeof(block->data)) {
			block = append_block(pool, m);
			if (block == NULL)
				break;
		}
		size_t len =
			slice_first(slice_from(bytes, kept), sizeof(block->data) - block->len).len;
		memcpy(block->data + block->len, bytes.data + kept, len);
		block->len += (uint32_t)len;
		kept += len;
	}
	m->body_kept += (uint32_t)kept;
	return kept;
}

struct slice message_body(const struct message *m, uint8_t *scratch) {
	if (m->blocks == NULL)
		return slice_of(m->room + m->body_at, m->body_inline);
	if (m->body_inline == 0 && m->blocks->next == NULL)
		return slice_of(m->blocks->data, m->blocks->len);
	memcpy(scratch, m->room + m->body_at, m->body_inline);
	size_t len = m->body_inline;
	for (const struct block *block = m->blocks; block != NULL; block = block->next) {
		memcpy(scratch + len, block->data, block->len);
		len += block->len;
	}
	return slice_of(scratch, len);
}

bool message_find_field(const struct message *m, const char *lower, struct slice *ret) {
	for (size_t i = 0; i < m->n_fields; i++) {
		if (slice_equals_nocase(message_field_name(m, i), lower)) {
			*ret = message_field_value(m, i);
			return true;
		}
	}
	return false;
}

void message_queue_push(struct message_queue *q, struct message *m) {
	m->next = NULL;
	if (q->first == NULL)
		q->first = m;
	else
		q->last->next = m;
	q->last = m;
	q->n++;
}

struct message *message_queue_pop(struct message_queue *q) {
	struct message *m = q->first;
	if (m != NULL) {
		q->first = m->next;
		m->next = NULL;
		q->n--;
	}
	return m;
}

struct block *message_block_alloc(struct message_pool *pool) {
	struct block *block = stack_pop(&pool->blocks);
	stack_prefetch(&pool->blocks);
	if (block != NULL) {
		block->next = NULL;
		block->len = 0;
	}
	return block;
}

void message_block_free(struct message_pool *pool, struct block *block) {
	stack_push(&pool->blocks, block);
}

uint32_t message_large_class_of(const struct message_pool *pool, size_t size) {
	uint32_t class = 0;
	while (class < pool->n_classes && pool->large[class].size < size)
		class ++;
	return class;
}

uint8_t *message_large_alloc(struct message_pool *pool, size_t size) {
	uint8_t *buffer = NULL;
	for (uint32_t class = message_large_class_of(pool, size);
	     class < pool->n_classes && buffer == NULL;
	     class ++)
		buffer = stack_pop(&pool->large[class]);
	return buffer;
}

uint32_t message_large_class(const struct message_pool *pool, const uint8_t *buffer) {
	uint32_t class = 0;
	while (class < pool->n_classes - 1 && !stack_has(&pool->large[class], buffer))
		class ++;
	assert(stack_has(&pool->large[class], buffer));
	return class;
}

void message_large_free(struct message_pool *pool, uint8_t *buffer) {
	if (buffer != NULL)
		stack_push(&pool->large[message_large_class(pool, buffer)], buffer);
}

uint32_t message_large_class_size(const struct message_pool *pool, uint32_t class) {
	return pool->large[class].size;
}

uint32_t message_large_size(const struct message_pool *pool) {
	return pool->n_classes == 0 ? 0 : pool->large[pool->n_classes - 1].size;
}

uint32_t message_pool_n_free(const struct message_pool *pool) {
	return pool->blocks.n_free;
}

uint32_t message_pool_n_blocks(const struct message_pool *pool) {
	return pool->blocks.n;
}
