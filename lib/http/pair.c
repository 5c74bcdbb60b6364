#include "pair.h"

#include "reader.h"

// Requests that wait without the certainty of order, and responses that wait for late requests: as
// many as a small disorder between the two directions can bring.
#define MAX_UNORDERED 4u
#define MAX_HELD 4u

// True when 'a' comes before 'b' in the stream's 32-bit sequence space.
//	seq_is_before(0xfffffff0, 0x10): 0xfffffff0 - 0x10 = 0xffffffe0, negative: true
static bool seq_is_before(uint32_t a, uint32_t b) {
	return (int32_t)(a - b) < 0;
}

static bool is_being_read(const struct http_conn *conn, const struct message *m) {
	return conn->streams[0].message == m || conn->streams[1].message == m;
}

// Returns its place in the queue.
static uint32_t queue_remove(struct message_queue *q, const struct message *m) {
	uint32_t place = 0;
	if (q->first == m) {
		message_queue_pop(q);
		return 0;
	}
	for (uint32_t i = 0, n = q->n; i < n; i++) {
		struct message *each = message_queue_pop(q);
		if (each == m)
			place = i;
		else
			message_queue_push(q, each);
	}
	return place;
}

static void lose_all_order(struct http_conn *conn) {
	conn->is_paired_by_order = false;
	conn->n_ordered = 0;
}

// 'm' is in no queue any more, and leaves without its other half, now or when it is complete.
static void leave(struct http *http, struct http_conn *conn, struct message *m) {
	m->flags |= m->is_response ? TRACE_FLAG_NO_REQUEST : TRACE_FLAG_NO_RESPONSE;
	if (!is_being_read(conn, m))
		http_emit(http, m);
}

static void remove_request(struct http_conn *conn, struct message *request) {
	if (queue_remove(&conn->requests, request) < conn->n_ordered)
		conn->n_ordered--;
}

static void request_leaves(struct http *http, struct http_conn *conn, struct message *request) {
	remove_request(conn, request);
	leave(http, conn, request);
}

static void response_leaves(struct http *http, struct http_conn *conn, struct message *response) {
	queue_remove(&conn->responses, response);
	leave(http, conn, response);
}

// The first request without a response.
static struct message *first_waiting(const struct http_conn *conn) {
	struct message *first = conn->requests.first;
	return first != NULL && first->response != NULL ? first->next : first;
}

// How many of the requests without a response have the certainty of order.
static uint32_t n_waiting_ordered(const struct http_conn *conn) {
	uint32_t n = conn->is_paired_by_order ? conn->requests.n : conn->n_ordered;
	const struct message *first = conn->requests.first;
	return n > 0 && first != NULL && first->response != NULL ? n - 1 : n;
}

// The first waiting request whose turn is not given by order.
static struct message *first_unordered(const struct http_conn *conn) {
	struct message *m = first_waiting(conn);
	for (uint32_t n = n_waiting_ordered(conn); n > 0 && m != NULL; n--)
		m = m->next;
	return m;
}

// The first byte that the next response can begin with; false where nothing was seen.
static bool next_response_seq(const struct http_stream *stream, uint32_t *ret) {
	if (!stream->is_seq_known)
		return false;
	*ret = stream->seq_next;
	if (stream->pending != NULL)
		*ret = reader_waiting_seq(stream);
	if (stream->n_interim > 0)
		*ret = stream->seq_interim;
	return true;
}

// Unordered requests that wait for a response at a byte before 'seq' leave.
static void expire_requests(struct http *http, struct http_conn *conn, uint32_t seq) {
	struct message *m = first_unordered(conn);
	while (m != NULL) {
		struct message *next = m->next;
		if (seq_is_before(m->ack_first, seq))
			request_leaves(http, conn, m);
		m = next;
	}
}

static bool is_proof(const struct message *request, uint32_t seq, uint32_t ack) {
	return request->ack_first == seq && seq_is_before(request->seq_first, ack);
}

static struct message *find_by_proof(const struct http_conn *conn, uint32_t seq, uint32_t ack) {
	struct message *found = NULL;
	for (struct message *m = first_unordered(conn); m != NULL; m = m->next) {
		if (!is_proof(m, seq, ack))
			continue;
		if (found != NULL)
			return NULL;
		found = m;
	}
	return found;
}

struct message *
pair_find_request(struct http *http, struct http_conn *conn, uint32_t seq, uint32_t ack) {
	if (n_waiting_ordered(conn) > 0)
		return first_waiting(conn);
	struct message *found = find_by_proof(conn, seq, ack);
	while (found != NULL && first_waiting(conn) != found)
		request_leaves(http, conn, first_waiting(conn));
	// One with a claim to this very byte that is not the one cannot be answered later either.
	struct message *m = found == NULL ? first_unordered(conn) : found->next;
	while (m != NULL) {
		struct message *next = m->next;
		if (!seq_is_before(seq, m->ack_first))
			request_leaves(http, conn, m);
		m = next;
	}
	return found;
}

static struct message *find_held(const struct http_conn *conn, const struct message *request) {
	if (conn->is_paired_by_order)
		return conn->responses.first;
	if (conn->requests.first != NULL && conn->requests.first->response != NULL)
		return NULL;
	for (struct message *m = conn->responses.first; m != NULL; m = m->next) {
		if (m->n_interim == 0 && is_proof(request, m->seq_first, m->ack_first))
			return m;
	}
	return NULL;
}

// Requests beyond what may wait leave, the oldest first, and all where no response will come.
static void trim_requests(struct http *http, struct http_conn *conn, uint8_t client_side) {
	const struct http_stream *server = &conn->streams[1 - client_side];
	uint32_t seq;
	if (server->is_ended) {
		while (first_waiting(conn) != NULL)
			request_leaves(http, conn, first_waiting(conn));
		return;
	}
	if (conn->requests.n > http->limits.n_pending && first_waiting(conn) != NULL) {
		lose_all_order(conn);
		request_leaves(http, conn, first_waiting(conn));
	}
	if (conn->is_paired_by_order)
		return;
	if (next_response_seq(server, &seq))
		expire_requests(http, conn, seq);
	while (conn->requests.n > conn->n_ordered + MAX_UNORDERED)
		request_leaves(http, conn, first_unordered(conn));
}

void pair_request_begins(struct http *http, struct http_conn *conn, struct message *request) {
	struct message *response = find_held(conn, request);
	if (response != NULL) {
		while (first_waiting(conn) != NULL)
			request_leaves(http, conn, first_waiting(conn));
		while (conn->responses.first != response)
			response_leaves(http, conn, conn->responses.first);
		message_queue_pop(&conn->responses);
		request->response = response;
	}
	message_queue_push(&conn->requests, request);
	trim_requests(http, conn, request->client_side);
}

// True where bytes of the client that this response acknowledges may still come.
static bool is_request_late(const struct http_stream *client, const struct message *response) {
	if (client->is_ended)
		return false;
	return !client->is_seq_known || client->pending != NULL
		|| seq_is_before(client->seq_next, response->ack_first);
}

// Holding is a courtesy: it may not take memory that others need.
static bool is_room_to_hold(const struct http *http) {
	return message_pool_n_free(http->pool) >= message_pool_n_blocks(http->pool) / 2;
}

void pair_response_begins(
	struct http *http,
	struct http_conn *conn,
	struct message *response,
	struct message *request
) {
	if (request != NULL && response != NULL) {
		request->response = response;
	} else if (request != NULL) {
		request_leaves(http, conn, request);
	} else if (response == NULL) {
		lose_all_order(conn);
	} else if (is_request_late(&conn->streams[response->client_side], response) && is_room_to_hold(http)) {
		message_queue_push(&conn->responses, response);
		if (conn->responses.n > MAX_HELD) {
			lose_all_order(conn);
			response_leaves(http, conn, conn->responses.first);
		}
	} else {
		lose_all_order(conn);
		response->flags |= TRACE_FLAG_NO_REQUEST;
	}
}

void pair_message_done(struct http *http, struct http_conn *conn, struct message *m) {
	if ((m->flags & (TRACE_FLAG_NO_REQUEST | TRACE_FLAG_NO_RESPONSE)) != 0) {
		http_emit(http, m);
		return;
	}
	struct message *first = conn->requests.first;
	if (first == NULL || first->response == NULL || is_being_read(conn, first)
	    || is_being_read(conn, first->response))
		return;
	remove_request(conn, first);
	http_emit(http, first);
}

void pair_lose_order(struct http_conn *conn, uint8_t side) {
	const struct http_stream *stream = &conn->streams[side];
	if (!stream->is_role_known || stream->is_response) {
		lose_all_order(conn);
	} else if (conn->is_paired_by_order) {
		conn->is_paired_by_order = false;
		conn->n_ordered = (uint16_t)conn->requests.n;
	}
}

static void advance_client(struct http *http, struct http_conn *conn, uint8_t side) {
	while (conn->responses.first != NULL
	       && !is_request_late(&conn->streams[side], conn->responses.first)) {
		lose_all_order(conn);
		response_leaves(http, conn, conn->responses.first);
	}
}

static void advance_server(struct http *http, struct http_conn *conn, uint8_t side) {
	uint32_t seq;
	if (conn->streams[side].is_ended)
		trim_requests(http, conn, 1 - side);
	else if (first_unordered(conn) != NULL && next_response_seq(&conn->streams[side], &seq))
		expire_requests(http, conn, seq);
}

void pair_advance(struct http *http, struct http_conn *conn, uint8_t side) {
	const struct http_stream *stream = &conn->streams[side];
	if (!stream->is_role_known)
		return;
	if (stream->is_response)
		advance_server(http, conn, side);
	else
		advance_client(http, conn, side);
}

void pair_flush(struct http *http, struct http_conn *conn, uint32_t flag) {
	struct message *m;
	while ((m = message_queue_pop(&conn->requests)) != NULL) {
		if (m->response == NULL)
			m->flags |= TRACE_FLAG_NO_RESPONSE | (flag & TRACE_FLAG_DRAINED);
		http_emit(http, m);
	}
	while ((m = message_queue_pop(&conn->responses)) != NULL) {
		m->flags |= TRACE_FLAG_NO_REQUEST;
		http_emit(http, m);
	}
	lose_all_order(conn);
}
