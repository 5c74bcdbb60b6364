#include "mbuf_stock.h"

#include <rte_common.h>

#include <string.h>

void mbuf_stock_release(struct mbuf_stock *stock) {
	if (stock->n_mbufs > 0)
		rte_pktmbuf_free_bulk(stock->mbufs, stock->n_mbufs);
	stock->n_mbufs = 0;
}

static bool stock_fill(struct mbuf_stock *stock) {
	for (uint32_t n = MBUF_STOCK_SIZE; n > 0; n /= 2) {
		if (rte_pktmbuf_alloc_bulk(stock->pool, stock->mbufs, n) == 0) {
			stock->n_mbufs = n;
			return true;
		}
	}
	atomic_fetch_add_explicit(&stock->n_failed, 1, memory_order_relaxed);
	return false;
}

static struct rte_mbuf *stock_take(struct mbuf_stock *stock) {
	if (stock->n_mbufs == 0 && !stock_fill(stock))
		return NULL;
	return stock->mbufs[--stock->n_mbufs];
}

static struct rte_mbuf *
copy_chain(struct mbuf_stock *stock, struct rte_mbuf *first, const uint8_t *bytes, uint32_t len) {
	struct rte_mbuf *last = first;
	for (uint32_t at = 0;;) {
		uint32_t n = RTE_MIN(len - at, (uint32_t)rte_pktmbuf_tailroom(last));
		memcpy(rte_pktmbuf_mtod(last, uint8_t *), bytes + at, n);
		last->data_len = (uint16_t)n;
		at += n;
		if (at == len)
			break;
		last->next = stock_take(stock);
		if (last->next == NULL) {
			rte_pktmbuf_free(first);
			return NULL;
		}
		last = last->next;
		first->nb_segs++;
	}
	first->pkt_len = len;
	return first;
}

struct rte_mbuf *mbuf_stock_copy(struct mbuf_stock *stock, const uint8_t *bytes, uint32_t len) {
	struct rte_mbuf *mbuf = stock_take(stock);
	if (unlikely(mbuf == NULL))
		return NULL;
	if (unlikely(len > rte_pktmbuf_tailroom(mbuf)))
		return copy_chain(stock, mbuf, bytes, len);
	memcpy(rte_pktmbuf_mtod(mbuf, uint8_t *), bytes, len);
	mbuf->data_len = (uint16_t)len;
	mbuf->pkt_len = len;
	return mbuf;
}
