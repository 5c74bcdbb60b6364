#include "packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

// Bytes at exact size on the heap, so that a sanitizer sees an over-read.
struct frame_bytes {
	uint8_t *data;
	size_t len;
};

static struct frame_bytes from_hex(const char *hex) {
	struct frame_bytes f = {.data = malloc(strlen(hex) / 2 + 1)};
	for (const char *p = hex; *p != '\0'; p++) {
		if (*p == ' ')
			continue;
		char digits[3] = {p[0], p[1], '\0'};
		f.data[f.len++] = (uint8_t)strtoul(digits, NULL, 16);
		p++;
	}
	f.data = realloc(f.data, f.len);
	return f;
}

static struct slice bytes_of(struct frame_bytes f) {
	return slice_of(f.data, f.len);
}

#define MACS "0a0b0c0d0e0f 010203040506 "
#define IPV4_TCP                                                                                   \
	"4500 002c 0001 0000 40 06 0000 0a000001 0a000002 " /* 44 bytes: 20 + 20 + 4 */            \
	"1f90 c350 00000001 00000002 5018 ffff 0000 0000 "                                         \
	"61626364"
#define IPV6_HEAD(len, next)                                                                       \
	"60000000 " len " " next " 40 "                                                            \
	"20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define TCP_SEGMENT                                                                                \
	"1f90 c350 00000001 00000002 5018 ffff 0000 0000 "                                         \
	"61626364"

static void finds_ip_behind_every_link_header(void **) {
	const struct {
		enum packet_link link;
		const char *hex;
		uint32_t at;
	} cases[] = {
		{PACKET_LINK_ETHERNET, MACS "0800 " IPV4_TCP, 14},
		{PACKET_LINK_ETHERNET, MACS "8100 0001 0800 " IPV4_TCP, 18},
		{PACKET_LINK_ETHERNET, MACS "88a8 0001 8100 0002 0800 " IPV4_TCP, 22},
		{PACKET_LINK_SLL, "0000 0001 0006 000000000000 0000 0800 " IPV4_TCP, 16},
		{PACKET_LINK_SLL2, "0800 0000 00000001 0001 00 06 0000000000000000 " IPV4_TCP, 20},
		{PACKET_LINK_LOOPBACK, "02000000 " IPV4_TCP, 4},
		{PACKET_LINK_LOOPBACK, "00000002 " IPV4_TCP, 4},
		{PACKET_LINK_RAW_IP, IPV4_TCP, 0},
		{PACKET_LINK_ETHERNET, MACS "8847 00010040 00020140 " IPV4_TCP, 22},
		{PACKET_LINK_ETHERNET, MACS "0034 aaaa03 000000 0800 " IPV4_TCP, 22},
		{PACKET_LINK_ETHERNET, MACS "8100 0001 8864 1100 0001 002e 0021 " IPV4_TCP, 26},
		{PACKET_LINK_PPP, "0021 " IPV4_TCP, 2},
		{PACKET_LINK_PPP, "21 " IPV4_TCP, 1},
		{PACKET_LINK_PPP, "ff03 0021 " IPV4_TCP, 4},
		{PACKET_LINK_NFLOG, "02000000 0500 0100 aa000000 3000 0900 " IPV4_TCP, 16},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct frame_bytes f = from_hex(cases[i].hex);
		uint32_t at = 99;
		assert_int_equal(
			packet_parse_link(bytes_of(f), cases[i].link, &at), VERDICT_DELIVERED
		);
		assert_int_equal(at, cases[i].at);
		struct packet_ip ip;
		assert_int_equal(
			packet_parse_ip(bytes_of(f), (uint32_t)f.len, at, &ip), VERDICT_DELIVERED
		);
		assert_int_equal(ip.protocol, 6);
		assert_int_equal(ip.payload_len, 24);
		free(f.data);
	}
}

static void refuses_more_vlan_tags_than_it_follows(void **) {
	struct frame_bytes f =
		from_hex(MACS "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 0800");
	uint32_t at;
	assert_int_equal(
		packet_parse_link(bytes_of(f), PACKET_LINK_ETHERNET, &at), VERDICT_VLAN_TOO_DEEP
	);
	free(f.data);
}

static void reads_a_tcp_segment(void **) {
	struct frame_bytes f = from_hex(IPV4_TCP);
	struct packet_ip ip;
	struct packet_tcp tcp;
	assert_int_equal(packet_parse_ip(bytes_of(f), (uint32_t)f.len, 0, &ip), VERDICT_DELIVERED);
	assert_int_equal(packet_parse_tcp(bytes_of(f), &ip, &tcp), VERDICT_DELIVERED);
	assert_int_equal(tcp.source_port, 8080);
	assert_int_equal(tcp.destination_port, 50000);
	assert_int_equal(tcp.seq, 1);
	assert_int_equal(tcp.ack, 2);
	assert_int_equal(tcp.flags, PACKET_TCP_PSH | PACKET_TCP_ACK);
	assert_int_equal(tcp.payload_at, 40);
	assert_int_equal(tcp.payload_len, 4);
	assert_int_equal(tcp.captured_len, 4);
	free(f.data);
}

static void any_cut_of_a_frame_is_read_or_refused(void **) {
	struct frame_bytes whole = from_hex(MACS "88a8 0001 8100 0002 86dd " IPV6_HEAD(
		"0028", "00"
	) "3c00 000000000000 0600 000000000000 " TCP_SEGMENT);
	for (size_t len = 0; len <= whole.len; len++) {
		uint8_t *cut = malloc(len);
		memcpy(cut, whole.data, len);
		struct slice frame = slice_of(cut, len);
		uint32_t at;
		struct packet_ip ip;
		struct packet_tcp tcp;
		enum verdict verdict = packet_parse_link(frame, PACKET_LINK_ETHERNET, &at);
		if (verdict == VERDICT_DELIVERED)
			verdict = packet_parse_ip(frame, (uint32_t)len, at, &ip);
		if (verdict == VERDICT_DELIVERED)
			verdict = packet_parse_tcp(frame, &ip, &tcp);
		// All headers are there but for the last 4 bytes, which are payload.
		assert_int_equal(verdict == VERDICT_DELIVERED, len >= whole.len - 4);
		if (verdict == VERDICT_DELIVERED) {
			assert_int_equal(tcp.payload_len, 4);
			assert_int_equal(tcp.captured_len, 4 - (whole.len - len));
			assert_int_equal(ip.is_truncated, len < whole.len);
		}
		free(cut);
	}
	free(whole.data);
}

static void leaves_ethernet_padding_out(void **) {
	struct frame_bytes f = from_hex(IPV4_TCP "000000000000");
	struct packet_ip ip;
	assert_int_equal(packet_parse_ip(bytes_of(f), (uint32_t)f.len, 0, &ip), VERDICT_DELIVERED);
	assert_int_equal(ip.captured_len, 24);
	free(f.data);
}

static void takes_the_frame_for_the_packet_where_offload_left_no_length(void **) {
	struct frame_bytes f =
		from_hex("4500 0000 0001 0000 40 06 0000 0a000001 0a000002 " TCP_SEGMENT);
	struct packet_ip ip;
	assert_int_equal(packet_parse_ip(bytes_of(f), (uint32_t)f.len, 0, &ip), VERDICT_DELIVERED);
	assert_int_equal(ip.payload_len, 24);
	free(f.data);
}

static void refuses_what_cannot_be(void **) {
	const struct {
		const char *hex;
		enum verdict verdict;
	} cases[] = {
		{"", VERDICT_IP_SHORT},
		{"30", VERDICT_IP_BAD_VERSION},
		{"44 00 0014 0001 0000 40 06 0000 0a000001 0a000002", VERDICT_IP_BAD_LENGTH},
		{"4500 0013 0001 0000 40 06 0000 0a000001 0a000002", VERDICT_IP_BAD_LENGTH},
		{"4f00 003c 0001 0000 40 06 0000 0a000001 0a000002", VERDICT_IP_SHORT},
		{IPV6_HEAD("0008", "32") "0000000000000000", VERDICT_IP_ENCRYPTED},
		{IPV6_HEAD("0008", "00") "3c01000000000000", VERDICT_IP_BAD_LENGTH},
		{IPV6_HEAD("0050", "00") "0000000000000000 0000000000000000 0000000000000000 "
					 "0000000000000000 0000000000000000 "
					 "0000000000000000 0000000000000000 0000000000000000 "
					 "0000000000000000 0000000000000000",
		 VERDICT_IP_EXTENSION_LOOP},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct frame_bytes f = from_hex(cases[i].hex);
		struct packet_ip ip;
		assert_int_equal(
			packet_parse_ip(bytes_of(f), (uint32_t)f.len, 0, &ip), cases[i].verdict
		);
		free(f.data);
	}
}

// Only the first bytes of the frame are at hand, as many as 'n_first'.
static enum verdict verdict_of_first(struct frame_bytes f, size_t n_first) {
	uint8_t *first = malloc(n_first);
	memcpy(first, f.data, n_first);
	struct slice headers = slice_of(first, n_first);
	struct packet_ip ip;
	struct packet_tcp tcp;
	struct packet_udp udp;
	enum verdict verdict = packet_parse_ip(headers, (uint32_t)f.len, 0, &ip);
	if (verdict == VERDICT_DELIVERED && ip.protocol == 17)
		verdict = packet_parse_udp(headers, &ip, &udp);
	else if (verdict == VERDICT_DELIVERED)
		verdict = packet_parse_tcp(headers, &ip, &tcp);
	free(first);
	return verdict;
}

static void tells_headers_that_are_not_at_hand_from_a_frame_that_ends(void **) {
	struct frame_bytes cases[] = {
		from_hex(IPV4_TCP),
		from_hex(IPV6_HEAD("0020", "3c") "0600 000000000000 " TCP_SEGMENT),
		from_hex("4500 001c 0001 0000 40 11 0000 0a000001 0a000002 1388 12b5 0008 0000"),
	};
	const size_t headers_len[] = {40, 68, 28};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (size_t n = 1; n < headers_len[i]; n++)
			assert_int_equal(verdict_of_first(cases[i], n), VERDICT_HEADERS_TOO_LONG);
		assert_int_equal(verdict_of_first(cases[i], headers_len[i]), VERDICT_DELIVERED);
		cases[i].len = headers_len[i] - 1;
		assert_true(verdict_of_first(cases[i], cases[i].len) != VERDICT_DELIVERED);
		assert_true(verdict_of_first(cases[i], cases[i].len) != VERDICT_HEADERS_TOO_LONG);
		free(cases[i].data);
	}
}

static void stops_at_an_ipv6_fragment_and_goes_on_behind_it(void **) {
	struct frame_bytes f = from_hex(IPV6_HEAD("0028", "2c") "3c00 0001 00000007 "
								"0600 000000000000 " TCP_SEGMENT);
	struct packet_ip ip;
	assert_int_equal(packet_parse_ip(bytes_of(f), (uint32_t)f.len, 0, &ip), VERDICT_DELIVERED);
	assert_true(ip.is_fragment);
	assert_true(ip.has_more_fragments);
	assert_int_equal(ip.fragment_id, 7);
	assert_int_equal(ip.payload_at, 48);
	ip.is_fragment = ip.has_more_fragments = false;
	assert_int_equal(packet_resume_ip(bytes_of(f), (uint32_t)f.len, &ip), VERDICT_DELIVERED);
	assert_int_equal(ip.protocol, 6);
	assert_int_equal(ip.payload_at, 56);
	assert_int_equal(ip.payload_len, 24);
	free(f.data);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_ip_behind_every_link_header),
		cmocka_unit_test(refuses_more_vlan_tags_than_it_follows),
		cmocka_unit_test(reads_a_tcp_segment),
		cmocka_unit_test(any_cut_of_a_frame_is_read_or_refused),
		cmocka_unit_test(leaves_ethernet_padding_out),
		cmocka_unit_test(takes_the_frame_for_the_packet_where_offload_left_no_length),
		cmocka_unit_test(refuses_what_cannot_be),
		cmocka_unit_test(tells_headers_that_are_not_at_hand_from_a_frame_that_ends),
		cmocka_unit_test(stops_at_an_ipv6_fragment_and_goes_on_behind_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
