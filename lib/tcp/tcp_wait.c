#include "tcp_priv.h"

// What is waited for, how long, and what becomes of it then.

// A word of the receiver about a hole is waited for so many times 'gap_ns', with at most so many blocks
// held behind it.
#define WORD_GAPS 4u
#define WORD_HELD_MAX 8u

// The side whose first held piece is the oldest; the one to mend first.
static uint8_t oldest_side(const struct tcp_conn *conn) {
	const struct tcp_held *a = conn->sides[0].held, *b = conn->sides[1].held;
	if (a == NULL || b == NULL)
		return a == NULL;
	return b->time_ns < a->time_ns;
}

static bool is_full(const struct tcp *tcp, const struct tcp_conn *conn) {
	return conn->sides[0].n_held + conn->sides[1].n_held >= tcp->limits.n_held_max;
}

// The receiver is there and has not said that it took anything of the hole of a side.
static bool is_hole_open(const struct tcp_conn *conn, uint8_t index) {
	const struct tcp_side *other = &conn->sides[!index];
	return other->is_seen && other->has_ack
		&& tcp_ahead(other->ack, conn->sides[index].next) <= 0;
}

// Whether the mirror missed the hole and what the receiver said, or what is held never got there,
// its next word will tell. Silence tells only of a reset: nobody challenged it. Worth waiting for with
// little held, while memory is not short.
static bool is_word_awaited(const struct tcp *tcp, const struct tcp_conn *conn, uint8_t index) {
	const struct tcp_side *side = &conn->sides[index];
	return is_hole_open(conn, index) && !side->is_answered && side->n_unheard < TCP_UNHEARD
		&& !conn->has_held_reset && side->n_held <= WORD_HELD_MAX
		&& message_pool_n_free(tcp->pool) >= message_pool_n_blocks(tcp->pool) / 8;
}

bool tcp_is_patience_over(const struct tcp *tcp, const struct tcp_conn *conn, uint64_t now_ns) {
	const struct tcp_side *sides = conn->sides;
	if (now_ns == TCP_FLUSH || is_full(tcp, conn))
		return true;
	uint8_t index = oldest_side(conn);
	const struct tcp_side *side = &sides[index], *other = &sides[!index];
	bool is_hole = side->is_anchored && tcp_ahead(side->held->seq, side->next) > 0;
	bool is_unacked_hole =
		is_hole && !(other->has_ack && tcp_ahead(other->ack, side->next) > 0);
	is_unacked_hole |= tcp_is_early(side->held->flags) && !other->is_seen;
	uint64_t patience_ns = is_unacked_hole ? tcp->limits.gap_ns : tcp->limits.reorder_ns;
	if (is_hole && is_word_awaited(tcp, conn, index))
		patience_ns = WORD_GAPS * tcp->limits.gap_ns;
	// A time stamp from long after 'now_ns' was wrong: nobody can say how long it has waited.
	return now_ns >= conn->waiting_since_ns + patience_ns
		|| now_ns + patience_ns < conn->waiting_since_ns;
}

static void give_up_hole(
	struct tcp *tcp,
	struct tcp_conn *conn,
	uint8_t index,
	uint32_t until,
	struct tcp_event *ret
) {
	struct tcp_side *side = &conn->sides[index];
	const struct tcp_held *cause = conn->sides[oldest_side(conn)].held;
	*ret = (struct tcp_event) {
		.kind = TCP_GAP,
		.side = index,
		.seq = side->next,
		.ack = side->ack,
		.n_missing = until - side->next,
		.vni = cause->vni,
		.time_ns = cause->time_ns,
	};
	counters_inc(tcp->counters, COUNTER_TCP_GAPS);
	counters_add(tcp->counters, COUNTER_TCP_GAP_BYTES, ret->n_missing);
	side->next = until;
	side->is_absent = !side->is_seen;
}

// How far ahead of the next byte the blocks of a connection reach.
static uint32_t reach(const struct tcp *tcp) {
	return tcp->limits.n_held_max * (uint32_t)TCP_HELD_MAX;
}

// True where that leaves room, so that the hole may stay.
static bool drop_out_of_reach(struct tcp *tcp, struct tcp_conn *conn, struct tcp_side *side) {
	tcp_held_drop_behind(tcp, side, side->next + reach(tcp));
	return side->held == NULL || !is_full(tcp, conn);
}

// All of it is behind the hole. A reset that nobody challenged ends the side where it is.
static void drop_all_held(struct tcp *tcp, struct tcp_conn *conn, struct tcp_side *side) {
	for (; side->held != NULL; tcp_held_drop_first(tcp, side)) {
		conn->is_closed |= (side->held->flags & PACKET_TCP_RST) != 0;
		counters_add(tcp->counters, COUNTER_TCP_UNTAKEN_BYTES, side->held->len);
	}
}

// True where what is behind the hole of a side went, and not the hole: the receiver says that it
// waits for it. Where it says nothing to many segments, the mirror lost sight of it.
static bool drop_untaken(struct tcp *tcp, struct tcp_conn *conn, uint8_t index) {
	struct tcp_side *side = &conn->sides[index];
	if (!is_hole_open(conn, index))
		return false;
	if (is_full(tcp, conn))
		return side->n_unheard < TCP_UNHEARD_FULL && drop_out_of_reach(tcp, conn, side);
	if (side->n_unheard >= TCP_UNHEARD)
		return false;
	drop_all_held(tcp, conn, side);
	return true;
}

// Another copy of the piece was given out, which acknowledged less: what this one does is not so.
static bool is_refuted(const struct tcp_side *side, const struct tcp_held *held) {
	int32_t behind = tcp_ahead(side->next, held->seq + held->len);
	return behind > 0 || (behind == 0 && !(held->flags & (PACKET_TCP_FIN | PACKET_TCP_RST)));
}

// What the receiver acknowledged of the hole of a side, which the mirror missed. The rest may still
// come. All of the hole where it acknowledged none, or all is given up.
static uint32_t hole_end(const struct tcp_conn *conn, uint8_t index, uint64_t now_ns) {
	const struct tcp_side *side = &conn->sides[index], *other = &conn->sides[!index];
	bool is_partly_acked = other->has_ack && tcp_ahead(other->ack, side->next) > 0
		&& tcp_ahead(side->held->seq, other->ack) > 0;
	return is_partly_acked && now_ns != TCP_FLUSH ? other->ack : side->held->seq;
}

// What the oldest held piece of a side waited for was the other side.
static bool
give_up_other(struct tcp *tcp, struct tcp_conn *conn, uint8_t index, struct tcp_event *ret) {
	struct tcp_side *other = &conn->sides[!index];
	const struct tcp_held *held = conn->sides[index].held;
	if (!other->is_anchored) {
		bool is_start_known = other->held != NULL || !tcp_is_early(held->flags);
		if (is_start_known)
			tcp_side_anchor(
				other, other->held != NULL ? other->held->seq : held->ack, false
			);
		other->is_absent = !other->is_seen || !is_start_known;
		return false;
	}
	uint32_t until = held->ack;
	if (other->held != NULL && tcp_ahead(other->held->seq, other->next) > 0
	    && tcp_ahead(until, other->held->seq) > 0)
		until = other->held->seq;
	give_up_hole(tcp, conn, !index, until, ret);
	return true;
}

bool tcp_give_up(struct tcp *tcp, struct tcp_conn *conn, uint64_t now_ns, struct tcp_event *ret) {
	uint8_t index = oldest_side(conn);
	struct tcp_side *side = &conn->sides[index];
	const struct tcp_held *held = side->held;
	if (!side->is_anchored) {
		tcp_side_anchor(side, held->seq, false);
		return false;
	}
	if (tcp_ahead(held->seq, side->next) > 0) {
		if (now_ns != TCP_FLUSH) {
			if (drop_untaken(tcp, conn, index))
				return false;
			if (hole_end(conn, index, now_ns) - side->next > reach(tcp))
				tcp_note_hole(conn, index);
		}
		give_up_hole(tcp, conn, index, hole_end(conn, index, now_ns), ret);
		return true;
	}
	if (is_refuted(side, held)) {
		counters_add(tcp->counters, COUNTER_TCP_DUPLICATE_BYTES, held->len);
		tcp_held_drop_first(tcp, side);
		return false;
	}
	return give_up_other(tcp, conn, index, ret);
}
