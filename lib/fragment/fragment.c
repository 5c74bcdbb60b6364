#include "fragment.h"

#include "frame.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define BUCKET_SIZE 8
#define MAX_PIECES 64 // 65,535 bytes in pieces of a 1,500-byte path, and some
#define MAX_DATAGRAM 65535u
// Mirrored datagrams of a connection begin alike: 8 bytes of UDP, 8 of VXLAN, 14 to 22 of Ethernet,
// up to 60 of IP. What tells them apart is the sequence number behind that.
#define START_SIZE 128
#define REMEMBER_NS 200000000u // long enough for copies, too short for an id to come round again

struct piece {
	struct rte_mbuf *mbuf;
	uint32_t at, end; // in the datagram's payload
	uint32_t captured_end; // at most 'end': what lies between was cut off by the mirror
	uint32_t payload_at; // in the mbuf
};

struct datagram {
	struct flow_key key; // addresses only; port[0] is the protocol, port[1] the IP version
	uint32_t id;
	uint8_t side; // of 'key': who sent it
	uint8_t n_pieces; // 0: the slot is free, or 'is_done'
	bool is_done; // it was complete at 'last_ns'; remembered so that late copies start no other
	uint8_t n_start;
	uint8_t start[START_SIZE]; // of its payload, by which a copy is told from another datagram
	uint32_t end; // of the payload; 0 until the last fragment came
	uint32_t n_bytes; // in pieces
	uint64_t first_ns, last_ns;
	struct packet_ip ip; // of the first fragment
	struct datagram *older, *newer; // while it has pieces
	struct piece pieces[MAX_PIECES]; // ordered by 'at', not overlapping
};

struct fragment_table {
	struct fragment_limits limits;
	struct counters *counters;
	uint32_t n_mbufs; // held
	uint32_t n_used; // datagrams
	struct datagram *datagrams;
	struct datagram *oldest, *newest; // that have pieces, by when their first one came
};

struct fragment_table *
fragment_table_create(const struct fragment_limits *limits, struct counters *counters) {
	uint32_t n = limits->n_datagrams;
	if (n < BUCKET_SIZE || (n & (n - 1)) != 0) {
		errno = EINVAL;
		return NULL;
	}
	struct fragment_table *table = calloc(1, sizeof(*table));
	if (table == NULL)
		return NULL;
	table->limits = *limits;
	table->counters = counters;
	table->datagrams = calloc(n, sizeof(*table->datagrams));
	if (table->datagrams == NULL) {
		free(table);
		return NULL;
	}
	return table;
}

size_t fragment_table_size(const struct fragment_limits *limits) {
	return sizeof(struct fragment_table) + limits->n_datagrams * sizeof(struct datagram);
}

static void datagram_join(struct fragment_table *table, struct datagram *d) {
	d->older = table->newest;
	d->newer = NULL;
	*(d->older == NULL ? &table->oldest : &d->older->newer) = d;
	table->newest = d;
	table->n_used++;
}

static void datagram_leave(struct fragment_table *table, struct datagram *d) {
	*(d->older == NULL ? &table->oldest : &d->older->newer) = d->newer;
	*(d->newer == NULL ? &table->newest : &d->newer->older) = d->older;
	table->n_used--;
}

static void datagram_give_up(struct fragment_table *table, struct datagram *d, enum verdict why) {
	for (uint32_t i = 0; i < d->n_pieces; i++) {
		struct rte_mbuf *mbuf = d->pieces[i].mbuf;
		counters_verdict(table->counters, why, frame_of(mbuf)->n_frames);
		table->n_mbufs -= mbuf->nb_segs;
		rte_pktmbuf_free(mbuf);
	}
	if (d->n_pieces > 0)
		datagram_leave(table, d);
	d->n_pieces = 0;
	d->is_done = false;
}

void fragment_expire(struct fragment_table *table, uint64_t now_ns) {
	if (table->n_used == 0)
		return;
	for (uint32_t i = 0; i < table->limits.n_datagrams; i++) {
		struct datagram *d = &table->datagrams[i];
		if (d->n_pieces > 0 && now_ns > d->first_ns
		    && now_ns - d->first_ns > table->limits.timeout_ns)
			datagram_give_up(table, d, VERDICT_FRAGMENT_TIMEOUT);
	}
}

void fragment_table_free(struct fragment_table *table) {
	if (table == NULL)
		return;
	fragment_expire(table, UINT64_MAX);
	free(table->datagrams);
	free(table);
}

static uint8_t make_key(const struct fragment *f, struct flow_key *ret) {
	uint8_t side = flow_key_make(&f->ip->source, &f->ip->destination, f->network, ret);
	ret->port[0] = f->ip->version == 4 ? f->ip->protocol : 0; // IPv6: not part of its identity
	ret->port[1] = f->ip->version;
	return side;
}

uint64_t fragment_hash(const struct fragment *f) {
	struct flow_key key;
	uint8_t side = make_key(f, &key);
	struct flow_hash_seed seed = {
		.word = {f->hash_seed, ~f->hash_seed, f->hash_seed * 3, f->ip->fragment_id + side}};
	return flow_key_hash(&key, &seed);
}

static bool is_of(const struct datagram *d, const struct flow_key *key, uint32_t id, uint8_t side) {
	return (d->n_pieces > 0 || d->is_done) && d->id == id && d->side == side
		&& flow_key_equals(&d->key, key);
}

// Free before taken, the oldest first: what is remembered longest goes before what is fresh.
static bool is_better_slot(const struct datagram *a, const struct datagram *b) {
	if ((a->n_pieces == 0) != (b->n_pieces == 0))
		return a->n_pieces == 0;
	return a->first_ns < b->first_ns;
}

// The datagram of a fragment, or a slot made ready for it: a free one, else the bucket's oldest.
static struct datagram *datagram_of(struct fragment_table *table, const struct fragment *f) {
	struct flow_key key;
	uint8_t side = make_key(f, &key);
	uint64_t now_ns = frame_of(f->mbuf)->time_ns;
	uint64_t bucket = fragment_hash(f) & (table->limits.n_datagrams / BUCKET_SIZE - 1);
	struct datagram *slots = &table->datagrams[bucket * BUCKET_SIZE];
	struct datagram *slot = &slots[0];
	for (int i = 0; i < BUCKET_SIZE; i++) {
		struct datagram *d = &slots[i];
		if (is_of(d, &key, f->ip->fragment_id, side)) {
			slot = d;
			break;
		}
		if (is_better_slot(d, slot))
			slot = d;
	}
	bool is_same = is_of(slot, &key, f->ip->fragment_id, side);
	bool is_late = is_same && now_ns > slot->first_ns
		&& now_ns - slot->first_ns > table->limits.timeout_ns;
	if (is_same && !is_late)
		return slot;
	datagram_give_up(
		table, slot, is_late ? VERDICT_FRAGMENT_TIMEOUT : VERDICT_FRAGMENT_NO_ROOM
	);
	slot->key = key;
	slot->side = side;
	slot->id = f->ip->fragment_id;
	slot->end = 0;
	slot->n_bytes = 0;
	slot->first_ns = now_ns;
	return slot;
}

static void datagram_forget(struct datagram *d, uint64_t now_ns) {
	d->is_done = false;
	d->first_ns = now_ns;
	d->end = 0;
	d->n_bytes = 0;
}

// A piece of a datagram that was complete a moment ago. Only its first piece tells a copy from
// another datagram with the same id.
static bool is_late_copy(const struct datagram *d, const struct fragment *f) {
	uint8_t copy[START_SIZE];
	uint64_t now_ns = frame_of(f->mbuf)->time_ns;
	if (!d->is_done || (now_ns > d->last_ns && now_ns - d->last_ns > REMEMBER_NS))
		return false;
	if (f->ip->fragment_at != 0)
		return true;
	uint32_t len = RTE_MIN((uint32_t)d->n_start, f->ip->captured_len);
	const uint8_t *start = frame_read(f->mbuf, f->ip->payload_at, len, copy);
	return start != NULL && memcmp(start, d->start, len) == 0;
}

// Compares what was captured of both pieces.
static bool is_differing(const struct piece *held, const struct piece *new) {
	uint32_t at = held->at > new->at ? held->at : new->at;
	uint32_t end = RTE_MIN(held->captured_end, new->captured_end);
	while (at < end) {
		uint8_t a[256], b[256];
		uint32_t len = RTE_MIN(end - at, (uint32_t)sizeof(a));
		const uint8_t *old =
			frame_read(held->mbuf, held->payload_at + at - held->at, len, a);
		const uint8_t *other =
			frame_read(new->mbuf, new->payload_at + at - new->at, len, b);
		if (old == NULL || other == NULL || memcmp(old, other, len) != 0)
			return true;
		at += len;
	}
	return false;
}

// Cuts 'new' down to its first run of bytes not held yet, and says where it goes. False where all
// of it is held.
static bool
fit(struct fragment_table *table, const struct datagram *d, struct piece *new, uint32_t *ret_at) {
	uint32_t i = 0;
	for (; i < d->n_pieces && d->pieces[i].at < new->end; i++) {
		const struct piece *held = &d->pieces[i];
		if (held->end <= new->at)
			continue;
		if (is_differing(held, new))
			counters_inc(table->counters, COUNTER_FRAGMENTS_DIFFER);
		if (held->at > new->at) {
			new->end = held->at;
			new->captured_end = RTE_MIN(new->captured_end, new->end);
			break;
		}
		if (held->end >= new->end)
			return false;
		new->payload_at += held->end - new->at;
		new->at = held->end;
		new->captured_end = RTE_MAX(new->captured_end, new->at);
	}
	*ret_at = i;
	return true;
}

static bool is_complete(const struct datagram *d) {
	return d->end != 0 && d->n_bytes == d->end;
}

// Drops the first 'n' bytes; returns what is left, which may begin in a later segment.
static struct rte_mbuf *cut_front(struct rte_mbuf *m, uint32_t n) {
	uint32_t pkt_len = m->pkt_len - n;
	uint16_t nb_segs = m->nb_segs;
	while (n >= m->data_len && m->next != NULL) {
		struct rte_mbuf *next = m->next;
		n -= m->data_len;
		nb_segs--;
		rte_pktmbuf_free_seg(m);
		m = next;
	}
	m->data_off = (uint16_t)(m->data_off + n);
	m->data_len = (uint16_t)(m->data_len - n);
	m->pkt_len = pkt_len;
	m->nb_segs = nb_segs;
	return m;
}

// Drops what is behind the first 'len' bytes.
static void cut_behind(struct rte_mbuf *m, uint32_t len) {
	struct rte_mbuf *segment = m;
	uint32_t left = len;
	uint16_t nb_segs = 1;
	while (left > segment->data_len && segment->next != NULL) {
		left -= segment->data_len;
		segment = segment->next;
		nb_segs++;
	}
	segment->data_len = (uint16_t)left;
	rte_pktmbuf_free(segment->next);
	segment->next = NULL;
	m->nb_segs = nb_segs;
	m->pkt_len = len;
}

// Links the pieces behind the first one's headers, as far as no byte is missing; returns how far.
static uint32_t datagram_link(struct fragment_table *table, struct datagram *d) {
	struct rte_mbuf *head = d->pieces[0].mbuf;
	uint32_t captured_end = d->pieces[0].captured_end;
	table->n_mbufs -= head->nb_segs;
	cut_behind(head, d->pieces[0].payload_at + captured_end);
	for (uint32_t i = 1; i < d->n_pieces; i++) {
		struct piece *piece = &d->pieces[i];
		table->n_mbufs -= piece->mbuf->nb_segs;
		frame_of(head)->n_frames += frame_of(piece->mbuf)->n_frames;
		if (captured_end < piece->at || piece->captured_end == piece->at) {
			rte_pktmbuf_free(piece->mbuf);
			continue;
		}
		captured_end = piece->captured_end;
		cut_behind(piece->mbuf, piece->payload_at + captured_end - piece->at);
		int error = rte_pktmbuf_chain(head, cut_front(piece->mbuf, piece->payload_at));
		assert(error == 0); // at most 64 pieces of at most 65,535 bytes
		(void)error;
	}
	return captured_end;
}

static struct rte_mbuf *
datagram_take(struct fragment_table *table, struct datagram *d, struct packet_ip *ret_ip) {
	struct rte_mbuf *head = d->pieces[0].mbuf;
	struct frame *frame = frame_of(head);
	d->n_start = (uint8_t)RTE_MIN(d->pieces[0].captured_end, (uint32_t)START_SIZE);
	*ret_ip = d->ip;
	ret_ip->payload_len = d->end;
	ret_ip->captured_len = datagram_link(table, d);
	ret_ip->is_truncated = ret_ip->captured_len < d->end;
	ret_ip->is_fragment = ret_ip->has_more_fragments = false;
	frame->time_ns = d->last_ns;
	const uint8_t *start = frame_read(head, d->pieces[0].payload_at, d->n_start, d->start);
	if (start != NULL && start != d->start)
		memcpy(d->start, start, d->n_start);
	datagram_leave(table, d);
	d->n_pieces = 0;
	d->is_done = true;
	counters_inc(table->counters, COUNTER_FRAGMENTS_REASSEMBLED);
	return head;
}

static bool is_possible(const struct packet_ip *ip) {
	return ip->payload_len > 0 && ip->fragment_at + ip->payload_len <= MAX_DATAGRAM
		&& (!ip->has_more_fragments || ip->payload_len % 8 == 0);
}

// Gives up the oldest datagrams, but not 'for_whom', until 'n' more mbufs may be held. Each frees
// one at least, and each mbuf is freed once.
static bool make_room(struct fragment_table *table, const struct datagram *for_whom, uint32_t n) {
	while (table->n_mbufs + n > table->limits.n_mbufs) {
		struct datagram *d = table->oldest;
		if (d != NULL && d == for_whom)
			d = d->newer;
		if (d == NULL)
			return false;
		datagram_give_up(table, d, VERDICT_FRAGMENT_NO_ROOM);
	}
	return true;
}

// The last fragment says where the datagram ends; a second one must say the same, and nothing may
// lie behind it.
static bool is_end_consistent(const struct datagram *d, const struct packet_ip *ip) {
	uint32_t end = ip->fragment_at + ip->payload_len;
	if (d->end != 0)
		return ip->has_more_fragments ? end <= d->end : end == d->end;
	return ip->has_more_fragments || d->n_pieces == 0 || d->pieces[d->n_pieces - 1].end <= end;
}

enum verdict fragment_add(
	struct fragment_table *table,
	const struct fragment *f,
	struct rte_mbuf **ret_mbuf,
	struct packet_ip *ret_ip
) {
	if (!is_possible(f->ip))
		return VERDICT_FRAGMENT_BAD;
	struct datagram *d = datagram_of(table, f);
	if (is_late_copy(d, f))
		return VERDICT_FRAGMENT_OVERLAP;
	if (d->is_done)
		datagram_forget(d, frame_of(f->mbuf)->time_ns);
	struct piece piece = {
		.mbuf = f->mbuf,
		.at = f->ip->fragment_at,
		.end = f->ip->fragment_at + f->ip->payload_len,
		.captured_end = f->ip->fragment_at + f->ip->captured_len,
		.payload_at = f->ip->payload_at,
	};
	uint32_t at = 0;
	if (!is_end_consistent(d, f->ip))
		return VERDICT_FRAGMENT_BAD;
	if (!fit(table, d, &piece, &at))
		return VERDICT_FRAGMENT_OVERLAP;
	if (d->n_pieces == MAX_PIECES || !make_room(table, d, f->mbuf->nb_segs))
		return VERDICT_FRAGMENT_NO_ROOM;
	memmove(&d->pieces[at + 1], &d->pieces[at], (d->n_pieces - at) * sizeof(piece));
	d->pieces[at] = piece;
	if (d->n_pieces++ == 0)
		datagram_join(table, d);
	table->n_mbufs += f->mbuf->nb_segs;
	d->n_bytes += piece.end - piece.at;
	d->last_ns = frame_of(f->mbuf)->time_ns;
	if (!f->ip->has_more_fragments)
		d->end = f->ip->fragment_at + f->ip->payload_len;
	if (piece.at == 0)
		d->ip = *f->ip;
	*ret_mbuf = is_complete(d) ? datagram_take(table, d, ret_ip) : NULL;
	return VERDICT_DELIVERED;
}
