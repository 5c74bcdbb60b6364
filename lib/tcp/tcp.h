#pragma once

// Puts the two byte streams of a TCP connection together from what a mirror saw of it, in order
// and across both directions: bytes that acknowledge something are given out after the bytes they
// acknowledge, so that a response never comes before its request. Pure: time comes in with the
// segments.
//
// Segments in order are given out where they lie. Segments that must wait are copied into blocks
// of the message pool:
//
//   side 0:  ...delivered... | next        hole         [held 1][held 2]
//   side 1:  ...delivered.............. | next [held: acknowledges bytes in side 0's hole]
//
// A segment waits for
//  - a hole before it (bytes of its own side that have not come),
//  - bytes of the other side that it acknowledges and that have not come,
//  - the start of its side, when the connection was picked up midstream,
//  - for data on a SYN (Fast Open, RFC 7413), the SYN of the other side: it says whether the data was
//    taken.
// A hole whose bytes the receiver has acknowledged was only missed by the mirror: it is given up
// after 'reorder_ns'. One that is not acknowledged may be retransmitted: until 'gap_ns'. If the
// receiver is seen, its next word that takes nothing decides then, for which four times 'gap_ns' is
// waited where little is held: where it still has not taken the bytes, what is behind the hole goes,
// not the hole: a forged segment must not make the side skip all that its sender says next. If it says
// nothing while more is sent, the hole is given up. When the connection holds 'n_held_max' blocks
// nothing waits: what lies further ahead than they reach goes, then the hole is given up.
//
// Repeated bytes: what came first wins (as Linux does); where a held copy differs it is counted.
//
// An end is believed at once, but anybody can forge one, and a SYN. What does not fit the connection
// is therefore remembered as 'odd'. The other side's word decides: where it acknowledges bytes that
// the connection does not explain, it is those that count.
//
//   side 0:  ...delivered... FIN (forged) [odd: 100 to 128]
//   side 1:  ...delivered................................... [acknowledges 128]: taken up again

#include "counters.h"
#include "message.h"
#include "slice.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>

struct tcp_limits {
	uint64_t reorder_ns; // patience for what the network or the mirror delivers late
	uint64_t gap_ns; // patience for a retransmission
	uint16_t n_held_max; // blocks one connection may hold
};

struct tcp_segment {
	struct slice bytes; // captured payload
	uint32_t len; // payload as declared; more than bytes.len when truncated
	uint32_t seq, ack;
	uint32_t vni;
	uint8_t side; // of the flow key: who sent it
	uint8_t flags; // PACKET_TCP_*
	uint64_t time_ns;
};

struct tcp_held;

struct tcp_side {
	uint32_t base; // sequence number of its first byte, once anchored
	uint32_t next; // sequence number of the next byte; before it begins: of what was held first
	uint32_t ack; // highest acknowledgement it sent
	uint16_t n_held;
	bool is_anchored; // 'next' is known
	bool is_from_start; // ... from the handshake
	bool is_seen; // sent anything
	bool has_ack;
	bool is_ended; // its FIN was given out
	bool is_absent; // waited for in vain: the mirror seems to have only the other side
	bool is_answered; // the other side spoke when the first held segment had waited 'gap_ns'
	uint8_t n_odd; // segments of 'odd' that continued one another
	uint8_t n_unheard; // segments held since the other side last said anything, or UINT8_MAX
	struct tcp_held *held; // ordered by sequence number
	struct tcp_held **last; // what points to the last one, while there is one
};

// Bytes 'from' to 'to' of sequence space; none where they are equal.
struct tcp_span {
	uint32_t from, to;
};

// All zero at first.
struct tcp_conn {
	struct tcp_side sides[2];
	uint64_t waiting_since_ns; // the oldest held segment, or the last progress since
	bool is_closed; // by FIN of both sides or RST
	bool is_ignored; // nothing more is given out
	bool has_odd; // 'odd' counts
	bool has_held_reset; // a RST may be held
	struct tcp_span odd[2]; // by side: what it sent last that does not fit
};

enum tcp_event_kind {
	TCP_DATA,
	TCP_GAP, // bytes that will not come
	TCP_END, // FIN
};

struct tcp_event {
	enum tcp_event_kind kind;
	uint8_t side;
	bool is_midstream; // the first bytes of a side that was picked up midstream
	bool is_truncated; // of a gap: cut off a packet that was seen
	struct slice bytes; // of TCP_DATA; valid until the next call
	uint32_t n_missing; // of TCP_GAP
	uint32_t seq, ack; // of the bytes and their segment
	uint32_t vni;
	uint64_t time_ns;
};

// What the connections of one lcore share.
struct tcp {
	struct tcp_limits limits;
	struct message_pool *pool;
	struct counters *counters;

	// What tcp_next() gives out next, before anything held.
	struct tcp_segment *current; // the caller's, or 'from_held'; NULL: none
	struct tcp_segment from_held;
	struct tcp_held *spent; // held block whose bytes the last event pointed to
};

// True where 'segment' begins another connection between the same endpoints. The caller then ends
// the old one and starts anew. A SYN proves nothing on a connection that lives: its receiver
// challenges it and goes on (RFC 5961, section 4). A SYN with the acknowledgement of another does.
bool tcp_is_reuse(const struct tcp_conn *conn, const struct tcp_segment *segment);

// True where 'segment' acknowledges what did not fit, or continues it where only its side is seen:
// the connection goes on behind what was forged, or it is another one whose handshake was not seen
// whole. The caller then ends what there is as if it had been silent, and calls tcp_conn_take_up()
// before it puts the segment in.
bool tcp_goes_on(const struct tcp_conn *conn, const struct tcp_segment *segment);

// Begins anew, midstream, at what 'segment' acknowledges or continues. Nothing may be held.
void tcp_conn_take_up(struct tcp_conn *conn, const struct tcp_segment *segment);

// Takes a segment and may shorten it. The caller calls tcp_next() until it says false before the
// segment or its bytes go away. VERDICT_DELIVERED, or why it was refused.
[[nodiscard]] enum verdict
tcp_input(struct tcp *tcp, struct tcp_conn *conn, struct tcp_segment *segment);

// Gives out the next event, if there is one by 'now_ns'.
bool tcp_next(struct tcp *tcp, struct tcp_conn *conn, uint64_t now_ns, struct tcp_event *ret);

// As 'now_ns': everything held comes out, holes are given up.
#define TCP_FLUSH UINT64_MAX

static inline bool tcp_conn_is_waiting(const struct tcp_conn *conn) {
	return conn->sides[0].held != NULL || conn->sides[1].held != NULL;
}

static inline bool tcp_conn_is_from_start(const struct tcp_conn *conn) {
	return conn->sides[0].is_from_start && conn->sides[1].is_from_start;
}

// Frees what is held and gives out nothing more: the connection is of no interest.
void tcp_conn_ignore(struct tcp *tcp, struct tcp_conn *conn);
