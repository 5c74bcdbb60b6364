#include "bytes.h"
#include "content_priv.h"

#include <errno.h>
#include <string.h>

#define GZIP_WINDOW (15 + 16)
#define ZLIB_WINDOW 15
#define BARE_WINDOW (-15)

int zlib_coder_init(struct zlib_coder *coder) {
	memset(coder, 0, sizeof(*coder));
	if (inflateInit2(&coder->stream, GZIP_WINDOW) != Z_OK)
		return -ENOMEM;
	coder->is_made = true;
	return 0;
}

void zlib_coder_release(struct zlib_coder *coder) {
	if (coder->is_made)
		inflateEnd(&coder->stream);
	coder->is_made = false;
}

bool zlib_coder_begin_gzip(struct zlib_coder *coder, struct slice in) {
	if (in.len >= 2 && bytes_be16(in.data) != 0x1f8b)
		return false;
	return inflateReset2(&coder->stream, GZIP_WINDOW) == Z_OK;
}

// "deflate" means the zlib format (RFC 9110, section 8.4.1.2), but some senders leave its header
// out. No bare stream that an encoder writes looks like one: it would begin with a stored block
// whose padding is not zero.
static bool has_zlib_header(struct slice in) {
	return in.len >= 2 && (in.data[0] & 0x0f) == Z_DEFLATED && bytes_be16(in.data) % 31 == 0;
}

bool zlib_coder_begin_deflate(struct zlib_coder *coder, struct slice in) {
	int window = has_zlib_header(in) ? ZLIB_WINDOW : BARE_WINDOW;
	return inflateReset2(&coder->stream, window) == Z_OK;
}

enum coder_status zlib_coder_step(struct zlib_coder *coder, struct coder_io *io) {
	z_stream *z = &coder->stream;
	z->next_in = io->in.data;
	z->avail_in = (uInt)io->in.len;
	z->next_out = io->out;
	z->avail_out = (uInt)io->room;
	int rc = inflate(z, Z_NO_FLUSH);
	io->in = slice_from(io->in, io->in.len - z->avail_in);
	io->out = z->next_out;
	io->room = z->avail_out;
	if (rc == Z_STREAM_END)
		return CODER_END;
	return rc == Z_OK || rc == Z_BUF_ERROR ? CODER_MORE : CODER_BAD;
}
