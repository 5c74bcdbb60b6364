#include "pair.h"
#include "reader.h"
#include "start.h"

static const char response_prefix[] = "HTTP/1.";
#define RESPONSE_PREFIX_LEN (sizeof(response_prefix) - 1)

void probe_resolve(struct reader *r) {
	r->stream->state = r->stream->after_probe;
	r->stream->is_after_loss = false; // if something is missing, it is of the body
	r->stream->next_flags = 0;
	reader_replay(r);
}

// A body as short as "P" may have "GET / HTTP/1.1" behind it.
static bool is_body_and_request(const struct http_stream *stream, struct slice bytes) {
	struct slice behind = slice_from(bytes, stream->remaining);
	return stream->after_probe == HTTP_BODY_LENGTH && start_is_known_method(behind)
		&& start_of_segment(behind, 0) == START_REQUEST
		&& start_of_segment(slice_first(bytes, stream->remaining), 0) != START_REQUEST;
}

static void missing_was_no_body(struct reader *r) {
	if (r->stream->message != NULL)
		r->stream->message->body_bytes = 0;
	stream_note_loss(r, r->stream->next_flags);
	pair_lose_order(r->http, r->conn, r->side, r->origin->ack);
}

// The request whose body was not wanted is followed by its body or by the next request.
static void request_read(struct reader *r) {
	size_t previous_len;
	struct slice bytes = reader_gather(r, &previous_len);
	enum start start = start_of_segment(bytes, previous_len);
	if (start == START_REQUEST && is_body_and_request(r->stream, bytes))
		start = START_OTHER;
	if (start == START_WAIT && reader_gather_wait(r) == 0)
		return;
	reader_gather_undo(r);
	if (start != START_REQUEST && start != START_WAIT) {
		probe_resolve(r);
		return;
	}
	if (r->stream->is_after_loss)
		missing_was_no_body(r);
	stream_message_done(r);
}

// What comes next tells whether they were.
bool probe_skip(struct reader *r, uint64_t n_bytes, uint32_t flag) {
	struct http_stream *stream = r->stream;
	if (stream->pending != NULL || stream->after_probe != HTTP_BODY_LENGTH
	    || n_bytes > stream->remaining)
		return false;
	stream->state = HTTP_BODY_LENGTH;
	(void)body_skip(r, n_bytes, flag);
	if (stream->state == HTTP_BODY_LENGTH) {
		stream->state = HTTP_BODY_PROBE;
		stream->is_after_loss = true;
		stream->next_flags |= flag & HTTP_HOLE_FLAGS;
	}
	return true;
}

// A response whose request is not known has the body its fields announce, unless it answers a HEAD
// request: then the next response follows at once.
static void response_read(struct reader *r) {
	size_t previous_len;
	struct slice bytes = reader_gather(r, &previous_len);
	struct slice prefix = slice_first(bytes, RESPONSE_PREFIX_LEN);
	bool is_response = memcmp(prefix.data, response_prefix, prefix.len) == 0;
	if (is_response && prefix.len < RESPONSE_PREFIX_LEN && reader_gather_wait(r) == 0)
		return;
	reader_gather_undo(r);
	if (is_response && prefix.len == RESPONSE_PREFIX_LEN)
		stream_message_done(r);
	else
		probe_resolve(r);
}

void probe_read(struct reader *r) {
	if (r->stream->is_response)
		response_read(r);
	else if (r->stream->is_probed)
		request_read(r);
	else
		probe_resolve(r); // asked for, or sent unasked
}
