#include "packet.h"

#include "bytes.h"

#include <assert.h>

#define MAX_IPV6_EXTENSIONS 8

#define PROTOCOL_HOP_BY_HOP 0
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define PROTOCOL_ROUTING 43
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_ESP 50
#define PROTOCOL_AUTHENTICATION 51
#define PROTOCOL_NO_NEXT 59
#define PROTOCOL_DESTINATION 60
#define PROTOCOL_MOBILITY 135

// Why headers cannot be read up to 'end': the frame ends before, or not all of them are at hand.
static enum verdict missing(uint32_t frame_len, uint32_t end) {
	return frame_len < end ? VERDICT_IP_SHORT : VERDICT_HEADERS_TOO_LONG;
}

static void address_from_ipv4(uint8_t to[static 16], const uint8_t from[static 4]) {
	memset(to, 0, 10);
	to[10] = to[11] = 0xff;
	memcpy(to + 12, from, 4);
}

// Sets what was captured of the payload; a frame that ends early is cut, not wrong. Bytes behind
// the packet (Ethernet padding) are not payload.
static void set_captured(struct packet_ip *ip, uint32_t frame_len) {
	uint32_t available = frame_len > ip->payload_at ? frame_len - ip->payload_at : 0;
	ip->captured_len = available < ip->payload_len ? available : ip->payload_len;
	ip->is_truncated = available < ip->payload_len;
}

static enum verdict
parse_ipv4(struct slice headers, uint32_t frame_len, uint32_t at, struct packet_ip *ret) {
	if (headers.len < at + 20)
		return missing(frame_len, at + 20);
	const uint8_t *p = headers.data + at;
	uint32_t header_len = (p[0] & 0x0fu) * 4u;
	uint32_t total_len = bytes_be16(p + 2);
	// Segmentation offload leaves 0 in a packet that was captured before it was cut up.
	if (total_len == 0)
		total_len = frame_len - at;
	if (header_len < 20 || total_len < header_len)
		return VERDICT_IP_BAD_LENGTH;
	if (headers.len < at + header_len)
		return missing(frame_len, at + header_len);
	uint16_t fragment = bytes_be16(p + 6);
	address_from_ipv4(ret->source.address, p + 12);
	address_from_ipv4(ret->destination.address, p + 16);
	ret->version = 4;
	ret->protocol = p[9];
	ret->fragment_id = bytes_be16(p + 4);
	ret->has_more_fragments = fragment & 0x2000;
	ret->fragment_at = (fragment & 0x1fffu) * 8u;
	ret->is_fragment = ret->has_more_fragments || ret->fragment_at != 0;
	ret->payload_at = at + header_len;
	ret->payload_len = total_len - header_len;
	set_captured(ret, frame_len);
	return VERDICT_DELIVERED;
}

// RFC 8200, section 4: walks the extension headers up to the transport header. 'left' is what the
// IPv6 header declares behind itself.
static enum verdict walk_extensions(
	struct slice headers,
	uint32_t frame_len,
	uint32_t at,
	uint32_t left,
	struct packet_ip *ret
) {
	uint8_t next = ret->protocol;
	for (int n = 0; n <= MAX_IPV6_EXTENSIONS; n++) {
		uint32_t len = 0;
		switch (next) {
		case PROTOCOL_HOP_BY_HOP:
		case PROTOCOL_ROUTING:
		case PROTOCOL_DESTINATION:
		case PROTOCOL_MOBILITY:
		case PROTOCOL_AUTHENTICATION:
		case PROTOCOL_FRAGMENT:
			break;
		case PROTOCOL_ESP:
		case PROTOCOL_NO_NEXT:
			return VERDICT_IP_ENCRYPTED;
		default:
			ret->protocol = next;
			ret->payload_at = at;
			ret->payload_len = left;
			return VERDICT_DELIVERED;
		}
		if (headers.len < at + 8)
			return missing(frame_len, at + 8);
		const uint8_t *p = headers.data + at;
		if (next == PROTOCOL_FRAGMENT)
			len = 8;
		else if (next == PROTOCOL_AUTHENTICATION)
			len = (p[1] + 2u) * 4u;
		else
			len = (p[1] + 1u) * 8u;
		if (len > left)
			return VERDICT_IP_BAD_LENGTH;
		if (next == PROTOCOL_FRAGMENT) {
			uint16_t field = bytes_be16(p + 2);
			ret->fragment_id = bytes_be32(p + 4);
			ret->fragment_at = field & 0xfff8u;
			ret->has_more_fragments = field & 1;
			ret->is_fragment = ret->has_more_fragments || ret->fragment_at != 0;
		}
		next = p[0];
		at += len;
		left -= len;
		// What follows in a fragment is a piece of the datagram, not a header.
		if (ret->is_fragment) {
			ret->protocol = next;
			ret->payload_at = at;
			ret->payload_len = left;
			return VERDICT_DELIVERED;
		}
	}
	return VERDICT_IP_EXTENSION_LOOP;
}

enum verdict packet_resume_ip(struct slice headers, uint32_t frame_len, struct packet_ip *ip) {
	if (ip->version == 4)
		return VERDICT_DELIVERED;
	enum verdict verdict =
		walk_extensions(headers, frame_len, ip->payload_at, ip->payload_len, ip);
	if (verdict == VERDICT_DELIVERED)
		set_captured(ip, frame_len);
	return verdict;
}

static enum verdict
parse_ipv6(struct slice headers, uint32_t frame_len, uint32_t at, struct packet_ip *ret) {
	if (headers.len < at + 40)
		return missing(frame_len, at + 40);
	const uint8_t *p = headers.data + at;
	uint32_t payload_len = bytes_be16(p + 4);
	if (payload_len == 0) // a jumbogram, or segmentation offload
		payload_len = frame_len - at - 40;
	memcpy(ret->source.address, p + 8, 16);
	memcpy(ret->destination.address, p + 24, 16);
	ret->version = 6;
	ret->protocol = p[6];
	ret->fragment_id = 0;
	ret->fragment_at = 0;
	ret->has_more_fragments = false;
	ret->is_fragment = false;
	enum verdict verdict = walk_extensions(headers, frame_len, at + 40, payload_len, ret);
	if (verdict == VERDICT_DELIVERED)
		set_captured(ret, frame_len);
	return verdict;
}

enum verdict
packet_parse_ip(struct slice headers, uint32_t frame_len, uint32_t at, struct packet_ip *ret) {
	assert(headers.len <= frame_len);
	ret->source.port = ret->destination.port = 0;
	if (headers.len < at + 1)
		return missing(frame_len, at + 1);
	uint8_t version = headers.data[at] >> 4;
	if (version == 4)
		return parse_ipv4(headers, frame_len, at, ret);
	if (version == 6)
		return parse_ipv6(headers, frame_len, at, ret);
	return VERDICT_IP_BAD_VERSION;
}

enum verdict
packet_parse_udp(struct slice headers, const struct packet_ip *ip, struct packet_udp *ret) {
	if (ip->captured_len < 8)
		return VERDICT_UDP_SHORT;
	if (headers.len < ip->payload_at + 8)
		return VERDICT_HEADERS_TOO_LONG;
	const uint8_t *p = headers.data + ip->payload_at;
	uint32_t len = bytes_be16(p + 4);
	// 0 stands for "as long as the packet" (RFC 2675, and segmentation offload).
	if (len == 0 || len > ip->payload_len)
		len = ip->payload_len;
	if (len < 8)
		return VERDICT_UDP_SHORT;
	ret->source_port = bytes_be16(p);
	ret->destination_port = bytes_be16(p + 2);
	ret->payload_at = ip->payload_at + 8;
	ret->payload_len = len - 8;
	return VERDICT_DELIVERED;
}

enum verdict
packet_parse_tcp(struct slice headers, const struct packet_ip *ip, struct packet_tcp *ret) {
	if (ip->captured_len < 20)
		return VERDICT_TCP_SHORT;
	if (headers.len < ip->payload_at + 20)
		return VERDICT_HEADERS_TOO_LONG;
	const uint8_t *p = headers.data + ip->payload_at;
	uint32_t header_len = (p[12] >> 4) * 4u;
	if (header_len < 20 || header_len > ip->payload_len)
		return VERDICT_TCP_BAD_OFFSET;
	ret->source_port = bytes_be16(p);
	ret->destination_port = bytes_be16(p + 2);
	ret->seq = bytes_be32(p + 4);
	ret->ack = bytes_be32(p + 8);
	ret->flags = p[13];
	ret->payload_at = ip->payload_at + header_len;
	ret->payload_len = ip->payload_len - header_len;
	ret->captured_len = ip->captured_len > header_len ? ip->captured_len - header_len : 0;
	return VERDICT_DELIVERED;
}
