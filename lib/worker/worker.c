#include "worker_priv.h"

#include <rte_prefetch.h>

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#define OUTBOX_MAX 512 // frames waiting for another worker before receiving stops or frames drop
#define AHEAD_HEADERS 4 // frames ahead whose headers are fetched
#define TIMED_EVERY 64 // one in so many bursts is measured
#define IDLE_YIELD 64 // empty rounds before the processor is given to others
#define IDLE_SLEEP 256 // and before sleeping
#define SLEEP_NS 50000u
#define IDLE_QUIET 2000 // rounds, about a tenth of a second, after which nothing is going on
#define SLEEP_QUIET_NS 200000u // a ring of 1,024 frames then still takes four million a second

struct worker_group *worker_group_create(const struct worker_group_config *config) {
	if (config->n_workers == 0 || config->n_workers > RTE_MAX_LCORE) {
		errno = EINVAL;
		return NULL;
	}
	struct worker_group *group = calloc(1, sizeof(*group));
	if (group != NULL)
		group->config = *config;
	return group;
}

void worker_group_free(struct worker_group *group) {
	free(group);
}

void worker_group_drain(struct worker_group *group) {
	atomic_store(&group->is_draining, true);
}

static uint32_t large_size(const struct worker_limits *limits) {
	size_t size =
		limits->http.head_size + sizeof(struct header_field) * limits->http.n_fields + 8;
	return (uint32_t)((size + 7) & ~(size_t)7);
}

size_t worker_memory(const struct worker_limits *limits) {
	return sizeof(struct worker) + PAYLOAD_MAX + flow_table_size(limits->flows.n_flows)
		+ fragment_table_size(&limits->fragments)
		+ message_pool_size(limits->n_blocks, limits->large_bytes, large_size(limits));
}

struct worker *worker_create(struct worker_group *group, const struct worker_config *config) {
	const struct worker_limits *limits = &config->limits;
	struct worker *w = aligned_alloc(64, (sizeof(*w) + 63) & ~(size_t)63);
	if (w == NULL)
		return NULL;
	memset(w, 0, sizeof(*w));
	w->group = group;
	w->config = *config;
	w->payload = malloc(PAYLOAD_MAX);
	w->pool = message_pool_create(limits->n_blocks, limits->large_bytes, large_size(limits));
	w->flows = flow_table_create(&limits->flows);
	w->fragments = fragment_table_create(&limits->fragments, &w->counters);
	if (w->payload == NULL || w->pool == NULL || w->flows == NULL || w->fragments == NULL) {
		int error = errno;
		worker_free(w);
		errno = error;
		return NULL;
	}
	w->tcp = (struct tcp) {.limits = limits->tcp, .pool = w->pool, .counters = &w->counters};
	w->http.limits = limits->http;
	w->http.pool = w->pool;
	w->http.counters = &w->counters;
	group->workers[config->index] = w;
	return w;
}

void worker_free(struct worker *w) {
	if (w == NULL)
		return;
	w->group->workers[w->config.index] = NULL;
	fragment_table_free(w->fragments);
	flow_table_free(w->flows);
	message_pool_free(w->pool);
	free(w->payload);
	free(w);
}

void worker_finish(struct worker *w, struct rte_mbuf *mbuf, enum verdict verdict) {
	counters_verdict(&w->counters, verdict, frame_of(mbuf)->n_frames);
	w->spent[w->n_spent++] = mbuf;
	if (w->n_spent == RTE_DIM(w->spent))
		worker_free_spent(w);
}

void worker_free_spent(struct worker *w) {
	rte_pktmbuf_free_bulk(w->spent, w->n_spent);
	w->n_spent = 0;
}

void worker_count_sent(struct worker *w, int64_t n) {
	uint64_t n_sent = atomic_load_explicit(&w->n_sent, memory_order_relaxed);
	atomic_store_explicit(&w->n_sent, n_sent + (uint64_t)n, memory_order_release);
}

static uint64_t stage_done(struct worker *w, enum worker_stage stage, uint64_t since) {
	if (!w->is_timing)
		return 0;
	uint64_t now = rte_rdtsc();
	w->cost.cycles[stage] += now - since;
	return now;
}

// Carries a burst from its headers to its traces.
static void process(struct worker *w, struct rte_mbuf **mbufs, uint16_t n) {
	uint64_t since = w->is_timing ? rte_rdtsc() : 0;
	struct rte_mbuf *mine[BURST];
	uint16_t n_mine = 0;
	w->http_cycles = 0;
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *mbuf = mbufs[i];
		if (i + AHEAD_HEADERS < n)
			rte_prefetch0(rte_pktmbuf_mtod(mbufs[i + AHEAD_HEADERS], void *));
		if (frame_of(mbuf)->stage != FRAME_SEGMENT)
			mbuf = worker_ingest(w, mbuf);
		if (mbuf != NULL)
			mine[n_mine++] = mbuf;
	}
	since = stage_done(w, WORKER_STAGE_INGEST, since);
	worker_deliver(w, mine, n_mine);
	worker_free_spent(w);
	since = stage_done(w, WORKER_STAGE_FLOW, since);
	worker_hand_over(w);
	stage_done(w, WORKER_STAGE_HANDOVER, since);
	if (w->is_timing) {
		w->cost.cycles[WORKER_STAGE_FLOW] -= w->http_cycles;
		w->cost.cycles[WORKER_STAGE_HTTP] += w->http_cycles;
		w->cost.n_frames += n;
	}
}

static void count_received(struct worker *w, uint16_t queue, struct rte_mbuf **mbufs, uint16_t n) {
	const struct worker_queue *from = &w->config.queues[queue];
	uint64_t n_bytes = 0;
	for (uint16_t i = 0; i < n; i++) {
		struct frame *frame = frame_of(mbufs[i]);
		frame->stage = FRAME_RECEIVED;
		frame->encap = (uint8_t)from->encap;
		frame->n_frames = 1;
		n_bytes += rte_pktmbuf_pkt_len(mbufs[i]);
		clock_take(&w->clocks[queue], frame->time_ns);
	}
	w->counters.received += n;
	counters_add(&w->counters, COUNTER_BYTES_RECEIVED, n_bytes);
}

static uint16_t receive_from(struct worker *w, uint16_t queue) {
	const struct worker_queue *from = &w->config.queues[queue];
	struct rte_mbuf *mbufs[BURST];
	uint64_t since = w->is_timing ? rte_rdtsc() : 0;
	uint16_t n = port_receive(from->port, from->queue, w->now_ns, mbufs, BURST);
	w->n_silent[queue] = n == 0 ? w->n_silent[queue] + 1 : 0;
	if (n == 0)
		return 0;
	count_received(w, queue, mbufs, n);
	stage_done(w, WORKER_STAGE_RECEIVE, since);
	process(w, mbufs, n);
	return n;
}

static bool is_behind(const struct worker *w) {
	if (worker_is_handover_behind(w))
		return true;
	for (uint16_t to = 0; to < w->group->config.n_workers; to++) {
		if (w->outboxes[to].n > OUTBOX_MAX)
			return true;
	}
	return false;
}

static uint32_t receive(struct worker *w) {
	const struct worker_group_config *group = &w->group->config;
	bool is_done = true;
	uint32_t n = 0;
	if (atomic_load_explicit(&w->group->is_draining, memory_order_relaxed)) {
		worker_time_end_source(w);
		atomic_store(&w->is_source_done, true);
		return 0;
	}
	if (group->is_lossless && is_behind(w))
		return 0;
	for (uint16_t i = 0; i < w->config.n_queues; i++) {
		const struct worker_queue *queue = &w->config.queues[i];
		if (port_is_live(queue->port))
			w->now_ns = worker_time_of_day(w);
		n += receive_from(w, i);
		is_done &= port_is_done(queue->port);
	}
	if (is_done) {
		worker_time_end_source(w);
		atomic_store(&w->is_source_done, true);
	}
	return n;
}

// Sends what waits for other workers; what they cannot take is dropped, or waits.
static void send_outboxes(struct worker *w) {
	const struct worker_group_config *group = &w->group->config;
	uint64_t since = w->is_timing ? rte_rdtsc() : 0;
	for (uint16_t to = 0; to < group->n_workers; to++) {
		struct shard_outbox *outbox = &w->outboxes[to];
		if (outbox->n == 0)
			continue;
		shard_send(group->mesh, w->config.index, to, outbox);
		while (!group->is_lossless && outbox->n > OUTBOX_MAX) {
			worker_finish(w, shard_outbox_pop(outbox), VERDICT_RING_FULL);
			worker_count_sent(w, -1);
		}
	}
	worker_time_tell(w);
	worker_free_spent(w);
	stage_done(w, WORKER_STAGE_SHARD, since);
}

static uint32_t receive_from_workers(struct worker *w) {
	const struct worker_group_config *group = &w->group->config;
	uint32_t n_total = 0;
	for (uint16_t from = 0; from < group->n_workers; from++) {
		if (from == w->config.index)
			continue;
		struct rte_mbuf *mbufs[BURST];
		worker_time_ask(w, from);
		uint16_t n = shard_receive(group->mesh, from, w->config.index, mbufs, BURST);
		if (n == 0)
			continue;
		w->hearsay[from].n_before -= RTE_MIN(w->hearsay[from].n_before, n);
		process(w, mbufs, n);
		atomic_store(&w->n_processed, w->n_processed + n);
		n_total += n;
	}
	return n_total;
}

// No frame will come any more: every source is done, and all that was sent has been processed.
// Frames are sent only while one is received or processed. So when everything processed, read
// first, equals everything sent, read later, nothing was under way in between.
static bool is_quiet(const struct worker_group *group) {
	uint64_t n_processed = 0, n_sent = 0;
	for (uint16_t i = 0; i < group->config.n_workers; i++) {
		if (!atomic_load(&group->workers[i]->is_source_done))
			return false;
		n_processed += atomic_load(&group->workers[i]->n_processed);
	}
	for (uint16_t i = 0; i < group->config.n_workers; i++)
		n_sent += atomic_load(&group->workers[i]->n_sent);
	return n_processed == n_sent;
}

// A worker that reads captures waits for the exporter, or another worker, and leaves it the
// processor; one that polls a device keeps polling.
static void rest(const struct worker *w, uint32_t n_idle) {
	if (n_idle >= IDLE_QUIET && !w->group->config.is_lossless)
		nanosleep(&(struct timespec) {.tv_nsec = SLEEP_QUIET_NS}, NULL);
	else if (n_idle >= IDLE_SLEEP || (w->group->config.is_lossless && n_idle > 1))
		nanosleep(&(struct timespec) {.tv_nsec = SLEEP_NS}, NULL);
	else if (n_idle >= IDLE_YIELD)
		sched_yield();
	else
		rte_pause();
}

static void finish(struct worker *w) {
	fragment_expire(w->fragments, UINT64_MAX);
	worker_time_end(w);
	worker_end_flows(w);
	for (uint32_t n_idle = 0; !worker_is_handover_done(w); n_idle++) {
		worker_hand_over(w);
		exporter_wake(w->config.exporter);
		rest(w, n_idle);
	}
}

void worker_run(struct worker *w) {
	uint32_t n_idle = 0;
	worker_time_init(w);
	for (uint32_t round = 0; !is_quiet(w->group); round++) {
		w->is_timing = w->group->config.is_timed && round % TIMED_EVERY == 0;
		uint32_t n = 0;
		if (!atomic_load_explicit(&w->is_source_done, memory_order_relaxed))
			n += receive(w);
		if (w->group->config.mesh != NULL) {
			n += receive_from_workers(w);
			send_outboxes(w);
		}
		worker_time_update(w);
		worker_sweep(w);
		atomic_store_explicit(
			&w->n_flows, flow_table_n_flows(w->flows), memory_order_relaxed
		);
		n_idle = n == 0 ? n_idle + 1 : 0;
		if (n == 0) {
			worker_hand_over(w);
			rest(w, n_idle);
		}
	}
	finish(w);
}

const struct counters *worker_counters(const struct worker *w) {
	return &w->counters;
}

const struct worker_cost *worker_cost(const struct worker *w) {
	return &w->cost;
}

uint32_t worker_n_flows(const struct worker *w) {
	return atomic_load_explicit(&w->n_flows, memory_order_relaxed);
}
