#pragma once

// Whole lcores over frames in memory.

#include "eal.h"
#include "frame.h"
#include "worker.h"

#include <rte_ring.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_FRAMES 3900
#define RING_SIZE 256
#define SECOND_NS 1000000000ull
#define HOUR_NS (3600 * SECOND_NS)

#define IPV4 0x0800
#define IPV6 0x86dd
#define TCP 6
#define UDP 17
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

struct bytes {
	uint8_t data[2400];
	uint32_t len;
};

static inline void put(struct bytes *b, const void *data, size_t len) {
	assert_true(b->len + len <= sizeof(b->data));
	memcpy(b->data + b->len, data, len);
	b->len += (uint32_t)len;
}

static inline void put_16(struct bytes *b, uint16_t value) {
	put(b, (const uint8_t[]) {(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

static inline void put_32(struct bytes *b, uint32_t value) {
	put_16(b, (uint16_t)(value >> 16));
	put_16(b, (uint16_t)value);
}

static inline struct bytes text(const char *text) {
	struct bytes b = {0};
	put(&b, text, strlen(text));
	return b;
}

struct segment {
	uint16_t client_port;
	bool is_from_server;
	uint8_t flags;
	uint8_t offset; // of the data, in words; 0: as it should be
	uint32_t seq, ack;
	const char *payload;
};

static inline struct bytes tcp(const struct segment *s) {
	struct bytes b = {0};
	put_16(&b, s->is_from_server ? 80 : s->client_port);
	put_16(&b, s->is_from_server ? s->client_port : 80);
	put_32(&b, s->seq);
	put_32(&b, s->ack);
	put(&b, (const uint8_t[]) {(uint8_t)((s->offset == 0 ? 5 : s->offset) << 4), s->flags}, 2);
	put(&b, (const uint8_t[6]) {0xff, 0xff}, 6);
	put(&b, s->payload, strlen(s->payload));
	return b;
}

static inline struct bytes udp(uint16_t port, struct bytes payload) {
	struct bytes b = {0};
	put_16(&b, 50000);
	put_16(&b, port);
	put_16(&b, (uint16_t)(8 + payload.len));
	put_16(&b, 0);
	put(&b, payload.data, payload.len);
	return b;
}

static inline struct bytes ip(uint8_t protocol, bool is_from_server, struct bytes payload) {
	struct bytes b = {0};
	put(&b, "\x45\0", 2);
	put_16(&b, (uint16_t)(20 + payload.len));
	put(&b, "\0\1\0\0\x40", 5);
	put(&b, &protocol, 1);
	put_16(&b, 0);
	put_32(&b, is_from_server ? 0x0a000002 : 0x0a000001);
	put_32(&b, is_from_server ? 0x0a000001 : 0x0a000002);
	put(&b, payload.data, payload.len);
	return b;
}

static inline struct bytes ethernet(uint16_t type, struct bytes payload) {
	struct bytes b = {.len = 12};
	put_16(&b, type);
	put(&b, payload.data, payload.len);
	return b;
}

static inline struct bytes segment(const struct segment *s) {
	return ethernet(IPV4, ip(TCP, s->is_from_server, tcp(s)));
}

static inline struct bytes vxlan(uint32_t flags, struct bytes inner) {
	struct bytes b = {0};
	put_32(&b, flags);
	put_32(&b, 7 << 8);
	put(&b, inner.data, inner.len);
	return ethernet(IPV4, ip(UDP, false, udp(4789, b)));
}

static inline struct bytes cut(struct bytes b, uint32_t len) {
	b.len = len;
	return b;
}

struct world {
	struct worker_group_config config;
	struct worker_limits limits;
	enum worker_encap encap;
	uint16_t mbuf_size;
	uint32_t n_mbufs; // of each port
	struct port_memory_frame frames[MAX_FRAMES];
	size_t n_frames;
	size_t n_second; // so many of them, the last, come from a second port
	struct port *ports[2];
	struct exporter *exporter;
	struct exporter_lane lanes[2];
	struct worker_group *group;
	struct worker *workers[2];
	struct counters total;
};

static inline void world_init(struct world *w) {
	*w = (struct world) {
		.config =
			{.n_workers = 1,
			 .n_vxlan_ports = 1,
			 .vxlan_ports = {4789},
			 .is_lossless = true,
			 .seed =
				 {{0x243f6a8885a308d3,
				   0x13198a2e03707344,
				   0xa4093822299f31d0,
				   0x082efa98ec4e6c89}}},
		.encap = WORKER_ENCAP_AUTO,
		.mbuf_size = 2048,
		.n_mbufs = 8191,
		.limits =
			{
				.flows = {.n_flows = 64, .timeout_ns = {HOUR_NS, HOUR_NS, HOUR_NS}},
				.tcp = {.reorder_ns = SECOND_NS,
					.gap_ns = SECOND_NS,
					.n_held_max = 16},
				.http =
					{.head_size = 8192,
					 .n_fields = 64,
					 .n_pending = 16,
					 .body_keep = 65536},
				.fragments =
					{.n_datagrams = 8, .n_mbufs = 8, .timeout_ns = SECOND_NS},
				.n_blocks = 512,
				.large_bytes = 1 << 20,
			},
	};
}

static inline void add(struct world *w, struct bytes frame) {
	assert_true(w->n_frames < MAX_FRAMES);
	uint8_t *copy = malloc(frame.len + 1);
	memcpy(copy, frame.data, frame.len);
	uint64_t time_ns = SECOND_NS + w->n_frames * 20000000; // further apart than any patience
	w->frames[w->n_frames++] = (struct port_memory_frame) {copy, frame.len, time_ns};
}

static inline void add_segment(struct world *w, const struct segment *s) {
	add(w, segment(s));
}

static inline struct rte_ring *make_ring(unsigned size) {
	struct rte_ring *ring = NULL;
	assert_int_equal(posix_memalign((void **)&ring, 64, (size_t)rte_ring_get_memsize(size)), 0);
	assert_int_equal(rte_ring_init(ring, "test", size, RING_F_SP_ENQ | RING_F_SC_DEQ), 0);
	return ring;
}

static inline void open_exporter(struct world *w) {
	for (uint16_t i = 0; i < w->config.n_workers; i++)
		w->lanes[i] =
			(struct exporter_lane) {make_ring(RING_SIZE), make_ring(4 * RING_SIZE)};
	struct exporter_config config = {
		.limits =
			{.head_bytes = w->limits.http.head_size,
			 .body_bytes = w->limits.http.body_keep},
		.environment = "test",
		.lanes = w->lanes,
		.n_lanes = w->config.n_workers,
		.batch_bytes = EXPORTER_BATCH_BYTES_DEFAULT,
		.flush_ns = EXPORTER_FLUSH_NS_DEFAULT,
	};
	w->exporter = exporter_create(&config);
	assert_non_null(w->exporter);
	assert_int_equal(exporter_start(w->exporter), 0);
}

// The first worker has the first port, the last one the second, if there is one.
static inline void deal_ports(struct world *w, struct worker_config *config) {
	if (config->index == 0)
		config->queues[config->n_queues++] =
			(struct worker_queue) {.port = w->ports[0], .encap = w->encap};
	if (config->index == w->config.n_workers - 1 && w->n_second > 0)
		config->queues[config->n_queues++] =
			(struct worker_queue) {.port = w->ports[1], .encap = w->encap};
}

static inline void open_workers(struct world *w) {
	w->group = worker_group_create(&w->config);
	assert_non_null(w->group);
	for (uint16_t i = 0; i < w->config.n_workers; i++) {
		struct worker_config config = {
			.index = i,
			.lane = w->lanes[i],
			.exporter = w->exporter,
			.limits = w->limits,
		};
		deal_ports(w, &config);
		w->workers[i] = worker_create(w->group, &config);
		assert_non_null(w->workers[i]);
	}
}

static inline struct port *open_port(
	const struct world *w,
	const struct port_memory_frame *frames,
	size_t n_frames,
	const char *name
) {
	struct port_config config = {
		.name = name,
		.n_queues = 1,
		.mbuf_size = w->mbuf_size,
		.n_mbufs = w->n_mbufs,
		.socket_id = SOCKET_ID_ANY,
	};
	struct port_memory_source source = {
		.frames = frames,
		.n_frames = n_frames,
		.n_rounds = 1,
		.link = PACKET_LINK_ETHERNET,
	};
	struct port *port = NULL;
	struct port_error error;
	assert_int_equal(port_open_memory(&config, &source, &port, &error), 0);
	return port;
}

static inline void world_open(struct world *w) {
	size_t n_first = w->n_frames - w->n_second;
	w->ports[0] = open_port(w, w->frames, n_first, "memory");
	if (w->n_second > 0)
		w->ports[1] = open_port(w, w->frames + n_first, w->n_second, "second");
	open_exporter(w);
	open_workers(w);
}

// Both sums are closed: every frame has left by a verdict, every trace by the exporter or a drop.
static inline void world_close(struct world *w) {
	assert_int_equal(exporter_stop(w->exporter, 10 * SECOND_NS), 0);
	for (uint16_t i = 0; i < w->config.n_workers; i++)
		counters_merge(&w->total, worker_counters(w->workers[i]));
	counters_merge(&w->total, exporter_counters(w->exporter));
	assert_int_equal(w->total.received, w->n_frames);
	assert_true(counters_packets_closed(&w->total));
	assert_true(counters_traces_closed(&w->total));
	for (uint16_t i = 0; i < w->config.n_workers; i++)
		worker_free(w->workers[i]);
	worker_group_free(w->group);
	port_close(w->ports[0]);
	port_close(w->ports[1]);
	exporter_free(w->exporter);
	for (uint16_t i = 0; i < w->config.n_workers; i++) {
		free(w->lanes[i].finished);
		free(w->lanes[i].done);
	}
	for (size_t i = 0; i < w->n_frames; i++)
		free((void *)(uintptr_t)w->frames[i].bytes);
}

static inline void *run_worker(void *worker) {
	worker_run(worker);
	return NULL;
}

static inline void world_run(struct world *w) {
	world_open(w);
	worker_run(w->workers[0]);
	world_close(w);
}

// Sequence numbers are 1 on both sides behind it.
static inline void add_handshake(struct world *w, uint16_t port) {
	struct segment syn = {.client_port = port, .flags = SYN, .payload = ""};
	struct segment answer = syn;
	answer.is_from_server = true;
	answer.flags = SYN | ACK;
	answer.ack = 1;
	add_segment(w, &syn);
	add_segment(w, &answer);
}

#define REQUEST "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define RESPONSE "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

// Transactions of one connection. Returns where its client is then.
static inline struct segment
add_transactions(struct world *w, struct segment client, int n, bool is_answered) {
	for (int i = 0; i < n; i++) {
		client.payload = REQUEST;
		add_segment(w, &client);
		client.seq += (uint32_t)strlen(REQUEST);
		struct segment server = client;
		server.is_from_server = true;
		server.seq = client.ack;
		server.ack = client.seq;
		server.payload = RESPONSE;
		if (is_answered)
			add_segment(w, &server);
		client.ack += (uint32_t)strlen(RESPONSE);
	}
	return client;
}
