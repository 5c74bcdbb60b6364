// Bodies with any list of codings: what comes out stays within every limit, and decoding the same
// body again, after others, gives the same.

#include "content.h"

#include <errno.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OUT_BYTES 20000u
#define RATIO 50u

static void check(bool is_true) {
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static struct content *content;
	const struct content_limits limits = {
		.out_bytes = OUT_BYTES, .ratio = RATIO, .time_ns = UINT64_MAX / 2};
	if (content == NULL)
		content = content_create(&limits);
	check(content != NULL);
	if (size < 2)
		return 0;
	// One byte for how many codings and whether the body is cut, one for which.
	struct content_codings codings = {.n = data[0] % (CONTENT_MAX_CODINGS + 1)};
	bool is_partial = data[0] & 0x80;
	for (int i = 0; i < codings.n; i++)
		codings.list[i] = data[1] >> 2 * i & 3;
	struct slice body = slice_of(data + 2, size - 2), out, again;
	bool is_capped, is_capped_again;
	int rc = content_decode(content, &codings, body, is_partial, &out, &is_capped);
	check(rc == 0 || rc == -EBADMSG);
	if (rc < 0)
		return 0;
	check(codings.n == 0 || out.len <= OUT_BYTES);
	check(codings.n == 0 || out.len <= body.len * RATIO);
	uint8_t *copy = malloc(out.len + 1);
	memcpy(copy, out.data, out.len);
	rc = content_decode(content, &codings, body, is_partial, &again, &is_capped_again);
	check(rc == 0 && again.len == out.len && is_capped == is_capped_again);
	check(memcmp(again.data, copy, out.len) == 0);
	free(copy);
	return 0;
}
