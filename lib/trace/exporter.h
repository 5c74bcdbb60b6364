#pragma once

// A thread that turns finished traces into lines and hands them to the sinks.
//
//   lcore ==finished==> exporter -> trace_encode -> batch of lines -> sinks
//         <====done====
//
// It sleeps while there is nothing to do, and blocks all signals.

#include "counters.h"
#include "sink.h"
#include "trace_encode.h"

#include <rte_ring.h>

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

// The two rings of one lcore; both hold 'struct message *'. Single producer and single consumer.
struct exporter_lane {
	struct rte_ring *finished; // lcore to exporter
	struct rte_ring *done; // back, for message_free(). Has room for twice what 'finished' holds
		// and EXPORTER_BURST more: never full, when the lcore empties it
		// before each time it adds to 'finished'
};

#define EXPORTER_BURST 32u
#define EXPORTER_BATCH_BYTES_DEFAULT (256u << 10)
#define EXPORTER_FLUSH_NS_DEFAULT 1000000000u

struct exporter_config {
	struct trace_limits limits;
	const char *environment;
	const struct exporter_lane *lanes; // copied
	uint32_t n_lanes;
	struct sink *const *sinks; // copied; the caller closes them, after exporter_free()
	uint32_t n_sinks;
	uint32_t batch_bytes; // lines are handed over when about that many bytes have come together
	uint64_t flush_ns; // or when the first of them has waited that long
	bool may_shed; // bodies with a content coding, while a lane is more than half full
	const atomic_int_least64_t *clock_shift_ns; // as of trace_encoder_set_shift; NULL: none
	// Is shown every trace, by the exporter's thread; NULL: nobody looks.
	void (*observe)(void *arg, const struct message *trace);
	void *observe_arg;
	const cpu_set_t *cpus; // where the thread may run, copied; NULL: where its maker may
};

// Where the time went, in cycles of rte_rdtsc(). exporter: wo, others: relaxed reads.
struct exporter_cost {
	uint64_t encode_cycles; // with content decoding
	uint64_t write_cycles; // in the sinks
	uint64_t bytes; // of lines
};

struct exporter;

// Bytes that exporter_create() reserves.
size_t exporter_memory(const struct exporter_config *config);

// NULL with errno ENOMEM or EINVAL.
struct exporter *exporter_create(const struct exporter_config *config);

[[nodiscard]] int exporter_start(struct exporter *exporter);

// Whoever filled the rings has stopped. Exports what is queued, hands it to the sinks and ends the
// thread. What is not done after 'timeout_ns' is dropped and counted as sink_failed. -ETIMEDOUT
// where even that does not end it (a file system that hangs): then nothing it uses may be freed.
[[nodiscard]] int exporter_stop(struct exporter *exporter, uint64_t timeout_ns);

// After exporter_stop() that returned 0, or without a start. NULL is fine.
void exporter_free(struct exporter *exporter);

// Ends its sleep. For an lcore that finds its 'finished' ring filling up: one relaxed load, and a
// system call only where the exporter sleeps.
void exporter_wake(struct exporter *exporter);

// One writer, the exporter's thread: TRACES_EXPORTED and the sink_failed drops.
const struct counters *exporter_counters(const struct exporter *exporter);
const struct exporter_cost *exporter_cost(const struct exporter *exporter);
