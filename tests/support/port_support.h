#pragma once

// What the tests of ports share.

#include "eal.h"
#include "frame.h"
#include "port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TIME_NS 1700000000123456789u
#define BURST 32

static inline struct port_config config_of(const char *name) {
	return (struct port_config) {
		.name = name,
		.n_queues = 1,
		.mbuf_size = 2048,
		.n_mbufs = 1024,
		.socket_id = SOCKET_ID_ANY};
}

static inline struct port *open_port(const char *name) {
	struct port_config config = config_of(name);
	struct port_error error;
	struct port *port = NULL;
	int status = port_open(&config, &port, &error);
	if (status != 0)
		fail_msg("%s", error.text);
	return port;
}

static inline void refuse(const char *name, int code, const char *text) {
	struct port_config config = config_of(name);
	struct port_error error;
	struct port *port = NULL;
	assert_int_equal(port_open(&config, &port, &error), -code);
	assert_null(port);
	assert_int_equal(error.code, code);
	assert_null(strchr(error.text, '\n'));
	if (strstr(error.text, text) == NULL)
		fail_msg("'%s' does not say '%s'", error.text, text);
}

static inline void fill(uint8_t *bytes, uint32_t len, uint32_t seed) {
	for (uint32_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 31 + seed);
}

static inline void check_frame(struct rte_mbuf *mbuf, uint32_t len, uint32_t seed) {
	assert_int_equal(mbuf->pkt_len, len);
	uint8_t *expected = malloc(len + 1), *copy = malloc(len + 1);
	fill(expected, len, seed);
	const uint8_t *found = rte_pktmbuf_read(mbuf, 0, len, copy);
	if (len > 0)
		assert_memory_equal(found, expected, len);
	rte_mbuf_sanity_check(mbuf, 1);
	free(expected);
	free(copy);
}

// Receives everything, frees it, returns how many.
static inline uint64_t drain(struct port *port) {
	struct rte_mbuf *mbufs[BURST];
	uint64_t n_frames = 0;
	while (!port_is_done(port)) {
		uint16_t n = port_receive(port, 0, 0, mbufs, BURST);
		n_frames += n;
		rte_pktmbuf_free_bulk(mbufs, n);
	}
	assert_int_equal(port_receive(port, 0, 0, mbufs, BURST), 0);
	return n_frames;
}
