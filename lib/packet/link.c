#include "bytes.h"
#include "packet.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8
#define ETHERTYPE_QINQ_OLD 0x9100 // in use before 802.1ad
#define MAX_VLAN_TAGS 4
#define ETHERTYPE_MPLS 0x8847
#define ETHERTYPE_MPLS_UPSTREAM 0x8848
#define MAX_MPLS_LABELS 8
#define ETHERTYPE_PPPOE 0x8864
#define PPPOE_LEN 6
#define MAX_802_3_LENGTH 1500
#define SNAP_LEN 8

#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057

#define NFLOG_PAYLOAD 9 // type of the entry that holds the packet

static bool is_vlan(uint16_t ethertype) {
	return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ
		|| ethertype == ETHERTYPE_QINQ_OLD;
}

static enum verdict check_version(struct slice frame, uint32_t at, uint32_t *ret_at) {
	if (frame.len <= at)
		return VERDICT_FRAME_SHORT;
	uint8_t version = frame.data[at] >> 4;
	if (version != 4 && version != 6)
		return VERDICT_LINK_UNSUPPORTED;
	*ret_at = at;
	return VERDICT_DELIVERED;
}

// RFC 3032: labels of 4 bytes, the last one marked; only the packet itself tells what it is.
static enum verdict parse_mpls(struct slice frame, uint32_t at, uint32_t *ret_at) {
	for (int n_labels = 0; n_labels < MAX_MPLS_LABELS; n_labels++) {
		if (at + 4 > frame.len)
			return VERDICT_FRAME_SHORT;
		bool is_last = frame.data[at + 2] & 1;
		at += 4;
		if (is_last)
			return check_version(frame, at, ret_at);
	}
	return VERDICT_LINK_UNSUPPORTED;
}

// RFC 1661, with or without the address and control bytes of RFC 1662. A protocol number that fits
// one byte may be sent as one: its lowest bit is set, as in no first byte of two.
static enum verdict parse_ppp(struct slice frame, uint32_t at, uint32_t *ret_at) {
	if (frame.len >= at + 2 && bytes_be16(frame.data + at) == 0xff03)
		at += 2;
	if (frame.len < at + 2)
		return VERDICT_FRAME_SHORT;
	bool is_short = frame.data[at] & 1;
	uint16_t protocol = is_short ? frame.data[at] : bytes_be16(frame.data + at);
	if (protocol != PPP_IPV4 && protocol != PPP_IPV6)
		return VERDICT_LINK_UNSUPPORTED;
	*ret_at = at + (is_short ? 1 : 2);
	return VERDICT_DELIVERED;
}

// IEEE 802.3 has a length where Ethernet has its type; IP then comes behind LLC and SNAP (RFC 1042).
static bool is_snap(struct slice frame, uint32_t at) {
	static const uint8_t header[] = {0xaa, 0xaa, 3, 0, 0, 0};
	return frame.len >= at + SNAP_LEN && memcmp(frame.data + at, header, sizeof(header)) == 0;
}

// 'at' is behind an EtherType field that was read as 'ethertype'.
static enum verdict
parse_ethertype(struct slice frame, uint32_t at, uint16_t ethertype, uint32_t *ret_at) {
	for (int n_tags = 0; is_vlan(ethertype); n_tags++) {
		if (n_tags == MAX_VLAN_TAGS)
			return VERDICT_VLAN_TOO_DEEP;
		if (at + 4 > frame.len)
			return VERDICT_FRAME_SHORT;
		ethertype = bytes_be16(frame.data + at + 2);
		at += 4;
	}
	if (ethertype <= MAX_802_3_LENGTH && is_snap(frame, at)) {
		ethertype = bytes_be16(frame.data + at + SNAP_LEN - 2);
		at += SNAP_LEN;
	}
	if (ethertype == ETHERTYPE_PPPOE)
		return parse_ppp(frame, at + PPPOE_LEN, ret_at);
	if (ethertype == ETHERTYPE_MPLS || ethertype == ETHERTYPE_MPLS_UPSTREAM)
		return parse_mpls(frame, at, ret_at);
	if (ethertype != ETHERTYPE_IPV4 && ethertype != ETHERTYPE_IPV6)
		return VERDICT_LINK_UNSUPPORTED;
	*ret_at = at;
	return VERDICT_DELIVERED;
}

// Netfilter's log: 4 bytes, then entries of length, type and value in the byte order of the host
// that wrote them, padded to 4 bytes.
static enum verdict parse_nflog(struct slice frame, uint32_t *ret_at) {
	uint32_t at = 4;
	while (at + 4 <= frame.len) {
		uint16_t len, type;
		memcpy(&len, frame.data + at, 2);
		memcpy(&type, frame.data + at + 2, 2);
		if (type == NFLOG_PAYLOAD)
			return check_version(frame, at + 4, ret_at);
		if (len < 4)
			return VERDICT_LINK_UNSUPPORTED;
		at += (len + 3u) & ~3u;
	}
	return VERDICT_FRAME_SHORT;
}

enum verdict packet_parse_link(struct slice frame, enum packet_link link, uint32_t *ret_at) {
	switch (link) {
	case PACKET_LINK_ETHERNET:
		if (frame.len < 14)
			return VERDICT_FRAME_SHORT;
		return parse_ethertype(frame, 14, bytes_be16(frame.data + 12), ret_at);
	case PACKET_LINK_SLL:
		if (frame.len < 16)
			return VERDICT_FRAME_SHORT;
		return parse_ethertype(frame, 16, bytes_be16(frame.data + 14), ret_at);
	case PACKET_LINK_SLL2:
		if (frame.len < 20)
			return VERDICT_FRAME_SHORT;
		return parse_ethertype(frame, 20, bytes_be16(frame.data), ret_at);
	case PACKET_LINK_LOOPBACK:
		// The address family tells no more than the version of the packet.
		return check_version(frame, 4, ret_at);
	case PACKET_LINK_PPP:
		return parse_ppp(frame, 0, ret_at);
	case PACKET_LINK_NFLOG:
		return parse_nflog(frame, ret_at);
	case PACKET_LINK_RAW_IP:
		*ret_at = 0;
		return VERDICT_DELIVERED;
	}
	return VERDICT_LINK_UNSUPPORTED;
}
