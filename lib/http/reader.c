#include "reader.h"

#include <errno.h>

// Lives in a block of the pool while the head is short, which it nearly always is, then in one of
// the few large buffers.
struct http_pending {
	struct reader_place place;
	uint64_t last_ns; // when its last byte came
	uint32_t len;
	uint32_t n_kept; // of those, from earlier calls
	uint32_t previous_len; // of those, seen by the state that waits
	uint32_t size; // of 'data'
	bool is_large;
	uint8_t data[];
};

#define SMALL_SIZE (MESSAGE_BLOCK_SIZE - (uint32_t)sizeof(struct http_pending))

static uint32_t large_size(const struct message_pool *pool) {
	uint32_t size = message_large_size(pool);
	return size > sizeof(struct http_pending) ? size - (uint32_t)sizeof(struct http_pending)
						  : 0;
}

static struct http_pending *pending_alloc(struct message_pool *pool, bool is_large) {
	struct http_pending *pending;
	if (is_large)
		pending = (void *)message_large_alloc(pool);
	else
		pending = (void *)message_block_alloc(pool);
	if (pending == NULL)
		return NULL;
	pending->is_large = is_large;
	pending->size = is_large ? large_size(pool) : SMALL_SIZE;
	pending->len = 0;
	pending->n_kept = 0;
	pending->previous_len = 0;
	return pending;
}

static void pending_free(struct message_pool *pool, struct http_pending *pending) {
	if (pending == NULL)
		return;
	if (pending->is_large)
		message_large_free(pool, (uint8_t *)pending);
	else
		message_block_free(pool, (struct block *)(void *)pending);
}

static void pending_append(struct http_pending *pending, struct slice bytes) {
	memcpy(pending->data + pending->len, bytes.data, bytes.len);
	pending->len += (uint32_t)bytes.len;
}

static uint32_t head_limit(const struct reader *r) {
	return r->http->limits.head_size;
}

static uint32_t min_u32(uint32_t a, uint32_t b) {
	return a < b ? a : b;
}

struct reader_place reader_place(const struct reader *r) {
	if (r->stream->pending != NULL)
		return r->stream->pending->place;
	return (struct reader_place) {
		.seq = r->origin->seq + (uint32_t)(r->rest.data - r->segment.data),
		.ack = r->origin->ack,
		.vni = r->origin->vni,
		.time_ns = r->origin->time_ns,
	};
}

size_t reader_n_waiting(const struct http_stream *stream) {
	return stream->pending == NULL ? 0 : stream->pending->len;
}

uint32_t reader_waiting_seq(const struct http_stream *stream) {
	return stream->pending->place.seq;
}

uint64_t reader_waiting_ns(const struct http_stream *stream) {
	return stream->pending->last_ns;
}

void reader_drop_waiting(struct http *http, struct http_stream *stream) {
	pending_free(http->pool, stream->pending);
	stream->pending = NULL;
}

struct slice reader_gather(struct reader *r, size_t *ret_previous_len) {
	struct http_pending *pending = r->stream->pending;
	*ret_previous_len = 0;
	if (pending == NULL)
		return slice_first(r->rest, head_limit(r));
	*ret_previous_len = pending->previous_len;
	uint32_t room = min_u32(pending->size, head_limit(r)) - pending->len;
	struct slice more = slice_first(r->rest, room);
	pending_append(pending, more);
	reader_take(r, more.len);
	return slice_of(pending->data, pending->len);
}

// Gives back the last 'len' gathered bytes; they came with this call.
static void ungather(struct reader *r, size_t len) {
	r->rest.data -= len;
	r->rest.len += len;
}

void reader_gather_take(struct reader *r, size_t len) {
	struct http_pending *pending = r->stream->pending;
	if (pending == NULL) {
		reader_take(r, len);
		return;
	}
	if (len < pending->n_kept) {
		reader_gather_undo(r);
		pending->len -= (uint32_t)len;
		pending->n_kept = pending->len;
		pending->place.seq += (uint32_t)len;
		memmove(pending->data, pending->data + len, pending->len);
		return;
	}
	ungather(r, pending->len - len);
	reader_drop_waiting(r->http, r->stream);
}

void reader_gather_undo(struct reader *r) {
	struct http_pending *pending = r->stream->pending;
	if (pending == NULL)
		return;
	ungather(r, pending->len - pending->n_kept);
	pending->len = pending->n_kept;
	pending->previous_len = 0;
}

static int wait_first(struct reader *r) {
	uint32_t large = large_size(r->http->pool);
	if (r->rest.len >= head_limit(r))
		return -E2BIG;
	if (r->rest.len >= SMALL_SIZE && r->rest.len >= large)
		return -E2BIG;
	struct http_pending *pending = pending_alloc(r->http->pool, r->rest.len >= SMALL_SIZE);
	if (pending == NULL)
		return -ENOBUFS;
	pending->place = reader_place(r);
	pending_append(pending, r->rest);
	reader_take(r, r->rest.len);
	r->stream->pending = pending;
	return 0;
}

static int grow(struct reader *r) {
	struct message_pool *pool = r->http->pool;
	struct http_pending *small = r->stream->pending;
	if (small->is_large || large_size(pool) <= SMALL_SIZE)
		return -E2BIG;
	struct http_pending *large = pending_alloc(pool, true);
	if (large == NULL)
		return -ENOBUFS;
	large->place = small->place;
	pending_append(large, slice_of(small->data, small->len));
	pending_free(pool, small);
	r->stream->pending = large;
	return 0;
}

int reader_gather_wait(struct reader *r) {
	int err = 0;
	if (r->stream->pending == NULL)
		err = wait_first(r);
	else if (r->stream->pending->len == head_limit(r))
		err = -E2BIG;
	else if (r->stream->pending->len == r->stream->pending->size)
		err = grow(r);
	if (err < 0)
		return err;
	r->stream->pending->n_kept = r->stream->pending->len;
	r->stream->pending->previous_len = r->stream->pending->len;
	r->stream->pending->last_ns = r->origin->time_ns;
	return 0;
}
