#pragma once

// One connection and what comes out of it.

#include "packet.h"
#include "tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SYN PACKET_TCP_SYN
#define ACK PACKET_TCP_ACK
#define FIN PACKET_TCP_FIN
#define RST PACKET_TCP_RST
#define MS 1000000u

// One connection, and what came out of it as text: bytes of the client in lower case as they are,
// of the server behind '<'; "[n]" is a gap of n bytes, "{n}" one that was cut off a packet, "." an
// end, "~" marks bytes picked up midstream.
struct bench {
	struct message_pool *pool;
	struct counters counters;
	struct tcp tcp;
	struct tcp_conn conn;
	char out[256];
	enum verdict verdict;
};

static inline int setup(void **state) {
	struct bench *b = calloc(1, sizeof(*b));
	b->pool = message_pool_create(256, 0, 0);
	b->tcp = (struct tcp) {
		.limits = {.reorder_ns = 100 * MS, .gap_ns = 3000 * MS, .n_held_max = 64},
		.pool = b->pool,
		.counters = &b->counters,
	};
	*state = b;
	return 0;
}

static inline int teardown(void **state) {
	struct bench *b = *state;
	tcp_conn_ignore(&b->tcp, &b->conn);
	assert_int_equal(message_pool_n_free(b->pool), message_pool_n_blocks(b->pool));
	message_pool_free(b->pool);
	free(b);
	return 0;
}

static inline void drain(struct bench *b, uint64_t now_ns) {
	struct tcp_event event;
	while (tcp_next(&b->tcp, &b->conn, now_ns, &event)) {
		size_t len = strlen(b->out);
		char *to = b->out + len;
		size_t room = sizeof(b->out) - len;
		const char *side = event.side ? "<" : "";
		if (event.kind == TCP_DATA)
			snprintf(
				to,
				room,
				"%s%s%.*s",
				side,
				event.is_midstream ? "~" : "",
				(int)event.bytes.len,
				(const char *)event.bytes.data
			);
		else if (event.kind == TCP_GAP)
			snprintf(
				to,
				room,
				event.is_truncated ? "%s{%u}" : "%s[%u]",
				side,
				event.n_missing
			);
		else
			snprintf(to, room, "%s.", side);
	}
}

struct sent {
	uint8_t side;
	uint8_t flags;
	uint32_t seq, ack;
	const char *text;
	uint32_t n_cut; // declared, not captured
	uint64_t ms;
};

static inline void send(struct bench *b, struct sent s) {
	size_t len = s.text == NULL ? 0 : strlen(s.text);
	uint8_t *bytes = malloc(len);
	if (len > 0)
		memcpy(bytes, s.text, len);
	struct tcp_segment segment = {
		.bytes = slice_of(bytes, len),
		.len = (uint32_t)len + s.n_cut,
		.seq = s.seq,
		.ack = s.ack,
		.side = s.side,
		.flags = s.flags,
		.time_ns = s.ms * MS,
	};
	drain(b, segment.time_ns);
	b->verdict = tcp_input(&b->tcp, &b->conn, &segment);
	drain(b, segment.time_ns);
	free(bytes);
}

#define SEND(...) send(b, (struct sent) {__VA_ARGS__})
#define C(...) SEND(.side = 0, __VA_ARGS__)
#define S(...) SEND(.side = 1, __VA_ARGS__)

static inline void open_both(struct bench *b) {
	C(.flags = SYN, .seq = 99);
	S(.flags = SYN | ACK, .seq = 499, .ack = 100);
	C(.flags = ACK, .seq = 100, .ack = 500);
}

// One request and one response; the sides are at 103 and 501 then.
static inline void exchange(struct bench *b) {
	open_both(b);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc");
	S(.flags = ACK, .seq = 500, .ack = 103, .text = "R");
}
