#include "content_priv.h"

#include <errno.h>

int zstd_coder_init(struct zstd_coder *coder) {
	coder->context = ZSTD_createDCtx();
	if (coder->context == NULL)
		return -ENOMEM;
	(void)ZSTD_DCtx_setParameter(coder->context, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX);
	return 0;
}

void zstd_coder_release(struct zstd_coder *coder) {
	ZSTD_freeDCtx(coder->context);
	coder->context = NULL;
}

// RFC 8878, sections 3.1.1 and 3.1.2.
static bool has_magic(struct slice in) {
	static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd};
	static const uint8_t skippable[] = {0x2a, 0x4d, 0x18};
	return memcmp(in.data, frame, sizeof(frame)) == 0
		|| ((in.data[0] & 0xf0) == 0x50 && memcmp(in.data + 1, skippable, 3) == 0);
}

bool zstd_coder_begin(struct zstd_coder *coder, struct slice in) {
	if (in.len >= 4 && !has_magic(in))
		return false;
	return !ZSTD_isError(ZSTD_DCtx_reset(coder->context, ZSTD_reset_session_only));
}

enum coder_status zstd_coder_step(struct zstd_coder *coder, struct coder_io *io) {
	ZSTD_inBuffer in = {.src = io->in.data, .size = io->in.len};
	ZSTD_outBuffer out = {.dst = io->out, .size = io->room};
	size_t rc = ZSTD_decompressStream(coder->context, &out, &in);
	io->in = slice_from(io->in, in.pos);
	io->out += out.pos;
	io->room -= out.pos;
	if (ZSTD_isError(rc))
		return CODER_BAD;
	return rc == 0 ? CODER_END : CODER_MORE;
}
