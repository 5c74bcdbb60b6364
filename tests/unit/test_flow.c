#include "flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct flow_hash_seed seed = {.word = {1, 2, 3, 4}};
static const struct flow_limits small = {
	.n_flows = 4,
	.timeout_ns = {[FLOW_EMBRYONIC] = 10, [FLOW_ACTIVE] = 100, [FLOW_CLOSED] = 5},
};

static struct flow_key key_of(uint32_t n) {
	struct endpoint from = {.address = {[10] = 0xff, [11] = 0xff, [12] = 10}, .port = 80};
	struct endpoint to = from;
	memcpy(to.address + 13, &n, 3);
	to.port = (uint16_t)(1024 + (n >> 24));
	struct flow_key key;
	flow_key_make(&from, &to, 0, &key);
	return key;
}

static struct flow *insert(struct flow_table *table, uint32_t n, uint64_t now_ns) {
	struct flow_key key = key_of(n);
	return flow_table_insert(table, &key, flow_key_hash(&key, &seed), now_ns);
}

static struct flow *find(struct flow_table *table, uint32_t n) {
	struct flow_key key = key_of(n);
	return flow_table_find(table, &key, flow_key_hash(&key, &seed));
}

static void both_directions_have_one_key(void **) {
	struct endpoint a = {.address = {1}, .port = 5}, b = {.address = {1}, .port = 9};
	struct flow_key there, back;
	assert_int_equal(flow_key_make(&a, &b, 3, &there), 0);
	assert_int_equal(flow_key_make(&b, &a, 3, &back), 1);
	assert_true(flow_key_equals(&there, &back));
	flow_key_make(&b, &a, 4, &back);
	assert_false(flow_key_equals(&there, &back));
}

static void finds_what_was_inserted_until_it_is_removed(void **) {
	struct flow_table *table = flow_table_create(&small);
	for (uint32_t n = 0; n < 4; n++)
		assert_non_null(insert(table, n, 0));
	assert_null(insert(table, 4, 0));
	for (uint32_t n = 0; n < 4; n++)
		assert_ptr_equal(find(table, n), find(table, n));
	flow_table_remove(table, find(table, 2));
	assert_null(find(table, 2));
	assert_non_null(find(table, 3));
	assert_non_null(insert(table, 7, 0));
	assert_non_null(find(table, 7));
	flow_table_free(table);
}

static void expires_by_class(void **) {
	struct flow_table *table = flow_table_create(&small);
	insert(table, 1, 0);
	flow_table_set_class(table, insert(table, 2, 0), FLOW_ACTIVE, 0);
	flow_table_set_class(table, insert(table, 3, 0), FLOW_CLOSED, 0);
	assert_null(flow_table_next_expired(table, 5));
	struct flow *flow = flow_table_next_expired(table, 6);
	assert_ptr_equal(flow, find(table, 3));
	flow_table_remove(table, flow);
	flow = flow_table_next_expired(table, 11);
	assert_ptr_equal(flow, find(table, 1));
	flow_table_remove(table, flow);
	assert_null(flow_table_next_expired(table, 100));
	assert_ptr_equal(flow_table_next_expired(table, 101), find(table, 2));
	flow_table_free(table);
}

static void a_flow_that_was_active_again_stays(void **) {
	struct flow_table *table = flow_table_create(&small);
	struct flow *flow = insert(table, 1, 0);
	flow_table_set_class(table, flow, FLOW_ACTIVE, 0);
	flow->last_ns = 90;
	assert_null(flow_table_next_expired(table, 150));
	assert_ptr_equal(flow_table_next_expired(table, 191), flow);
	flow_table_free(table);
}

static void a_flow_of_a_later_time_hides_no_other(void **) {
	struct flow_table *table = flow_table_create(&small);
	insert(table, 1, 1000);
	insert(table, 2, 0);
	assert_ptr_equal(flow_table_next_expired(table, 11), find(table, 2));
	flow_table_remove(table, find(table, 2));
	assert_null(flow_table_next_expired(table, 11));
	assert_ptr_equal(flow_table_next_expired(table, 1011), find(table, 1));
	flow_table_free(table);
}

static void makes_room_by_closed_flows_first(void **) {
	struct flow_table *table = flow_table_create(&small);
	flow_table_set_class(table, insert(table, 1, 0), FLOW_ACTIVE, 0);
	assert_null(flow_table_victim(table, 0));
	insert(table, 2, 0);
	assert_ptr_equal(flow_table_victim(table, 0), find(table, 2));
	flow_table_set_class(table, insert(table, 3, 0), FLOW_CLOSED, 0);
	assert_ptr_equal(flow_table_victim(table, 0), find(table, 3));
	flow_table_free(table);
}

static void makes_room_by_flows_that_are_silent_first(void **) {
	struct flow_table *table = flow_table_create(&small);
	struct flow *busy = insert(table, 1, 0), *silent = insert(table, 2, 1);
	insert(table, 3, 2);
	busy->last_ns = 5;
	assert_ptr_equal(flow_table_victim(table, 6), silent);
	flow_table_remove(table, silent);
	assert_ptr_equal(flow_table_victim(table, 6), find(table, 3));
	flow_table_remove(table, find(table, 3));
	assert_ptr_equal(flow_table_victim(table, 6), busy);
	busy->last_ns = 6;
	assert_ptr_equal(flow_table_victim(table, 6), busy); // there is no other
	flow_table_free(table);
}

static void waiting_flows_take_turns(void **) {
	struct flow_table *table = flow_table_create(&small);
	struct flow *a = insert(table, 1, 0), *b = insert(table, 2, 0);
	assert_null(flow_table_next_waiting(table));
	flow_table_set_waiting(table, a, true);
	flow_table_set_waiting(table, b, true);
	assert_ptr_equal(flow_table_next_waiting(table), a);
	assert_ptr_equal(flow_table_next_waiting(table), b);
	assert_ptr_equal(flow_table_next_waiting(table), a);
	flow_table_remove(table, a);
	assert_int_equal(flow_table_n_waiting(table), 1);
	assert_ptr_equal(flow_table_next_waiting(table), b);
	flow_table_free(table);
}

// Bytes of this process in memory, which is what a million flows may cost less than 1 GiB of.
static size_t resident_bytes(void) {
	FILE *file = fopen("/proc/self/statm", "r");
	size_t total = 0, resident = 0;
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%zu %zu", &total, &resident), 2);
	fclose(file);
	return resident * 4096;
}

static void a_million_flows_fit_in_a_gibibyte(void **) {
	enum {
		N = 1000000
	};
	struct flow_limits limits = small;
	limits.n_flows = N;
	assert_true(flow_table_size(N) < (size_t)1 << 30);
	assert_true(flow_table_size(N) / N <= 512);
	struct flow_table *table = flow_table_create(&limits);
	size_t before = resident_bytes();
	for (uint32_t n = 0; n < N; n++)
		assert_non_null(insert(table, n, 0));
	assert_true(resident_bytes() - before < (size_t)1 << 30);
	for (uint32_t n = 0; n < N; n++)
		assert_non_null(find(table, n));
	assert_int_equal(flow_table_n_flows(table), N);
	for (struct flow *flow; (flow = flow_table_any(table)) != NULL;)
		flow_table_remove(table, flow);
	assert_null(find(table, 5));
	flow_table_free(table);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_have_one_key),
		cmocka_unit_test(finds_what_was_inserted_until_it_is_removed),
		cmocka_unit_test(expires_by_class),
		cmocka_unit_test(a_flow_that_was_active_again_stays),
		cmocka_unit_test(a_flow_of_a_later_time_hides_no_other),
		cmocka_unit_test(makes_room_by_closed_flows_first),
		cmocka_unit_test(makes_room_by_flows_that_are_silent_first),
		cmocka_unit_test(waiting_flows_take_turns),
		cmocka_unit_test(a_million_flows_fit_in_a_gibibyte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
