#include "reader.h"

#include <errno.h>

// Lives in a block of the pool while the head is short, which it nearly always is, then in large
// buffers, and in one of the lists http->waiting.
struct http_pending {
	struct http_pending *older, *newer;
	struct http_conn *conn;
	uint8_t side;
	uint8_t class; // of the large buffer
	bool is_large;
	struct reader_place place;
	uint64_t last_ns; // when its last byte came
	uint32_t len;
	uint32_t n_kept; // of those, from earlier calls
	uint32_t previous_len; // of those, seen by the state that waits
	uint32_t size; // of 'data'
	uint8_t data[];
};

#define SMALL_SIZE (MESSAGE_BLOCK_SIZE - (uint32_t)sizeof(struct http_pending))

static uint32_t large_size(const struct message_pool *pool) {
	uint32_t size = message_large_size(pool);
	return size > sizeof(struct http_pending) ? size - (uint32_t)sizeof(struct http_pending)
						  : 0;
}

static uint32_t min_u32(uint32_t a, uint32_t b) {
	return a < b ? a : b;
}

static void list_add(struct http_waiting *list, struct http_pending *pending) {
	pending->older = list->newest;
	pending->newer = NULL;
	if (list->newest == NULL)
		list->oldest = pending;
	else
		list->newest->newer = pending;
	list->newest = pending;
}

static void list_remove(struct http_waiting *list, struct http_pending *pending) {
	if (pending->older == NULL)
		list->oldest = pending->newer;
	else
		pending->older->newer = pending->newer;
	if (pending->newer == NULL)
		list->newest = pending->older;
	else
		pending->newer->older = pending->older;
}

static struct http_pending *pending_init(void *memory, const struct reader *r, uint32_t size) {
	struct http_pending *pending = memory;
	*pending = (struct http_pending) {
		.conn = r->conn,
		.side = r->side,
		.size = size - (uint32_t)sizeof(*pending),
	};
	return pending;
}

static struct http_pending *pending_alloc_small(const struct reader *r) {
	void *block = message_block_alloc(r->http->pool);
	return block == NULL ? NULL : pending_init(block, r, MESSAGE_BLOCK_SIZE);
}

// With room for 'len' bytes, if there is any so large; else as much as there is.
static struct http_pending *pending_alloc_large(const struct reader *r, uint32_t len) {
	struct message_pool *pool = r->http->pool;
	uint32_t size =
		min_u32((uint32_t)sizeof(struct http_pending) + len, message_large_size(pool));
	uint8_t *buffer = message_large_alloc(pool, size);
	if (buffer == NULL && reader_make_room(r, size))
		buffer = message_large_alloc(pool, size);
	if (buffer == NULL)
		return NULL;
	uint32_t class = message_large_class(pool, buffer);
	struct http_pending *pending =
		pending_init(buffer, r, message_large_class_size(pool, class));
	pending->is_large = true;
	pending->class = (uint8_t) class;
	list_add(&r->http->waiting[class], pending);
	return pending;
}

static void pending_free(struct http *http, struct http_pending *pending) {
	if (pending == NULL)
		return;
	if (pending->is_large) {
		list_remove(&http->waiting[pending->class], pending);
		message_large_free(http->pool, (uint8_t *)pending);
	} else {
		message_block_free(http->pool, (struct block *)(void *)pending);
	}
}

// The oldest of a class that is not of this connection, whose state is in use.
static struct http_pending *
oldest_of_others(const struct http_waiting *list, const struct http_conn *conn) {
	struct http_pending *pending = list->oldest;
	while (pending != NULL && pending->conn == conn) // it has two at most
		pending = pending->newer;
	return pending;
}

bool reader_make_room(const struct reader *r, size_t size) {
	struct http *http = r->http;
	struct http_pending *pending = NULL;
	for (uint32_t class = message_large_class_of(http->pool, size);
	     class < MESSAGE_LARGE_CLASSES && pending == NULL;
	     class ++)
		pending = oldest_of_others(&http->waiting[class], r->conn);
	if (pending == NULL)
		return false;
	struct http_origin origin = {.ack = pending->place.ack, .time_ns = pending->last_ns};
	struct reader other =
		reader_of(http, pending->conn, pending->side, slice_of("", 0), &origin);
	stream_yield(&other);
	return true;
}

static void pending_append(struct http_pending *pending, struct slice bytes) {
	memcpy(pending->data + pending->len, bytes.data, bytes.len);
	pending->len += (uint32_t)bytes.len;
}

static uint32_t head_limit(const struct reader *r) {
	return r->http->limits.head_size;
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
	pending_free(http, stream->pending);
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

void reader_replay(struct reader *r) {
	struct http_pending *pending = r->stream->pending;
	if (pending == NULL)
		return;
	struct http_origin origin = *r->origin;
	origin.seq = pending->place.seq;
	origin.ack = pending->place.ack;
	origin.vni = pending->place.vni;
	origin.time_ns = pending->place.time_ns;
	struct reader held = *r;
	held.origin = &origin;
	held.segment = held.rest = slice_of(pending->data, pending->len);
	r->stream->pending = NULL;
	while (held.rest.len > 0)
		stream_step(&held);
	pending_free(r->http, pending);
}

static int wait_first(struct reader *r) {
	uint32_t len = (uint32_t)r->rest.len; // of a segment
	struct http_pending *pending;
	if (len >= head_limit(r) || (len >= SMALL_SIZE && len >= large_size(r->http->pool)))
		return -E2BIG;
	if (len < SMALL_SIZE)
		pending = pending_alloc_small(r);
	else
		pending = pending_alloc_large(r, len + 1);
	if (pending == NULL)
		return -ENOBUFS;
	pending->place = reader_place(r);
	pending_append(pending, r->rest);
	reader_take(r, r->rest.len);
	r->stream->pending = pending;
	return 0;
}

static int grow(struct reader *r) {
	struct http_pending *old = r->stream->pending;
	uint32_t more = (uint32_t)slice_first(r->rest, head_limit(r) - old->len).len;
	if (old->size >= large_size(r->http->pool))
		return -E2BIG;
	struct http_pending *new = pending_alloc_large(r, old->len + more + 1);
	if (new == NULL)
		return -ENOBUFS;
	new->place = old->place;
	pending_append(new, slice_of(old->data, old->len));
	pending_free(r->http, old);
	r->stream->pending = new;
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
	struct http_pending *pending = r->stream->pending;
	pending->n_kept = pending->len;
	pending->previous_len = pending->len;
	pending->last_ns = r->origin->time_ns;
	if (pending->is_large) {
		list_remove(&r->http->waiting[pending->class], pending);
		list_add(&r->http->waiting[pending->class], pending);
	}
	return 0;
}
