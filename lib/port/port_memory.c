#include "frame.h"
#include "mbuf_stock.h"
#include "port_priv.h"

#include <rte_prefetch.h>

#include <errno.h>
#include <stdlib.h>

struct port_memory {
	struct port port;
	struct port_memory_source source;
	struct mbuf_stock stock;
	size_t next;
	uint64_t round_ns; // added to the times of this round
	uint64_t n_total;
	_Atomic uint64_t n_given; // receiver: rw, control: r
};

static struct port_memory *memory_of(struct port *port) {
	return (struct port_memory *)port;
}

static bool memory_is_done(const struct port *port) {
	const struct port_memory *memory = (const struct port_memory *)port;
	return memory->n_given == memory->n_total;
}

static uint16_t memory_receive(
	struct port *port,
	uint16_t queue,
	uint64_t now_ns,
	struct rte_mbuf **ret,
	uint16_t n
) {
	(void)queue;
	(void)now_ns;
	struct port_memory *memory = memory_of(port);
	const struct port_memory_source *source = &memory->source;
	uint64_t n_given = atomic_load_explicit(&memory->n_given, memory_order_relaxed);
	n = (uint16_t)RTE_MIN((uint64_t)n, memory->n_total - n_given);
	uint16_t n_frames = 0;
	for (; n_frames < n; n_frames++) {
		const struct port_memory_frame *from = &source->frames[memory->next];
		struct rte_mbuf *mbuf = mbuf_stock_copy(&memory->stock, from->bytes, from->len);
		if (mbuf == NULL)
			break;
		frame_of(mbuf)->time_ns = from->time_ns + memory->round_ns;
		frame_of(mbuf)->link = (uint8_t)source->link;
		ret[n_frames] = mbuf;
		if (++memory->next == source->n_frames) {
			memory->next = 0;
			memory->round_ns += source->round_ns;
		}
	}
	atomic_store_explicit(&memory->n_given, n_given + n_frames, memory_order_release);
	return n_frames;
}

static void memory_close(struct port *port) {
	struct port_memory *memory = memory_of(port);
	mbuf_stock_release(&memory->stock);
	rte_mempool_free(memory->stock.pool);
	free(memory);
}

static void memory_stats(const struct port *port, struct port_stats *ret) {
	ret->n_no_mbuf = ((const struct port_memory *)port)->stock.n_failed;
}

static double memory_progress(const struct port *port) {
	const struct port_memory *memory = (const struct port_memory *)port;
	return memory->n_total == 0 ? 1 : (double)memory->n_given / (double)memory->n_total;
}

static const struct port_ops memory_ops = {
	.receive = memory_receive,
	.close = memory_close,
	.is_done = memory_is_done,
	.stats = memory_stats,
	.progress = memory_progress,
};

int port_open_memory(
	const struct port_config *config,
	const struct port_memory_source *source,
	struct port **ret,
	struct port_error *ret_error
) {
	struct port_memory *memory = calloc(1, sizeof(*memory));
	if (memory == NULL)
		return port_fail(
			ret_error, ENOMEM, "cannot open port '%s': no memory", config->name
		);
	port_init(&memory->port, &memory_ops, config);
	memory->source = *source;
	memory->n_total = (uint64_t)source->n_frames * source->n_rounds;
	memory->stock.pool = port_pool_create(&memory->port, 0, config, ret_error);
	if (memory->stock.pool == NULL) {
		free(memory);
		return -ret_error->code;
	}
	*ret = &memory->port;
	return 0;
}
