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
	struct message_pool *pool = message_pool_create(2, 1, 4096);
	struct message *m = message_alloc(pool);
	uint8_t *head = calloc(1, 5000);
	memcpy(head, "GET / HTTP/1.1\r\nHost: a\r\n", 26);
	struct header_field field = {.name_at = 16, .name_len = 4, .value_at = 22, .value_len = 1};
	assert_int_equal(message_store_head(pool, m, slice_of(head, 4000), &field, 1), 0);
	struct slice host;
	assert_true(message_find_field(m, "host", &host));
	assert_true(slice_equals(host, "a"));
	struct message *second = message_alloc(pool);
	uint8_t *other = message_large_alloc(pool, 4000);
	assert_int_equal(
		message_store_head(pool, second, slice_of(head, 4000), &field, 1), -ENOBUFS
	);
	assert_int_equal(message_store_head(pool, second, slice_of(head, 5000), &field, 1), -E2BIG);
	message_large_free(pool, other);
	assert_int_equal(message_store_head(pool, second, slice_of(head, 4000), &field, 1), 0);
	message_free(pool, m);
	message_free(pool, second);
	free(head);
	message_pool_free(pool);
}

// Takes buffers for 'size' bytes until there are none; frees them again.
static uint32_t n_buffers(struct message_pool *pool, size_t size) {
	uint32_t n = 0;
	uint8_t **buffers = calloc(65536, sizeof(*buffers));
	while (n < 65536 && (buffers[n] = message_large_alloc(pool, size)) != NULL)
		n++;
	for (uint32_t i = 0; i < n; i++)
		message_large_free(pool, buffers[i]);
	free(buffers);
	return n;
}

static void has_large_buffers_by_size(void **) {
	struct message_pool *pool = message_pool_create(1, 64u << 20, 67592);
	static const uint32_t sizes[] = {4096, 8192, 16384, 32768, 67592};
	assert_int_equal(message_large_size(pool), 67592);
	for (uint32_t i = 0; i < MESSAGE_LARGE_CLASSES; i++) {
		assert_int_equal(message_large_class_size(pool, i), sizes[i]);
		assert_int_equal(message_large_class_of(pool, sizes[i]), i);
		uint8_t *buffer = message_large_alloc(pool, sizes[i]);
		assert_int_equal(message_large_class(pool, buffer), i);
		memset(buffer, 0xff, sizes[i]);
		message_large_free(pool, buffer);
	}
	assert_null(message_large_alloc(pool, 67593));
	assert_true(n_buffers(pool, 2500) >= 9000);
	assert_true(n_buffers(pool, 8000) >= 3500);
	assert_true(n_buffers(pool, 67592) >= 60);
	assert_true(message_pool_size(1, 64u << 20, 67592) < 66u << 20);
	message_pool_free(pool);
}

static void has_one_class_of_what_is_short(void **) {
	struct message_pool *pool = message_pool_create(1, 64000, 3200);
	assert_int_equal(message_large_size(pool), 3200);
	assert_int_equal(n_buffers(pool, 3200), 20);
	assert_int_equal(n_buffers(pool, 3201), 0);
	message_pool_free(pool);
	errno = 0;
	assert_null(message_pool_create(1, 1, 0));
	assert_int_equal(errno, EINVAL);
}

static void borrows_a_larger_buffer_never_a_smaller_one(void **) {
	struct message_pool *pool = message_pool_create(1, 1, 8192);
	uint8_t *buffers[4];
	for (uint32_t i = 0; i < 4; i++) {
		buffers[i] = message_large_alloc(pool, 3000);
		assert_int_equal(message_large_class(pool, buffers[i]), i / 2);
	}
	assert_null(message_large_alloc(pool, 3000));
	message_large_free(pool, buffers[0]);
	assert_null(message_large_alloc(pool, 5000));
	message_large_free(pool, buffers[3]);
	assert_ptr_equal(message_large_alloc(pool, 5000), buffers[3]);
	message_pool_free(pool);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_a_body_across_blocks),
		cmocka_unit_test(keeps_what_it_can_when_the_pool_is_empty),
		cmocka_unit_test(stores_a_long_head_in_a_large_buffer),
		cmocka_unit_test(has_large_buffers_by_size),
		cmocka_unit_test(has_one_class_of_what_is_short),
		cmocka_unit_test(borrows_a_larger_buffer_never_a_smaller_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
