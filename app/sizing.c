#include "sizing.h"

#include "frame.h"

#define NS_PER_MILLISECOND 1000000ull
#define NS_PER_SECOND 1000000000ull
#define FRAGMENT_TIMEOUT_NS (5 * NS_PER_SECOND)
#define MIN_BLOCKS 64u
#define MIN_LARGE 4u

// Messages take most of the records' memory; an eighth is for heads that are large or in pieces.
static void sizing_of_records(const struct config *config, struct worker_limits *ret) {
	uint64_t bytes = ((uint64_t)config->memory.records_mb << 20) / config->lcores;
	uint64_t large_size = config->http.head_size + 8u * config->http.fields + 8u;
	uint64_t n_large = bytes / 8 / large_size;
	uint64_t n_blocks = (bytes - bytes / 8) / MESSAGE_BLOCK_SIZE;
	ret->n_large = (uint32_t)RTE_MAX(n_large, MIN_LARGE);
	ret->n_blocks = (uint32_t)RTE_MAX(n_blocks, MIN_BLOCKS);
}

void sizing_of_worker(const struct config *config, struct worker_limits *ret) {
	const struct config_tcp *tcp = &config->tcp;
	const struct config_http *http = &config->http;
	*ret = (struct worker_limits) {
		.flows.n_flows = RTE_MAX(config->memory.flows / config->lcores, 64u),
		.flows.timeout_ns[FLOW_EMBRYONIC] = tcp->embryonic_timeout_s * NS_PER_SECOND,
		.flows.timeout_ns[FLOW_ACTIVE] = tcp->active_timeout_s * NS_PER_SECOND,
		.flows.timeout_ns[FLOW_CLOSED] = tcp->closed_timeout_s * NS_PER_SECOND,
		.tcp.reorder_ns = tcp->reorder_ms * NS_PER_MILLISECOND,
		.tcp.gap_ns = tcp->gap_ms * NS_PER_MILLISECOND,
		.tcp.n_held_max = (uint16_t)tcp->held,
		.http.head_size = http->head_size,
		.http.n_fields = (uint16_t)http->fields,
		.http.n_pending = (uint16_t)http->pending,
		.http.body_keep = http->body_keep,
		.fragments.n_datagrams = rte_align32prevpow2(config->memory.fragments),
		// Half of the buffers may wait in fragments, the rest keeps frames coming.
		.fragments.n_mbufs = RTE_MAX(config->memory.frames / 2 / config->lcores, 8u),
		.fragments.timeout_ns = FRAGMENT_TIMEOUT_NS,
	};
	sizing_of_records(config, ret);
}

void sizing_of_traces(const struct config *config, struct trace_limits *ret) {
	*ret = (struct trace_limits) {
		.head_bytes = config->http.head_size,
		.body_bytes = config->http.body_keep,
		.content.out_bytes = config->decode.output_max,
		.content.ratio = config->decode.ratio_max,
		.content.time_ns = config->decode.time_ms * NS_PER_MILLISECOND,
	};
}

size_t sizing_dpdk_memory(const struct config *config) {
	size_t frame = SIZING_MBUF_SIZE + RTE_PKTMBUF_HEADROOM + sizeof(struct rte_mbuf)
		+ FRAME_PRIVATE_SIZE + 2 * RTE_CACHE_LINE_SIZE;
	size_t n_queues = 0;
	for (size_t i = 0; i < config->ports.n; i++)
		n_queues += config->ports.items[i].queues;
	size_t lcores = config->lcores;
	size_t pools = n_queues * config->memory.frames * (frame + sizeof(void *));
	size_t caches = n_queues * RTE_MAX_LCORE * sizeof(struct rte_mempool_cache);
	size_t mesh = lcores * (lcores - 1) * (SIZING_MESH_RING + 64) * sizeof(void *);
	size_t lanes = lcores * 8 * SIZING_LANE_RING * sizeof(void *);
	return pools + pools / 16 + caches + mesh + lanes + (32u << 20);
}

size_t sizing_memory(const struct config *config) {
	struct worker_limits worker;
	sizing_of_worker(config, &worker);
	return sizing_dpdk_memory(config) + config->lcores * worker_memory(&worker);
}
