#pragma once

// Reads the records of a capture file. libpcap opens every file and reads every format; only the
// records of a plain pcap file (version 2.4 without extensions, in either byte order), which are
// nothing but a length and bytes, are taken straight from the buffer: libpcap's two stdio calls and
// its copy for each cost twice as much as all the rest of this port.

#include "capture_input.h"
#include "packet.h"
#include "port.h"

#include <pcap/pcap.h>

struct capture_record {
	const uint8_t *bytes; // until the next call
	uint32_t len;
	uint64_t time_ns;
};

struct capture {
	struct capture_input input;
	enum packet_link link;
	// A plain file's:
	bool is_plain;
	bool is_swapped;
	uint32_t snap_length;
	uint32_t unit_ns; // of the fraction of a second
	// Any other's:
	pcap_t *pcap;

	atomic_bool is_done; // reader: rw, control: r; the last thing written
	uint64_t n_records;
	const char *path; // the caller's
	char error[512]; // why it ended early; empty: it did not
};

// 0, or -errno with '*ret_error' filled. 'path' stays the caller's, until the release; "-" is
// standard input. Waits for the first bytes; where '*is_stopped' (may be NULL) becomes true meanwhile,
// it is done, without records. In place: must not be moved.
[[nodiscard]] int capture_init(
	struct capture *capture,
	const char *path,
	const atomic_bool *is_stopped,
	struct port_error *ret_error
);

// After a failed init too.
void capture_release(struct capture *capture);

// The next record; false where there is none, now (a pipe) or ever (is_done).
[[nodiscard]] bool capture_next(struct capture *capture, struct capture_record *ret);
