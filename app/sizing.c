#include "sizing.h"

#include "frame.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_MILLISECOND 1000000ull
#define NS_PER_SECOND 1000000000ull
#define PAGE 4096u
#define MAX_FRAME 9216u
#define XDP_FRAMES 4096u // more for each of its queues: those that the kernel holds
#define SLACK (32u << 20) // what EAL and the drivers want for themselves
#define FRAGMENT_TIMEOUT_NS (5 * NS_PER_SECOND)
#define MIN_BLOCKS 64u
#define N_FILES 32u // of EAL and the program
#define N_LCORE_FILES 5u // EAL's pipes, and an exporter's
#define N_THREADS 4u // the control thread, EAL's for interrupts and for telemetry, and an answer's
#define N_LCORE_THREADS 2u // with its exporter
#define N_QUEUE_FILES 2u // also those of an interface that came back

// Messages take most of the records' memory; a quarter is for heads that are large or in pieces.
static void sizing_of_records(const struct config *config, struct worker_limits *ret) {
	uint64_t bytes = ((uint64_t)config->memory.records_mb << 20) / config->lcores;
	uint64_t n_blocks = (bytes - bytes / 4) / MESSAGE_BLOCK_SIZE;
	ret->large_bytes = bytes / 4;
	ret->n_blocks = (uint32_t)RTE_MAX(n_blocks, MIN_BLOCKS);
}

static bool is_capture_run(const struct config *config) {
	for (size_t i = 0; i < config->ports.n; i++) {
		if (strncmp(config->ports.items[i].name, "pcap:", strlen("pcap:")) != 0)
			return false;
	}
	return true;
}

// Half of a queue's buffers may wait in fragments, the rest keeps frames coming. Fragments of a
// device go to the lcores by datagram; those of a capture stay with the one that reads it.
static uint32_t n_fragment_mbufs(const struct config *config) {
	uint32_t n_holders = is_capture_run(config) ? 1 : config->lcores;
	return RTE_MAX(config->memory.frames / 2 / n_holders, 8u);
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
		.fragments.n_mbufs = n_fragment_mbufs(config),
		.fragments.timeout_ns = FRAGMENT_TIMEOUT_NS,
	};
	sizing_of_records(config, ret);
}

void sizing_of_exporter(const struct config *config, struct exporter_config *ret) {
	*ret = (struct exporter_config) {
		.limits.head_bytes = config->http.head_size,
		.limits.body_bytes = config->http.body_keep,
		.limits.content.out_bytes = config->decode.output_max,
		.limits.content.ratio = config->decode.ratio_max,
		.limits.content.time_ns = config->decode.time_ms * NS_PER_MILLISECOND,
		.environment = config->environment,
		.n_lanes = 1,
		.batch_bytes = EXPORTER_BATCH_BYTES_DEFAULT,
		.flush_ns = EXPORTER_FLUSH_NS_DEFAULT,
	};
}

// A virtual device may want a frame in one piece. Without huge pages a mempool puts no object
// across two pages, so that a buffer takes whole ones.
static size_t size_of_frame(const struct config_port *port) {
	bool is_whole = strncmp(port->name, "vdev:", 5) == 0;
	size_t size = sizeof(struct rte_mbuf) + FRAME_PRIVATE_SIZE + RTE_PKTMBUF_HEADROOM
		+ (is_whole ? MAX_FRAME : SIZING_MBUF_SIZE) + 4ul * RTE_CACHE_LINE_SIZE;
	return RTE_ALIGN_CEIL(size, PAGE);
}

// An AF_XDP port receives from all queues of its interface, whatever was asked for.
static size_t n_queues_of(const char *interface) {
	char pattern[PATH_MAX];
	glob_t found = {};
	snprintf(pattern, sizeof(pattern), "/sys/class/net/%s/queues/rx-*", interface);
	glob(pattern, 0, NULL, &found);
	size_t n = found.gl_pathc;
	globfree(&found);
	return RTE_MAX(n, 1u);
}

size_t sizing_dpdk_memory(const struct config *config) {
	size_t n_queues = 0, pools = 0;
	for (size_t i = 0; i < config->ports.n; i++) {
		const struct config_port *port = &config->ports.items[i];
		bool is_xdp = strncmp(port->name, "af_xdp:", 7) == 0;
		size_t n = is_xdp ? n_queues_of(port->name + 7) : port->queues;
		n_queues += n;
		size_t n_frames = n * (config->memory.frames + (is_xdp ? XDP_FRAMES : 0));
		pools += n_frames * (size_of_frame(port) + 2 * sizeof(void *));
	}
	size_t caches = n_queues * RTE_MAX_LCORE * sizeof(struct rte_mempool_cache);
	return pools + pools / 16 + caches + SLACK;
}

size_t sizing_memory(const struct config *config) {
	struct worker_limits worker;
	struct exporter_config exporter;
	sizing_of_worker(config, &worker);
	sizing_of_exporter(config, &exporter);
	size_t lcores = config->lcores;
	size_t mesh = lcores * (lcores - 1) * SIZING_MESH_RING * sizeof(void *);
	size_t lanes = lcores * 4 * SIZING_LANE_RING * sizeof(void *);
	size_t each = worker_memory(&worker) + exporter_memory(&exporter);
	return mesh + lanes + sizing_dpdk_memory(config) + lcores * each;
}

uint32_t sizing_files(const struct config *config) {
	uint32_t n = N_FILES + N_LCORE_FILES * config->lcores;
	for (size_t i = 0; i < config->ports.n; i++)
		n += N_QUEUE_FILES * config->ports.items[i].queues;
	return n;
}

uint32_t sizing_threads(const struct config *config) {
	return N_THREADS + N_LCORE_THREADS * config->lcores;
}
