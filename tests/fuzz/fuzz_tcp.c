// Segments of two byte streams in an order that the fuzzer chooses: lost, repeated, cut, late. The
// byte at each sequence number is fixed, so whatever comes out can be checked: the right bytes, in
// order, each once, with every hole named; and no memory is left behind.

#include "packet.h"
#include "tcp.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct checker {
	struct tcp tcp;
	struct tcp_conn conn;
	uint32_t next[2];
	bool is_started[2];
	bool is_ended[2];
};

static uint8_t byte_at(uint8_t side, uint32_t seq) {
	return (uint8_t)(seq * 31 + (seq >> 8) * 7 + side);
}

static void check_event(struct checker *c, const struct tcp_event *event) {
	uint8_t side = event->side;
	assert(!c->is_ended[side]);
	if (!c->is_started[side] && event->kind != TCP_END) {
		c->is_started[side] = true;
		c->next[side] = event->seq;
	}
	if (event->kind == TCP_END) {
		c->is_ended[side] = true;
		return;
	}
	assert(event->seq == c->next[side]);
	if (event->kind == TCP_GAP) {
		assert(event->n_missing > 0);
		c->next[side] += event->n_missing;
		return;
	}
	assert(event->bytes.len > 0);
	for (size_t i = 0; i < event->bytes.len; i++)
		assert(event->bytes.data[i] == byte_at(side, event->seq + (uint32_t)i));
	c->next[side] += (uint32_t)event->bytes.len;
}

static void drain(struct checker *c, uint64_t now_ns) {
	struct tcp_event event;
	while (tcp_next(&c->tcp, &c->conn, now_ns, &event))
		check_event(c, &event);
}

// As the caller of lib/tcp does: what is held comes out, then nothing is left of the connection.
static void end(struct checker *c) {
	drain(c, TCP_FLUSH);
	tcp_conn_ignore(&c->tcp, &c->conn);
	for (int side = 0; side < 2; side++)
		c->is_started[side] = c->is_ended[side] = false;
}

// Eight bytes of input make a segment: side and flags, position, length, what it acknowledges, time
// since the last, and how much of it was cut off, or how far off its acknowledgement is.
static void send(struct checker *c, const uint8_t *p, uint64_t *now_ns) {
	static const uint8_t flags[] = {
		PACKET_TCP_ACK,
		PACKET_TCP_ACK,
		PACKET_TCP_ACK,
		PACKET_TCP_SYN,
		PACKET_TCP_SYN | PACKET_TCP_ACK,
		PACKET_TCP_ACK | PACKET_TCP_FIN,
		PACKET_TCP_RST,
		0,
	};
	uint8_t side = p[0] & 1;
	uint32_t base = side ? 0xfffff000u : 1000u;
	uint32_t other = side ? 1000u : 0xfffff000u;
	uint32_t len = p[3] * (p[0] & 0x10 ? 40u : 1u);
	uint32_t n_cut = p[7] > 200 ? p[7] : 0;
	uint32_t far_ack = p[7] <= 200 ? (uint32_t)p[7] << 29 : 0; // eighths of sequence space
	*now_ns += p[6] * 1000000u;
	struct tcp_segment segment = {
		.seq = base + p[1] * 64u + p[2] + ((uint32_t)p[0] >> 5 << 29),
		.ack = other + p[4] * 64u + p[5] + far_ack,
		.side = side,
		.flags = flags[p[0] >> 1 & 7],
		.time_ns = *now_ns,
		.len = len + n_cut,
	};
	if (segment.flags & PACKET_TCP_SYN)
		segment.seq = base - 1;
	uint8_t *bytes = malloc(len);
	assert(bytes != NULL || len == 0);
	for (uint32_t i = 0; i < len; i++)
		bytes[i] = byte_at(side, (segment.flags & PACKET_TCP_SYN ? base : segment.seq) + i);
	segment.bytes = slice_of(bytes, len);
	drain(c, *now_ns);
	if (tcp_is_reuse(&c->conn, &segment)) {
		end(c);
		c->conn = (struct tcp_conn) {0};
	} else if (tcp_goes_on(&c->conn, &segment)) {
		end(c);
		tcp_conn_take_up(&c->conn, &segment);
	}
	enum verdict verdict = tcp_input(&c->tcp, &c->conn, &segment);
	assert(verdict != VERDICT_TCP_AFTER_END || c->conn.is_closed || c->is_ended[segment.side]);
	drain(c, *now_ns);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size < 1)
		return 0;
	struct message_pool *pool = message_pool_create(1 + data[0], 0, 0);
	struct counters counters = {0};
	struct checker c = {
		.tcp =
			{
				.limits =
					{.reorder_ns = 100000000,
					 .gap_ns = 3000000000,
					 .n_held_max = 48},
				.pool = pool,
				.counters = &counters,
			},
	};
	uint64_t now_ns = 0;
	for (size_t at = 1; at + 8 <= size; at += 8)
		send(&c, data + at, &now_ns);
	drain(&c, TCP_FLUSH);
	assert(!tcp_conn_is_waiting(&c.conn));
	tcp_conn_ignore(&c.tcp, &c.conn);
	assert(message_pool_n_free(pool) == message_pool_n_blocks(pool));
	message_pool_free(pool);
	return 0;
}
