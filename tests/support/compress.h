#pragma once

// Makes coded bodies for tests. The results are on the heap, at exact size.

#include <assert.h>
#include <brotli/encode.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

struct coded {
	uint8_t *data;
	size_t len;
};

static inline struct coded test_exact(struct coded c) {
	uint8_t *exact = malloc(c.len + (c.len == 0));
	memcpy(exact, c.data, c.len);
	free(c.data);
	return (struct coded) {exact, c.len};
}

// 'window' as deflateInit2() has it: 31 for gzip, 15 for zlib, -15 for a bare stream.
static inline struct coded test_deflate(const void *data, size_t len, int window) {
	z_stream z = {0};
	struct coded c = {.data = malloc(len + len / 8 + 128)};
	int rc = deflateInit2(&z, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY);
	assert(rc == Z_OK);
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	z.next_out = c.data;
	z.avail_out = (uInt)(len + len / 8 + 128);
	rc = deflate(&z, Z_FINISH);
	assert(rc == Z_STREAM_END);
	(void)rc;
	c.len = z.total_out;
	deflateEnd(&z);
	return test_exact(c);
}

static inline struct coded test_gzip(const void *data, size_t len) {
	return test_deflate(data, len, 31);
}

static inline struct coded test_zlib(const void *data, size_t len) {
	return test_deflate(data, len, 15);
}

static inline struct coded test_bare_deflate(const void *data, size_t len) {
	return test_deflate(data, len, -15);
}

static inline struct coded test_brotli(const void *data, size_t len) {
	struct coded c = {.len = len + len / 8 + 128};
	c.data = malloc(c.len);
	BROTLI_BOOL is_done =
		BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, len, data, &c.len, c.data);
	assert(is_done);
	(void)is_done;
	return test_exact(c);
}

static inline struct coded test_zstd(const void *data, size_t len) {
	struct coded c = {.data = malloc(ZSTD_compressBound(len))};
	c.len = ZSTD_compress(c.data, ZSTD_compressBound(len), data, len, 3);
	assert(!ZSTD_isError(c.len));
	return test_exact(c);
}

static inline struct coded test_join(struct coded a, struct coded b) {
	struct coded c = {.data = malloc(a.len + b.len), .len = a.len + b.len};
	memcpy(c.data, a.data, a.len);
	memcpy(c.data + a.len, b.data, b.len);
	free(a.data);
	free(b.data);
	return c;
}
