#pragma once

// Small writers: each puts bytes at 'to' and returns where the next ones go.

#include "address.h"

#include <stdint.h>
#include <string.h>

static inline uint8_t *put_bytes(uint8_t *to, const void *bytes, size_t len) {
	memcpy(to, bytes, len);
	return to + len;
}

// A string literal, without its zero.
#define PUT(to, literal) put_bytes(to, literal, sizeof(literal) - 1)

// Decimal, without leading zeros.
uint8_t *put_number(uint8_t *to, uint64_t value);

// Decimal, as many digits as asked for.
uint8_t *put_digits(uint8_t *to, uint64_t value, unsigned n_digits);

// The date and time of the second that was last asked for.
struct trace_clock {
	uint64_t second;
	uint8_t text[19]; // 2024-11-23T14:21:07; text[0] is 0 before the first
};

// RFC 3339, UTC, nine digits behind the second: 2024-11-23T14:21:07.123456789Z, 30 bytes. 'ns' since
// 1970.
uint8_t *put_timestamp(uint8_t *to, struct trace_clock *clock, uint64_t ns);

// Milliseconds with three digits behind the point.
uint8_t *put_milliseconds(uint8_t *to, uint64_t ns);
