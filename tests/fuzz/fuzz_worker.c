// Frames through a whole lcore, up to traces. The first byte chooses how large the pieces are that
// frames lie in; then each frame is described by a record and the bytes of its payload.

#include "worker_world.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_FUZZ_FRAMES 200

struct record {
	uint8_t kind;
	uint8_t connection; // its low bits; the flags of a fragment
	uint8_t tcp_flags;
	uint8_t scales; // of 'seq' and 'ack'
	uint8_t seq[2], ack[2]; // how far they are from the connection's first
	uint8_t payload_len;
	uint8_t n_cut; // bytes that the mirror cut off
	uint8_t time; // since the frame before
};

enum {
	FROM_SERVER = 1,
	FRAGMENT = 2,
	MIRRORED = 4,
	OUTER_FRAGMENTS = 8, // of what is mirrored
	RAW = 16, // the payload is the frame
	IN_IPV6 = 32,
};

static uint32_t number(const uint8_t bytes[2], unsigned scale) {
	static const uint8_t shifts[] = {0, 6, 15, 16};
	uint32_t value = (uint32_t)(int16_t)(bytes[0] << 8 | bytes[1]);
	return value << shifts[scale % 4];
}

// 'at' in units of eight bytes.
static struct bytes
ip_piece(uint8_t protocol, bool is_from_server, uint16_t at, bool has_more, struct bytes payload) {
	struct bytes b = ip(protocol, is_from_server, payload);
	b.data[6] = (uint8_t)((has_more ? 0x20 : 0) | (at >> 8 & 0x1f));
	b.data[7] = (uint8_t)at;
	return b;
}

static struct bytes ipv6(uint8_t protocol, bool is_from_server, struct bytes payload) {
	struct bytes b = {0};
	put(&b, "\x60\0\0\0", 4);
	put_16(&b, (uint16_t)payload.len);
	put(&b, &protocol, 1);
	put(&b, "\x40", 1);
	for (int i = 0; i < 2; i++) {
		put(&b, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0", 15);
		put(&b, is_from_server == (i == 0) ? "\2" : "\1", 1);
	}
	put(&b, payload.data, payload.len);
	return b;
}

static struct bytes segment_of(const struct record *r, struct bytes payload) {
	struct segment s = {
		.client_port = (uint16_t)(40000 + r->connection % 4),
		.is_from_server = (r->kind & FROM_SERVER) != 0,
		.flags = r->tcp_flags,
		.offset = r->scales >> 4,
		.seq = number(r->seq, r->scales),
		.ack = number(r->ack, r->scales >> 2),
		.payload = "",
	};
	struct bytes b = tcp(&s);
	put(&b, payload.data, payload.len);
	return b;
}

static struct bytes inner_frame(const struct record *r, struct bytes payload) {
	bool is_from_server = (r->kind & FROM_SERVER) != 0;
	if ((r->kind & RAW) != 0)
		return payload;
	if ((r->kind & FRAGMENT) != 0) {
		uint16_t at = (uint16_t)(r->seq[0] << 8 | r->seq[1]);
		bool has_more = (r->connection & 1) != 0;
		uint8_t protocol = (r->connection & 2) != 0 ? UDP : TCP;
		struct bytes whole = at == 0 ? segment_of(r, payload) : payload;
		return ethernet(IPV4, ip_piece(protocol, is_from_server, at, has_more, whole));
	}
	struct bytes tcp_segment = segment_of(r, payload);
	if ((r->kind & IN_IPV6) != 0)
		return ethernet(IPV6, ipv6(TCP, is_from_server, tcp_segment));
	return ethernet(IPV4, ip(TCP, is_from_server, tcp_segment));
}

static void add_at(struct world *w, uint64_t time_ns, struct bytes frame) {
	add(w, frame);
	w->frames[w->n_frames - 1].time_ns = time_ns;
}

// The envelope, in two pieces cut at a multiple of eight bytes.
static void
add_in_fragments(struct world *w, const struct record *r, uint64_t now_ns, struct bytes envelope) {
	struct bytes payload = {0}, first = {0}, second = {0};
	put(&payload, envelope.data + 34, envelope.len - 34);
	uint32_t at = r->connection * 8u % payload.len / 8 * 8;
	put(&first, payload.data, at);
	put(&second, payload.data + at, payload.len - at);
	add_at(w, now_ns, ethernet(IPV4, ip_piece(UDP, false, 0, true, first)));
	add_at(w, now_ns, ethernet(IPV4, ip_piece(UDP, false, (uint16_t)(at / 8), false, second)));
}

static void
add_frame(struct world *w, const struct record *r, uint64_t now_ns, struct bytes payload) {
	struct bytes frame = inner_frame(r, payload);
	frame.len -= RTE_MIN(frame.len, r->n_cut);
	if ((r->kind & MIRRORED) != 0)
		frame = vxlan(0x08000000, frame);
	if ((r->kind & MIRRORED) != 0 && (r->kind & OUTER_FRAGMENTS) != 0)
		add_in_fragments(w, r, now_ns, frame);
	else
		add_at(w, now_ns, frame);
}

static void add_frames(struct world *w, struct slice input) {
	static const uint64_t steps_ns[] = {
		0, 1000, 1000000, SECOND_NS / 2, 10 * SECOND_NS, HOUR_NS};
	uint64_t now_ns = SECOND_NS;
	struct record r;
	while (input.len >= sizeof(r) && w->n_frames < MAX_FUZZ_FRAMES) {
		memcpy(&r, input.data, sizeof(r));
		input = slice_from(input, sizeof(r));
		struct slice payload = slice_first(input, r.payload_len);
		struct bytes copy = {0};
		put(&copy, payload.data, payload.len);
		input = slice_from(input, payload.len);
		now_ns += steps_ns[r.time % RTE_DIM(steps_ns)];
		add_frame(w, &r, now_ns, copy);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static const uint16_t piece_sizes[] = {128, 256, 512, 2048};
	static struct world w;
	static bool is_ready;
	if (!is_ready)
		test_eal_init();
	is_ready = true;
	if (size < 1)
		return 0;
	world_init(&w);
	w.limits.n_blocks = 64;
	w.limits.large_bytes = 1 << 16;
	w.limits.http.head_size = 1024;
	w.limits.http.body_keep = 1024;
	w.mbuf_size = piece_sizes[data[0] % RTE_DIM(piece_sizes)];
	w.n_mbufs = (4u << 18) / w.mbuf_size + 1; // a port takes no fewer
	add_frames(&w, slice_of(data + 1, size - 1));
	if (w.n_frames > 0)
		world_run(&w);
	return 0;
}
