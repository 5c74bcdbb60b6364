#include "message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void keeps_a_body_across_blocks(void **) {
	struct message_pool *pool = message_pool_create(8, 0, 0);
	struct message *m = message_alloc(pool);
	uint8_t *bytes = malloc(7001);
	for (size_t i = 0; i < 7001; i++)
		bytes[i] = (uint8_t)(i * 31);
	for (size_t at = 0; at < 7001; at += 1000)
		message_append_body(pool, m, slice_first(slice_of(bytes + at, 7001 - at), 1000));
	uint8_t *scratch = malloc(m->body_kept);
	struct slice body = message_body(m, scratch);
	assert_int_equal(body.len, 7001);
	assert_memory_equal(body.data, bytes, 7001);
	message_free(pool, m);
	assert_int_equal(message_pool_n_free(pool), 8);
	free(scratch);
	free(bytes);
	message_pool_free(pool);
}

static void keeps_what_it_can_when_the_pool_is_empty(void **) {
	struct message_pool *pool = message_pool_create(2, 0, 0);
	struct message *m = message_alloc(pool);
	uint8_t bytes[8000] = {0};
	size_t kept = message_append_body(pool, m, slice_of(bytes, sizeof(bytes)));
	assert_int_equal(kept, MESSAGE_ROOM + sizeof((struct block) {0}.data));
	assert_int_equal(m->body_kept, kept);
	assert_null(message_alloc(pool));
	message_free(pool, m);
	assert_int_equal(message_pool_n_free(pool), 2);
	message_pool_free(pool);
}

static void stores_a_long_head_in_a_large_buffer(void **) {
	struct message_pool *pool = message_pool_create(2, 1, 8192);
	struct message *m = message_alloc(pool);
	uint8_t head[4000] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	struct header_field field = {.name_at = 16, .name_len = 4, .value_at = 22, .value_len = 1};
	assert_int_equal(message_store_head(pool, m, slice_of(head, sizeof(head)), &field, 1), 0);
	struct slice host;
	assert_true(message_find_field(m, "host", &host));
	assert_true(slice_equals(host, "a"));
	struct message *second = message_alloc(pool);
	assert_int_equal(
		message_store_head(pool, second, slice_of(head, sizeof(head)), &field, 1), -ENOBUFS
	);
	message_free(pool, m);
	assert_int_equal(
		message_store_head(pool, second, slice_of(head, sizeof(head)), &field, 1), 0
	);
	message_free(pool, second);
	message_pool_free(pool);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_a_body_across_blocks),
		cmocka_unit_test(keeps_what_it_can_when_the_pool_is_empty),
		cmocka_unit_test(stores_a_long_head_in_a_large_buffer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
