// Headers of a frame, with and without a VXLAN envelope. The first byte chooses the link type, the
// second how many of the frame's bytes lie in its first piece. Whatever is accepted must lie inside
// the frame.

#include "decap.h"
#include "packet.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tcp(struct slice headers, const struct packet_ip *ip, uint32_t frame_len) {
	struct packet_tcp tcp;
	if (packet_parse_tcp(headers, ip, &tcp) != VERDICT_DELIVERED)
		return;
	assert(tcp.captured_len <= tcp.payload_len);
	assert(tcp.captured_len == 0 || tcp.payload_at + tcp.captured_len <= frame_len);
}

static void walk(struct slice headers, uint32_t frame_len, uint32_t from, enum packet_link link) {
	uint32_t at;
	struct packet_ip ip;
	if (packet_parse_link(slice_from(headers, from), link, &at) != VERDICT_DELIVERED)
		return;
	if (packet_parse_ip(headers, frame_len, from + at, &ip) != VERDICT_DELIVERED)
		return;
	assert(ip.captured_len <= ip.payload_len);
	assert(ip.captured_len == 0 || ip.payload_at + ip.captured_len <= frame_len);
	assert(ip.is_truncated == (ip.captured_len < ip.payload_len));
	if (ip.is_fragment) {
		struct packet_ip whole = ip;
		(void)!packet_resume_ip(headers, frame_len, &whole);
		return;
	}
	check_tcp(headers, &ip, frame_len);
	struct packet_udp udp;
	struct decap_result envelope;
	if (packet_parse_udp(headers, &ip, &udp) != VERDICT_DELIVERED)
		return;
	struct slice payload = slice_first(slice_from(headers, udp.payload_at), udp.payload_len);
	if (decap_vxlan(payload, &envelope) == VERDICT_DELIVERED)
		walk(headers, frame_len, udp.payload_at + envelope.inner_at, PACKET_LINK_ETHERNET);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size < 2)
		return 0;
	struct slice frame = slice_of(data + 2, size - 2);
	size_t n_first = data[1] == 0 ? frame.len : slice_first(frame, data[1] * 4u).len;
	uint8_t *first = malloc(n_first);
	assert(first != NULL || n_first == 0);
	if (n_first > 0)
		memcpy(first, frame.data, n_first);
	enum packet_link link = (enum packet_link)(data[0] % (PACKET_LINK_NFLOG + 1));
	walk(slice_of(first, n_first), (uint32_t)frame.len, 0, link);
	free(first);
	return 0;
}
