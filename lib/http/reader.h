#pragma once

// What the files of this folder share: the bytes of one call on their way through the states of a
// direction, and the few bytes that must wait for the rest of their head.

#include "head.h"
#include "http.h"

struct reader {
	struct http *http;
	struct http_conn *conn;
	struct http_stream *stream;
	const struct http_origin *origin;
	struct slice segment; // all bytes of the call
	struct slice rest; // of those, not read yet
	uint8_t side;
};

static inline struct reader reader_of(
	struct http *http,
	struct http_conn *conn,
	uint8_t side,
	struct slice bytes,
	const struct http_origin *origin
) {
	return (struct reader) {
		.http = http,
		.conn = conn,
		.stream = &conn->streams[side],
		.origin = origin,
		.segment = bytes,
		.rest = bytes,
		.side = side,
	};
}

// Where a message begins.
struct reader_place {
	uint32_t seq, ack, vni;
	uint64_t time_ns;
};

static inline void reader_take(struct reader *r, size_t len) {
	r->rest = slice_from(r->rest, len);
}

static inline bool reader_is_at_segment_start(const struct reader *r) {
	return r->rest.data == r->segment.data;
}

static inline struct http_stream *reader_other_stream(const struct reader *r) {
	return &r->conn->streams[1 - r->side];
}

// The bytes that wait, if any, with those not read yet (as many as a head may have). Undone by one
// of the three functions below. 'ret_previous_len': how many were there at the last call.
struct slice reader_gather(struct reader *r, size_t *ret_previous_len);
void reader_gather_take(
	struct reader *r,
	size_t len
); // read: the first 'len' of the gathered bytes
void reader_gather_undo(struct reader *r); // leaves them for the next state
// Keeps all of them until more come. -E2BIG over the size of a head, -ENOBUFS without memory.
[[nodiscard]] int reader_gather_wait(struct reader *r);

// Makes the head of another connection that has waited longest give up a large buffer of 'size' or
// more. False where there is none.
bool reader_make_room(const struct reader *r, size_t size);

struct reader_place reader_place(const struct reader *r); // of the first gathered byte

// Bytes that wait: how many; where there are some, the sequence number of the first, and when the
// last came.
size_t reader_n_waiting(const struct http_stream *stream);
uint32_t reader_waiting_seq(const struct http_stream *stream);
uint64_t reader_waiting_ns(const struct http_stream *stream);
void reader_drop_waiting(struct http *http, struct http_stream *stream);
void reader_replay(struct reader *r); // has them read by the state that the stream is in now

// stream.c: one step of the state machine; reads at least a byte or changes the state.
void stream_step(struct reader *r);
void stream_message_done(struct reader *r); // the message being read is complete
void stream_note_loss(struct reader *r, uint32_t flag); // of messages, or of where they begin
void stream_lose(struct reader *r); // the next message's head is lost: looks for another
void stream_head_lost(struct reader *r, int err); // the same, and counts why
void stream_yield(struct reader *r); // the same for want of memory, while it waits for its rest
void stream_cut(struct reader *r, uint32_t flags); // the message being read cannot be completed
void stream_cut_head(struct reader *r, uint32_t flags); // the head that waits cannot be completed

// probe.c: HTTP_BODY_PROBE.
void probe_read(struct reader *r);
void probe_resolve(struct reader *r); // there is a body; reads what the probe held back
// Whether a request may be without the body that its fields announce: it was not wanted, or may not
// have been.
bool probe_may_end_request(const struct reader *r);
void probe_end(struct reader *r); // no more bytes come: decides, where it can
// Goes past missing bytes behind a request whose body was not wanted, where they may be of the body.
// False, and nothing is done, where they cannot.
bool probe_skip(struct reader *r, uint64_t n_bytes, uint32_t flag);

// search.c
void search_start(struct reader *r); // the first bytes of a direction: HTTP or not
void search_begin(struct reader *r); // looks for a message that starts at the start of a segment
void search_next(struct reader *r); // such a message, or not
void search_give_up(struct http *http, struct http_conn *conn, enum http_verdict verdict);

// body.c
void body_keep(struct reader *r, struct slice bytes); // the next bytes of a body
void body_read(struct reader *r);
// 'n_bytes' are missing, 'flag' says how. Returns how many of them are beyond what is known to be
// body.
uint64_t body_skip(struct reader *r, uint64_t n_bytes, uint32_t flag);

// chunk.c
void chunk_read(struct reader *r);

// http.c
void http_emit(struct http *http, struct message *m); // a finished trace
void http_count_lost(struct http *http); // a trace there was no memory for
