#include "collector_priv.h"

static struct backlog backlog_of(const struct collector *c) {
	struct backlog backlog = {};
	for (uint32_t i = 0; i < c->n_lcores; i++) {
		const struct rte_ring *ring = c->lcores[i].lane.finished;
		struct counters counters;
		collector_counters(c, i, &counters);
		backlog.n_no_room += counters.trace_drops[TRACE_DROP_QUEUE_FULL];
		backlog.n_no_memory += counters.trace_drops[TRACE_DROP_NO_MEMORY];
		backlog.n_left += counters.events[COUNTER_TRACES_EXPORTED];
		backlog.n_left += counters.trace_drops[TRACE_DROP_SINK_FAILED];
		backlog.is_waiting = backlog.is_waiting || !rte_ring_empty(ring);
		backlog.is_long =
			backlog.is_long || rte_ring_count(ring) > rte_ring_get_capacity(ring) / 2;
	}
	return backlog;
}

void backlog_watch(struct collector *c) {
	struct backlog now = backlog_of(c);
	bool is_stuck = now.is_waiting && now.n_left == c->backlog.n_left;
	bool is_behind = now.n_no_room > c->backlog.n_no_room
		|| (is_stuck && now.n_no_memory > c->backlog.n_no_memory)
		|| (atomic_load(&c->is_behind) && (is_stuck || now.is_long));
	atomic_store(&c->is_behind, is_behind);
	c->backlog = now;
}
