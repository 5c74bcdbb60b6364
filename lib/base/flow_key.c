#include "flow_key.h"

// Addresses move as words of 64 bits. They were stored in pieces a moment ago, and wider loads of
// them would wait for those stores to reach the cache.
struct words {
	uint64_t low, high;
};

static struct words words_of(const uint8_t address[static 16]) {
	struct words words;
	memcpy(&words.low, address, 8);
	memcpy(&words.high, address + 8, 8);
	return words;
}

static void put_words(uint8_t address[static 16], struct words words) {
	memcpy(address, &words.low, 8);
	memcpy(address + 8, &words.high, 8);
}

// Any order will do, as long as it is the same for both directions.
static bool is_before(struct words a, uint16_t a_port, struct words b, uint16_t b_port) {
	if (a.high != b.high)
		return a.high < b.high;
	if (a.low != b.low)
		return a.low < b.low;
	return a_port < b_port;
}

uint8_t flow_key_make(
	const struct endpoint *from,
	const struct endpoint *to,
	uint32_t network,
	struct flow_key *ret
) {
	struct words sender = words_of(from->address), receiver = words_of(to->address);
	uint8_t side = is_before(receiver, to->port, sender, from->port);
	put_words(ret->address[side], sender);
	put_words(ret->address[!side], receiver);
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
	struct words x = words_of(key->address[0]), y = words_of(key->address[1]);
	uint64_t rest = (uint64_t)key->network << 32 | (uint32_t)key->port[1] << 16 | key->port[0];
	uint64_t a = fold(x.low ^ seed->word[0], x.high ^ seed->word[1]);
	uint64_t b = fold(y.low ^ seed->word[2], y.high ^ seed->word[3]);
	return fold(a ^ rest ^ seed->word[1], b ^ seed->word[2]);
}
