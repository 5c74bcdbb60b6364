#include "reader.h"

// How many more body bytes of this kind of message may be kept, going by the free blocks of the
// pool: under a quarter response bodies stop, under an eighth all of them. What fits the message's
// own block costs nothing and is always kept.
static size_t allowed_now(const struct http *http, const struct message *m) {
	uint32_t n_free = message_pool_n_free(http->pool);
	uint32_t n_blocks = message_pool_n_blocks(http->pool);
	uint32_t n_reserved = m->is_response ? n_blocks / 4 : n_blocks / 8;
	if (n_free >= n_reserved)
		return SIZE_MAX;
	if (m->blocks == NULL)
		return MESSAGE_ROOM - m->body_at - m->body_inline;
	return 0;
}

void body_keep(struct reader *r, struct slice bytes) {
	struct http *http = r->http;
	struct message *m = r->stream->message;
	counters_add(http->counters, COUNTER_HTTP_BODY_BYTES, bytes.len);
	if (m == NULL)
		return;
	// What is kept is the beginning of the body: after the first byte that was not kept, nothing
	// more is.
	bool is_whole = m->body_kept == m->body_bytes;
	uint64_t cap = http->limits.body_keep;
	uint64_t room = m->body_bytes < cap ? cap - m->body_bytes : 0;
	struct slice wanted = slice_first(bytes, room);
	m->body_bytes += bytes.len;
	m->last_ns = r->origin->time_ns;
	if (wanted.len < bytes.len)
		m->flags |= TRACE_FLAG_BODY_CAPPED;
	if (!is_whole && (m->flags & TRACE_FLAG_BODY_SHED) == 0)
		return;
	size_t kept = 0;
	if (is_whole)
		kept = message_append_body(
			http->pool, m, slice_first(wanted, allowed_now(http, m))
		);
	counters_add(http->counters, COUNTER_HTTP_BODY_BYTES_KEPT, kept);
	if (kept < wanted.len) {
		m->flags |= TRACE_FLAG_BODY_SHED;
		counters_add(http->counters, COUNTER_HTTP_BODY_BYTES_SHED, wanted.len - kept);
	}
}

void body_read(struct reader *r) {
	struct http_stream *stream = r->stream;
	struct slice bytes = r->rest;
	if (stream->state == HTTP_BODY_LENGTH)
		bytes = slice_first(bytes, stream->remaining);
	body_keep(r, bytes);
	reader_take(r, bytes.len);
	if (stream->state != HTTP_BODY_LENGTH)
		return;
	stream->remaining -= bytes.len;
	if (stream->remaining == 0)
		stream_message_done(r);
}

uint64_t body_skip(struct reader *r, uint64_t n_bytes, uint32_t flag) {
	struct http_stream *stream = r->stream;
	uint64_t n_body = n_bytes;
	if (stream->state != HTTP_BODY_UNTIL_CLOSE && n_body > stream->remaining)
		n_body = stream->remaining;
	if (stream->message != NULL) {
		stream->message->flags |= flag;
		stream->message->body_bytes += n_body;
		stream->message->last_ns = r->origin->time_ns;
	}
	if (stream->state == HTTP_BODY_UNTIL_CLOSE)
		return 0;
	stream->remaining -= n_body;
	if (stream->remaining == 0 && stream->state == HTTP_BODY_LENGTH)
		stream_message_done(r);
	else if (stream->remaining == 0)
		stream->state = HTTP_CHUNK_END;
	return n_bytes - n_body;
}
