#pragma once

// Undoes the content codings of kept bodies (RFC 9110, section 8.4): gzip, deflate (zlib and bare),
// br, zstd, and lists of up to CONTENT_MAX_CODINGS of them. Every byte is hostile: output, ratio
// and time are capped. One decoder belongs to one thread; its memory is made once and reused.

#include "slice.h"

#include <stdbool.h>
#include <stdint.h>

#define CONTENT_MAX_CODINGS 3

struct content_limits {
	uint32_t out_bytes; // most bytes that come out of one body
	uint32_t ratio; // most bytes out for a byte in
	uint64_t time_ns; // most time for one body
};

#define CONTENT_LIMITS_DEFAULT                                                                     \
	(struct content_limits) {                                                                  \
		.out_bytes = 64 << 10, .ratio = 100, .time_ns = 10000000,                          \
	}

enum content_coding {
	CONTENT_GZIP,
	CONTENT_DEFLATE,
	CONTENT_BROTLI,
	CONTENT_ZSTD,
};

// In the order in which they were applied.
struct content_codings {
	uint8_t n;
	uint8_t list[CONTENT_MAX_CODINGS]; // enum content_coding
};

// Reads one Content-Encoding value and adds to 'codings', which is all zero before the first.
// "identity" and empty elements count for nothing. -ENOTSUP for a coding that is not known, -E2BIG
// for too many.
[[nodiscard]] int content_codings_read(struct slice value, struct content_codings *codings);

struct content;

// The most bytes that a decoder may come to use; most are never touched.
size_t content_memory(const struct content_limits *limits);

// NULL with errno ENOMEM.
struct content *content_create(const struct content_limits *limits);
void content_free(struct content *content);

// Decodes 'body'. 'is_partial': it is only the first bytes of what was sent, so its end proves
// nothing. On 0 '*ret' is what came out, valid until the next call, and '*ret_is_capped' tells
// whether a limit cut it short. -EBADMSG where it is not what its codings say. Bytes behind the end
// of a coded stream are ignored, as browsers do.
[[nodiscard]] int content_decode(
	struct content *content,
	const struct content_codings *codings,
	struct slice body,
	bool is_partial,
	struct slice *ret,
	bool *ret_is_capped
);
