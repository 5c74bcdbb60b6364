#include "packets.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct frame *frames_add(struct frames *frames, uint64_t time_ns, uint32_t len) {
	if (frames->n == frames->size) {
		const size_t size = frames->size ? frames->size * 2 : 1024;
		struct frame *list = realloc(frames->list, size * sizeof(*list));
		if (!list)
			return NULL;
		frames->list = list;
		frames->size = size;
	}
	uint8_t *bytes = malloc(len + 1);
	if (!bytes)
		return NULL;
	struct frame *frame = &frames->list[frames->n];
	*frame = (struct frame) {
		.time_ns = time_ns,
		.order = frames->n,
		.len = len,
		.wire_len = len,
		.bytes = bytes,
	};
	frames->n++;
	return frame;
}

struct frame *frames_add_copy(struct frames *frames, const struct frame *from) {
	struct frame *frame = frames_add(frames, from->time_ns, from->len);
	if (!frame)
		return NULL;
	memcpy(frame->bytes, from->bytes, from->len);
	frame->wire_len = from->wire_len;
	return frame;
}

void frames_release(struct frames *frames) {
	for (size_t i = 0; i < frames->n; i++)
		free(frames->list[i].bytes);
	free(frames->list);
	*frames = (struct frames) {0};
}

void frames_replace(struct frames *frames, struct frames *from) {
	frames_release(frames);
	*frames = *from;
	*from = (struct frames) {0};
}

// Where the EtherType of a packet is, by link type; -1 where the type is told by the IP version.
static int ether_type_at(int link_type) {
	switch (link_type) {
	case DLT_EN10MB:
		return 12;
	case DLT_LINUX_SLL:
		return 14;
	case DLT_LINUX_SLL2:
		return 0;
	default:
		return -1;
	}
}

static uint32_t link_header_len(int link_type) {
	switch (link_type) {
	case DLT_EN10MB:
		return 14;
	case DLT_LINUX_SLL:
		return 16;
	case DLT_LINUX_SLL2:
		return 20;
	case DLT_NULL:
	case DLT_LOOP:
		return 4;
	default:
		return 0;
	}
}

// Length of everything before the IP header; more than 'len' where there is none.
static uint32_t ip_find(const uint8_t *bytes, uint32_t len, int link_type) {
	uint32_t at = link_header_len(link_type);
	const int type_at = ether_type_at(link_type);
	if (at >= len)
		return UINT32_MAX;
	if (type_at < 0)
		return at;
	uint16_t type = get16(bytes + type_at);
	while ((type == 0x8100 || type == 0x88a8) && at + 4 < len) {
		type = get16(bytes + at + 2);
		at += 4;
	}
	return type == 0x0800 || type == 0x86dd ? at : UINT32_MAX;
}

// The IP header inside VXLAN where the one at 'at' carries it, else 'at'.
static uint32_t unwrap(const uint8_t *bytes, uint32_t len, uint32_t at) {
	if (at >= len || len - at < IPV4_LEN || bytes[at] >> 4 != 4 || bytes[at + 9] != 17)
		return at;
	const uint32_t udp_at = at + (bytes[at] & 15) * 4u;
	const uint32_t inner_at = udp_at + UDP_LEN + VXLAN_LEN;
	if (get16(bytes + at + 6) & 0x3fff || inner_at >= len || get16(bytes + udp_at + 2) != 4789)
		return at;
	const uint32_t ip_at = ip_find(bytes + inner_at, len - inner_at, DLT_EN10MB);
	return ip_at == UINT32_MAX ? UINT32_MAX : inner_at + ip_at;
}

static int packet_take(
	struct frames *frames,
	const struct pcap_pkthdr *header,
	const uint8_t *bytes,
	int link_type
) {
	const uint32_t outer_at = ip_find(bytes, header->caplen, link_type);
	const uint32_t at = unwrap(bytes, header->caplen, outer_at);
	if (at >= header->caplen)
		return 0;
	const uint8_t version = bytes[at] >> 4;
	if (version != 4 && version != 6)
		return 0;
	const uint64_t time_ns =
		(uint64_t)header->ts.tv_sec * 1000000000 + (uint64_t)header->ts.tv_usec;
	struct frame *frame = frames_add(frames, time_ns, ETHER_LEN + header->caplen - at);
	if (!frame)
		return -1;
	memcpy(frame->bytes, "\x02\0\0\0\0\2\x02\0\0\0\0\1", 12);
	put16(frame->bytes + 12, version == 4 ? 0x0800 : 0x86dd);
	memcpy(frame->bytes + ETHER_LEN, bytes + at, header->caplen - at);
	frame->wire_len = ETHER_LEN + header->len - at;
	return 0;
}

int frames_load(struct frames *frames, const char *path, char *ret_error) {
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!pcap) {
		snprintf(ret_error, 256, "%.255s", error);
		return -1;
	}
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	int result = 0;
	while (result == 0 && pcap_next_ex(pcap, &header, &bytes) == 1)
		result = packet_take(frames, header, bytes, pcap_datalink(pcap));
	pcap_close(pcap);
	if (result != 0)
		snprintf(ret_error, 256, "no memory");
	return result;
}

int frames_save(const struct frames *frames, const char *path) {
	static const uint32_t header[] = {0xa1b23c4d, 2 | 4 << 16, 0, 0, 262144, 1};
	FILE *file = fopen(path, "wb");
	if (!file)
		return -1;
	fwrite(header, sizeof(header), 1, file);
	for (size_t i = 0; i < frames->n; i++) {
		const struct frame *f = &frames->list[i];
		const uint32_t record[] = {
			(uint32_t)(f->time_ns / 1000000000),
			(uint32_t)(f->time_ns % 1000000000),
			f->len,
			f->wire_len,
		};
		fwrite(record, sizeof(record), 1, file);
		fwrite(f->bytes, f->len, 1, file);
	}
	const int has_failed = ferror(file);
	return fclose(file) != 0 || has_failed ? -1 : 0;
}

static void
ip_parts(const struct frame *f, struct parts *p, uint32_t *ret_protocol, uint32_t *ret_len) {
	const uint8_t *ip = f->bytes + ETHER_LEN;
	const uint32_t left = f->len - ETHER_LEN;
	if (get16(f->bytes + 12) == 0x0800 && left >= IPV4_LEN) {
		p->is_ipv4 = true;
		p->tcp_at = p->ip_at + (ip[0] & 15) * 4u;
		*ret_len = get16(ip + 2);
		*ret_protocol = get16(ip + 6) & 0x3fff ? 0 : ip[9];
	} else if (get16(f->bytes + 12) == 0x86dd && left >= IPV6_LEN) {
		p->is_ipv6 = true;
		p->tcp_at = p->ip_at + IPV6_LEN;
		*ret_len = IPV6_LEN + get16(ip + 4);
		*ret_protocol = ip[6];
	}
}

struct parts frame_parts(const struct frame *f) {
	struct parts p = {.ip_at = ETHER_LEN};
	uint32_t protocol = 0, ip_len = 0;
	ip_parts(f, &p, &protocol, &ip_len);
	p.end_at = p.ip_at + ip_len;
	if (protocol != 6 || p.end_at > f->len || p.tcp_at + 20 > p.end_at)
		return p;
	p.data_at = p.tcp_at + (f->bytes[p.tcp_at + 12] >> 4) * 4u;
	p.is_tcp = p.data_at >= p.tcp_at + 20 && p.data_at <= p.end_at;
	return p;
}

static uint32_t sum_add(uint32_t sum, const uint8_t *bytes, size_t len) {
	for (; len >= 2; bytes += 2, len -= 2)
		sum += get16(bytes);
	return len > 0 ? sum + (uint32_t)(bytes[0] << 8) : sum;
}

static uint16_t sum_finish(uint32_t sum) {
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void ipv4_checksum_write(uint8_t *ip) {
	put16(ip + 10, 0);
	put16(ip + 10, sum_finish(sum_add(0, ip, (ip[0] & 15) * 4u)));
}

void tcp_checksum_write(struct frame *f, const struct parts *p) {
	const uint32_t tcp_len = p->end_at - p->tcp_at;
	const uint32_t addresses_at = p->ip_at + (p->is_ipv4 ? 12 : 8);
	uint32_t sum = sum_add(6 + tcp_len, f->bytes + addresses_at, p->is_ipv4 ? 8 : 32);
	put16(f->bytes + p->tcp_at + 16, 0);
	sum = sum_add(sum, f->bytes + p->tcp_at, tcp_len);
	put16(f->bytes + p->tcp_at + 16, sum_finish(sum));
}
