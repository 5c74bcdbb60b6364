#include "tcp_priv.h"

static uint32_t held_end(const struct tcp_held *held) {
	return held->seq + held->len;
}

static enum verdict insert_piece(
	struct tcp *tcp,
	struct tcp_side *side,
	struct tcp_held **at,
	const struct tcp_segment *s
) {
	struct tcp_held *held = (struct tcp_held *)(void *)message_block_alloc(tcp->pool);
	if (held == NULL)
		return VERDICT_TCP_NO_ROOM;
	held->time_ns = s->time_ns;
	held->seq = s->seq;
	held->ack = s->ack;
	held->len = s->len;
	held->vni = s->vni;
	held->n_bytes = (uint16_t)s->bytes.len;
	held->flags = s->flags;
	memcpy(held->data, s->bytes.data, s->bytes.len);
	held->next = *at;
	if (*at == NULL)
		side->last = at;
	else if (side->last == at)
		side->last = &held->next;
	*at = held;
	side->n_held++;
	return VERDICT_DELIVERED;
}

static void
compare_overlap(struct tcp *tcp, const struct tcp_held *held, const struct tcp_segment *s) {
	uint32_t from = tcp_ahead(s->seq, held->seq) > 0 ? s->seq : held->seq;
	uint32_t in_held = from - held->seq, in_segment = from - s->seq;
	if (in_held >= held->n_bytes || in_segment >= s->bytes.len)
		return;
	struct slice old = slice_of(held->data + in_held, held->n_bytes - in_held);
	struct slice new = slice_from(s->bytes, in_segment);
	size_t len = old.len < new.len ? old.len : new.len;
	counters_add(tcp->counters, COUNTER_TCP_DUPLICATE_BYTES, len);
	if (memcmp(old.data, new.data, len) != 0)
		counters_inc(tcp->counters, COUNTER_TCP_OVERLAP_DIFFERS);
}

// The first 'len' bytes of sequence space; FIN and RST stay with the end.
static struct tcp_segment segment_head(const struct tcp_segment *s, uint32_t len) {
	struct tcp_segment head = *s;
	if (len < s->len) {
		head.len = len;
		head.bytes = slice_first(s->bytes, len);
		head.flags &= (uint8_t) ~(PACKET_TCP_FIN | PACKET_TCP_RST);
	}
	return head;
}

static void segment_advance(struct tcp_segment *s, uint32_t len) {
	s->seq += len;
	s->len -= len;
	s->bytes = slice_from(s->bytes, len);
}

// The first held piece from 'at' on that ends behind the beginning of 'rest'.
static struct tcp_held **find_place(struct tcp_held **at, const struct tcp_segment *rest) {
	while (*at != NULL && tcp_ahead(rest->seq, held_end(*at)) >= 0
	       && !(rest->len == 0 && (*at)->len == 0 && (*at)->seq == rest->seq))
		at = &(*at)->next;
	return at;
}

// Leaves out what 'held', which begins no later, has of 'rest'. True where that is all of it.
static bool leave_out_held(struct tcp *tcp, struct tcp_held *held, struct tcp_segment *rest) {
	uint32_t covered = (uint32_t)tcp_ahead(held_end(held), rest->seq);
	compare_overlap(tcp, held, rest);
	if (covered >= rest->len) {
		held->flags |= covered == rest->len ? rest->flags : 0;
		return true;
	}
	segment_advance(rest, covered);
	return false;
}

// How much of 'rest' comes before 'next' (NULL: nothing held comes) and fits in a block. What was cut
// off takes no room.
static uint32_t piece_len(const struct tcp_segment *rest, const struct tcp_held *next) {
	bool is_cut = rest->len > rest->bytes.len && rest->bytes.len < TCP_HELD_MAX;
	uint32_t len = is_cut || rest->len < TCP_HELD_MAX ? rest->len : TCP_HELD_MAX;
	if (next == NULL)
		return len;
	uint32_t until = (uint32_t)tcp_ahead(next->seq, rest->seq);
	return until < len ? until : len;
}

enum verdict tcp_hold(struct tcp *tcp, struct tcp_side *side, const struct tcp_segment *segment) {
	struct tcp_segment rest = *segment;
	// What comes in order behind a hole belongs at the end. An end without bytes may belong before
	// bytes of the same number.
	bool is_last =
		side->held != NULL && tcp_ahead(rest.seq, (*side->last)->seq) >= (rest.len == 0);
	struct tcp_held **at = is_last ? side->last : &side->held;
	bool is_new = false;
	for (;;) {
		at = find_place(at, &rest);
		if (*at != NULL && tcp_ahead(rest.seq, (*at)->seq) >= 0) {
			if (leave_out_held(tcp, *at, &rest))
				break;
			continue;
		}
		uint32_t len = piece_len(&rest, *at);
		struct tcp_segment piece = segment_head(&rest, len);
		if (insert_piece(tcp, side, at, &piece) != VERDICT_DELIVERED)
			return VERDICT_TCP_NO_ROOM;
		is_new = true;
		if (len == rest.len)
			break;
		segment_advance(&rest, len);
	}
	if (is_new)
		counters_inc(tcp->counters, COUNTER_TCP_SEGMENTS_HELD);
	return VERDICT_DELIVERED;
}

struct tcp_held *tcp_held_take(struct tcp_side *side) {
	struct tcp_held *held = side->held;
	side->held = held->next;
	side->n_held--;
	if (side->last == &held->next)
		side->last = &side->held;
	return held;
}

void tcp_held_drop_first(struct tcp *tcp, struct tcp_side *side) {
	tcp_held_free(tcp, tcp_held_take(side));
}

// Unlinks the piece that '*at' points to.
static void drop_at(struct tcp *tcp, struct tcp_side *side, struct tcp_held **at) {
	struct tcp_held *held = *at;
	counters_add(tcp->counters, COUNTER_TCP_UNTAKEN_BYTES, held->len);
	*at = held->next;
	side->n_held--;
	tcp_held_free(tcp, held);
}

void tcp_held_drop_behind(struct tcp *tcp, struct tcp_side *side, uint32_t from) {
	struct tcp_held **at = &side->held;
	while (*at != NULL && tcp_ahead(held_end(*at), from) <= 0) {
		side->last = at;
		at = &(*at)->next;
	}
	while (*at != NULL)
		drop_at(tcp, side, at);
}

void tcp_held_drop_far(struct tcp *tcp, struct tcp_side *side) {
	struct tcp_held **at = &side->held;
	while (*at != NULL) {
		if (tcp_is_near((*at)->seq, side->next)) {
			side->last = at;
			at = &(*at)->next;
		} else {
			drop_at(tcp, side, at);
		}
	}
}

void tcp_held_free(struct tcp *tcp, struct tcp_held *held) {
	message_block_free(tcp->pool, (struct block *)(void *)held);
}
