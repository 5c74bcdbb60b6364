#pragma once

#include "clock.h"
#include "frame.h"
#include "packet.h"
#include "worker.h"

#include <rte_cycles.h>

#include <stdalign.h>

#define BURST 32
// What is read of the headers of a frame whose first buffer ends within them: all but IPv6 headers
// with hundreds of bytes of extension headers, VERDICT_HEADERS_TOO_LONG. A frame in one buffer has
// no such limit.
#define HEADERS_MAX 512
#define PAYLOAD_MAX (1u << 18) // longer than any frame a capture may hold

struct worker_group {
	struct worker_group_config config;
	atomic_bool is_draining; // control: rw, workers: rw
	struct worker *workers[RTE_MAX_LCORE];
};

// How far another worker has read, as it told.
struct worker_hearsay {
	uint64_t time_ns; // all of its frames before are done with here
	uint64_t next_ns; // ... once the frames that were in the ring then are
	uint32_t n_before; // of which so many are left
};

struct worker {
	// Cache lines written by this worker and read by others now and then.
	alignas(64) struct counters counters; // worker: rw, others: ro
	struct worker_cost cost; // worker: rw, others: ro
	alignas(64
	) atomic_uint_fast64_t n_sent; // frames sent to other workers; worker: wo, others: ro
	atomic_uint_fast64_t n_processed; // frames received from them and done with; same
	atomic_bool is_source_done; // nothing more comes from its ports; same
	atomic_uint n_flows; // same
	atomic_uint_fast64_t end_ns; // the latest time of its captures; before is_source_done; same
	atomic_uint_fast64_t told_ns[RTE_MAX_LCORE]; // see time.c; same

	// Its own.
	alignas(64) struct worker_group *group;
	struct worker_config config;
	struct message_pool *pool;
	struct flow_table *flows;
	struct fragment_table *fragments;
	struct tcp tcp;
	struct http http;
	uint64_t now_ns; // see time.c
	struct clock clocks[WORKER_MAX_QUEUES]; // of its ports
	uint32_t n_silent[WORKER_MAX_QUEUES]; // rounds since one of them gave frames
	struct worker_hearsay hearsay[RTE_MAX_LCORE];
	uint64_t clock_offset_ns; // see worker_time_of_day()
	uint64_t next_sweep_ns, next_fragment_sweep_ns;
	uint64_t n_handed_over, n_given_back; // traces
	bool is_timing; // this burst is measured
	uint64_t http_cycles; // of the frame being measured
	struct shard_outbox outboxes[RTE_MAX_LCORE];
	struct rte_mbuf *spent[BURST * 2]; // to be freed in bulk
	uint32_t n_spent;
	uint8_t headers[HEADERS_MAX];
	uint8_t *payload; // PAYLOAD_MAX bytes: payload that lies in several segments
};

// The frame is done with: counts it and frees it with others.
void worker_finish(struct worker *w, struct rte_mbuf *mbuf, enum verdict verdict);
void worker_free_spent(struct worker *w);
void worker_count_sent(struct worker *w, int64_t n);

// time.c
void worker_time_init(struct worker *w);

// The time of day as it was at the start, and since then by a clock that nobody sets: patience and
// expiry would take a step back for standstill, and one forward for the end of every connection.
uint64_t worker_time_of_day(const struct worker *w);

// To the others, after frames were sent to them.
void worker_time_tell(struct worker *w);

// Of another, before its frames are received.
void worker_time_ask(struct worker *w, uint16_t from);

// Sets 'now_ns'; when its captures are done; and when those of all workers are.
void worker_time_update(struct worker *w);
void worker_time_end_source(struct worker *w);
void worker_time_end(struct worker *w);

// ingest.c: from a received frame, or a fragment that came from another worker, to a segment with
// an owner. NULL when nothing is to be delivered here.
struct rte_mbuf *worker_ingest(struct worker *w, struct rte_mbuf *mbuf);

// deliver.c
void worker_deliver(struct worker *w, struct rte_mbuf *const *mbufs, uint16_t n);
void worker_sweep(struct worker *w);
void worker_end_flows(struct worker *w);

// handover.c: finished traces to the exporter, and what it is done with back to the pool.
void worker_hand_over(struct worker *w);
bool worker_is_handover_behind(const struct worker *w);
bool worker_is_handover_done(const struct worker *w);
