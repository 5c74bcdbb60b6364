#pragma once

// Reads of big-endian integers (network order) at any alignment.

#include <stdint.h>
#include <string.h>

static inline uint16_t bytes_be16(const uint8_t *p) {
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t bytes_be24(const uint8_t *p) {
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t bytes_be32(const uint8_t *p) {
	uint32_t value;
	memcpy(&value, p, sizeof(value));
	return __builtin_bswap32(value);
}
