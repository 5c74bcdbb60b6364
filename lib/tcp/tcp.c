#include "tcp_priv.h"

// The SYN and ACK came first, and acknowledged data on this SYN too (RFC 7413): the side begins
// earlier than that said.
static bool is_late_syn(const struct tcp_side *side, const struct tcp_segment *s) {
	return !side->is_seen && side->next == side->base && tcp_side_is_past(side, s->seq + 1);
}

// A SYN that begins nothing, or bytes from long before: not of this connection.
static bool is_stray(const struct tcp_conn *conn, const struct tcp_segment *s) {
	const struct tcp_side *side = &conn->sides[s->side];
	if (!side->is_anchored)
		return false;
	if (s->flags & PACKET_TCP_SYN)
		return s->seq + 1 != side->base && !is_late_syn(side, s);
	if (conn->is_closed || conn->is_ignored)
		return false;
	return tcp_ahead(s->seq, side->next) < -TCP_MAX_AHEAD;
}

static void take_ack(const struct tcp *tcp, struct tcp_conn *conn, const struct tcp_segment *s) {
	struct tcp_side *side = &conn->sides[s->side];
	struct tcp_side *other = &conn->sides[!s->side];
	if (!(s->flags & PACKET_TCP_ACK))
		return;
	other->n_unheard = 0;
	if (side->has_ack && tcp_ahead(s->ack, side->ack) <= 0) {
		other->is_answered = other->held != NULL
			&& s->time_ns >= other->held->time_ns + tcp->limits.gap_ns;
		return;
	}
	other->is_answered = false; // what is missing comes
	if (other->is_anchored && !tcp_is_near(s->ack, other->next) && other->is_seen)
		return;
	side->ack = s->ack;
	side->has_ack = true;
}

// The SYN was acknowledged, the data on it was not: it will come again, or something else.
static void refuse_early(struct tcp *tcp, struct tcp_side *side, uint32_t ack) {
	while (ack == side->base && side->held != NULL && tcp_is_early(side->held->flags))
		tcp_held_drop_first(tcp, side);
}

// A handshake says where a side begins, of which something may be held.
static void begin_side(struct tcp *tcp, struct tcp_side *side, uint32_t seq) {
	tcp_side_anchor(side, seq, true);
	tcp_held_drop_far(tcp, side);
}

static void take_syn(struct tcp *tcp, struct tcp_conn *conn, const struct tcp_segment *s) {
	struct tcp_side *side = &conn->sides[s->side];
	struct tcp_side *other = &conn->sides[!s->side];
	if (!side->is_anchored || is_late_syn(side, s))
		begin_side(tcp, side, s->seq + 1);
	if (!(s->flags & PACKET_TCP_ACK))
		return;
	if (!other->is_anchored)
		begin_side(tcp, other, s->ack);
	refuse_early(tcp, other, s->ack);
}

// False where nothing is left of it that is new.
static bool trim_repeated(struct tcp *tcp, const struct tcp_side *side, struct tcp_segment *s) {
	int32_t behind = tcp_ahead(side->next, s->seq);
	if (behind <= 0)
		return true;
	if ((uint32_t)behind > s->len) {
		counters_add(tcp->counters, COUNTER_TCP_DUPLICATE_BYTES, s->len);
		return false;
	}
	counters_add(tcp->counters, COUNTER_TCP_DUPLICATE_BYTES, (uint32_t)behind);
	s->seq = side->next;
	s->len -= (uint32_t)behind;
	s->bytes = slice_from(s->bytes, (uint32_t)behind);
	return s->len > 0 || s->flags & (PACKET_TCP_FIN | PACKET_TCP_RST);
}

// The bytes it acknowledges have been given out.
static bool is_acked_known(const struct tcp_conn *conn, uint8_t side, uint8_t flags, uint32_t ack) {
	const struct tcp_side *other = &conn->sides[!side];
	if (!(flags & PACKET_TCP_ACK))
		return !tcp_is_early(flags) || other->is_anchored || other->is_absent;
	if (other->is_ended || (other->is_absent && !other->is_seen))
		return true;
	if (!other->is_anchored)
		return false;
	int32_t missing = tcp_ahead(ack, other->next);
	return missing <= 0 || missing > TCP_MAX_AHEAD;
}

static bool is_too_far(const struct tcp_conn *conn, const struct tcp_segment *s) {
	const struct tcp_side *side = &conn->sides[s->side];
	const struct tcp_side *other = &conn->sides[!s->side];
	if (!side->is_anchored && side->held == NULL)
		return false;
	int32_t ahead = tcp_ahead(s->seq, side->next);
	if (ahead < -TCP_MAX_SPREAD || ahead > TCP_MAX_SPREAD)
		return true;
	return side->is_anchored && ahead > TCP_MAX_AHEAD
		&& (!other->has_ack || tcp_ahead(s->seq, other->ack) > TCP_MAX_AHEAD);
}

// A connection that is refused: RST and ACK for the SYN, from a side that never sent anything else.
static bool is_refusal(const struct tcp_conn *conn, const struct tcp_segment *s) {
	const struct tcp_side *side = &conn->sides[s->side];
	return s->flags & PACKET_TCP_RST && !side->is_anchored && side->held == NULL;
}

// Its end was seen; there is nothing more to come but late copies.
static enum verdict input_after_end(struct tcp_conn *conn, const struct tcp_segment *s) {
	const struct tcp_side *side = &conn->sides[s->side];
	conn->is_closed |= s->flags & PACKET_TCP_RST && s->seq == side->next;
	if (s->len == 0 || tcp_side_is_past(side, s->seq + s->len))
		return VERDICT_DELIVERED;
	tcp_note_odd(conn, s);
	return VERDICT_TCP_AFTER_END;
}

// Only where it ends is of interest.
static enum verdict input_ignored(struct tcp_conn *conn, const struct tcp_segment *s) {
	struct tcp_side *side = &conn->sides[s->side];
	if (side->is_anchored && !tcp_side_is_past(side, s->seq + s->len))
		side->next = s->seq + s->len;
	side->is_ended |= (s->flags & PACKET_TCP_FIN) != 0;
	conn->is_closed =
		s->flags & PACKET_TCP_RST || (side->is_ended && conn->sides[!s->side].is_ended);
	return VERDICT_DELIVERED;
}

// Whom a RST ahead of its side was meant for asks whether that was meant, and says which byte it
// waits for (RFC 5961, section 3): it is no end, also when the stream gets there.
static void drop_challenged_reset(struct tcp_conn *conn, const struct tcp_segment *s) {
	if (!(s->flags & PACKET_TCP_ACK))
		return;
	for (struct tcp_held *held = conn->sides[!s->side].held; held != NULL; held = held->next) {
		if (held->flags & PACKET_TCP_RST && tcp_ahead(held->seq + held->len, s->ack) > 0)
			held->flags &= (uint8_t)~PACKET_TCP_RST;
	}
}

// The segment is not copied: its fields were stored one by one a moment ago, and wider loads of them
// would wait for those stores to reach the cache.
enum verdict tcp_input(struct tcp *tcp, struct tcp_conn *conn, struct tcp_segment *s) {
	struct tcp_side *side = &conn->sides[s->side];
	if (is_stray(conn, s)) {
		tcp_note_odd(conn, s);
		return VERDICT_TCP_OUT_OF_WINDOW;
	}
	take_ack(tcp, conn, s);
	if (s->flags & PACKET_TCP_SYN) {
		take_syn(tcp, conn, s);
		s->seq++;
	}
	side->is_seen = true;
	if (conn->is_closed)
		return input_after_end(conn, s);
	if (conn->is_ignored)
		return input_ignored(conn, s);
	if (side->is_ended)
		return input_after_end(conn, s);
	if (conn->has_held_reset)
		drop_challenged_reset(conn, s);
	if (is_refusal(conn, s)) {
		tcp_side_anchor(side, s->seq, false);
	} else if (s->len == 0 && !(s->flags & (PACKET_TCP_FIN | PACKET_TCP_RST))) {
		return VERDICT_DELIVERED;
	}
	if (is_too_far(conn, s)) {
		tcp_note_odd(conn, s);
		return VERDICT_TCP_OUT_OF_WINDOW;
	}
	if (side->is_anchored && !trim_repeated(tcp, side, s)) {
		if (conn->has_odd)
			tcp_note_repeated(conn, s);
		return VERDICT_DELIVERED;
	}
	if (side->is_anchored && s->seq == side->next
	    && is_acked_known(conn, s->side, s->flags, s->ack)) {
		tcp->current = s;
		return VERDICT_DELIVERED;
	}
	if (!tcp_conn_is_waiting(conn))
		conn->waiting_since_ns = s->time_ns;
	if (!side->is_anchored && side->held == NULL)
		side->next = s->seq;
	side->is_answered &= side->held != NULL;
	conn->has_held_reset |= (s->flags & PACKET_TCP_RST) != 0;
	if (side->n_unheard < UINT8_MAX)
		side->n_unheard++;
	return tcp_hold(tcp, side, s);
}

static void
fill_event(struct tcp_event *ret, const struct tcp_segment *s, enum tcp_event_kind kind) {
	*ret = (struct tcp_event) {
		.kind = kind,
		.side = s->side,
		.seq = s->seq,
		.ack = s->ack,
		.vni = s->vni,
		.time_ns = s->time_ns,
	};
}

static void drop_held(struct tcp *tcp, struct tcp_side *side) {
	while (side->held != NULL)
		tcp_held_drop_first(tcp, side);
}

// Whatever comes behind a FIN is not part of the stream.
static void end_side(struct tcp *tcp, struct tcp_conn *conn, uint8_t index) {
	struct tcp_side *side = &conn->sides[index];
	side->is_ended = true;
	side->next++;
	drop_held(tcp, side);
	if (conn->sides[!index].is_ended)
		conn->is_closed = true;
}

// Gives out what is left of the current segment: its bytes, then what was cut off it, then its FIN.
static bool next_of_current(struct tcp *tcp, struct tcp_conn *conn, struct tcp_event *ret) {
	struct tcp_segment *s = tcp->current;
	if (s == NULL)
		return false;
	struct tcp_side *side = &conn->sides[s->side];
	if (s->bytes.len > 0) {
		fill_event(ret, s, TCP_DATA);
		ret->bytes = s->bytes;
		ret->is_midstream = !side->is_from_start && side->next == side->base;
		uint32_t len = (uint32_t)s->bytes.len;
		side->next += len;
		s->seq += len;
		s->len -= len;
		s->bytes.len = 0;
	} else if (s->len > 0) {
		fill_event(ret, s, TCP_GAP);
		ret->n_missing = s->len;
		ret->is_truncated = true;
		side->next += s->len;
		s->seq += s->len;
		s->len = 0;
	} else {
		tcp->current = NULL;
		conn->is_closed |= (s->flags & PACKET_TCP_RST) != 0;
		if (!(s->flags & PACKET_TCP_FIN) || side->is_ended)
			return false;
		fill_event(ret, s, TCP_END);
		end_side(tcp, conn, s->side);
	}
	return true;
}

static void release_spent(struct tcp *tcp) {
	if (tcp->spent != NULL)
		tcp_held_free(tcp, tcp->spent);
	tcp->spent = NULL;
}

// Makes the first held piece of 'index' the current segment.
static void take_held(struct tcp *tcp, struct tcp_conn *conn, uint8_t index) {
	struct tcp_side *side = &conn->sides[index];
	struct tcp_held *held = tcp_held_take(side);
	tcp->from_held = (struct tcp_segment) {
		.bytes = slice_of(held->data, held->n_bytes),
		.len = held->len,
		.seq = held->seq,
		.ack = held->ack,
		.vni = held->vni,
		.side = index,
		.flags = held->flags,
		.time_ns = held->time_ns,
	};
	side->is_answered = false;
	tcp->spent = held;
	tcp->current = trim_repeated(tcp, side, &tcp->from_held) ? &tcp->from_held : NULL;
	if (conn->waiting_since_ns < held->time_ns)
		conn->waiting_since_ns = held->time_ns;
}

// The first held piece of a side may go out: nothing is missing before it.
static bool is_ready(const struct tcp_conn *conn, uint8_t index) {
	const struct tcp_side *side = &conn->sides[index];
	const struct tcp_held *held = side->held;
	return held != NULL && side->is_anchored && tcp_ahead(held->seq, side->next) <= 0
		&& is_acked_known(conn, index, held->flags, held->ack);
}

// Every turn gives an event, lets go of something held, or anchors a side, which is done once.
bool tcp_next(struct tcp *tcp, struct tcp_conn *conn, uint64_t now_ns, struct tcp_event *ret) {
	for (;;) {
		if (next_of_current(tcp, conn, ret))
			return true;
		release_spent(tcp);
		if (!tcp_conn_is_waiting(conn))
			return false;
		if (conn->is_closed)
			now_ns = TCP_FLUSH;
		if (is_ready(conn, 0))
			take_held(tcp, conn, 0);
		else if (is_ready(conn, 1))
			take_held(tcp, conn, 1);
		else if (!tcp_is_patience_over(tcp, conn, now_ns))
			return false;
		else if (tcp_give_up(tcp, conn, now_ns, ret))
			return true;
	}
}

void tcp_conn_ignore(struct tcp *tcp, struct tcp_conn *conn) {
	release_spent(tcp);
	tcp->current = NULL;
	drop_held(tcp, &conn->sides[0]);
	drop_held(tcp, &conn->sides[1]);
	conn->is_ignored = true;
}
