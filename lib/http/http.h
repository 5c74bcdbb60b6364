#pragma once

// HTTP/1.x as a passive reader meets it (RFC 9110, RFC 9112): follows both directions of one TCP
// connection and pairs requests with responses. Never pairs by guess: what cannot be proved to
// belong together leaves as two traces, each with its missing half and flag.
//
// Bytes and time come in as arguments; finished traces come out in a queue. Pure: no I/O, no EAL.

#include "counters.h"
#include "message.h"
#include "slice.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

struct http_limits {
	uint32_t head_size; // bytes of a message head (start line and fields); at most 65,535
	uint16_t n_fields; // header fields in a head; at most HTTP_MAX_FIELDS
	uint16_t n_pending; // requests of one connection waiting for their responses
	uint32_t body_keep; // bytes of each body kept for the trace
};

#define HTTP_MAX_FIELDS 512

struct http_pending; // bytes that came in part

// Those in large buffers of one class, by when they last grew.
struct http_waiting {
	struct http_pending *oldest, *newest;
};

// Connections with requests that wait for their responses.
struct http_waiting_conns {
	struct http_conn *oldest, *newest;
};

// What the connections of one lcore share. The pool's large buffers bound a head too: one that
// comes in part, or does not fit a message's own block, needs head and field table in one of them.
// Where none is free, the head that has waited longest for its rest, in a buffer large enough,
// gives its own: a connection that sends half a head and then nothing holds up nobody.
struct http {
	struct http_limits limits;
	struct message_pool *pool;
	struct counters *counters;
	struct message_queue done; // finished traces: a request with or without ->response, or a
		// response alone (is_response). The caller pops them.
	struct header_field fields[HTTP_MAX_FIELDS]; // scratch of the head being parsed
	struct http_waiting waiting[MESSAGE_LARGE_CLASSES];
	struct http_waiting_conns waiting_conns;
};

enum http_state {
	HTTP_START, // nothing seen: the first bytes tell whether this is HTTP, and which role it has
	HTTP_HEAD, // expecting or inside a message head
	HTTP_BODY_LENGTH, // inside a body of known length
	HTTP_BODY_UNTIL_CLOSE, // inside a body that ends with the connection
	HTTP_BODY_PROBE, // after a head: of a response whose request is not known (HEAD or not?), or of
		// a request whose body the server was asked about
	HTTP_CHUNK_SIZE, // chunked: expecting or inside the digits of a chunk-size line
	HTTP_CHUNK_EXTENSION, // in the rest of that line
	HTTP_CHUNK_SIZE_LF, // expecting the LF of that line
	HTTP_CHUNK_DATA,
	HTTP_CHUNK_END, // expecting the line end after a chunk's data
	HTTP_CHUNK_END_LF, // the same, CR seen
	HTTP_TRAILERS, // at the start of a trailer line
	HTTP_TRAILERS_LF, // the same, CR seen
	HTTP_TRAILER_LINE, // inside a trailer line
	HTTP_RESYNC, // lost: looks for a message that starts at the start of a segment
	HTTP_IGNORE, // not HTTP, left HTTP (tunnel), or ended: nothing more is read
};

#define HTTP_INTERIM_MAX 127u

// One direction.
struct http_stream {
	uint8_t state; // enum http_state
	uint8_t n_interim : 7; // 1xx responses since the last final one, or HTTP_INTERIM_MAX
	bool has_continue : 1; // one of them was a 100: the body is asked for
	uint8_t after_probe : 4; // enum http_state to go to when HTTP_BODY_PROBE finds a body
	uint8_t next_flags : 2; // what took bytes before the next message: TRACE_FLAG_TRUNCATED, _GAP
	bool is_after_loss : 1; // such bytes are lost, however: the next message is looked for
	bool is_absent : 1; // nothing of this direction was seen, and some of it has passed
	bool is_response : 1; // role, where known
	bool is_role_known : 1;
	bool is_seq_known : 1;
	bool is_midstream : 1; // the next message to begin is the first of a direction picked up late
	bool has_begun : 1; // a message was begun
	bool is_ended : 1; // no more bytes will come
	bool is_after_cr : 1; // the last byte of the chunk extension or the trailer line was a CR
	bool is_probed : 1; // the message being read may have no body: the request of a response is
		// not known, that of a request was not wanted
	uint32_t seq_next; // sequence number after the last byte seen
	union {
		uint32_t seq_interim; // of the first of those 1xx responses
		uint32_t claim_missing; // of a request that is missing where the state is probed
	};
	uint32_t line_len; // bytes of the chunk-size line or of the trailers so far
	uint64_t
		remaining; // bytes of body or chunk still to come; in HTTP_RESYNC bytes passed over
	struct message *message; // being read
	struct http_pending *pending; // a block or a large buffer of the pool
};

// All zero for a connection that was not seen from its start. Stays where it is while it is open.
struct http_conn {
	struct http_stream streams[2]; // by side of the flow key
	struct message_queue
		requests; // complete or not, waiting for their responses. Only the first
	// may have its ->response, still being read or waiting for the
	// request's own end.
	struct http_conn *older, *newer; // in http->waiting_conns
	uint8_t verdict; // enum http_verdict
	bool is_paired_by_order : 1; // both directions seen from the start, without loss of a head
	bool has_void : 1; // 'void_seq' counts
	bool has_request : 1; // 'request_ack' counts
	bool is_pipelined : 1; // a request was sent before anything came in answer to the last one, and
		// not all were answered in order since
	bool has_pipelined : 1; // the same, ever
	bool is_refused : 1; // the first bytes of a direction were no message
	bool is_listed : 1; // in http->waiting_conns
	uint8_t lost_flags; // what took the order: TRACE_FLAG_TRUNCATED, _GAP
	uint8_t unproven_flags; // the same since the last pair that was proven
	uint16_t
		n_ordered; // where order ended: how many of 'requests', from the first, came before
	uint32_t void_seq, n_left_behind; // see pair.h
	uint32_t request_ack; // what the last request acknowledged
	uint32_t refused_ack; // what the segment acknowledged that was refused
};
#define HTTP_HOLE_FLAGS ((unsigned)(TRACE_FLAG_TRUNCATED | TRACE_FLAG_GAP))
static_assert(HTTP_HOLE_FLAGS < 1 << 2);
static_assert(sizeof(struct http_conn) <= 144, "embedded in a million flows");

enum http_verdict {
	HTTP_UNDECIDED,
	HTTP_YES,
	HTTP_NOT_HTTP,
	HTTP_TUNNEL, // after CONNECT or Upgrade
};

// Where bytes come from.
struct http_origin {
	const struct flow_key *key;
	uint32_t vni;
	uint32_t seq; // of the first byte
	uint32_t ack; // of the segment that carried it
	uint64_t time_ns;
	uint32_t flags; // TRACE_FLAG_MIDSTREAM: the first bytes of a direction picked up midstream
};

// 'conn' is all zero at first. 'is_from_start': the SYN was seen; else the connection was picked
// up midstream. May be called again with true as long as no data was fed.
void http_conn_init(struct http_conn *conn, bool is_from_start);

// Reads the next bytes that 'side' sent, in order: the bytes of one segment. Takes all of them,
// always. What they acknowledge was given before, as far as it was seen, so that a response never
// comes before its request.
void http_data(
	struct http *http,
	struct http_conn *conn,
	uint8_t side,
	struct slice bytes,
	const struct http_origin *origin
);

// 'n_bytes' that 'side' sent are missing and will not come; origin->seq is that of the first.
// 'flag' is TRACE_FLAG_GAP or TRACE_FLAG_TRUNCATED; 0 where nothing of that side was ever seen, so
// that nothing of it was lost.
void http_gap(
	struct http *http,
	struct http_conn *conn,
	uint8_t side,
	uint32_t n_bytes,
	uint32_t flag,
	const struct http_origin *origin
);

// 'side' will send no more (FIN). Completes a body that ends with the connection.
void http_end(struct http *http, struct http_conn *conn, uint8_t side, const struct flow_key *key);

// The connection is over: emits whatever is open. 'flag' is added to what was cut short: 0,
// TRACE_FLAG_INCOMPLETE (RST, expiry) or TRACE_FLAG_DRAINED. Leaves 'conn' holding nothing.
void http_close(
	struct http *http,
	struct http_conn *conn,
	uint32_t flag,
	const struct flow_key *key
);

// True while the connection holds memory of the pool.
bool http_conn_is_open(const struct http_conn *conn);
