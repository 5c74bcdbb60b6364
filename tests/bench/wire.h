#pragma once

// Frames as a mirror delivers them (Ethernet, IPv4, UDP, VXLAN, Ethernet, IPv4, TCP) and the
// capture file they go to.

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	TCP_FIN = 1,
	TCP_SYN = 2,
	TCP_PSH = 8,
	TCP_ACK = 16
};

struct endpoint {
	uint32_t address; // IPv4, host order
	uint16_t port;
	uint32_t next_seq; // of the next byte it sends
	uint32_t timestamp; // TCP option, as last sent
};

struct tunnel {
	uint32_t from, to; // outer IPv4, host order
	uint16_t source_port; // the same for both directions of a flow
	uint32_t vni;
};

#define SEGMENT_MAX 1448u

struct segment {
	const char *bytes;
	size_t len; // at most SEGMENT_MAX
	uint8_t flags; // TCP_*
};

struct capture {
	FILE *file;
	uint64_t n_packets, n_bytes;
};

// Opens 'path' and writes a capture header (nanosecond times). 0 or -errno.
int capture_open(struct capture *capture, const char *path);

// 0, or -errno where anything could not be written.
int capture_close(struct capture *capture);

// Writes one TCP segment inside the tunnel, and moves the sender's sequence number on.
void capture_segment(
	struct capture *capture,
	uint64_t time_ns,
	const struct tunnel *tunnel,
	struct endpoint *from,
	const struct endpoint *to,
	const struct segment *segment
);
