#pragma once

// The TCP connections of one lcore, in memory fixed at creation.
//
//   heads[hash]     flows[]
//   +----+          +-----+    +-----+
//   | 17 |--------->|  17 |--->|   4 |--> none      chain: connections of one bucket
//   +----+          +-----+    +-----+
//
// Every flow is in one list of its class, oldest first, by which it expires:
//   embryonic: no data yet, or none that is HTTP, which anybody can send; closed: kept a while so
//   that late copies of its packets make no new flow; active: the rest. A flow that is active again
//   since it was queued goes back to the end when it reaches the front, so that packets touch no
//   list.
// Flows with held segments are also in the list of those waiting.

#include "flow_key.h"
#include "http.h"
#include "tcp.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#define FLOW_NONE UINT32_MAX

enum flow_class {
	FLOW_EMBRYONIC,
	FLOW_ACTIVE,
	FLOW_CLOSED,
	N_FLOW_CLASSES,
};

struct flow_link {
	uint32_t next, previous; // FLOW_NONE at the ends
};

struct flow {
	alignas(64) struct flow_key key; // first: a lookup reads this line only
	uint32_t hash; // low bits of the key's hash: bucket, and a quick test before the key
	uint32_t chain; // next flow of the bucket
	uint64_t last_ns; // its latest packet
	struct flow_link by_class;
	uint8_t class; // enum flow_class
	bool is_waiting;
	bool has_http; // 'http' was initialised
	struct tcp_conn tcp;
	struct http_conn http;
	struct flow_link by_waiting;
	uint64_t queued_ns; // when it was put at the end of its class's list
};
static_assert(
	sizeof(struct flow) + 2 * sizeof(uint32_t) <= 512,
	"the promised cost of an idle flow"
);

struct flow_limits {
	uint32_t n_flows;
	uint64_t timeout_ns[N_FLOW_CLASSES];
};

struct flow_table;

// NULL with errno ENOMEM or EINVAL.
struct flow_table *flow_table_create(const struct flow_limits *limits);
void flow_table_free(struct flow_table *table);

// Bytes reserved by a table for that many flows.
size_t flow_table_size(uint32_t n_flows);

// Steps of a lookup, so that a burst overlaps its cache misses: the bucket, the flow in it, the
// message that 'side' is sending, and where that message's body goes on. Each reads what the step
// before fetched.
void flow_table_prefetch_bucket(const struct flow_table *table, uint64_t hash);
void flow_table_prefetch_flow(const struct flow_table *table, uint64_t hash);
void flow_table_prefetch_message(const struct flow_table *table, uint64_t hash, uint8_t side);
void flow_table_prefetch_body(const struct flow_table *table, uint64_t hash, uint8_t side);

// NULL where there is none.
struct flow *flow_table_find(struct flow_table *table, const struct flow_key *key, uint64_t hash);

// A new flow, embryonic, everything else zero. The caller has seen that there is none of that key.
// NULL when the table is full.
struct flow *flow_table_insert(
	struct flow_table *table,
	const struct flow_key *key,
	uint64_t hash,
	uint64_t now_ns
);

// Takes a flow out of the table. The caller has released what its connection holds.
void flow_table_remove(struct flow_table *table, struct flow *flow);

void flow_table_set_class(
	struct flow_table *table,
	struct flow *flow,
	enum flow_class class,
	uint64_t now_ns
);

// It has been silent for longer than its class may be.
bool flow_table_is_expired(
	const struct flow_table *table,
	const struct flow *flow,
	uint64_t now_ns
);

// The next flow that has expired, in any class; NULL where there is none now. Looks at a bounded
// number of flows. The caller removes what it is given.
struct flow *flow_table_next_expired(struct flow_table *table, uint64_t now_ns);

// What to end first to make room: one that has expired, else the oldest closed, else the oldest
// embryonic flow, rather one that was silent since it was queued, else NULL.
struct flow *flow_table_victim(struct flow_table *table, uint64_t now_ns);

// Any flow; NULL when the table is empty.
struct flow *flow_table_any(struct flow_table *table);

void flow_table_set_waiting(struct flow_table *table, struct flow *flow, bool is_waiting);

// The flow that has waited longest, moved to the end of the list; NULL where none waits.
struct flow *flow_table_next_waiting(struct flow_table *table);
uint32_t flow_table_n_waiting(const struct flow_table *table);
uint32_t flow_table_n_flows(const struct flow_table *table);
