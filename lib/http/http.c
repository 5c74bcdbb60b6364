#include "http.h"

#include "pair.h"
#include "reader.h"

void http_conn_init(struct http_conn *conn, bool is_from_start) {
	conn->is_paired_by_order = is_from_start;
	for (size_t side = 0; side < 2; side++)
		conn->streams[side].state = is_from_start ? HTTP_START : HTTP_RESYNC;
}

void http_emit(struct http *http, struct message *m) {
	counters_inc(http->counters, COUNTER_TRACES_MADE);
	message_queue_push(&http->done, m);
}

void http_count_lost(struct http *http) {
	counters_inc(http->counters, COUNTER_TRACES_MADE);
	counters_trace_drop(http->counters, TRACE_DROP_NO_MEMORY, 1);
}

static void note_seq(struct http_stream *stream, uint32_t seq_next, bool is_absent) {
	stream->seq_next = seq_next;
	stream->is_seq_known = true;
	stream->is_absent = is_absent;
}

void http_data(
	struct http *http,
	struct http_conn *conn,
	uint8_t side,
	struct slice bytes,
	const struct http_origin *origin
) {
	struct reader r = reader_of(http, conn, side, bytes, origin);
	if (conn->verdict > HTTP_YES)
		return;
	note_seq(r.stream, origin->seq + (uint32_t)bytes.len, false);
	if ((origin->flags & TRACE_FLAG_MIDSTREAM) != 0 && !r.stream->has_begun)
		r.stream->is_midstream = true;
	while (r.rest.len > 0)
		stream_step(&r);
	pair_advance(http, conn, side);
}

// Where the next message begins is lost with bytes that are missing.
static void lose(struct reader *r, uint32_t flag) {
	if (r->stream->message != NULL)
		stream_cut(r, flag);
	stream_note_loss(r, flag);
	stream_lose(r);
}

// Goes past missing bytes; what they take away from a message is said by 'flag'.
static void skip(struct reader *r, uint64_t n_bytes, uint32_t flag) {
	switch (r->stream->state) {
	case HTTP_BODY_PROBE:
		if (!probe_may_end_request(r)) {
			probe_resolve(r);
			skip(r, n_bytes, flag); // no longer in that state
		} else if (!probe_skip(r, n_bytes, flag)) {
			lose(r, flag);
		}
		break;
	case HTTP_BODY_LENGTH:
	case HTTP_BODY_UNTIL_CLOSE:
	case HTTP_CHUNK_DATA:
		n_bytes = body_skip(r, n_bytes, flag);
		if (n_bytes > 0)
			lose(r, flag);
		break;
	case HTTP_RESYNC:
		stream_note_loss(r, flag);
		reader_drop_waiting(r->http, r->stream);
		pair_lose_order(r->http, r->conn, r->side, r->origin->ack);
		break;
	case HTTP_IGNORE:
		break;
	default:
		stream_cut_head(r, flag);
		lose(r, flag);
		break;
	}
}

void http_gap(
	struct http *http,
	struct http_conn *conn,
	uint8_t side,
	uint32_t n_bytes,
	uint32_t flag,
	const struct http_origin *origin
) {
	struct reader r = reader_of(http, conn, side, slice_of("", 0), origin);
	if (conn->verdict > HTTP_YES || n_bytes == 0)
		return;
	note_seq(r.stream, origin->seq + n_bytes, flag == 0);
	if (r.stream->is_response) // among the missing bytes may be that a body is not wanted
		reader_other_stream(&r)->is_probed = true;
	skip(&r, n_bytes, flag);
	pair_pass_hole(conn, side, origin->seq);
	pair_advance(http, conn, side);
}

// A message that a connection's end cuts short, or completes.
static void end_message(struct reader *r, uint32_t flag) {
	struct http_stream *stream = r->stream;
	if (stream->state == HTTP_BODY_PROBE)
		probe_end(r);
	stream_cut_head(r, flag == 0 ? TRACE_FLAG_INCOMPLETE : flag);
	if (stream->message == NULL)
		return;
	if (flag == 0 && stream->state != HTTP_BODY_UNTIL_CLOSE && stream->state != HTTP_BODY_PROBE)
		flag = TRACE_FLAG_INCOMPLETE;
	stream_cut(r, flag);
}

static void end_stream(
	struct http *http,
	struct http_conn *conn,
	uint8_t side,
	uint32_t flag,
	const struct flow_key *key
) {
	struct http_stream *stream = &conn->streams[side];
	struct http_origin origin = {.key = key};
	struct reader r = reader_of(http, conn, side, slice_of("", 0), &origin);
	if (stream->pending != NULL) {
		origin.time_ns = reader_waiting_ns(stream);
	} else if (stream->message != NULL) {
		origin.time_ns = stream->message->last_ns;
		origin.ack = stream->message->ack_first;
	}
	end_message(&r, flag);
	counters_add(http->counters, COUNTER_HTTP_SKIPPED_BYTES, reader_n_waiting(stream));
	reader_drop_waiting(http, stream);
	stream->state = HTTP_IGNORE;
	stream->is_ended = true;
}

void http_end(struct http *http, struct http_conn *conn, uint8_t side, const struct flow_key *key) {
	end_stream(http, conn, side, 0, key);
	pair_advance(http, conn, side);
}

void http_close(
	struct http *http,
	struct http_conn *conn,
	uint32_t flag,
	const struct flow_key *key
) {
	end_stream(http, conn, 0, flag, key);
	end_stream(http, conn, 1, flag, key);
	pair_flush(http, conn, flag);
}

bool http_conn_is_open(const struct http_conn *conn) {
	for (size_t side = 0; side < 2; side++) {
		if (conn->streams[side].message != NULL || conn->streams[side].pending != NULL)
			return true;
	}
	return conn->requests.n > 0;
}
