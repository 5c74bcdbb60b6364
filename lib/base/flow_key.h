#pragma once

// Names one TCP connection, the same for both of its directions.

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct endpoint {
	uint8_t address[16]; // IPv6, or IPv4 as ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2)
	uint16_t port; // host order
};

// The two endpoints are sorted, so that either direction gives the same key; 'side' 0 or 1 names
// the endpoint that sent a packet. No padding: keys are compared and hashed as 40 bytes.
struct flow_key {
	uint8_t address[2][16];
	uint16_t port[2]; // host order
	uint32_t network; // which network the addresses belong to (tenancy), not the VNI itself
};
static_assert(sizeof(struct flow_key) == 40, "hashed and compared as bytes");

// Secret of a process; whoever does not know it cannot make flows collide.
struct flow_hash_seed {
	uint64_t word[4];
};

// Fills 'ret' from a packet's source and destination; returns the side that sent it.
uint8_t flow_key_make(
	const struct endpoint *from,
	const struct endpoint *to,
	uint32_t network,
	struct flow_key *ret
);

static inline bool flow_key_equals(const struct flow_key *a, const struct flow_key *b) {
	return memcmp(a, b, sizeof(*a)) == 0;
}

uint64_t flow_key_hash(const struct flow_key *key, const struct flow_hash_seed *seed);

static inline bool flow_key_is_ipv4(const struct flow_key *key) {
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
	return memcmp(key->address[0], prefix, sizeof(prefix)) == 0
		&& memcmp(key->address[1], prefix, sizeof(prefix)) == 0;
}
