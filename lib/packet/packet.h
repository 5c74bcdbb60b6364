#pragma once

// Reads link, IP and transport headers out of a captured frame. Pure: reads the bytes it is given,
// never past them, allocates nothing. Truncated frames are normal input.

#include "flow_key.h"
#include "slice.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>

// How a frame begins; DLT_* of libpcap in brackets.
enum packet_link {
	PACKET_LINK_ETHERNET, // DLT_EN10MB
	PACKET_LINK_RAW_IP, // DLT_RAW, DLT_IPV4, DLT_IPV6
	PACKET_LINK_SLL, // DLT_LINUX_SLL
	PACKET_LINK_SLL2, // DLT_LINUX_SLL2
	PACKET_LINK_LOOPBACK, // DLT_NULL, DLT_LOOP: a 4-byte address family in either byte order
	PACKET_LINK_PPP, // DLT_PPP
	PACKET_LINK_NFLOG, // DLT_NFLOG
};

// One IP packet inside a frame. Offsets are from the frame's start.
struct packet_ip {
	struct endpoint source, destination; // ports are 0 until a transport header was read
	uint8_t version; // 4 or 6
	uint8_t protocol; // of the payload, behind all extension headers
	bool is_fragment;
	bool has_more_fragments;
	bool is_truncated; // the frame ends before the packet does
	uint32_t fragment_id;
	uint32_t fragment_at; // bytes from the start of the datagram's payload
	uint32_t payload_at;
	uint32_t payload_len; // as the IP header declares it
	uint32_t captured_len; // of those, in the frame
};

struct packet_udp {
	uint16_t source_port, destination_port;
	uint32_t payload_at;
	uint32_t payload_len; // as declared, at most what IP declares
};

#define PACKET_TCP_FIN 0x01u
#define PACKET_TCP_SYN 0x02u
#define PACKET_TCP_RST 0x04u
#define PACKET_TCP_PSH 0x08u
#define PACKET_TCP_ACK 0x10u

struct packet_tcp {
	uint16_t source_port, destination_port;
	uint32_t seq, ack;
	uint8_t flags; // PACKET_TCP_*
	uint32_t payload_at;
	uint32_t payload_len; // as declared
	uint32_t captured_len; // of those, in the frame
};

// Finds the IP header behind link-layer headers and VLAN tags (802.1Q, 802.1ad) or MPLS
// labels. 'frame' may hold
// only the first bytes of a longer frame. On VERDICT_DELIVERED '*ret_at' is where the IP header is.
[[nodiscard]] enum verdict
packet_parse_link(struct slice frame, enum packet_link link, uint32_t *ret_at);

// Reads the IP header at 'at' (RFC 791, RFC 8200) with its options or extension headers.
// 'headers' are the frame's contiguous first bytes, 'frame_len' is all that was captured of it.
// VERDICT_HEADERS_TOO_LONG, here and below, where the headers go on behind 'headers' in the frame.
[[nodiscard]] enum verdict
packet_parse_ip(struct slice headers, uint32_t frame_len, uint32_t at, struct packet_ip *ret);

// Goes on behind the fragment header of a reassembled datagram, where IPv6 may have more extension
// headers.
[[nodiscard]] enum verdict
packet_resume_ip(struct slice headers, uint32_t frame_len, struct packet_ip *ip);

// Transport headers of an unfragmented or reassembled packet.
[[nodiscard]] enum verdict
packet_parse_udp(struct slice headers, const struct packet_ip *ip, struct packet_udp *ret);
[[nodiscard]] enum verdict
packet_parse_tcp(struct slice headers, const struct packet_ip *ip, struct packet_tcp *ret);
