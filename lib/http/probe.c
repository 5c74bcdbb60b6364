#include "pair.h"
#include "reader.h"
#include "start.h"

static const char response_prefix[] = "HTTP/1.";
#define RESPONSE_PREFIX_LEN (sizeof(response_prefix) - 1)

void probe_resolve(struct reader *r) {
	struct http_stream *stream = r->stream;
	if (stream->message != NULL) // if something is missing, it is of the body
		stream->message->flags |= stream->next_flags;
	stream->state = stream->after_probe;
	stream->is_after_loss = false;
	stream->next_flags = 0;
	reader_replay(r);
}

// The client has acknowledged something since that the mirror does not have.
static bool is_answered_unseen(const struct reader *r) {
	const struct http_stream *server = reader_other_stream(r);
	const struct message *request = r->stream->message;
	return (server->is_absent || !server->is_seq_known) && request != NULL
		&& reader_place(r).ack != request->ack_first;
}

bool probe_may_end_request(const struct reader *r) {
	return !r->stream->is_response && (r->stream->is_probed || is_answered_unseen(r));
}

// A body as short as "P" may have "GET / HTTP/1.1" behind it.
static bool is_body_and_request(const struct http_stream *stream, struct slice bytes) {
	struct slice behind = slice_from(bytes, stream->remaining);
	return stream->after_probe == HTTP_BODY_LENGTH && start_is_known_method(behind)
		&& start_of_segment(behind, 0) == START_REQUEST
		&& start_of_segment(slice_first(bytes, stream->remaining), 0) != START_REQUEST;
}

// Neither what is missing behind the head nor what was passed over since.
static void missing_was_no_body(struct reader *r) {
	if (r->stream->message != NULL)
		r->stream->message->body_bytes = 0;
	pair_lose_requests(r->conn, r->stream->claim_missing);
	stream_message_done(r);
}

// Bytes that may be of the body, but not all of it.
static void pass_over(struct http_stream *stream, uint64_t n_bytes) {
	stream->remaining -= n_bytes;
	if (stream->message != NULL)
		stream->message->body_bytes += n_bytes;
}

// Behind missing bytes comes what is no request: the rest of one, or of the body, of which nothing is
// kept where the beginning is missing. That it ends where the body does tells.
static void rest_read(struct reader *r) {
	struct http_stream *stream = r->stream;
	size_t n_bytes = reader_n_waiting(stream) + r->rest.len;
	if (n_bytes >= stream->remaining) {
		probe_resolve(r);
		return;
	}
	counters_add(r->http->counters, COUNTER_HTTP_SKIPPED_BYTES, n_bytes);
	pass_over(stream, n_bytes);
	stream->claim_missing = pair_claim(r->conn, r->side, r->origin->ack);
	reader_drop_waiting(r->http, stream);
	reader_take(r, r->rest.len);
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
	bool is_request = start == START_REQUEST || start == START_WAIT;
	if (is_request && r->stream->is_after_loss)
		missing_was_no_body(r);
	else if (is_request)
		stream_message_done(r);
	else if (r->stream->is_after_loss)
		rest_read(r);
	else
		probe_resolve(r);
}

// What comes next tells whether they were.
bool probe_skip(struct reader *r, uint64_t n_bytes, uint32_t flag) {
	struct http_stream *stream = r->stream;
	if (stream->pending != NULL || stream->after_probe != HTTP_BODY_LENGTH
	    || n_bytes > stream->remaining)
		return false;
	if (n_bytes < stream->remaining) {
		pass_over(stream, n_bytes);
		stream_note_loss(r, flag);
		stream->claim_missing = pair_claim(r->conn, r->side, r->origin->ack);
	} else {
		stream->state = HTTP_BODY_LENGTH;
		(void)body_skip(r, n_bytes, flag | stream->next_flags);
		stream->is_after_loss = false;
		stream->next_flags = 0;
	}
	return true;
}

// A request whose body was not wanted ends with its direction, perhaps with its body, or the next
// begun.
static void request_ends(struct reader *r) {
	struct http_stream *stream = r->stream;
	bool is_body = stream->pending != NULL && stream->after_probe == HTTP_BODY_LENGTH
		&& reader_n_waiting(stream) == stream->remaining;
	if (stream->message != NULL)
		stream->message->flags |= stream->next_flags;
	if (is_body)
		probe_resolve(r);
	else if (stream->is_after_loss)
		missing_was_no_body(r);
	else
		stream_message_done(r);
}

void probe_end(struct reader *r) {
	struct http_stream *stream = r->stream;
	if (probe_may_end_request(r))
		request_ends(r);
	else if (!stream->is_response || stream->pending != NULL)
		probe_resolve(r);
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
	else if (probe_may_end_request(r))
		request_read(r);
	else
		probe_resolve(r); // asked for, or sent unasked
}
