#include "compress.h"
#include "content.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define KIB 1024u

struct fixture {
	struct content *content;
	uint8_t *text; // compressible, but not too well
	size_t text_len;
};

static const struct coder {
	const char *name;
	struct coded (*encode)(const void *data, size_t len);
} coders[] = {
	{"gzip", test_gzip},
	{"deflate", test_zlib},
	{"deflate", test_bare_deflate},
	{"br", test_brotli},
	{"zstd", test_zstd},
};
#define N_CODERS (sizeof(coders) / sizeof(coders[0]))

static int set_up(void **state) {
	static struct fixture f;
	const struct content_limits limits = {
		.out_bytes = 64 * KIB, .ratio = 100, .time_ns = 10000000000};
	f.content = content_create(&limits);
	f.text = malloc(60 * KIB + 64);
	f.text_len = 0;
	for (uint32_t i = 0, seed = 1; f.text_len < 60 * KIB; i++) {
		seed = seed * 1103515245 + 12345;
		f.text_len += (size_t)sprintf(
			(char *)f.text + f.text_len,
			"{\"id\":%u,\"name\":\"user %u\"},",
			i,
			seed >> 16
		);
	}
	*state = &f;
	return 0;
}

static int tear_down(void **state) {
	struct fixture *f = *state;
	content_free(f->content);
	free(f->text);
	return 0;
}

static struct content_codings codings_of(const char *value) {
	struct content_codings codings = {0};
	assert_int_equal(content_codings_read(slice_of_string(value), &codings), 0);
	return codings;
}

// Decodes and frees 'body'.
static int
decode(struct content *content,
       const char *name,
       struct coded body,
       bool is_partial,
       struct slice *ret,
       bool *ret_is_capped) {
	struct content_codings codings = codings_of(name);
	struct slice in = slice_of(body.data, body.len);
	int rc = content_decode(content, &codings, in, is_partial, ret, ret_is_capped);
	free(body.data);
	return rc;
}

static void
decodes_to(struct content *content, const char *name, struct coded body, struct slice want) {
	struct slice got;
	bool is_capped;
	assert_int_equal(decode(content, name, body, false, &got, &is_capped), 0);
	assert_false(is_capped);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.data, want.data, want.len);
}

static void refuses(struct content *content, const char *name, struct coded body, bool is_partial) {
	struct slice got;
	bool is_capped;
	assert_int_equal(decode(content, name, body, is_partial, &got, &is_capped), -EBADMSG);
}

static void
is_capped_at(struct content *content, const char *name, struct coded body, size_t want) {
	struct slice got;
	bool is_capped;
	assert_int_equal(decode(content, name, body, false, &got, &is_capped), 0);
	assert_true(is_capped);
	assert_int_equal(got.len, want);
}

static void reads_lists_of_codings(void **) {
	static const struct {
		const char *value;
		int n, first, last;
	} cases[] = {
		{"", 0, 0, 0},
		{"identity", 0, 0, 0},
		{"gzip", 1, CONTENT_GZIP, CONTENT_GZIP},
		{"x-gzip", 1, CONTENT_GZIP, CONTENT_GZIP},
		{"GZip", 1, CONTENT_GZIP, CONTENT_GZIP},
		{" \tbr\t ", 1, CONTENT_BROTLI, CONTENT_BROTLI},
		{"deflate, gzip", 2, CONTENT_DEFLATE, CONTENT_GZIP},
		{",zstd,,identity,br,", 2, CONTENT_ZSTD, CONTENT_BROTLI},
		{"br,zstd,gzip", 3, CONTENT_BROTLI, CONTENT_GZIP},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct content_codings codings = codings_of(cases[i].value);
		assert_int_equal(codings.n, cases[i].n);
		if (codings.n > 0) {
			assert_int_equal(codings.list[0], cases[i].first);
			assert_int_equal(codings.list[codings.n - 1], cases[i].last);
		}
	}
}

static void refuses_codings_it_does_not_know_or_too_many_of_them(void **) {
	struct content_codings codings = {0};
	assert_int_equal(content_codings_read(slice_of_string("compress"), &codings), -ENOTSUP);
	assert_int_equal(content_codings_read(slice_of_string("gzip;q=1"), &codings), -ENOTSUP);
	assert_int_equal(content_codings_read(slice_of_string("gzi"), &codings), -ENOTSUP);
	codings = (struct content_codings) {0};
	assert_int_equal(content_codings_read(slice_of_string("br,br,br,br"), &codings), -E2BIG);
}

static void adds_up_several_fields(void **) {
	struct content_codings codings = codings_of("deflate");
	assert_int_equal(content_codings_read(slice_of_string("gzip, br"), &codings), 0);
	assert_int_equal(codings.n, 3);
	assert_int_equal(content_codings_read(slice_of_string("br"), &codings), -E2BIG);
}

static void undoes_every_coding(void **state) {
	struct fixture *f = *state;
	static const size_t sizes[] = {1, 2, 100, 16 * KIB - 1, 16 * KIB, 16 * KIB + 1, 60 * KIB};
	for (size_t i = 0; i < N_CODERS; i++) {
		for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			struct coded body = coders[i].encode(f->text, sizes[j]);
			decodes_to(f->content, coders[i].name, body, slice_of(f->text, sizes[j]));
		}
	}
}

static void undoes_lists_from_the_last_to_the_first(void **state) {
	struct fixture *f = *state;
	struct coded body = test_brotli(f->text, 5000);
	struct coded second = test_gzip(body.data, body.len);
	struct coded third = test_zstd(second.data, second.len);
	free(body.data);
	free(second.data);
	decodes_to(f->content, "br, gzip, zstd", third, slice_of(f->text, 5000));
}

static void leaves_an_empty_body_empty(void **state) {
	struct fixture *f = *state;
	decodes_to(f->content, "gzip", (struct coded) {malloc(1), 0}, slice_of(f->text, 0));
	decodes_to(f->content, "gzip", test_gzip("", 0), slice_of(f->text, 0));
}

static void takes_members_and_frames_that_follow_one_another(void **state) {
	struct fixture *f = *state;
	struct coded gzip = test_join(test_gzip(f->text, 300), test_gzip(f->text + 300, 700));
	decodes_to(f->content, "gzip", gzip, slice_of(f->text, 1000));
	struct coded zstd = test_join(test_zstd(f->text, 300), test_zstd(f->text + 300, 700));
	decodes_to(f->content, "zstd", zstd, slice_of(f->text, 1000));
}

static void skips_skippable_frames(void **state) {
	struct fixture *f = *state;
	static const uint8_t skippable[] = {0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
	struct coded first = {malloc(sizeof(skippable)), sizeof(skippable)};
	memcpy(first.data, skippable, sizeof(skippable));
	struct coded body = test_join(first, test_zstd(f->text, 500));
	decodes_to(f->content, "zstd", body, slice_of(f->text, 500));
}

static void ignores_what_is_behind_the_end(void **state) {
	struct fixture *f = *state;
	for (size_t i = 0; i < N_CODERS; i++) {
		struct coded garbage = {malloc(40), 40};
		memset(garbage.data, 0xa5, 40);
		struct coded body = test_join(coders[i].encode(f->text, 1000), garbage);
		decodes_to(f->content, coders[i].name, body, slice_of(f->text, 1000));
	}
}

static void refuses_garbage(void **state) {
	struct fixture *f = *state;
	for (size_t i = 0; i < N_CODERS; i++) {
		for (int is_partial = 0; is_partial < 2; is_partial++) {
			struct coded garbage = {malloc(1000), 1000};
			memset(garbage.data, 0xff, 1000);
			refuses(f->content, coders[i].name, garbage, is_partial);
		}
		// What was refused leaves nothing behind.
		struct coded body = coders[i].encode(f->text, 2000);
		decodes_to(f->content, coders[i].name, body, slice_of(f->text, 2000));
	}
}

static void refuses_a_whole_body_whose_stream_is_cut(void **state) {
	struct fixture *f = *state;
	for (size_t i = 0; i < N_CODERS; i++) {
		struct coded body = coders[i].encode(f->text, 3000);
		for (size_t len = 1; len < body.len; len += 7) {
			struct coded cut = {malloc(len), len};
			memcpy(cut.data, body.data, len);
			refuses(f->content, coders[i].name, cut, false);
		}
		free(body.data);
	}
}

static void refuses_a_wrong_checksum(void **state) {
	struct fixture *f = *state;
	struct coded body = test_gzip(f->text, 3000);
	body.data[body.len - 6] ^= 1;
	refuses(f->content, "gzip", body, false);
}

static void decodes_a_partial_body_as_far_as_it_goes(void **state) {
	struct fixture *f = *state;
	for (size_t i = 0; i < N_CODERS; i++) {
		struct coded body = coders[i].encode(f->text, 3000);
		size_t longest = 0;
		for (size_t len = 1; len < body.len; len++) {
			struct coded cut = {malloc(len), len};
			struct slice got;
			bool is_capped;
			memcpy(cut.data, body.data, len);
			assert_int_equal(
				decode(f->content, coders[i].name, cut, true, &got, &is_capped), 0
			);
			assert_false(is_capped);
			assert_true(got.len <= 3000);
			assert_memory_equal(got.data, f->text, got.len);
			longest = got.len;
		}
		// zstd gives whole blocks, the others all but the last bytes.
		assert_true(longest > 2900 || strcmp(coders[i].name, "zstd") == 0);
		free(body.data);
	}
}

static void stops_a_bomb_at_the_ratio(void **state) {
	struct fixture *f = *state;
	uint8_t *zeros = calloc(1, 4000 * KIB);
	for (size_t i = 0; i < N_CODERS; i++) {
		struct coded body = coders[i].encode(zeros, 60 * KIB);
		size_t want = body.len * 100;
		assert_true(want < 60 * KIB);
		is_capped_at(f->content, coders[i].name, body, want);
		body = coders[i].encode(zeros, 4000 * KIB);
		want = body.len * 100 < 64 * KIB ? body.len * 100 : 64 * KIB;
		is_capped_at(f->content, coders[i].name, body, want);
	}
	free(zeros);
}

static void stops_a_bomb_in_a_bomb_at_the_ratio_of_what_came_in(void **state) {
	struct fixture *f = *state;
	uint8_t *zeros = calloc(1, 4000 * KIB);
	struct coded inner = test_gzip(zeros, 4000 * KIB);
	struct coded outer = test_gzip(inner.data, inner.len);
	size_t want = outer.len * 100;
	struct slice got;
	bool is_capped;
	assert_int_equal(decode(f->content, "gzip, gzip", outer, false, &got, &is_capped), 0);
	assert_true(is_capped);
	assert_true(got.len <= want);
	free(inner.data);
	free(zeros);
}

static void tells_a_body_that_ends_at_the_cap_from_one_that_is_cut(void **) {
	const struct content_limits limits = {
		.out_bytes = 2000, .ratio = 1000000, .time_ns = 10000000000};
	struct content *content = content_create(&limits);
	uint8_t *text = malloc(2001);
	memset(text, 'x', 2001);
	for (size_t i = 0; i < N_CODERS; i++) {
		const char *name = coders[i].name;
		decodes_to(content, name, coders[i].encode(text, 2000), slice_of(text, 2000));
		is_capped_at(content, name, coders[i].encode(text, 2001), 2000);
	}
	free(text);
	content_free(content);
}

static void stops_when_the_time_is_over(void **state) {
	struct fixture *f = *state;
	const struct content_limits limits = {.out_bytes = 64 * KIB, .ratio = 100, .time_ns = 0};
	struct content *content = content_create(&limits);
	for (size_t i = 0; i < N_CODERS; i++) {
		struct slice got;
		bool is_capped;
		struct coded body = coders[i].encode(f->text, f->text_len);
		assert_int_equal(decode(content, coders[i].name, body, false, &got, &is_capped), 0);
		assert_true(is_capped);
		assert_true(got.len > 0 && got.len < f->text_len);
		assert_memory_equal(got.data, f->text, got.len);
	}
	content_free(content);
}

static void refuses_a_zstd_window_beyond_8_mib(void **state) {
	struct fixture *f = *state;
	// A frame with a window descriptor of exponent 14 (16 MiB), then an empty last block.
	static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 14 << 3, 1, 0, 0};
	static const uint8_t good[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 13 << 3, 1, 0, 0};
	struct coded body = {malloc(sizeof(frame)), sizeof(frame)};
	memcpy(body.data, frame, sizeof(frame));
	refuses(f->content, "zstd", body, false);
	body = (struct coded) {malloc(sizeof(good)), sizeof(good)};
	memcpy(body.data, good, sizeof(good));
	decodes_to(f->content, "zstd", body, slice_of(f->text, 0));
}

static void takes_the_largest_brotli_window(void **state) {
	struct fixture *f = *state;
	struct coded c = {.len = 100 * KIB};
	c.data = malloc(c.len);
	// 24 bits, and not the whole input known at once, so that the window is really made.
	BrotliEncoderState *encoder = BrotliEncoderCreateInstance(NULL, NULL, NULL);
	BrotliEncoderSetParameter(encoder, BROTLI_PARAM_LGWIN, 24);
	size_t n_in = 50 * KIB, room = c.len;
	const uint8_t *in = f->text;
	uint8_t *out = c.data;
	BrotliEncoderCompressStream(encoder, BROTLI_OPERATION_FLUSH, &n_in, &in, &room, &out, NULL);
	BrotliEncoderCompressStream(
		encoder, BROTLI_OPERATION_FINISH, &n_in, &in, &room, &out, NULL
	);
	BrotliEncoderDestroyInstance(encoder);
	c.len -= room;
	for (int i = 0; i < 3; i++) {
		struct coded copy = {malloc(c.len), c.len};
		memcpy(copy.data, c.data, c.len);
		decodes_to(f->content, "br", copy, slice_of(f->text, 50 * KIB));
	}
	free(c.data);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lists_of_codings),
		cmocka_unit_test(refuses_codings_it_does_not_know_or_too_many_of_them),
		cmocka_unit_test(adds_up_several_fields),
		cmocka_unit_test(undoes_every_coding),
		cmocka_unit_test(undoes_lists_from_the_last_to_the_first),
		cmocka_unit_test(leaves_an_empty_body_empty),
		cmocka_unit_test(takes_members_and_frames_that_follow_one_another),
		cmocka_unit_test(skips_skippable_frames),
		cmocka_unit_test(ignores_what_is_behind_the_end),
		cmocka_unit_test(refuses_garbage),
		cmocka_unit_test(refuses_a_whole_body_whose_stream_is_cut),
		cmocka_unit_test(refuses_a_wrong_checksum),
		cmocka_unit_test(decodes_a_partial_body_as_far_as_it_goes),
		cmocka_unit_test(stops_a_bomb_at_the_ratio),
		cmocka_unit_test(stops_a_bomb_in_a_bomb_at_the_ratio_of_what_came_in),
		cmocka_unit_test(tells_a_body_that_ends_at_the_cap_from_one_that_is_cut),
		cmocka_unit_test(stops_when_the_time_is_over),
		cmocka_unit_test(refuses_a_zstd_window_beyond_8_mib),
		cmocka_unit_test(takes_the_largest_brotli_window),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
