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
	uint32_t round;
};

static struct port_memory *memory_of(struct port *port) {
	return (struct port_memory *)port;
}

static bool memory_is_done(const struct port *port) {
	const struct port_memory *memory = (const struct port_memory *)port;
	return memory->round >= memory->source.n_rounds;
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
	uint16_t n_frames = 0;
	for (; n_frames < n && memory->round < source->n_rounds; n_frames++) {
		const struct port_memory_frame *from = &source->frames[memory->next];
		struct rte_mbuf *mbuf = mbuf_stock_copy(&memory->stock, from->bytes, from->len);
		if (mbuf == NULL)
			break;
		frame_of(mbuf)->time_ns = from->time_ns + memory->round * source->round_ns;
		frame_of(mbuf)->link = (uint8_t)source->link;
		ret[n_frames] = mbuf;
		if (++memory->next == source->n_frames) {
			memory->next = 0;
			memory->round++;
		}
	}
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
	if (memory_is_done(port))
		return 1;
	return ((double)memory->round + (double)memory->next / (double)memory->source.n_frames)
		/ (double)memory->source.n_rounds;
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
	if (source->n_frames == 0)
		memory->round = source->n_rounds;
	memory->stock.pool = port_pool_create(&memory->port, 0, config, ret_error);
	if (memory->stock.pool == NULL) {
		free(memory);
		return -ret_error->code;
	}
	*ret = &memory->port;
	return 0;
}
