#pragma once

// Which response belongs to which request. By order while both directions were seen from their
// start: the i-th final response answers the i-th request. After a loss the requests before it keep
// their order; all others are paired only with proof: a response that begins at the very byte the
// request's segment acknowledged, and that itself acknowledges the request, answers it, unless two
// requests have an equal claim.
//
// The two directions may come in slightly out of order. A response whose segment acknowledges
// client bytes not seen yet is therefore held for a while, for a request that is late.

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

// 'm' is complete, and no longer the message its stream reads. Emits what that finishes.
void pair_message_done(struct http *http, struct http_conn *conn, struct message *m);

// A message head of 'side' is lost.
void pair_lose_order(struct http_conn *conn, uint8_t side);

// 'side' has moved on or ended: what waits for bytes that will not come leaves.
void pair_advance(struct http *http, struct http_conn *conn, uint8_t side);

// Everything that waits leaves. No message is being read. 'flag' goes to requests without a
// response.
void pair_flush(struct http *http, struct http_conn *conn, uint32_t flag);
