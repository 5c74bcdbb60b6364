#pragma once

// The collector as a whole: ports, workers and exporters, wired together from a configuration.
//
//   ports --queues--> workers --lanes--> exporters --> sinks        one exporter for each worker

#include "config.h"
#include "counters.h"
#include "failure.h"
#include "port.h"
#include "sink.h"
#include "summary.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct collector;

// Of a port, as it was last looked at.
struct collector_port {
	struct port_stats stats;
	char trouble[256]; // what keeps a live port from receiving, in UTF-8; empty: nothing
};

// What the stages of the data path cost, over all lcores.
struct collector_cost {
	const char *stage;
	double ns_per_packet;
};
#define COLLECTOR_N_STAGES 8

// Opens and reserves everything. EAL must be up. Inputs come first and outputs last, so that what
// cannot start leaves no file behind. 'config' must outlive it. Where '*is_stopped' becomes true while
// an input is waited for, that has no frames. NULL with '*ret_failure' filled.
struct collector *collector_create(
	const struct config *config,
	const atomic_bool *is_stopped,
	struct failure *ret_failure
);

// After collector_finish(), or when nothing was started. NULL is fine.
void collector_free(struct collector *collector);

[[nodiscard]] int collector_start(struct collector *collector, struct failure *ret_failure);

// Becomes readable when all workers have ended, on their own or after collector_drain().
int collector_done_fd(const struct collector *collector);

// Asks the workers to receive no more, to end their flows and to hand over what is open.
void collector_drain(struct collector *collector);

// The file for traces may have been moved away: goes on in a new one of its name. On failure in the
// old one, with '*ret_failure' filled.
[[nodiscard]] int collector_reopen(struct collector *collector, struct failure *ret_failure);

// The file for traces may have been deleted: then it goes on in a new one of its name, and that is
// true. Where none can be made collector_sink() tells why. To be called about once a second.
[[nodiscard]] bool collector_restore(struct collector *collector);

// As the time for draining is over: sinks that wait for a slow reader give up, which is counted.
void collector_give_up(struct collector *collector);

// All workers have ended: stops the exporters, so that every trace is with its sinks or counted.
// -EIO with '*ret_failure' filled when a sink or an input failed on the way; the rest is done all
// the same. -ETIMEDOUT when an exporter hangs: then nothing may be freed.
[[nodiscard]] int collector_finish(struct collector *collector, struct failure *ret_failure);

// Periodic work of the ports, about once a second, from the control thread.
void collector_service(struct collector *collector);

// At any time, from any thread.
uint32_t collector_n_lcores(const struct collector *collector);
void collector_counters(const struct collector *collector, uint32_t lcore, struct counters *ret);
uint32_t collector_n_flows(const struct collector *collector, uint32_t lcore);
uint32_t collector_n_ports(const struct collector *collector);
const char *collector_port_name(const struct collector *collector, uint32_t i);

// As of the latest collector_service() or collector_finish(). From any thread.
void collector_port(struct collector *collector, uint32_t i, struct collector_port *ret);

// How writing traces does; what went wrong last as sink_status() has it. As of the latest
// collector_service() it fails too where traces are lost because they are not taken fast enough. From
// any thread.
enum sink_state collector_sink(struct collector *collector, char *ret, size_t size);

// How much of the captures was read, 0 to 1; negative where that is unknown.
double collector_progress(const struct collector *collector);

// Whether a capture was not read to its end, as the run was stopped before.
bool collector_is_cut_short(const struct collector *collector);

// The hosts and endpoints of all lcores, after collector_finish(). NULL where they are not counted
// ("quiet") or memory is short. The caller frees it.
struct summary *collector_summary(const struct collector *collector);

// Of a run with "profile", after collector_finish().
void collector_cost(
	const struct collector *collector,
	struct collector_cost ret[static COLLECTOR_N_STAGES]
);
