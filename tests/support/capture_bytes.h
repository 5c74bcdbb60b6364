#pragma once

// Writes the bytes of pcap and pcapng files, in either byte order.

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct capture_bytes {
	uint8_t *data; // the caller's
	size_t len, size;
	bool is_big_endian;
	bool is_nanosecond; // of a pcap file
};

static inline void capture_put(struct capture_bytes *c, const void *bytes, size_t n) {
	assert(c->len + n <= c->size);
	if (n > 0)
		memcpy(c->data + c->len, bytes, n);
	c->len += n;
}

static inline void capture_put_32(struct capture_bytes *c, uint32_t value) {
	uint32_t bytes = c->is_big_endian ? __builtin_bswap32(value) : value;
	capture_put(c, &bytes, sizeof(bytes));
}

static inline void capture_put_16(struct capture_bytes *c, uint16_t value) {
	uint16_t bytes = c->is_big_endian ? __builtin_bswap16(value) : value;
	capture_put(c, &bytes, sizeof(bytes));
}

static inline void
capture_pcap_header(struct capture_bytes *c, uint32_t snap_length, uint32_t type) {
	capture_put_32(c, c->is_nanosecond ? 0xa1b23c4d : 0xa1b2c3d4);
	capture_put_16(c, 2);
	capture_put_16(c, 4);
	capture_put_32(c, 0);
	capture_put_32(c, 0);
	capture_put_32(c, snap_length);
	capture_put_32(c, type);
}

static inline void
capture_pcap_record(struct capture_bytes *c, uint64_t time_ns, const void *bytes, uint32_t len) {
	uint32_t fraction = (uint32_t)(time_ns % 1000000000u);
	capture_put_32(c, (uint32_t)(time_ns / 1000000000u));
	capture_put_32(c, c->is_nanosecond ? fraction : fraction / 1000);
	capture_put_32(c, len);
	capture_put_32(c, len);
	capture_put(c, bytes, len);
}

// Section header and interface description whose timestamps count 10^-resolution seconds.
static inline void
capture_pcapng_header(struct capture_bytes *c, uint16_t type, uint8_t resolution) {
	capture_put_32(c, 0x0a0d0d0a);
	capture_put_32(c, 28);
	capture_put_32(c, 0x1a2b3c4d);
	capture_put_16(c, 1);
	capture_put_16(c, 0);
	capture_put_32(c, 0xffffffff);
	capture_put_32(c, 0xffffffff);
	capture_put_32(c, 28);

	capture_put_32(c, 1);
	capture_put_32(c, 32);
	capture_put_16(c, type);
	capture_put_16(c, 0);
	capture_put_32(c, 262144);
	capture_put_16(c, 9); // if_tsresol
	capture_put_16(c, 1);
	capture_put(c, (uint8_t[4]) {resolution}, 4);
	capture_put_32(c, 0);
	capture_put_32(c, 32);
}

// An enhanced packet block; 'time' in the interface's unit.
static inline void
capture_pcapng_record(struct capture_bytes *c, uint64_t time, const void *bytes, uint32_t len) {
	uint32_t padded = (len + 3) / 4 * 4;
	capture_put_32(c, 6);
	capture_put_32(c, 32 + padded);
	capture_put_32(c, 0);
	capture_put_32(c, (uint32_t)(time >> 32));
	capture_put_32(c, (uint32_t)time);
	capture_put_32(c, len);
	capture_put_32(c, len);
	capture_put(c, bytes, len);
	capture_put(c, (uint8_t[4]) {0}, padded - len);
	capture_put_32(c, 32 + padded);
}
