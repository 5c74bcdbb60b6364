#include "body_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 1500 // about what of a body lies in the message itself
#define BLOCK sizeof(((struct block *)NULL)->data)
#define BODY_MAX (ROOM + 3 * BLOCK)

static struct message *message_of(struct message_pool *pool, struct slice body) {
	struct message *m = message_alloc(pool);
	assert_non_null(m);
	assert_int_equal(message_append_body(pool, m, body), body.len);
	return m;
}

// The same as the whole body at once, byte by byte.
static void compare(struct message_pool *pool, struct slice body) {
	uint8_t *found = malloc(JSON_ESCAPE_ROOM(body.len));
	uint8_t *want = malloc(JSON_ESCAPE_ROOM(body.len));
	struct message *m = message_of(pool, body);
	size_t len = json_escape_body_portable(want, body);
	assert_int_equal(body_text_escape(found, m, false), len);
	if (len != SIZE_MAX)
		assert_memory_equal(found, want, len);
	message_free(pool, m);
	free(found);
	free(want);
}

static int make_pool(void **state) {
	*state = message_pool_create(16, 0, 0);
	return *state == NULL;
}

static int free_pool(void **state) {
	assert_int_equal(message_pool_n_free(*state), 16);
	message_pool_free(*state);
	return 0;
}

// Characters of 1 to 4 bytes, moved a byte at a time across the ends of the pieces.
static void puts_characters_that_lie_in_two_blocks(void **state) {
	static const char *const texts[] = {"x\"y", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
	uint8_t *body = malloc(BODY_MAX);
	for (size_t t = 0; t < 4; t++) {
		size_t n = strlen(texts[t]);
		for (size_t shift = 0; shift < 8; shift++) {
			memset(body, 'a', shift);
			size_t len = shift;
			for (; len + n <= BODY_MAX; len += n)
				memcpy(body + len, texts[t], n);
			compare(*state, slice_of(body, len));
		}
	}
	free(body);
}

static void refuses_what_is_not_text_in_any_place(void **state) {
	static const uint8_t bad[] = {0x00, 0xff, 0xc3, 0xe2, 0x80};
	uint8_t *body = malloc(BODY_MAX);
	for (size_t b = 0; b < sizeof(bad); b++) {
		for (size_t at = 0; at < BODY_MAX; at += at % 97 == 0 ? 1 : 31) {
			memset(body, 'a', BODY_MAX);
			body[at] = bad[b];
			compare(*state, slice_of(body, BODY_MAX));
		}
	}
	free(body);
}

static void leaves_out_a_cut_character_at_the_end_of_a_part(void **state) {
	uint8_t *to = malloc(JSON_ESCAPE_ROOM(BODY_MAX));
	uint8_t *body = malloc(BODY_MAX);
	for (size_t len = BODY_MAX - 80; len < BODY_MAX; len++) {
		memset(body, 'a', len);
		memcpy(body + len - 3, "\xf0\x9f\x98", 3);
		struct message *m = message_of(*state, slice_of(body, len));
		assert_int_equal(body_text_escape(to, m, false), SIZE_MAX);
		assert_int_equal(body_text_escape(to, m, true), len - 3);
		message_free(*state, m);
	}
	free(body);
	free(to);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_characters_that_lie_in_two_blocks),
		cmocka_unit_test(refuses_what_is_not_text_in_any_place),
		cmocka_unit_test(leaves_out_a_cut_character_at_the_end_of_a_part),
	};
	return cmocka_run_group_tests(tests, make_pool, free_pool);
}
