#include "flow_key.h"

uint8_t flow_key_make(
	const struct endpoint *from,
	const struct endpoint *to,
	uint32_t network,
	struct flow_key *ret
) {
	int order = memcmp(from->address, to->address, sizeof(from->address));
	if (order == 0)
		order = (int)from->port - (int)to->port;
	uint8_t side = order > 0;
	memcpy(ret->address[side], from->address, sizeof(from->address));
	memcpy(ret->address[!side], to->address, sizeof(to->address));
	ret->port[side] = from->port;
	ret->port[!side] = to->port;
	ret->network = network;
	return side;
}

// One multiplication of 64 by 64 bits, both halves folded together: every input bit reaches every
// output bit, and without the seed the outcome cannot be steered.
static uint64_t fold(uint64_t a, uint64_t b) {
	unsigned __int128 product = (unsigned __int128)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t flow_key_hash(const struct flow_key *key, const struct flow_hash_seed *seed) {
	uint64_t w[5];
	memcpy(w, key, sizeof(w));
	uint64_t a = fold(w[0] ^ seed->word[0], w[1] ^ seed->word[1]);
	uint64_t b = fold(w[2] ^ seed->word[2], w[3] ^ seed->word[3]);
	return fold(a ^ w[4] ^ seed->word[1], b ^ seed->word[2]);
}
