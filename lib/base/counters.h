#pragma once

// The counters of one thread: each set has one writer and is read relaxed by others.

#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>

// id, name, what it counts
#define EVENT_COUNTERS(X)                                                                          \
	X(BYTES_RECEIVED, "bytes.received", "captured bytes of all frames received")               \
	X(PACKETS_TRUNCATED, "packets.truncated", "frames cut short by the mirror or the capture") \
	X(PACKETS_WRONG_LCORE,                                                                     \
	  "packets.wrong_lcore",                                                                   \
	  "frames received by another lcore than their owner")                                     \
	X(FRAGMENTS_RECEIVED, "fragments.received", "IP fragments, outer and inner")               \
	X(FRAGMENTS_REASSEMBLED, "fragments.reassembled", "IP datagrams put together")             \
	X(FRAGMENTS_DIFFER,                                                                        \
	  "fragments.overlap_differs",                                                             \
	  "overlapping fragments whose bytes differ")                                              \
	X(FLOWS_CREATED, "flows.created", "TCP connections seen")                                  \
	X(FLOWS_CLOSED, "flows.closed", "TCP connections that ended by FIN or RST")                \
	X(FLOWS_EXPIRED, "flows.expired", "TCP connections that fell silent")                      \
	X(FLOWS_EVICTED, "flows.evicted", "TCP connections ended early to make room")              \
	X(FLOWS_MIDSTREAM, "flows.midstream", "TCP connections picked up after their start")       \
	X(TCP_SEGMENTS_HELD, "tcp.segments_held", "segments held until earlier bytes came")        \
	X(TCP_DUPLICATE_BYTES,                                                                     \
	  "tcp.duplicate_bytes",                                                                   \
	  "bytes seen before: retransmitted or mirrored twice")                                    \
	X(TCP_OVERLAP_DIFFERS,                                                                     \
	  "tcp.overlap_differs",                                                                   \
	  "repeated bytes that differ from a copy still held")                                     \
	X(TCP_GAPS, "tcp.gaps", "holes in a byte stream that were given up")                       \
	X(TCP_GAP_BYTES, "tcp.gap_bytes", "bytes missing in those holes")                          \
	X(TCP_UNTAKEN_BYTES,                                                                       \
	  "tcp.untaken_bytes",                                                                     \
	  "bytes behind a hole that the receiver never took")                                      \
	X(HTTP_REQUESTS, "http.requests", "request heads parsed")                                  \
	X(HTTP_RESPONSES, "http.responses", "final response heads parsed")                         \
	X(HTTP_INTERIM, "http.interim_responses", "1xx responses")                                 \
	X(HTTP_MALFORMED, "http.malformed", "messages refused by the parser")                      \
	X(HTTP_HEAD_TOO_LARGE, "http.head_too_large", "message heads over a limit")                \
	X(HTTP_PENDING_OVERFLOW,                                                                   \
	  "http.pending_overflow",                                                                 \
	  "requests not paired, because too many of their connection wait")                        \
	X(HTTP_PENDING_SHED, "http.pending_shed", "requests not paired for want of memory")        \
	X(HTTP_RESYNCS, "http.resyncs", "times a stream had to look for its next message")         \
	X(HTTP_SKIPPED_BYTES, "http.skipped_bytes", "bytes passed over while looking")             \
	X(HTTP_BODY_BYTES, "http.body_bytes", "body bytes read, without framing")                  \
	X(HTTP_BODY_BYTES_KEPT, "http.body_bytes_kept", "body bytes kept for traces")              \
	X(HTTP_BODY_BYTES_SHED, "http.body_bytes_shed", "body bytes not kept for want of memory")  \
	X(TRACES_MADE, "traces.made", "traces finished by the parsers")                            \
	X(TRACES_EXPORTED, "traces.exported", "traces written by every sink they were meant for")

// id, name, what it means; published as traces.dropped.<name>
#define TRACE_DROP_REASONS(X)                                                                      \
	X(NO_MEMORY, "no_memory", "no record memory for the head of its message")                  \
	X(QUEUE_FULL, "queue_full", "the exporter did not keep up")                                \
	X(SINK_FAILED, "sink_failed", "a sink could not write it")

enum event_counter {
#define X(id, name, help) COUNTER_##id,
	EVENT_COUNTERS(X)
#undef X
	N_EVENT_COUNTERS,
};

enum trace_drop {
#define X(id, name, help) TRACE_DROP_##id,
	TRACE_DROP_REASONS(X)
#undef X
	N_TRACE_DROPS,
};

struct counters {
	uint64_t received; // frames taken from ports
	uint64_t verdicts[N_VERDICTS]; // frames by how they left; at exit their sum is 'received'
	uint64_t events[N_EVENT_COUNTERS];
	uint64_t trace_drops[N_TRACE_DROPS];
};

static inline void counters_add(struct counters *c, enum event_counter which, uint64_t n) {
	c->events[which] += n;
}

static inline void counters_inc(struct counters *c, enum event_counter which) {
	c->events[which]++;
}

static inline void counters_verdict(struct counters *c, enum verdict verdict, uint64_t n_frames) {
	c->verdicts[verdict] += n_frames;
}

static inline void counters_trace_drop(struct counters *c, enum trace_drop why, uint64_t n) {
	c->trace_drops[why] += n;
}

// Adds 'from' to 'to', reading each counter once, relaxed.
void counters_merge(struct counters *to, const struct counters *from);

// Calls 'each' for every counter under its published name ("packets.dropped.ip_short"), in a fixed
// order. 'help' is the sentence for people.
typedef void counters_visit_fn(void *arg, const char *name, uint64_t value, const char *help);
void counters_visit(const struct counters *c, counters_visit_fn *each, void *arg);

// The two sums that must close at exit: received = delivered + every named drop, and made =
// exported + every named trace drop.
[[nodiscard]] bool counters_packets_closed(const struct counters *c);
[[nodiscard]] bool counters_traces_closed(const struct counters *c);
