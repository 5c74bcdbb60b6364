#include "worker_priv.h"

// Finished traces that may wait here before the worker stops receiving (lossless) or drops them.
#define MAX_WAITING 256
// Of a live worker's pool, 1/8 stays free for new messages: where lib/http keeps no more bodies.
#define KEEP_FREE 8
// Traces with the exporter at a time when nothing may be lost: few enough to stay in the cache.
#define MAX_UNDERWAY 512

static void take_back(struct worker *w) {
	struct message *burst[BURST];
	for (;;) {
		unsigned n =
			rte_ring_sc_dequeue_burst(w->config.lane.done, (void **)burst, BURST, NULL);
		for (unsigned i = 0; i < n; i++)
			message_free(w->pool, burst[i]);
		w->n_given_back += n;
		if (n < BURST)
			return;
	}
}

// A live port does not wait. What the exporter cannot take yet stays here as long as there is memory
// for it, so that a moment without the processor costs nothing.
static bool is_out_of_room(const struct worker *w) {
	return w->http.done.n > MAX_WAITING
		&& message_pool_n_free(w->pool) < message_pool_n_blocks(w->pool) / KEEP_FREE;
}

void worker_hand_over(struct worker *w) {
	struct rte_ring *ring = w->config.lane.finished;
	for (;;) {
		take_back(w); // before each addition, as struct exporter_lane asks
		if (w->http.done.n == 0)
			break;
		void *burst[BURST];
		uint32_t n_room = rte_ring_free_count(ring);
		uint32_t n = 0;
		while (n < BURST && n < n_room && w->http.done.n > 0)
			burst[n++] = message_queue_pop(&w->http.done);
		if (n == 0)
			break;
		w->n_handed_over += rte_ring_sp_enqueue_burst(ring, burst, n, NULL);
	}
	if (rte_ring_count(ring) > rte_ring_get_capacity(ring) / 2 || worker_is_handover_behind(w))
		exporter_wake(w->config.exporter);
	while (!w->group->config.is_lossless && is_out_of_room(w)) {
		message_free(w->pool, message_queue_pop(&w->http.done));
		counters_trace_drop(&w->counters, TRACE_DROP_QUEUE_FULL, 1);
	}
}

bool worker_is_handover_behind(const struct worker *w) {
	uint64_t n_underway = w->n_handed_over - w->n_given_back;
	// Well before lib/http would stop keeping bodies; what is underway will come back.
	bool is_short = message_pool_n_free(w->pool) < message_pool_n_blocks(w->pool) / 2;
	return w->http.done.n > MAX_WAITING || n_underway > MAX_UNDERWAY
		|| (is_short && n_underway > 0);
}

bool worker_is_handover_done(const struct worker *w) {
	return w->http.done.n == 0 && w->n_handed_over == w->n_given_back;
}
