#include "transform.h"

#include <string.h>

// No path makes more of a datagram, and who puts them together has limits.
#define MOST_PIECES 45u

enum {
	VNI = 5569041,
	OUTER_LEN = ETHER_LEN + IPV4_LEN + UDP_LEN + VXLAN_LEN
};

// One outer source port for both directions of a flow.
static uint16_t outer_port(const struct frame *f) {
	const struct parts p = frame_parts(f);
	const uint32_t addresses_at = p.ip_at + (p.is_ipv4 ? 12 : 8);
	const uint32_t addresses_len = p.is_ipv4 ? 8 : p.is_ipv6 ? 32 : 0;
	uint32_t sum = 0;
	for (uint32_t i = 0; i < addresses_len; i += 2)
		sum += get16(f->bytes + addresses_at + i);
	if (p.is_tcp)
		sum += get16(f->bytes + p.tcp_at) + get16(f->bytes + p.tcp_at + 2);
	return (uint16_t)(49152 + sum * 2654435761u % 16384);
}

static int frame_wrap(struct frames *to, const struct frame *f, uint32_t n_tags) {
	const uint32_t tags_len = 4 * n_tags;
	struct frame *out = frames_add(to, f->time_ns, OUTER_LEN + tags_len + f->len);
	if (!out)
		return -1;
	out->wire_len = f->wire_len + OUTER_LEN + tags_len;
	memset(out->bytes, 0, OUTER_LEN + tags_len);
	memcpy(out->bytes, "\x02\0\0\0\1\2\x02\0\0\0\1\1", 12);
	uint8_t *at = out->bytes + 12;
	for (uint32_t i = 0; i < n_tags; i++, at += 4) {
		put16(at, i + 1 < n_tags ? 0x88a8 : 0x8100);
		put16(at + 2, 100 + i);
	}
	put16(at, 0x0800);
	uint8_t *ip = at + 2;
	put16(ip, 0x4500);
	put16(ip + 2, IPV4_LEN + UDP_LEN + VXLAN_LEN + f->wire_len);
	ip[8] = 255;
	ip[9] = 17;
	memcpy(ip + 12, "\xac\x1f\0\1\xac\x1f\0\2", 8);
	ipv4_checksum_write(ip);
	uint8_t *udp = ip + IPV4_LEN;
	put16(udp, outer_port(f));
	put16(udp + 2, 4789);
	put16(udp + 4, UDP_LEN + VXLAN_LEN + f->wire_len);
	udp[UDP_LEN] = 8;
	put32(udp + UDP_LEN + 4, VNI << 8);
	memcpy(udp + UDP_LEN + VXLAN_LEN, f->bytes, f->len);
	return 0;
}

int frames_wrap_vxlan(struct frames *frames, uint32_t n_tags) {
	struct frames out = {0};
	for (size_t i = 0; i < frames->n; i++) {
		if (frame_wrap(&out, &frames->list[i], n_tags) != 0) {
			frames_release(&out);
			return -1;
		}
	}
	frames_replace(frames, &out);
	return 0;
}

// Where an IPv4 header begins that can be cut, behind any VLAN tags; 0 where there is none.
static uint32_t whole_ipv4_at(const struct frame *f) {
	uint32_t at = 12;
	while (at + 4 < f->len && (get16(f->bytes + at) == 0x8100 || get16(f->bytes + at) == 0x88a8)
	)
		at += 4;
	if (at + 2 + IPV4_LEN > f->len || get16(f->bytes + at) != 0x0800)
		return 0;
	const uint8_t *ip = f->bytes + at + 2;
	const bool is_whole =
		!(get16(ip + 6) & 0x3fff) && ip[0] == 0x45 && at + 2 + get16(ip + 2) <= f->len;
	return is_whole ? at + 2 : 0;
}

static int
frame_cut(struct frames *to, const struct frame *f, uint32_t ip_at, uint32_t mtu, uint32_t id) {
	const uint32_t data_at = ip_at + IPV4_LEN;
	const uint32_t len = get16(f->bytes + ip_at + 2) - (uint32_t)IPV4_LEN;
	const uint32_t fewest = (len / MOST_PIECES + 7) & ~7u;
	const uint32_t wanted = (mtu - IPV4_LEN) & ~7u;
	const uint32_t room = wanted > fewest ? wanted : fewest;
	for (uint32_t at = 0; at < len; at += room) {
		const uint32_t piece = len - at < room ? len - at : room;
		struct frame *out = frames_add(to, f->time_ns, data_at + piece);
		if (!out)
			return -1;
		memcpy(out->bytes, f->bytes, data_at);
		memcpy(out->bytes + data_at, f->bytes + data_at + at, piece);
		uint8_t *ip = out->bytes + ip_at;
		put16(ip + 2, IPV4_LEN + piece);
		put16(ip + 4, id);
		put16(ip + 6, at / 8 | (at + piece < len ? 0x2000 : 0));
		ipv4_checksum_write(ip);
	}
	return 0;
}

int frames_fragment(struct frames *frames, uint32_t mtu) {
	struct frames out = {0};
	for (size_t i = 0; i < frames->n; i++) {
		const struct frame *f = &frames->list[i];
		const uint32_t ip_at = whole_ipv4_at(f);
		const bool can_cut = ip_at > 0 && get16(f->bytes + ip_at + 2) > mtu;
		if (can_cut ? frame_cut(&out, f, ip_at, mtu, (uint32_t)i + 1) != 0
			    : !frames_add_copy(&out, f)) {
			frames_release(&out);
			return -1;
		}
	}
	frames_replace(frames, &out);
	return 0;
}
