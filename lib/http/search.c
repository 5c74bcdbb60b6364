#include "pair.h"
#include "reader.h"
#include "start.h"

#include <errno.h>

// How many bytes are passed over in each direction before a connection that has shown no message is
// called not HTTP: in HTTP the two take turns, and one would have shown one.
#define GIVE_UP_AFTER 4096

void search_give_up(struct http *http, struct http_conn *conn, enum http_verdict verdict) {
	for (size_t side = 0; side < 2; side++) {
		reader_drop_waiting(http, &conn->streams[side]);
		conn->streams[side].state = HTTP_IGNORE;
	}
	conn->verdict = (uint8_t)verdict;
}

static bool is_hopeless(const struct reader *r) {
	const struct http_stream *other = reader_other_stream(r);
	if (r->conn->verdict != HTTP_UNDECIDED || r->stream->remaining < GIVE_UP_AFTER)
		return false;
	// What the other says is awaited, unless it is known to speak unseen.
	if (r->conn->is_refused && !other->is_seq_known)
		return r->origin->ack != r->conn->refused_ack;
	return other->state == HTTP_RESYNC && other->remaining >= GIVE_UP_AFTER;
}

static void pass_over(struct reader *r, size_t n_before) {
	size_t len = n_before + r->rest.len;
	counters_add(r->http->counters, COUNTER_HTTP_SKIPPED_BYTES, len);
	reader_take(r, r->rest.len);
	r->stream->remaining += len;
	if (is_hopeless(r))
		search_give_up(r->http, r->conn, HTTP_NOT_HTTP);
}

void search_begin(struct reader *r) {
	size_t n_waiting = reader_n_waiting(r->stream);
	reader_drop_waiting(r->http, r->stream);
	r->stream->state = HTTP_RESYNC;
	r->stream->remaining = 0;
	r->stream->n_interim = 0;
	r->stream->has_continue = false;
	r->stream->is_after_loss = true;
	pair_lose_order(r->http, r->conn, r->side, r->origin->ack);
	pass_over(r, n_waiting);
}

// Notes the role that the first bytes show, unless another is known.
static bool take_role(struct reader *r, enum start start) {
	struct http_stream *other = reader_other_stream(r);
	bool is_response = start == START_RESPONSE;
	if (r->stream->is_role_known)
		return r->stream->is_response == is_response;
	r->stream->is_role_known = true;
	r->stream->is_response = is_response;
	other->is_role_known = true;
	other->is_response = !is_response;
	// What answers a request is a response, be it an odd one; before a request there may be a
	// PROXY header.
	if (!is_response && other->state == HTTP_START && other->pending == NULL)
		other->state = HTTP_HEAD;
	return true;
}

static void message_found(struct reader *r) {
	reader_gather_undo(r);
	if (r->conn->is_refused && r->conn->verdict == HTTP_UNDECIDED) {
		counters_inc(r->http->counters, COUNTER_HTTP_MALFORMED);
		counters_inc(r->http->counters, COUNTER_HTTP_RESYNCS);
	}
	r->conn->verdict = HTTP_YES;
	r->stream->state = HTTP_HEAD;
	r->stream->remaining = 0;
}

// The first bytes of a direction are no HTTP/1 message. A server of HTTP may answer even those, and go
// on: only when the other direction's are none either is this not HTTP. Counted as a message refused
// when it turns out to be HTTP.
static void refuse(struct reader *r) {
	struct http_conn *conn = r->conn;
	if (conn->verdict == HTTP_YES) {
		counters_inc(r->http->counters, COUNTER_HTTP_MALFORMED);
		stream_lose(r);
	} else if (conn->is_refused) {
		search_give_up(r->http, conn, HTTP_NOT_HTTP);
	} else {
		conn->is_refused = true;
		conn->refused_ack = r->origin->ack;
		search_begin(r);
	}
}

void search_start(struct reader *r) {
	size_t previous_len;
	size_t len = 0;
	struct slice bytes = reader_gather(r, &previous_len);
	enum start start = start_of_connection(bytes, previous_len, &len);
	if (start == START_PASS_OVER) {
		reader_gather_take(r, len);
	} else if (start == START_WAIT) {
		int err = reader_gather_wait(r);
		// It may yet be HTTP: what follows tells.
		if (err == -E2BIG)
			stream_head_lost(r, err);
		else if (err < 0)
			stream_lose(r);
	} else if (start != START_OTHER && take_role(r, start)) {
		message_found(r);
	} else {
		refuse(r);
	}
}

// Bytes of this direction were not seen, or not read, that may have held a message.
static bool is_after_unknown(const struct http_stream *stream) {
	return !stream->is_midstream && (stream->is_after_loss || stream->remaining > 0);
}

void search_next(struct reader *r) {
	if (r->stream->pending == NULL && !reader_is_at_segment_start(r)) {
		pass_over(r, 0);
		return;
	}
	size_t previous_len;
	struct slice bytes = reader_gather(r, &previous_len);
	enum start start = start_of_segment(bytes, previous_len);
	bool is_role_known = r->stream->is_role_known;
	if (start == START_WAIT && reader_gather_wait(r) == 0)
		return;
	if ((start == START_REQUEST || start == START_RESPONSE) && take_role(r, start)) {
		// What was lost before may have been a request with the same claim.
		if (!is_role_known && is_after_unknown(r->stream))
			pair_lose_order(r->http, r->conn, r->side, reader_place(r).ack);
		message_found(r);
		return;
	}
	// What waited was no message; this segment may begin one.
	reader_gather_undo(r);
	size_t n_waiting = reader_n_waiting(r->stream);
	reader_drop_waiting(r->http, r->stream);
	if (n_waiting == 0) {
		pass_over(r, 0);
	} else {
		counters_add(r->http->counters, COUNTER_HTTP_SKIPPED_BYTES, n_waiting);
		r->stream->remaining += n_waiting;
	}
}
