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
