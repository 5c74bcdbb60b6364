#include "pair.h"

#include "reader.h"

// How long requests may wait before they yield, in packet time: longer than most answers take, so
// that where the exporters are behind, and not these, fresh ones are left in peace.
#define PATIENCE_NS 1000000000

// True when 'a' comes before 'b' in the stream's 32-bit sequence space.
//	seq_is_before(0xfffffff0, 0x10): 0xfffffff0 - 0x10 = 0xffffffe0, negative: true
static bool seq_is_before(uint32_t a, uint32_t b) {
	return (int32_t)(a - b) < 0;
}

static bool is_being_read(const struct http_conn *conn, const struct message *m) {
	return conn->streams[0].message == m || conn->streams[1].message == m;
}

// Of a connection that was seen from its start, silence is no absence.
static bool is_absent(const struct http_stream *stream) {
	return stream->is_absent || (stream->state == HTTP_RESYNC && !stream->is_seq_known);
}

// What took the order, and with it perhaps the other half of a message. Where only one direction is
// seen, the other halves are missing because of that.
static uint32_t hole_flags(const struct http_conn *conn) {
	if (is_absent(&conn->streams[0]) || is_absent(&conn->streams[1]))
		return 0;
	return conn->is_pipelined ? conn->lost_flags : conn->unproven_flags;
}

// The first request without a response.
static struct message *first_waiting(const struct http_conn *conn) {
	struct message *first = conn->requests.first;
	return first != NULL && first->response != NULL ? first->next : first;
}

// How many of the requests without a response have the certainty of order.
static uint32_t n_waiting_ordered(const struct http_conn *conn) {
	const struct message *first = conn->requests.first;
	uint32_t n = conn->is_paired_by_order ? conn->requests.n : conn->n_ordered;
	return n > 0 && first != NULL && first->response != NULL ? n - 1 : n;
}

// Behind requests that have the certainty of order only one without it may wait.
static struct message *first_unordered(const struct http_conn *conn) {
	if (conn->is_paired_by_order)
		return NULL;
	if (conn->n_ordered == 0)
		return first_waiting(conn);
	return conn->requests.n > conn->n_ordered ? conn->requests.last : NULL;
}

static void push_request(struct http_conn *conn, struct message *request) {
	request->previous = conn->requests.last;
	if (conn->requests.first == NULL)
		request->previous = NULL;
	message_queue_push(&conn->requests, request);
}

// Takes 'request' out of the queue.
static void remove_request(struct http_conn *conn, struct message *request) {
	struct message_queue *q = &conn->requests;
	if (conn->n_ordered > 0 && request != first_unordered(conn))
		conn->n_ordered--;
	if (request->previous == NULL)
		q->first = request->next;
	else
		request->previous->next = request->next;
	if (request->next == NULL)
		q->last = request->previous;
	else
		request->next->previous = request->previous;
	q->n--;
	request->next = NULL;
}

// The request leaves without a response, now or when it is complete.
static void request_leaves(struct http *http, struct http_conn *conn, struct message *request) {
	remove_request(conn, request);
	request->flags |= TRACE_FLAG_NO_RESPONSE | hole_flags(conn);
	if (!is_being_read(conn, request))
		http_emit(http, request);
}

// How many requests that have left come before the next that waits, in order.
static uint32_t *n_left_before_next(struct http_conn *conn) {
	return n_waiting_ordered(conn) > 0 ? &first_waiting(conn)->n_left_before
					   : &conn->n_left_behind;
}

static void forget_order(struct http_conn *conn) {
	conn->is_paired_by_order = false;
	conn->n_ordered = 0;
	conn->n_left_behind = 0;
}

// The first byte that the next response can begin with; false where nothing was seen.
static bool next_response_seq(const struct http_stream *server, uint32_t *ret) {
	if (!server->is_seq_known)
		return false;
	*ret = server->seq_next;
	if (server->pending != NULL)
		*ret = reader_waiting_seq(server);
	if (server->n_interim > 0)
		*ret = server->seq_interim;
	return true;
}

static void void_claims(struct http_conn *conn, uint32_t seq) {
	if (conn->has_void && seq_is_before(seq, conn->void_seq))
		return;
	conn->has_void = true;
	conn->void_seq = seq;
}

static bool is_void(const struct http_conn *conn, uint32_t seq) {
	return conn->has_void && !seq_is_before(conn->void_seq, seq);
}

// Of the requests without the certainty of order one may wait, while its response has not been
// passed. Of several, none can be told from the others.
static void
trim_unordered(struct http *http, struct http_conn *conn, const struct http_stream *server) {
	struct message *m = first_unordered(conn);
	uint32_t seq;
	if (m == NULL)
		return;
	if (m->next == NULL && m->n_left_before == 0) {
		if (next_response_seq(server, &seq) && seq_is_before(m->ack_first, seq))
			request_leaves(http, conn, m);
		return;
	}
	while ((m = first_unordered(conn)) != NULL) {
		void_claims(conn, m->ack_first);
		request_leaves(http, conn, m);
	}
}

static void list_add(struct http *http, struct http_conn *conn) {
	struct http_waiting_conns *list = &http->waiting_conns;
	conn->older = list->newest;
	conn->newer = NULL;
	if (list->newest == NULL)
		list->oldest = conn;
	else
		list->newest->newer = conn;
	list->newest = conn;
	conn->is_listed = true;
}

static void list_remove(struct http *http, struct http_conn *conn) {
	struct http_waiting_conns *list = &http->waiting_conns;
	if (conn->older == NULL)
		list->oldest = conn->newer;
	else
		conn->older->newer = conn->newer;
	if (conn->newer == NULL)
		list->newest = conn->older;
	else
		conn->newer->older = conn->older;
	conn->is_listed = false;
}

// In the list are those with a request that waits, by when they last got on.
static void update_list(struct http *http, struct http_conn *conn, bool has_got_on) {
	bool is_waiting = first_waiting(conn) != NULL;
	if (conn->is_listed && (has_got_on || !is_waiting))
		list_remove(http, conn);
	if (!conn->is_listed && is_waiting)
		list_add(http, conn);
}

// All that wait leave, except one that is being read: nothing would come free. The order stays.
static void waiting_yield(struct http *http, struct http_conn *conn) {
	uint32_t n_left = 0;
	struct message *m;
	while ((m = first_waiting(conn)) != NULL && !is_being_read(conn, m)) {
		if (n_waiting_ordered(conn) > 0)
			n_left += m->n_left_before + 1;
		void_claims(conn, m->ack_first);
		counters_inc(http->counters, COUNTER_HTTP_PENDING_SHED);
		request_leaves(http, conn, m);
	}
	*n_left_before_next(conn) += n_left;
	update_list(http, conn, true);
}

void pair_make_room(struct http *http, const struct http_conn *conn, uint64_t now_ns) {
	if (message_pool_n_free(http->pool) >= message_pool_n_blocks(http->pool) / 8)
		return;
	struct http_conn *oldest = http->waiting_conns.oldest;
	if (oldest == conn && oldest != NULL)
		oldest = oldest->newer;
	if (oldest != NULL && (int64_t)(now_ns - first_waiting(oldest)->first_ns) >= PATIENCE_NS)
		waiting_yield(http, oldest);
}

static void
lose_all_order(struct http *http, struct http_conn *conn, const struct http_stream *server) {
	forget_order(conn);
	trim_unordered(http, conn, server);
}

static bool is_proof(const struct message *request, uint32_t seq, uint32_t ack) {
	return request->ack_first == seq && !seq_is_before(ack, request->seq_first);
}

struct message *
pair_find_request(struct http *http, struct http_conn *conn, uint32_t seq, uint32_t ack) {
	struct message *request = first_waiting(conn);
	if (request == NULL || *n_left_before_next(conn) > 0)
		return NULL;
	// Even in order, nobody answers what has not arrived: a server may have timed out meanwhile.
	if (n_waiting_ordered(conn) > 0)
		return seq_is_before(request->seq_first, ack) ? request : NULL;
	if (is_proof(request, seq, ack)) {
		// What was lost before the two has no part in what comes; behind the request there
		// may be a hole already.
		conn->unproven_flags = conn->streams[request->client_side].next_flags;
		return request;
	}
	if (!seq_is_before(seq, request->ack_first))
		request_leaves(http, conn, request);
	return NULL;
}

static void all_waiting_leave(struct http *http, struct http_conn *conn) {
	while (first_waiting(conn) != NULL)
		request_leaves(http, conn, first_waiting(conn));
}

// No response will be told to answer 'request', which is being read.
static void leave_unpaired(struct http_conn *conn, struct message *request) {
	request->flags |= TRACE_FLAG_NO_RESPONSE | hole_flags(conn);
	void_claims(conn, request->ack_first);
}

static void unordered_request_begins(
	struct http *http,
	struct http_conn *conn,
	struct message *request,
	const struct http_stream *server
) {
	// Where requests are sent together, a response may be to one before.
	if (conn->is_pipelined || is_void(conn, request->ack_first)) {
		leave_unpaired(conn, request);
		return;
	}
	push_request(conn, request);
	void_claims(conn, request->ack_first);
	trim_unordered(http, conn, server);
}

static uint32_t n_waiting(const struct http_conn *conn) {
	return conn->requests.n - (conn->requests.first != first_waiting(conn));
}

static void request_begins(struct http *http, struct http_conn *conn, struct message *request) {
	const struct http_stream *server = &conn->streams[1 - request->client_side];
	// One without the certainty of order that waits for its response when the next is sent did
	// not get one, or the two were sent together.
	while (first_unordered(conn) != NULL)
		request_leaves(http, conn, first_unordered(conn));
	if (server->is_ended) {
		all_waiting_leave(http, conn);
		leave_unpaired(conn, request);
	} else if (n_waiting(conn) >= http->limits.n_pending) {
		counters_inc(http->counters, COUNTER_HTTP_PENDING_OVERFLOW);
		leave_unpaired(conn, request);
		conn->n_left_behind += conn->is_paired_by_order;
	} else if (conn->is_paired_by_order) {
		request->n_left_before = conn->n_left_behind;
		conn->n_left_behind = 0;
		push_request(conn, request);
	} else {
		unordered_request_begins(http, conn, request, server);
	}
}

bool pair_is_all_answered(const struct http_conn *conn) {
	return first_waiting(conn) == NULL && conn->n_left_behind == 0;
}

static void note_pipelining(struct http_conn *conn, const struct message *request) {
	// Those that were sent together and all answered in order cast no doubt on the next.
	if (conn->is_paired_by_order && pair_is_all_answered(conn))
		conn->is_pipelined = false;
	if (conn->has_request && conn->request_ack == request->ack_first)
		conn->is_pipelined = conn->has_pipelined = true;
	conn->has_request = true;
	conn->request_ack = request->ack_first;
}

void pair_request_begins(struct http *http, struct http_conn *conn, struct message *request) {
	note_pipelining(conn, request);
	request_begins(http, conn, request);
	update_list(http, conn, false);
}

void pair_response_begins(
	struct http *http,
	struct http_conn *conn,
	struct message *response,
	struct message *request
) {
	if (request != NULL && response != NULL)
		request->response = response;
	else if (request != NULL)
		request_leaves(http, conn, request);
	else if (*n_left_before_next(conn) > 0)
		(*n_left_before_next(conn))--;
	else // A response too many: from here on the i-th no longer answers the i-th.
		forget_order(conn);
	if (request == NULL && response != NULL)
		response->flags |= TRACE_FLAG_NO_REQUEST | hole_flags(conn);
	update_list(http, conn, true);
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

uint32_t pair_claim(const struct http_conn *conn, uint8_t side, uint32_t ack) {
	const struct http_stream *server = &conn->streams[1 - side];
	return server->is_seq_known ? server->seq_next : ack;
}

void pair_lose_requests(struct http_conn *conn, uint32_t claim) {
	if (conn->is_paired_by_order) {
		conn->is_paired_by_order = false;
		conn->n_ordered = (uint16_t)conn->requests.n;
	}
	void_claims(conn, claim); // the next one that is seen may have it too
}

void pair_lose_order(struct http *http, struct http_conn *conn, uint8_t side, uint32_t ack) {
	const struct http_stream *stream = &conn->streams[side];
	const struct http_stream *server = stream->is_response ? stream : &conn->streams[1 - side];
	if (!stream->is_role_known || stream->is_response) {
		lose_all_order(http, conn, server);
		update_list(http, conn, false);
		return;
	}
	pair_lose_requests(conn, pair_claim(conn, side, ack));
}

void pair_pass_hole(struct http_conn *conn, uint8_t side, uint32_t seq) {
	const struct http_stream *stream = &conn->streams[side];
	if (stream->is_response && conn->has_pipelined && conn->streams[1 - side].is_after_loss
	    && is_void(conn, seq))
		void_claims(conn, stream->seq_next);
}

void pair_request_unkept(struct http *http, struct http_conn *conn, uint8_t side, uint32_t ack) {
	if (conn->is_paired_by_order)
		conn->n_left_behind++;
	else
		pair_lose_order(http, conn, side, ack);
}

void pair_advance(struct http *http, struct http_conn *conn, uint8_t side) {
	const struct http_stream *stream = &conn->streams[side];
	if (conn->requests.n == 0 || !stream->is_response)
		return;
	if (stream->is_ended)
		all_waiting_leave(http, conn);
	else
		trim_unordered(http, conn, stream);
	update_list(http, conn, false);
}

void pair_flush(struct http *http, struct http_conn *conn, uint32_t flag) {
	struct message *m;
	while ((m = message_queue_pop(&conn->requests)) != NULL) {
		if (m->response == NULL)
			m->flags |= TRACE_FLAG_NO_RESPONSE | (flag & TRACE_FLAG_DRAINED);
		http_emit(http, m);
	}
	forget_order(conn);
	update_list(http, conn, false);
}
