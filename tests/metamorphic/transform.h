#pragma once

// Changes to a capture that must not change what is in it. All return 0, or -1 where memory is
// short.

#include "packets.h"

#include <stdint.h>

struct rng {
	uint64_t state;
};

uint64_t rng_next(struct rng *rng);

// Gives the frames even times and, to keep captures apart that are put together, the first byte
// 'number' to every address.
void frames_number(struct frames *frames, size_t first, uint8_t number);
void frames_pace(struct frames *frames, uint64_t start_ns, uint64_t step_ns);

// Cuts TCP payloads into segments of 'size' bytes, or of random sizes where 'size' is 0.
int frames_segment(struct frames *frames, uint32_t size, struct rng *rng);

// Every frame twice, one after the other.
int frames_duplicate(struct frames *frames);

// Delays every frame by less than 'window' places.
int frames_reorder(struct frames *frames, uint32_t window, struct rng *rng);

// IPv4 packets that are no fragments become IPv6 packets: address a.b.c.d is fd64::a.b.c.d.
int frames_to_ipv6(struct frames *frames);

// Wraps every frame as an AWS mirror does, in front of it 'n_tags' VLAN tags.
int frames_wrap_vxlan(struct frames *frames, uint32_t n_tags);

// Cuts IPv4 packets (the outer ones, where wrapped) into fragments of at most 'mtu' bytes, or more
// where that would be too many fragments.
int frames_fragment(struct frames *frames, uint32_t mtu);
