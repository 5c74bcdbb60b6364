#include "content_priv.h"

#include <errno.h>

static void *alloc(void *opaque, size_t size) {
	return arena_alloc(opaque, size);
}

static void dealloc(void *opaque, void *p) {
	arena_free(opaque, p);
}

int brotli_coder_init(struct brotli_coder *coder) {
	coder->state = NULL;
	return arena_init(&coder->arena, BROTLI_CODER_MEMORY);
}

void brotli_coder_release(struct brotli_coder *coder) {
	arena_release(&coder->arena);
}

// The library has no reset: its state is made anew, in the same memory.
bool brotli_coder_begin(struct brotli_coder *coder, struct slice) {
	arena_reset(&coder->arena);
	coder->state = BrotliDecoderCreateInstance(alloc, dealloc, &coder->arena);
	return coder->state != NULL;
}

enum coder_status brotli_coder_step(struct brotli_coder *coder, struct coder_io *io) {
	size_t left = io->in.len;
	const uint8_t *next = io->in.data;
	BrotliDecoderResult result = BrotliDecoderDecompressStream(
		coder->state, &left, &next, &io->room, &io->out, NULL
	);
	io->in = slice_of(next, left);
	if (result == BROTLI_DECODER_RESULT_SUCCESS)
		return CODER_END;
	return result == BROTLI_DECODER_RESULT_ERROR ? CODER_BAD : CODER_MORE;
}
