#pragma once

// What the data path knows of a received frame. Lives in the private area of its first mbuf, so
// that it travels over rings with it and no header is read twice.

#include "flow_key.h"

#include <rte_mbuf.h>

#include <stdbool.h>
#include <stdint.h>

enum frame_stage {
	FRAME_RECEIVED,
	FRAME_FRAGMENT, // its IP header is at 'ip_at'; goes to the lcore that puts it together
	FRAME_SEGMENT, // a TCP segment; goes to the lcore that owns its flow
};

struct frame {
	// Filled by the port.
	uint64_t time_ns; // when it was captured, nanoseconds since 1970
	uint8_t link; // enum packet_link

	// Filled by the worker that received it.
	uint8_t stage; // enum frame_stage: what is to be done next with it
	uint8_t encap; // enum worker_encap of the port it came from
	bool is_inner; // the mirror's envelope was taken off
	uint8_t side; // of 'key': who sent it
	uint8_t tcp_flags;
	bool is_truncated;
	uint32_t
		n_frames; // frames received that it is made of: 1, or more where it was in fragments
	uint32_t vni; // FRAME_NO_VNI where there was no envelope
	uint32_t ip_at;
	struct rte_mbuf *next; // in a queue
	uint32_t seq, ack;
	uint32_t payload_at; // bytes from the start of the frame
	uint32_t payload_len; // as declared
	uint32_t captured_len; // of those, in the frame
	struct flow_key key;
	uint64_t hash; // of 'key'
};

#define FRAME_NO_VNI UINT32_MAX

// Private bytes that every mbuf pool of the data path reserves.
#define FRAME_PRIVATE_SIZE RTE_ALIGN(sizeof(struct frame), RTE_MBUF_PRIV_ALIGN)

static inline struct frame *frame_of(struct rte_mbuf *mbuf) {
	return rte_mbuf_to_priv(mbuf);
}

// As rte_pktmbuf_read(), which walks off the last segment when it is asked for nothing at its end.
static inline const uint8_t *
frame_read(const struct rte_mbuf *mbuf, uint32_t at, uint32_t len, void *copy) {
	return len == 0 ? copy : rte_pktmbuf_read(mbuf, at, len, copy);
}
