#pragma once

// The decoders behind content.h. Each is made once, begins a stream, and is then stepped.

#include "arena.h"
#include "slice.h"

#define ZLIB_CONST
#include <brotli/decode.h>
#include <stdbool.h>
#include <stdint.h>
#include <zlib.h>
#include <zstd.h>

enum coder_status {
	CODER_MORE, // wants more input or more room
	CODER_END, // the stream is complete
	CODER_BAD, // this is not such a stream
};

// What is left to read, and where to write; moved on by a step.
struct coder_io {
	struct slice in;
	uint8_t *out;
	size_t room;
};

struct zlib_coder {
	z_stream stream;
	bool is_made;
};

struct brotli_coder {
	struct arena arena;
	BrotliDecoderState *state;
};

struct zstd_coder {
	ZSTD_DCtx *context;
};

// What each may come to use, in bytes.
#define ZLIB_CODER_MEMORY ((size_t)48 << 10) // zlib.h: a window of 32 KiB and about 7 KiB
// The largest window, 16 MiB, the smaller ones that it grew from, and the tables. Pages that no body
// makes it touch are never there.
#define BROTLI_CODER_MEMORY ((size_t)64 << 20)
#define ZSTD_WINDOW_LOG_MAX 23 // RFC 9659, section 3: 8 MiB
#define ZSTD_CODER_MEMORY (((size_t)1 << ZSTD_WINDOW_LOG_MAX) + ((size_t)1 << 20))

int zlib_coder_init(struct zlib_coder *coder);
void zlib_coder_release(struct zlib_coder *coder);
bool zlib_coder_begin_gzip(struct zlib_coder *coder, struct slice in);
bool zlib_coder_begin_deflate(struct zlib_coder *coder, struct slice in);
enum coder_status zlib_coder_step(struct zlib_coder *coder, struct coder_io *io);

int brotli_coder_init(struct brotli_coder *coder);
void brotli_coder_release(struct brotli_coder *coder);
bool brotli_coder_begin(struct brotli_coder *coder, struct slice in);
enum coder_status brotli_coder_step(struct brotli_coder *coder, struct coder_io *io);

int zstd_coder_init(struct zstd_coder *coder);
void zstd_coder_release(struct zstd_coder *coder);
bool zstd_coder_begin(struct zstd_coder *coder, struct slice in);
enum coder_status zstd_coder_step(struct zstd_coder *coder, struct coder_io *io);
