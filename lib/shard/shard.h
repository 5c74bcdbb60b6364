#pragma once

// Which lcore owns what, and how frames get there: one single-producer, single-consumer ring for
// each ordered pair of lcores.
//
//   ring[from][to]: 'from' writes, 'to' reads; none on the diagonal, none at all with one lcore

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <stdbool.h>
#include <stdint.h>

// The owner of a hash among 'n_lcores'. Uses the high bits; flow tables use the low ones.
static inline uint16_t shard_owner(uint64_t hash, uint16_t n_lcores) {
	return (uint16_t)(((hash >> 32) * n_lcores) >> 32);
}

struct shard_mesh;

// Rings of 'ring_size' frames (a power of 2). NULL with errno.
struct shard_mesh *shard_mesh_create(uint16_t n_lcores, uint32_t ring_size);

// Frees the frames still in its rings. NULL is fine.
void shard_mesh_free(struct shard_mesh *mesh);

// Frames on their way from one lcore to another that did not fit the ring yet, linked through
// struct frame's 'next'. Belongs to the sending lcore.
struct shard_outbox {
	struct rte_mbuf *first, *last;
	uint32_t n;
};

void shard_outbox_push(struct shard_outbox *outbox, struct rte_mbuf *mbuf);
struct rte_mbuf *shard_outbox_pop(struct shard_outbox *outbox); // NULL when empty

// Moves what fits to the ring; returns how many frames went.
uint32_t
shard_send(struct shard_mesh *mesh, uint16_t from, uint16_t to, struct shard_outbox *outbox);

// How many frames that 'from' sent are waiting for 'to'.
uint32_t shard_count(const struct shard_mesh *mesh, uint16_t from, uint16_t to);

// Takes up to 'n' frames that 'from' sent to 'to'.
uint16_t shard_receive(
	struct shard_mesh *mesh,
	uint16_t from,
	uint16_t to,
	struct rte_mbuf **ret,
	uint16_t n
);
