#include "transform.h"

#include <stdlib.h>
#include <string.h>

enum {
	TCP_FIN = 1,
	TCP_SYN = 2,
	TCP_RST = 4,
	TCP_PSH = 8,
	TCP_URG = 32
};

uint64_t rng_next(struct rng *rng) {
	uint64_t z = rng->state += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

void frames_number(struct frames *frames, size_t first, uint8_t number) {
	for (size_t i = first; i < frames->n; i++) {
		struct frame *f = &frames->list[i];
		const struct parts p = frame_parts(f);
		uint8_t *ip = f->bytes + p.ip_at;
		if (p.is_ipv4) {
			ip[12] = ip[16] = number;
			if (p.tcp_at <= f->len && p.tcp_at >= p.ip_at + IPV4_LEN)
				ipv4_checksum_write(ip);
		} else if (p.is_ipv6) {
			ip[8] = ip[24] = 0xfd;
			ip[9] = ip[25] = number;
		}
		if (p.is_tcp)
			tcp_checksum_write(f, &p);
	}
}

void frames_pace(struct frames *frames, uint64_t start_ns, uint64_t step_ns) {
	for (size_t i = 0; i < frames->n; i++)
		frames->list[i].time_ns = start_ns + i * step_ns;
}

// One piece of a segment: the headers, and 'len' bytes from 'at' of the payload.
static int piece_add(
	struct frames *to,
	const struct frame *f,
	const struct parts *p,
	uint32_t at,
	uint32_t len
) {
	struct frame *piece = frames_add(to, f->time_ns, p->data_at + len);
	if (!piece)
		return -1;
	memcpy(piece->bytes, f->bytes, p->data_at);
	memcpy(piece->bytes + p->data_at, f->bytes + p->data_at + at, len);
	uint8_t *ip = piece->bytes + p->ip_at;
	uint8_t *tcp = piece->bytes + p->tcp_at;
	// A SYN takes a sequence number of its own, before the payload.
	const uint32_t shift = at > 0 && tcp[13] & TCP_SYN ? 1 : 0;
	put32(tcp + 4, get32(tcp + 4) + at + shift);
	if (at > 0)
		tcp[13] &= (uint8_t)~TCP_SYN;
	if (p->data_at + at + len < p->end_at)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	put16(ip + (p->is_ipv4 ? 2 : 4), p->data_at + len - p->ip_at - (p->is_ipv4 ? 0 : IPV6_LEN));
	if (p->is_ipv4)
		ipv4_checksum_write(ip);
	struct parts whole = *p;
	whole.end_at = p->data_at + len;
	tcp_checksum_write(piece, &whole);
	return 0;
}

static int segment_cut(
	struct frames *to,
	const struct frame *f,
	const struct parts *p,
	uint32_t size,
	struct rng *rng
) {
	const uint32_t len = p->end_at - p->data_at;
	for (uint32_t at = 0, piece; at < len; at += piece) {
		piece = size ? size : 1 + (uint32_t)(rng_next(rng) % 700);
		piece = piece < len - at ? piece : len - at;
		if (piece_add(to, f, p, at, piece) != 0)
			return -1;
	}
	return 0;
}

int frames_segment(struct frames *frames, uint32_t size, struct rng *rng) {
	struct frames out = {0};
	for (size_t i = 0; i < frames->n; i++) {
		const struct frame *f = &frames->list[i];
		const struct parts p = frame_parts(f);
		const bool can_cut = p.is_tcp && p.end_at > p.data_at
			&& !(f->bytes[p.tcp_at + 13] & (TCP_URG | TCP_RST));
		if (can_cut ? segment_cut(&out, f, &p, size, rng) != 0
			    : !frames_add_copy(&out, f)) {
			frames_release(&out);
			return -1;
		}
	}
	frames_replace(frames, &out);
	return 0;
}

int frames_duplicate(struct frames *frames) {
	struct frames out = {0};
	for (size_t i = 0; i < 2 * frames->n; i++) {
		if (!frames_add_copy(&out, &frames->list[i / 2])) {
			frames_release(&out);
			return -1;
		}
	}
	frames_replace(frames, &out);
	return 0;
}

static int frame_compare(const void *a, const void *b) {
	const struct frame *x = a, *y = b;
	return (x->order > y->order) - (x->order < y->order);
}

int frames_reorder(struct frames *frames, uint32_t window, struct rng *rng) {
	uint64_t *times = calloc(frames->n + 1, sizeof(*times));
	if (!times)
		return -1;
	for (size_t i = 0; i < frames->n; i++) {
		times[i] = frames->list[i].time_ns;
		// The low part keeps frames of one place in order.
		frames->list[i].order = (i + rng_next(rng) % window) * frames->n + i;
	}
	if (frames->n > 0)
		qsort(frames->list, frames->n, sizeof(*frames->list), frame_compare);
	for (size_t i = 0; i < frames->n; i++)
		frames->list[i].time_ns = times[i];
	free(times);
	return 0;
}

static int frame_to_ipv6(struct frames *to, const struct frame *f, const struct parts *p) {
	const uint32_t header = p->tcp_at - p->ip_at;
	struct frame *out = frames_add(to, f->time_ns, f->len - header + IPV6_LEN);
	if (!out)
		return -1;
	const uint8_t *old = f->bytes + p->ip_at;
	uint8_t *ip = out->bytes + ETHER_LEN;
	memcpy(out->bytes, f->bytes, 12);
	put16(out->bytes + 12, 0x86dd);
	memset(ip, 0, IPV6_LEN);
	ip[0] = 0x60;
	put16(ip + 4, get16(old + 2) - header);
	ip[6] = old[9];
	ip[7] = old[8];
	for (uint32_t i = 0; i < 2; i++) {
		put16(ip + 8 + 16 * i, 0xfd64);
		memcpy(ip + 20 + 16 * i, old + 12 + 4 * i, 4);
	}
	memcpy(ip + IPV6_LEN, old + header, f->len - p->tcp_at);
	out->wire_len = f->wire_len - header + IPV6_LEN;
	const struct parts parts = frame_parts(out);
	if (parts.is_tcp)
		tcp_checksum_write(out, &parts);
	return 0;
}

int frames_to_ipv6(struct frames *frames) {
	struct frames out = {0};
	for (size_t i = 0; i < frames->n; i++) {
		const struct frame *f = &frames->list[i];
		const struct parts p = frame_parts(f);
		const bool can_change = p.is_ipv4 && !(get16(f->bytes + p.ip_at + 6) & 0x3fff)
			&& p.tcp_at <= f->len && p.end_at >= p.tcp_at;
		if (can_change ? frame_to_ipv6(&out, f, &p) != 0 : !frames_add_copy(&out, f)) {
			frames_release(&out);
			return -1;
		}
	}
	frames_replace(frames, &out);
	return 0;
}
