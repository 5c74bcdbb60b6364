#pragma once

// Puts IP datagrams together from their fragments, IPv4 and IPv6, at either level of a mirrored
// packet. Pieces are linked, not copied: the datagram comes out as one mbuf of several segments.
//
// Why not rte_ip_frag: it takes at most 8 pieces of a datagram (a 64 KiB one has 45), gives up the
// whole datagram at the first repeated piece (a mirror delivers every packet twice when both ends
// are mirrored), and does not see overlaps, which attackers use.
//
// Pieces that overlap: what came first wins; differing bytes are counted.
//
// A mirror cuts packets, fragments among them. A datagram is whole when no part of it is unaccounted
// for; where a fragment of it was cut, it comes out truncated there.

#include "counters.h"
#include "packet.h"
#include "verdict.h"

#include <rte_mbuf.h>

struct fragment_limits {
	uint32_t n_datagrams; // at most that many incomplete at a time; a power of 2, at least 8
	// And that many mbufs held for them, so that receiving can go on. Beyond either limit the
	// oldest are given up for what is new.
	uint32_t n_mbufs;
	uint64_t timeout_ns; // patience with an incomplete datagram
};

struct fragment_table;

// 'counters' takes the frames that are given up. NULL with errno ENOMEM or EINVAL.
struct fragment_table *
fragment_table_create(const struct fragment_limits *limits, struct counters *counters);

// Bytes that fragment_table_create() reserves.
size_t fragment_table_size(const struct fragment_limits *limits);

// Frees what is held, counted as timed out.
void fragment_table_free(struct fragment_table *table);

struct fragment {
	struct rte_mbuf *mbuf; // a frame with a struct frame
	const struct packet_ip *ip; // what packet_parse_ip() read in it; is_fragment
	uint32_t network; // addresses are of this network
	uint64_t hash_seed;
};

// Names the datagram of a fragment; any lcore computes the same.
uint64_t fragment_hash(const struct fragment *fragment);

// Takes a fragment. VERDICT_DELIVERED: it was taken, and when it was the last one missing,
// '*ret_mbuf' is the whole datagram and '*ret_ip' describes it (payload at the same place as in its
// first fragment), else '*ret_mbuf' is NULL. Any other verdict: the mbuf is still the caller's.
[[nodiscard]] enum verdict fragment_add(
	struct fragment_table *table,
	const struct fragment *fragment,
	struct rte_mbuf **ret_mbuf,
	struct packet_ip *ret_ip
);

// Gives up what is older than the timeout at 'now_ns'; UINT64_MAX gives up everything.
void fragment_expire(struct fragment_table *table, uint64_t now_ns);
