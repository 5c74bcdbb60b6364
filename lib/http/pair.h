#pragma once

// Which response belongs to which request.
//
// By order while both directions were seen from their start: the i-th final response answers the
// i-th request. When a head is lost, the requests before it keep their order. All others need
// proof: a response answers a request when it begins at the very byte that the request's segment
// acknowledged, itself acknowledges all before the request, and no other request can have that
// claim. Claims to bytes at or before 'void_seq' are no proof: a request that was lost, or an
// earlier one, may have the same. Where requests were sent together there is no proof at all: such
// a request may be sent while an earlier one waits whose response then begins at that byte.
//
// That a request was sent together with one before is not known where the capture began between the
// two: on a connection that was picked up midstream the first request that is seen is taken to wait
// alone. Such a pair has TRACE_FLAG_MIDSTREAM. Nor is it known where the one before is lost: then a
// third that is sent between their responses is taken to be answered by that of the second.
//
// A request may leave before its response, where too many wait or memory is short; there may be none
// for it at all. Its place in the order stays, so that its response is known for what it is: the
// places before a waiting request are counted in its 'n_left_before', those behind the last one that
// waits in order in the connection's 'n_left_behind'.
//
//	requests:	1   2   3   4   5		of which 3 and 5 have left
//	queue:		1 - 2 - 4			n_left_before of 4 is 1, n_left_behind 1

#include "http.h"

// The waiting request that a response answers which begins at 'seq' in a segment that acknowledges
// 'ack'; NULL where none is certain. Those that can no longer be answered leave.
struct message *
pair_find_request(struct http *http, struct http_conn *conn, uint32_t seq, uint32_t ack);

// A request, or a response to 'request' (NULL: to none that is known), begins. A NULL response is
// one that there was no memory for.
void pair_request_begins(struct http *http, struct http_conn *conn, struct message *request);
void pair_response_begins(
	struct http *http,
	struct http_conn *conn,
	struct message *response,
	struct message *request
);

// No request that is known of has yet to be answered.
bool pair_is_all_answered(const struct http_conn *conn);

// A message is about to begin in 'conn'. While fewer blocks are free than bodies are kept in, those
// requests leave that have waited for a while on the other connection that longest got no response.
void pair_make_room(struct http *http, const struct http_conn *conn, uint64_t now_ns);

// 'm' is complete, and no longer the message its stream reads. Emits what that finishes.
void pair_message_done(struct http *http, struct http_conn *conn, struct message *m);

// A request of 'side' begins that there is no memory for.
void pair_request_unkept(struct http *http, struct http_conn *conn, uint8_t side, uint32_t ack);

// A message head of 'side' is lost; 'ack' is what its segment acknowledged, as far as is known.
void pair_lose_order(struct http *http, struct http_conn *conn, uint8_t side, uint32_t ack);

// The claim of a request of 'side' that is lost now, in a segment that acknowledged 'ack' as far as is
// known; and that such requests are lost.
uint32_t pair_claim(const struct http_conn *conn, uint8_t side, uint32_t ack);
void pair_lose_requests(struct http_conn *conn, uint32_t claim);

// Bytes of 'side' are missing, from 'seq' to where it is now. Where that is the next that came of it
// after a request was lost, nobody knows whether the request acknowledged them: the client may have
// sent it together with the next. One that never did so is taken to have lost a whole exchange.
void pair_pass_hole(struct http_conn *conn, uint8_t side, uint32_t seq);

// 'side' has moved on or ended: what waits for bytes that will not come leaves.
void pair_advance(struct http *http, struct http_conn *conn, uint8_t side);

// All requests leave. No message is being read. 'flag' goes to those without a response.
void pair_flush(struct http *http, struct http_conn *conn, uint32_t flag);
