#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum {
	ETHER = 14,
	IPV4 = 20,
	UDP = 8,
	VXLAN = 8,
	TCP = 32,
	TCP_SYN_LEN = 40
};
enum {
	OUTER = ETHER + IPV4 + UDP + VXLAN
};

static void put16(uint8_t *at, uint16_t value) {
	value = htons(value);
	memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value) {
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

// Sum of 16-bit words in memory order, not yet folded; an odd last byte counts as if followed by 0.
static uint64_t sum_add(uint64_t sum, const void *bytes, size_t len) {
	const uint8_t *at = bytes;
	for (; len >= 4; at += 4, len -= 4) {
		uint32_t word;
		memcpy(&word, at, sizeof(word));
		sum += word;
	}
	uint32_t rest = 0;
	memcpy(&rest, at, len);
	return sum + rest;
}

// In memory order, ready to be copied into a header.
static uint16_t sum_finish(uint64_t sum) {
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void ether_write(uint8_t *at, uint32_t to, uint32_t from) {
	put16(at, 0x0200);
	put32(at + 2, to);
	put16(at + 6, 0x0200);
	put32(at + 8, from);
	put16(at + 12, 0x0800);
}

static void ipv4_write(
	uint8_t *at,
	size_t len,
	uint32_t id_and_flags,
	uint32_t ttl_and_protocol,
	const uint32_t addresses[2]
) {
	put16(at, 0x4500);
	put16(at + 2, (uint16_t)len);
	put32(at + 4, id_and_flags);
	put32(at + 8, ttl_and_protocol << 16);
	put32(at + 12, addresses[0]);
	put32(at + 16, addresses[1]);
	const uint16_t sum = sum_finish(sum_add(0, at, IPV4));
	memcpy(at + 10, &sum, sizeof(sum));
}

// Options as Linux sends them: MSS, SACK permitted, timestamps, window scale in a SYN, else
// timestamps alone.
static size_t tcp_options_write(uint8_t *at, uint8_t flags, uint32_t timestamp, uint32_t echo) {
	static const uint8_t syn[] = {2, 4, 5, 0xb4, 4, 2, 8, 10};
	static const uint8_t plain[] = {1, 1, 8, 10};
	const size_t len = flags & TCP_SYN ? sizeof(syn) : sizeof(plain);
	memcpy(at, flags & TCP_SYN ? syn : plain, len);
	put32(at + len, timestamp);
	put32(at + len + 4, echo);
	if (flags & TCP_SYN)
		memcpy(at + len + 8, (const uint8_t[]) {1, 3, 3, 7}, 4);
	return flags & TCP_SYN ? TCP_SYN_LEN : TCP;
}

static size_t tcp_write(
	uint8_t *at,
	const struct endpoint *from,
	const struct endpoint *to,
	const struct segment *s
) {
	const size_t header = tcp_options_write(at + 20, s->flags, from->timestamp, to->timestamp);
	put16(at, from->port);
	put16(at + 2, to->port);
	put32(at + 4, from->next_seq);
	put32(at + 8, s->flags & TCP_ACK ? to->next_seq : 0);
	at[12] = (uint8_t)(header << 2);
	at[13] = s->flags;
	// A SYN's window is not scaled.
	put16(at + 14, s->flags & TCP_SYN ? 64240 : 502);
	put32(at + 16, 0);
	memcpy(at + header, s->bytes, s->len);
	uint8_t pseudo[12];
	put32(pseudo, from->address);
	put32(pseudo + 4, to->address);
	put16(pseudo + 8, 6);
	put16(pseudo + 10, (uint16_t)(header + s->len));
	const uint16_t sum =
		sum_finish(sum_add(sum_add(0, pseudo, sizeof(pseudo)), at, header + s->len));
	memcpy(at + 16, &sum, sizeof(sum));
	return header + s->len;
}

static void outer_write(uint8_t *at, const struct tunnel *tunnel, size_t inner_len) {
	const size_t udp_len = UDP + VXLAN + inner_len;
	ether_write(at, tunnel->to, tunnel->from);
	ipv4_write(
		at + ETHER,
		IPV4 + udp_len,
		0,
		255 << 8 | 17,
		(const uint32_t[]) {tunnel->from, tunnel->to}
	);
	uint8_t *udp = at + ETHER + IPV4;
	put16(udp, tunnel->source_port);
	put16(udp + 2, 4789);
	put16(udp + 4, (uint16_t)udp_len);
	put16(udp + 6, 0);
	put32(udp + UDP, 0x08000000);
	put32(udp + UDP + 4, tunnel->vni << 8);
}

void capture_segment(
	struct capture *capture,
	uint64_t time_ns,
	const struct tunnel *tunnel,
	struct endpoint *from,
	const struct endpoint *to,
	const struct segment *segment
) {
	struct {
		uint32_t seconds, nanoseconds, captured, length;
		uint8_t frame[OUTER + ETHER + IPV4 + TCP_SYN_LEN + SEGMENT_MAX];
	} record;
	from->timestamp = (uint32_t)(time_ns / 1000000);
	uint8_t *inner = record.frame + OUTER;
	const size_t tcp_len = tcp_write(inner + ETHER + IPV4, from, to, segment);
	ether_write(inner, to->address, from->address);
	ipv4_write(
		inner + ETHER,
		IPV4 + tcp_len,
		(from->next_seq & 0xffff) << 16 | 0x4000,
		64 << 8 | 6,
		(const uint32_t[]) {from->address, to->address}
	);
	outer_write(record.frame, tunnel, ETHER + IPV4 + tcp_len);

	const size_t frame_len = OUTER + ETHER + IPV4 + tcp_len;
	record.seconds = (uint32_t)(time_ns / 1000000000);
	record.nanoseconds = (uint32_t)(time_ns % 1000000000);
	record.captured = record.length = (uint32_t)frame_len;
	fwrite(&record, offsetof(typeof(record), frame) + frame_len, 1, capture->file);
	capture->n_packets++;
	capture->n_bytes += frame_len;
	from->next_seq += (uint32_t)segment->len + (segment->flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
}

int capture_open(struct capture *capture, const char *path) {
	static const uint32_t header[] = {0xa1b23c4d, 2 | 4 << 16, 0, 0, 65535, 1};
	*capture = (struct capture) {.file = fopen(path, "wb")};
	if (!capture->file)
		return -errno;
	setvbuf(capture->file, NULL, _IOFBF, 1 << 20);
	fwrite(header, sizeof(header), 1, capture->file);
	return 0;
}

int capture_close(struct capture *capture) {
	const bool has_failed = ferror(capture->file);
	return fclose(capture->file) != 0 || has_failed ? -(errno ? errno : EIO) : 0;
}
