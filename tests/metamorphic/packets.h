#pragma once

// A capture in memory as a list of frames, in order. Frames are Ethernet whatever the capture was.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame {
	uint64_t time_ns;
	uint64_t order; // sort key of transformations that reorder
	uint32_t len; // bytes held
	uint32_t wire_len; // bytes it had on the wire: more where the capture cut it
	uint8_t *bytes; // owned
};

struct frames {
	struct frame *list;
	size_t n, size;
};

// Appends a frame of 'len' bytes, not filled in, and returns it; NULL where memory is short. The
// pointer is good until the next call.
struct frame *frames_add(struct frames *frames, uint64_t time_ns, uint32_t len);
struct frame *frames_add_copy(struct frames *frames, const struct frame *frame);

// Puts 'from' in place of what 'frames' held, and leaves 'from' empty.
void frames_replace(struct frames *frames, struct frames *from);
void frames_release(struct frames *frames);

// Appends the IP packets of a capture file, with link headers, VLAN tags and VXLAN taken off and
// put into plain Ethernet. 0, or -1 with a line for people in 'ret_error' (256 bytes).
int frames_load(struct frames *frames, const char *path, char *ret_error);

// Writes a capture with nanosecond times. 0 or -1.
int frames_save(const struct frames *frames, const char *path);

// Where the parts of an Ethernet frame begin. 'is_tcp' only where the whole TCP segment is there:
// not a fragment, not truncated, no IPv6 extension headers, no padding taken for payload.
struct parts {
	bool is_ipv4, is_ipv6, is_tcp;
	uint32_t ip_at, tcp_at, data_at, end_at;
};

struct parts frame_parts(const struct frame *frame);

// Recompute what a change of addresses, lengths or data makes wrong.
void ipv4_checksum_write(uint8_t *ip);
void tcp_checksum_write(struct frame *frame, const struct parts *parts);

static inline uint16_t get16(const uint8_t *at) {
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get32(const uint8_t *at) {
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static inline void put16(uint8_t *at, uint32_t value) {
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value) {
	put16(at, value >> 16);
	put16(at + 2, value);
}

enum {
	ETHER_LEN = 14,
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	UDP_LEN = 8,
	VXLAN_LEN = 8
};
