#pragma once

// The loop that every lcore runs: takes frames from its own receive queues and from the other
// lcores, and carries each as far as a finished trace.
//
//   ports ---> ingest: link, IP, envelope, fragments, TCP header --- mine ---> deliver: flow, tcp,
//                |                                                     ^       http ---> handover
//                +--- another lcore's ---> mesh ------------------------+                 to exporter
//
// A frame that arrives from the mesh goes on where it was: at the reassembly of fragments, or at
// delivery.

#include "counters.h"
#include "exporter.h"
#include "flow.h"
#include "fragment.h"
#include "port.h"
#include "shard.h"
#include "tenancy.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define WORKER_MAX_QUEUES 64
#define WORKER_MAX_VXLAN_PORTS 16

enum worker_encap {
	WORKER_ENCAP_VXLAN, // mirror traffic only; all else is dropped, VERDICT_NOT_MIRROR
	WORKER_ENCAP_NONE, // the frames themselves
	WORKER_ENCAP_AUTO, // either, frame by frame
};

struct worker_queue {
	struct port *port;
	uint16_t queue;
	enum worker_encap encap;
};

// Memory and patience of one lcore.
struct worker_limits {
	struct flow_limits flows;
	struct tcp_limits tcp;
	struct http_limits http;
	struct fragment_limits fragments;
	uint32_t n_blocks; // of the message pool
	size_t large_bytes; // of its large buffers; the largest have room for a head of http.head_size
};

struct worker_group;

struct worker_config {
	uint16_t index; // among the workers, from 0
	uint16_t n_queues;
	struct worker_queue queues[WORKER_MAX_QUEUES];
	struct exporter_lane lane;
	struct exporter *exporter;
	struct worker_limits limits;
};

// What all workers of a collector share, read-only but for the atomics.
struct worker_group_config {
	uint16_t n_workers;
	uint16_t n_vxlan_ports;
	uint16_t vxlan_ports[WORKER_MAX_VXLAN_PORTS];
	struct tenancy tenancy;
	struct flow_hash_seed seed;
	struct shard_mesh *mesh; // NULL with one worker
	bool is_lossless; // captures: wait rather than drop
	bool is_timed; // measure what each stage costs
};

struct worker;

// Cycles of rte_rdtsc() by stage, of the bursts that were measured.
#define WORKER_STAGES(X)                                                                           \
	X(RECEIVE, "receive")                                                                      \
	X(INGEST, "decap+packet")                                                                  \
	X(SHARD, "shard")                                                                          \
	X(FLOW, "flow+tcp")                                                                        \
	X(HTTP, "http")                                                                            \
	X(HANDOVER, "handover")

enum worker_stage {
#define X(id, name) WORKER_STAGE_##id,
	WORKER_STAGES(X)
#undef X
	N_WORKER_STAGES,
};

struct worker_cost {
	uint64_t cycles[N_WORKER_STAGES];
	uint64_t n_frames;
};

// NULL with errno. The group's config is copied; what it points to must outlive it.
struct worker_group *worker_group_create(const struct worker_group_config *config);
void worker_group_free(struct worker_group *group);

// Reserves everything the worker will ever use. NULL with errno ENOMEM or EINVAL.
struct worker *worker_create(struct worker_group *group, const struct worker_config *config);

// After worker_run() returned, or without it. NULL is fine.
void worker_free(struct worker *worker);

// Bytes that worker_create() reserves.
size_t worker_memory(const struct worker_limits *limits);

// Runs until worker_group_drain(), or until all ports of the group are done. Then ends every flow,
// hands over what is open, and returns when the exporter has given all of it back.
void worker_run(struct worker *worker);

// Asks all workers to stop receiving and to finish. May be called from a signal handler.
void worker_group_drain(struct worker_group *group);

const struct counters *worker_counters(const struct worker *worker);
const struct worker_cost *worker_cost(const struct worker *worker);
uint32_t worker_n_flows(const struct worker *worker); // now; read relaxed
