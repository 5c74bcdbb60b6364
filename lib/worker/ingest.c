#include "decap.h"
#include "worker_priv.h"

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

// A frame on its way through its headers.
struct cursor {
	struct rte_mbuf *mbuf;
	struct frame *frame;
	struct slice headers; // its first bytes, in one piece
	struct packet_ip ip;
};

static void set_headers(struct worker *w, struct cursor *c) {
	uint32_t len = rte_pktmbuf_pkt_len(c->mbuf);
	if (len > HEADERS_MAX)
		len = HEADERS_MAX;
	if (rte_pktmbuf_data_len(c->mbuf) >= len)
		len = rte_pktmbuf_data_len(c->mbuf);
	c->headers = slice_of(frame_read(c->mbuf, 0, len, w->headers), len);
}

static enum verdict parse_ip(struct cursor *c) {
	return packet_parse_ip(c->headers, rte_pktmbuf_pkt_len(c->mbuf), c->frame->ip_at, &c->ip);
}

static void send_to(struct worker *w, struct rte_mbuf *mbuf, uint16_t to) {
	shard_outbox_push(&w->outboxes[to], mbuf);
	worker_count_sent(w, 1);
}

// Takes a fragment. VERDICT_DELIVERED with c->mbuf NULL: it is held or went to the worker that puts
// its datagram together.
static enum verdict add_fragment(struct worker *w, struct cursor *c) {
	const struct worker_group_config *group = &w->group->config;
	uint32_t network = c->frame->is_inner ? tenancy_network(&group->tenancy, c->frame->vni) : 0;
	struct fragment fragment = {
		.mbuf = c->mbuf,
		.ip = &c->ip,
		.network = network,
		.hash_seed = group->seed.word[0],
	};
	// Who reads a capture has all fragments of a datagram. Packets that go straight to their owner
	// must not overtake it: time passes in a capture as fast as it is read.
	uint16_t owner = w->config.index;
	if (!group->is_lossless)
		owner = shard_owner(fragment_hash(&fragment), group->n_workers);
	if (owner != w->config.index) {
		c->frame->stage = FRAME_FRAGMENT;
		send_to(w, c->mbuf, owner);
		c->mbuf = NULL;
		return VERDICT_DELIVERED;
	}
	counters_inc(&w->counters, COUNTER_FRAGMENTS_RECEIVED);
	enum verdict verdict = fragment_add(w->fragments, &fragment, &c->mbuf, &c->ip);
	if (verdict != VERDICT_DELIVERED || c->mbuf == NULL)
		return verdict;
	c->frame = frame_of(c->mbuf);
	set_headers(w, c);
	verdict = packet_resume_ip(c->headers, rte_pktmbuf_pkt_len(c->mbuf), &c->ip);
	// A fragment within a fragment: nobody sends that but to confuse.
	return verdict == VERDICT_DELIVERED && c->ip.is_fragment ? VERDICT_FRAGMENT_BAD : verdict;
}

// Finds the IP packet behind the link header that begins at 'at'.
static enum verdict enter_link(struct cursor *c, uint32_t at, enum packet_link link) {
	struct slice rest = slice_from(c->headers, at);
	uint32_t ip_at = 0;
	enum verdict verdict = packet_parse_link(rest, link, &ip_at);
	if (verdict != VERDICT_DELIVERED)
		return verdict;
	c->frame->ip_at = at + ip_at;
	return parse_ip(c);
}

static bool is_vxlan_port(const struct worker *w, uint16_t port) {
	const struct worker_group_config *group = &w->group->config;
	for (uint16_t i = 0; i < group->n_vxlan_ports; i++) {
		if (group->vxlan_ports[i] == port)
			return true;
	}
	return false;
}

// Takes the mirror's envelope off, if it has one.
static enum verdict enter_envelope(struct worker *w, struct cursor *c) {
	bool is_required = c->frame->encap == WORKER_ENCAP_VXLAN;
	if (c->frame->encap == WORKER_ENCAP_NONE)
		return VERDICT_DELIVERED;
	if (c->ip.protocol != PROTOCOL_UDP)
		return is_required ? VERDICT_NOT_MIRROR : VERDICT_DELIVERED;
	struct packet_udp udp;
	enum verdict verdict = packet_parse_udp(c->headers, &c->ip, &udp);
	if (verdict != VERDICT_DELIVERED)
		return verdict;
	if (!is_vxlan_port(w, udp.destination_port))
		return is_required ? VERDICT_NOT_MIRROR : VERDICT_DELIVERED;
	struct decap_result envelope;
	struct slice payload = slice_first(slice_from(c->headers, udp.payload_at), udp.payload_len);
	verdict = decap_vxlan(payload, &envelope);
	if (verdict != VERDICT_DELIVERED)
		return verdict;
	c->frame->is_inner = true;
	c->frame->vni = envelope.vni;
	c->frame->is_truncated |= c->ip.is_truncated;
	verdict = enter_link(c, udp.payload_at + envelope.inner_at, PACKET_LINK_ETHERNET);
	if (verdict == VERDICT_DELIVERED && c->ip.is_fragment)
		return add_fragment(w, c);
	return verdict;
}

static enum verdict read_tcp(struct worker *w, struct cursor *c) {
	const struct worker_group_config *group = &w->group->config;
	struct frame *frame = c->frame;
	if (c->ip.protocol != PROTOCOL_TCP)
		return VERDICT_INNER_NOT_TCP;
	struct packet_tcp tcp;
	enum verdict verdict = packet_parse_tcp(c->headers, &c->ip, &tcp);
	if (verdict != VERDICT_DELIVERED)
		return verdict;
	if (tcp.captured_len > PAYLOAD_MAX)
		return VERDICT_PACKET_TOO_LONG;
	uint8_t flags = tcp.flags & (PACKET_TCP_SYN | PACKET_TCP_FIN | PACKET_TCP_RST);
	if (flags & PACKET_TCP_SYN && flags != PACKET_TCP_SYN)
		return VERDICT_TCP_BAD_FLAGS;
	c->ip.source.port = tcp.source_port;
	c->ip.destination.port = tcp.destination_port;
	uint32_t network = tenancy_network(&group->tenancy, frame->vni);
	frame->side = flow_key_make(&c->ip.source, &c->ip.destination, network, &frame->key);
	frame->hash = flow_key_hash(&frame->key, &group->seed);
	frame->tcp_flags = tcp.flags;
	frame->seq = tcp.seq;
	frame->ack = tcp.ack;
	frame->payload_at = tcp.payload_at;
	frame->payload_len = tcp.payload_len;
	frame->captured_len = tcp.captured_len;
	frame->is_truncated |= c->ip.is_truncated;
	if (frame->is_truncated)
		counters_inc(&w->counters, COUNTER_PACKETS_TRUNCATED);
	frame->stage = FRAME_SEGMENT;
	return VERDICT_DELIVERED;
}

// From where the frame is to its TCP header. c->mbuf is NULL when it went elsewhere.
static enum verdict advance(struct worker *w, struct cursor *c) {
	enum verdict verdict = VERDICT_DELIVERED;
	if (c->frame->stage == FRAME_RECEIVED) {
		c->frame->n_frames = 1;
		c->frame->is_inner = c->frame->is_truncated = false;
		c->frame->vni = FRAME_NO_VNI;
		verdict = enter_link(c, 0, (enum packet_link)c->frame->link);
	} else {
		verdict = parse_ip(c);
	}
	if (verdict == VERDICT_DELIVERED && c->ip.is_fragment)
		verdict = add_fragment(w, c);
	if (verdict == VERDICT_DELIVERED && c->mbuf != NULL && !c->frame->is_inner)
		verdict = enter_envelope(w, c);
	if (verdict == VERDICT_DELIVERED && c->mbuf != NULL)
		verdict = read_tcp(w, c);
	return verdict;
}

struct rte_mbuf *worker_ingest(struct worker *w, struct rte_mbuf *mbuf) {
	struct cursor c = {.mbuf = mbuf, .frame = frame_of(mbuf)};
	set_headers(w, &c);
	enum verdict verdict = advance(w, &c);
	if (c.mbuf == NULL)
		return NULL;
	if (verdict != VERDICT_DELIVERED) {
		worker_finish(w, c.mbuf, verdict);
		return NULL;
	}
	uint16_t owner = shard_owner(c.frame->hash, w->group->config.n_workers);
	if (owner == w->config.index)
		return c.mbuf;
	counters_inc(&w->counters, COUNTER_PACKETS_WRONG_LCORE);
	send_to(w, c.mbuf, owner);
	return NULL;
}
