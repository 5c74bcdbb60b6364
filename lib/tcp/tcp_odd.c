#include "packet.h"
#include "tcp_priv.h"

// What does not fit a connection, and whose word makes it count.

void tcp_note_odd(struct tcp_conn *conn, const struct tcp_segment *s) {
	struct tcp_span *odd = &conn->odd[s->side];
	bool is_syn = (s->flags & PACKET_TCP_SYN) != 0;
	uint32_t to = s->seq + s->len + is_syn;
	if (to == s->seq)
		return;
	conn->has_odd = true;
	bool is_apart =
		is_syn || tcp_ahead(s->seq, odd->from) < 0 || tcp_ahead(odd->to, s->seq) < 0;
	if (is_apart || odd->from == odd->to)
		*odd = (struct tcp_span) {s->seq, to};
	else if (tcp_ahead(to, odd->to) > 0)
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

bool tcp_goes_on(const struct tcp_conn *conn, const struct tcp_segment *s) {
	return !(s->flags & PACKET_TCP_SYN) && acks_odd(conn, s);
}

void tcp_conn_take_up(struct tcp_conn *conn, const struct tcp_segment *s) {
	uint32_t other_next = conn->odd[!s->side].to;
	*conn = (struct tcp_conn) {0};
	tcp_side_anchor(&conn->sides[s->side], s->seq, false);
	tcp_side_anchor(&conn->sides[!s->side], other_next, false);
	conn->sides[!s->side].is_seen = true;
}
