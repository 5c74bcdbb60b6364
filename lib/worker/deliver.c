#include "worker_priv.h"

#define SWEEP_INTERVAL_NS 10000000u // 10 ms
#define SWEEP_FRAGMENTS_INTERVAL_NS 100000000u // it looks at every datagram there may be
#define SWEEP_MAX_FLOWS 64
#define SWEEP_MANY_OVER (SWEEP_MAX_FLOWS / 4) // of those that waited: more are over, then
#define SHED_FLOWS_BELOW 16 // a fraction of the pool: 1/16

// Where the mirror has nothing of a side, nothing was lost of it.
static uint32_t flag_of_hole(const struct flow *flow, const struct tcp_event *event) {
	if (!flow->tcp.sides[event->side].is_seen)
		return 0;
	return event->is_truncated ? TRACE_FLAG_TRUNCATED : TRACE_FLAG_GAP;
}

static void feed(struct worker *w, struct flow *flow, const struct tcp_event *event) {
	struct http_origin origin = {
		.key = &flow->key,
		.vni = event->vni,
		.seq = event->seq,
		.ack = event->ack,
		.time_ns = event->time_ns,
		.flags = event->is_midstream ? TRACE_FLAG_MIDSTREAM : 0,
	};
	switch (event->kind) {
	case TCP_DATA:
		http_data(&w->http, &flow->http, event->side, event->bytes, &origin);
		break;
	case TCP_GAP:
		http_gap(
			&w->http,
			&flow->http,
			event->side,
			event->n_missing,
			flag_of_hole(flow, event),
			&origin
		);
		break;
	case TCP_END:
		http_end(&w->http, &flow->http, event->side, &flow->key);
		break;
	}
}

static void start_http(struct worker *w, struct flow *flow) {
	bool is_from_start = tcp_conn_is_from_start(&flow->tcp);
	if (!is_from_start)
		counters_inc(&w->counters, COUNTER_FLOWS_MIDSTREAM);
	http_conn_init(&flow->http, is_from_start);
	flow->has_http = true;
}

static void take_verdict(struct worker *w, struct flow *flow) {
	uint8_t verdict = flow->http.verdict;
	bool is_http = verdict == HTTP_YES || verdict == HTTP_TUNNEL;
	if (is_http && flow->class == FLOW_EMBRYONIC)
		flow_table_set_class(w->flows, flow, FLOW_ACTIVE, flow->last_ns);
	if (verdict == HTTP_NOT_HTTP || verdict == HTTP_TUNNEL)
		tcp_conn_ignore(&w->tcp, &flow->tcp);
}

// Gives http whatever tcp has by 'now_ns'.
static void pump(struct worker *w, struct flow *flow, uint64_t now_ns) {
	struct tcp_event event;
	while (tcp_next(&w->tcp, &flow->tcp, now_ns, &event)) {
		if (!flow->has_http)
			start_http(w, flow);
		uint64_t before = w->is_timing ? rte_rdtsc() : 0;
		feed(w, flow, &event);
		if (w->is_timing)
			w->http_cycles += rte_rdtsc() - before;
		take_verdict(w, flow);
	}
	flow_table_set_waiting(w->flows, flow, tcp_conn_is_waiting(&flow->tcp));
}

// Emits what is open and leaves the flow holding nothing.
static void end_flow(struct worker *w, struct flow *flow, uint32_t flag) {
	if (flow->class == FLOW_CLOSED)
		return;
	pump(w, flow, TCP_FLUSH);
	tcp_conn_ignore(&w->tcp, &flow->tcp);
	if (flow->has_http)
		http_close(&w->http, &flow->http, flag, &flow->key);
}

static void remove_flow(struct worker *w, struct flow *flow, uint32_t flag) {
	end_flow(w, flow, flag);
	flow_table_remove(w->flows, flow);
}

// It stays in the table for a while, so that late copies of its packets start no new flow.
static void close_flow(struct worker *w, struct flow *flow) {
	bool is_orderly = flow->tcp.sides[0].is_ended && flow->tcp.sides[1].is_ended;
	end_flow(w, flow, is_orderly ? 0 : TRACE_FLAG_INCOMPLETE);
	flow_table_set_class(w->flows, flow, FLOW_CLOSED, flow->last_ns);
	counters_inc(&w->counters, COUNTER_FLOWS_CLOSED);
}

static void expire_flow(struct worker *w, struct flow *flow) {
	if (flow->class != FLOW_CLOSED)
		counters_inc(&w->counters, COUNTER_FLOWS_EXPIRED);
	remove_flow(w, flow, TRACE_FLAG_INCOMPLETE);
}

static struct flow *insert_flow(struct worker *w, const struct frame *frame) {
	struct flow *flow = flow_table_insert(w->flows, &frame->key, frame->hash, frame->time_ns);
	if (flow == NULL) {
		struct flow *victim = flow_table_victim(w->flows, w->now_ns);
		if (victim == NULL)
			return NULL;
		if (flow_table_is_expired(w->flows, victim, w->now_ns)) {
			expire_flow(w, victim);
		} else {
			counters_inc(&w->counters, COUNTER_FLOWS_EVICTED);
			remove_flow(w, victim, TRACE_FLAG_INCOMPLETE);
		}
		flow = flow_table_insert(w->flows, &frame->key, frame->hash, frame->time_ns);
	}
	counters_inc(&w->counters, COUNTER_FLOWS_CREATED);
	return flow;
}

// The last step of shedding, after lib/http has stopped keeping bodies: with almost no record memory
// left, half of the new flows are left out, whole and always the same ones, so that the other half
// is complete.
static bool is_shed(const struct worker *w, uint64_t hash) {
	uint32_t n_free = message_pool_n_free(w->pool);
	return n_free < message_pool_n_blocks(w->pool) / SHED_FLOWS_BELOW && (hash >> 31 & 1) != 0;
}

// The flow of a segment. NULL with the reason in '*ret_why'.
static struct flow *
flow_of(struct worker *w,
	const struct frame *frame,
	const struct tcp_segment *segment,
	enum verdict *ret_why) {
	struct flow *flow = flow_table_find(w->flows, &frame->key, frame->hash);
	if (flow != NULL && flow_table_is_expired(w->flows, flow, frame->time_ns)) {
		expire_flow(w, flow);
		flow = NULL;
	} else if (flow != NULL && tcp_is_reuse(&flow->tcp, segment)) {
		remove_flow(w, flow, TRACE_FLAG_INCOMPLETE);
		flow = NULL;
	}
	if (flow != NULL)
		return flow;
	if (segment->len == 0 && !(segment->flags & PACKET_TCP_SYN)) {
		*ret_why = VERDICT_TCP_NO_FLOW;
		return NULL;
	}
	if (is_shed(w, frame->hash)) {
		*ret_why = VERDICT_FLOW_SHED;
		return NULL;
	}
	flow = insert_flow(w, frame);
	*ret_why = VERDICT_FLOW_TABLE_FULL;
	return flow;
}

// What it was thought to be is over; the endpoints go on. Nothing is known of what went before.
static void take_up(struct worker *w, struct flow *flow, const struct tcp_segment *segment) {
	end_flow(w, flow, TRACE_FLAG_INCOMPLETE);
	tcp_conn_take_up(&flow->tcp, segment);
	flow->http = (struct http_conn) {0};
	flow->has_http = false;
	flow_table_set_waiting(w->flows, flow, false);
	flow_table_set_class(w->flows, flow, FLOW_EMBRYONIC, segment->time_ns);
}

static enum verdict ignored_verdict(const struct flow *flow) {
	if (!flow->has_http || flow->class == FLOW_CLOSED)
		return VERDICT_DELIVERED;
	if (flow->http.verdict == HTTP_NOT_HTTP)
		return VERDICT_NOT_HTTP;
	return flow->http.verdict == HTTP_TUNNEL ? VERDICT_TUNNEL : VERDICT_DELIVERED;
}

static struct slice payload_of(struct worker *w, struct rte_mbuf *mbuf) {
	const struct frame *frame = frame_of(mbuf);
	uint32_t len = frame->captured_len;
	return slice_of(frame_read(mbuf, frame->payload_at, len, w->payload), len);
}

static enum verdict deliver(struct worker *w, struct rte_mbuf *mbuf) {
	const struct frame *frame = frame_of(mbuf);
	struct tcp_segment segment = {
		.bytes = payload_of(w, mbuf),
		.len = frame->payload_len,
		.seq = frame->seq,
		.ack = frame->ack,
		.vni = frame->vni,
		.side = frame->side,
		.flags = frame->tcp_flags,
		.time_ns = frame->time_ns,
	};
	enum verdict why = VERDICT_DELIVERED;
	struct flow *flow = flow_of(w, frame, &segment, &why);
	if (flow == NULL)
		return why;
	if (tcp_conn_is_waiting(&flow->tcp))
		pump(w, flow, segment.time_ns);
	if (flow->tcp.has_odd && tcp_goes_on(&flow->tcp, &segment))
		take_up(w, flow, &segment);
	enum verdict ignored = ignored_verdict(flow);
	enum verdict verdict = tcp_input(&w->tcp, &flow->tcp, &segment);
	// What ended is remembered as long as late copies come, not for what comes behind its end. What
	// does not fit keeps nothing alive.
	bool is_over = verdict == VERDICT_TCP_AFTER_END || verdict == VERDICT_TCP_OUT_OF_WINDOW
		|| (flow->class == FLOW_CLOSED && segment.len == 0);
	if (segment.time_ns > flow->last_ns && !is_over)
		flow->last_ns = segment.time_ns;
	pump(w, flow, segment.time_ns);
	if (flow->tcp.is_closed && flow->class != FLOW_CLOSED)
		close_flow(w, flow);
	return ignored != VERDICT_DELIVERED ? ignored : verdict;
}

// How many frames ahead each step of a lookup is made.
#define AHEAD_FLOW 12
#define AHEAD_MESSAGE 6
#define AHEAD_BODY 3

static void prefetch(struct worker *w, struct rte_mbuf *const *mbufs, uint16_t i, uint16_t n) {
	const struct frame *frame;
	if (i + AHEAD_FLOW < n)
		flow_table_prefetch_flow(w->flows, frame_of(mbufs[i + AHEAD_FLOW])->hash);
	if (i + AHEAD_MESSAGE < n) {
		frame = frame_of(mbufs[i + AHEAD_MESSAGE]);
		flow_table_prefetch_message(w->flows, frame->hash, frame->side);
	}
	if (i + AHEAD_BODY < n) {
		frame = frame_of(mbufs[i + AHEAD_BODY]);
		flow_table_prefetch_body(w->flows, frame->hash, frame->side);
	}
}

void worker_deliver(struct worker *w, struct rte_mbuf *const *mbufs, uint16_t n) {
	for (uint16_t i = 0; i < n; i++)
		flow_table_prefetch_bucket(w->flows, frame_of(mbufs[i])->hash);
	for (uint16_t i = 0; i < n && i < AHEAD_FLOW; i++)
		flow_table_prefetch_flow(w->flows, frame_of(mbufs[i])->hash);
	for (uint16_t i = 0; i < n; i++) {
		prefetch(w, mbufs, i, n);
		worker_finish(w, mbufs[i], deliver(w, mbufs[i]));
	}
}

// Patience that is over. True where there may be more of it.
static bool sweep_waiting(struct worker *w) {
	uint32_t n_waiting = flow_table_n_waiting(w->flows);
	uint32_t n_over = 0;
	for (uint32_t i = 0; i < n_waiting && i < SWEEP_MAX_FLOWS; i++) {
		struct flow *flow = flow_table_next_waiting(w->flows);
		if (flow == NULL)
			break;
		if (w->now_ns >= flow->tcp.waiting_since_ns) // else of a capture of a later time
			pump(w, flow, w->now_ns);
		n_over += !flow->is_waiting;
		if (flow->tcp.is_closed && flow->class != FLOW_CLOSED)
			close_flow(w, flow);
	}
	return n_over >= SWEEP_MANY_OVER;
}

// Silence that was too long. True where there may be more of it.
static bool sweep_silent(struct worker *w) {
	for (int n = 0; n < SWEEP_MAX_FLOWS; n++) {
		struct flow *flow = flow_table_next_expired(w->flows, w->now_ns);
		if (flow == NULL)
			return false;
		expire_flow(w, flow);
	}
	return true;
}

// What time alone brings about. Where there is more than one round may do it goes on in the next,
// but looks through all datagrams only once an interval.
void worker_sweep(struct worker *w) {
	if (w->now_ns < w->next_sweep_ns)
		return;
	bool is_more = sweep_waiting(w);
	is_more |= sweep_silent(w);
	w->next_sweep_ns = is_more ? w->now_ns : w->now_ns + SWEEP_INTERVAL_NS;
	if (w->now_ns < w->next_fragment_sweep_ns)
		return;
	fragment_expire(w->fragments, w->now_ns);
	w->next_fragment_sweep_ns = w->now_ns + SWEEP_FRAGMENTS_INTERVAL_NS;
}

void worker_end_flows(struct worker *w) {
	for (struct flow *flow; (flow = flow_table_any(w->flows)) != NULL;) {
		if (flow_table_is_expired(w->flows, flow, w->now_ns))
			expire_flow(w, flow);
		else
			remove_flow(w, flow, TRACE_FLAG_DRAINED);
	}
}
