#pragma once

#include "packet.h"
#include "tcp.h"

// Further ahead than any window: not of this connection.
#define TCP_MAX_AHEAD (1 << 24)

// Nothing is held further from the next byte than this, whoever vouches for it: what is held stays
// within half of sequence space, where 'ahead' is an order.
#define TCP_MAX_SPREAD (1 << 29)

// So many segments in a row that do not fit count where the other side is not seen.
#define TCP_ODD_WORD 3

// Behind a hole, so many segments without a word of the receiver: the mirror lost sight of it.
#define TCP_UNHEARD 3
#define TCP_UNHEARD_FULL UINT8_MAX // ... where no more can be held

// A held piece of a segment: one block of the message pool.
struct tcp_held {
	struct tcp_held *next;
	uint64_t time_ns;
	uint32_t seq, ack;
	uint32_t len; // sequence space of its payload; more than n_bytes when truncated
	uint32_t vni;
	uint16_t n_bytes;
	uint8_t flags; // PACKET_TCP_*; FIN and RST only on a segment's last piece
	uint8_t data[MESSAGE_BLOCK_SIZE - 35];
};
static_assert(sizeof(struct tcp_held) <= MESSAGE_BLOCK_SIZE, "a held piece is a block");

#define TCP_HELD_MAX sizeof((struct tcp_held) {0}.data)

// How far 'to' is ahead of 'from', modulo 2^32 (RFC 9293, section 3.4): 0xfffffff0 to 0x10 is 0x20.
// Half of sequence space away is behind, from either: -2^31.
static inline int32_t tcp_ahead(uint32_t to, uint32_t from) {
	return (int32_t)(to - from);
}

static inline bool tcp_is_near(uint32_t a, uint32_t b) {
	int32_t ahead = tcp_ahead(a, b);
	return ahead >= -TCP_MAX_AHEAD && ahead <= TCP_MAX_AHEAD;
}

static inline void tcp_side_anchor(struct tcp_side *side, uint32_t seq, bool is_from_start) {
	side->base = side->next = seq;
	side->is_anchored = true;
	side->is_from_start = is_from_start;
}

// All before 'seq' was given out.
static inline bool tcp_side_is_past(const struct tcp_side *side, uint32_t seq) {
	int32_t behind = tcp_ahead(side->next, seq);
	return side->is_anchored && behind >= 0 && behind <= TCP_MAX_AHEAD;
}

// Remembers what does not fit.
void tcp_note_odd(struct tcp_conn *conn, const struct tcp_segment *segment);

// A hole that begins at the next byte of a side is given up, too large to be filled by what was lost
// on the way and is sent again: what goes on there later is odd.
void tcp_note_hole(struct tcp_conn *conn, uint8_t side);

// The bytes of 'segment' seem to have been given out. 'has_odd' was seen.
void tcp_note_repeated(struct tcp_conn *conn, const struct tcp_segment *segment);

// Copies a segment into blocks, in order of sequence numbers, leaving out what is held already.
// VERDICT_TCP_NO_ROOM when the pool is empty; what was copied by then stays.
enum verdict tcp_hold(struct tcp *tcp, struct tcp_side *side, const struct tcp_segment *segment);

// Data on a client's SYN counts once the server's SYN says that it was taken (RFC 7413, section 4).
static inline bool tcp_is_early(uint8_t flags) {
	return (flags & (PACKET_TCP_SYN | PACKET_TCP_ACK)) == PACKET_TCP_SYN;
}

// What is held has waited long enough for what is missing.
bool tcp_is_patience_over(const struct tcp *tcp, const struct tcp_conn *conn, uint64_t now_ns);

// Decides what the oldest held piece waited for. True with '*ret' where that is a hole in bytes
// that were expected; false where a side only had to be given its start, or pieces were dropped.
bool tcp_give_up(struct tcp *tcp, struct tcp_conn *conn, uint64_t now_ns, struct tcp_event *ret);

// Unlinks the first held piece, which there is.
struct tcp_held *tcp_held_take(struct tcp_side *side);

// Drops the held pieces that end behind 'from'.
void tcp_held_drop_behind(struct tcp *tcp, struct tcp_side *side, uint32_t from);

// Drops the held pieces that are not near the next byte.
void tcp_held_drop_far(struct tcp *tcp, struct tcp_side *side);

void tcp_held_drop_first(struct tcp *tcp, struct tcp_side *side);

void tcp_held_free(struct tcp *tcp, struct tcp_held *held);
