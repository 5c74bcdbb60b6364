#include "address.h"

#include "bytes.h"

#include <stdbool.h>
#include <string.h>

static uint8_t *put_decimal(uint8_t *to, uint8_t value) {
	if (value >= 100)
		*to++ = (uint8_t)('0' + value / 100);
	if (value >= 10)
		*to++ = (uint8_t)('0' + value / 10 % 10);
	*to++ = (uint8_t)('0' + value % 10);
	return to;
}

static uint8_t *put_hex(uint8_t *to, uint16_t value) {
	static const char digits[] = "0123456789abcdef";
	int shift = value >= 0x1000 ? 12 : value >= 0x100 ? 8 : value >= 0x10 ? 4 : 0;
	for (; shift >= 0; shift -= 4)
		*to++ = (uint8_t)digits[value >> shift & 15];
	return to;
}

static uint8_t *put_ipv4(uint8_t *to, const uint8_t *address) {
	for (int i = 0; i < 4; i++) {
		to = put_decimal(to, address[i]);
		*to++ = '.';
	}
	return to - 1;
}

// The first of the longest runs of two or more zero groups; empty where there is none.
static void find_zeros(const uint16_t groups[8], int *ret_first, int *ret_n) {
	int first = 0, n = 1;
	for (int i = 0; i < 8; i++) {
		int end = i;
		while (end < 8 && groups[end] == 0)
			end++;
		if (end - i > n) {
			first = i;
			n = end - i;
		}
		i = end > i ? end - 1 : i;
	}
	*ret_first = first;
	*ret_n = n > 1 ? n : 0;
}

static uint8_t *put_ipv6(uint8_t *to, const uint8_t *address) {
	uint16_t groups[8];
	for (size_t i = 0; i < 8; i++)
		groups[i] = bytes_be16(address + 2 * i);
	int zeros, n_zeros;
	find_zeros(groups, &zeros, &n_zeros);
	for (int i = 0; i < 8; i++) {
		if (n_zeros > 0 && i == zeros) {
			*to++ = ':';
			*to++ = ':';
			i += n_zeros - 1;
			continue;
		}
		if (i > 0 && (n_zeros == 0 || i != zeros + n_zeros))
			*to++ = ':';
		to = put_hex(to, groups[i]);
	}
	return to;
}

size_t address_put(uint8_t *to, const uint8_t address[static 16]) {
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool is_ipv4 = memcmp(address, mapped, sizeof(mapped)) == 0;
	uint8_t *end = is_ipv4 ? put_ipv4(to, address + 12) : put_ipv6(to, address);
	return (size_t)(end - to);
}
