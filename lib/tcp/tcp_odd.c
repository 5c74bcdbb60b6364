#include "tcp_priv.h"

// What does not fit a connection, and whose word makes it count.

static bool is_seen_alone(const struct tcp_conn *conn, uint8_t side) {
	return conn->sides[side].is_seen && !conn->sides[!side].is_seen;
}

void tcp_note_hole(struct tcp_conn *conn, uint8_t side) {
	uint32_t next = conn->sides[side].next;
	if (!is_seen_alone(conn, side))
		return;
	conn->has_odd = true;
	conn->odd[side] = (struct tcp_span) {next, next};
	conn->sides[side].n_odd = 0;
}

void tcp_note_repeated(struct tcp_conn *conn, const struct tcp_segment *s) {
	if (is_seen_alone(conn, s->side) && s->seq == conn->odd[s->side].to)
		tcp_note_odd(conn, s);
}

void tcp_note_odd(struct tcp_conn *conn, const struct tcp_segment *s) {
	struct tcp_span *odd = &conn->odd[s->side];
	uint8_t *n_odd = &conn->sides[s->side].n_odd;
	bool is_syn = (s->flags & PACKET_TCP_SYN) != 0;
	uint32_t to = s->seq + s->len + is_syn;
	if (to == s->seq)
		return;
	conn->has_odd = true;
	bool is_apart =
		is_syn || tcp_ahead(s->seq, odd->from) < 0 || tcp_ahead(odd->to, s->seq) < 0;
	if (is_apart) {
		*odd = (struct tcp_span) {s->seq, to};
		*n_odd = 1;
		return;
	}
	if (s->seq == odd->to && *n_odd < TCP_ODD_WORD)
		(*n_odd)++;
	if (tcp_ahead(to, odd->to) > 0)
		odd->to = to;
}

// A RST speaks for nobody: what it acknowledges is refused.
static bool acks_odd(const struct tcp_conn *conn, const struct tcp_segment *s) {
	const struct tcp_span *odd = &conn->odd[!s->side];
	if ((s->flags & (PACKET_TCP_ACK | PACKET_TCP_RST)) != PACKET_TCP_ACK)
		return false;
	return tcp_ahead(s->ack, odd->from) > 0 && tcp_ahead(odd->to, s->ack) >= 0
		&& !tcp_side_is_past(&conn->sides[!s->side], s->ack);
}

bool tcp_is_reuse(const struct tcp_conn *conn, const struct tcp_segment *s) {
	const struct tcp_side *side = &conn->sides[s->side];
	if (!(s->flags & PACKET_TCP_SYN))
		return false;
	if (!side->is_anchored)
		return conn->is_ignored;
	if (s->seq + 1 == side->base)
		return false;
	return conn->is_closed || !conn->sides[!s->side].is_seen
		|| (conn->has_odd && acks_odd(conn, s));
}

// Nobody sends so many segments in a row that do not fit by mistake, and there is no other word.
static bool continues_odd(const struct tcp_conn *conn, const struct tcp_segment *s) {
	const struct tcp_side *side = &conn->sides[s->side];
	return is_seen_alone(conn, s->side) && side->n_odd + 1 >= TCP_ODD_WORD && s->len > 0
		&& s->seq == conn->odd[s->side].to;
}

bool tcp_goes_on(const struct tcp_conn *conn, const struct tcp_segment *s) {
	if (s->flags & PACKET_TCP_SYN)
		return false;
	return acks_odd(conn, s) || (continues_odd(conn, s) && s->seq != conn->sides[s->side].next);
}

void tcp_conn_take_up(struct tcp_conn *conn, const struct tcp_segment *s) {
	struct tcp_side *other = &conn->sides[!s->side];
	uint32_t other_next = conn->odd[!s->side].to;
	bool is_alone = continues_odd(conn, s);
	*conn = (struct tcp_conn) {0};
	tcp_side_anchor(&conn->sides[s->side], s->seq, false);
	other->is_absent = is_alone;
	if (is_alone)
		return;
	tcp_side_anchor(other, other_next, false);
	other->is_seen = true;
}
