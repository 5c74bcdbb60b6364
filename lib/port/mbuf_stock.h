#pragma once

// Copies frames into mbufs, which it takes from a pool in bulk.

#include <rte_mbuf.h>

#include <stdatomic.h>
#include <stdint.h>

#define MBUF_STOCK_SIZE 32u

struct mbuf_stock {
	struct rte_mempool *pool;
	uint32_t n_mbufs;
	_Atomic uint32_t n_failed; // times the pool had none; receiver: rw, control: r
	struct rte_mbuf *mbufs[MBUF_STOCK_SIZE];
};

// Gives the mbufs it still holds back to the pool.
void mbuf_stock_release(struct mbuf_stock *stock);

// The frame in one mbuf, or in a chain where it is longer than one holds; NULL while the pool has
// too few.
struct rte_mbuf *mbuf_stock_copy(struct mbuf_stock *stock, const uint8_t *bytes, uint32_t len);
