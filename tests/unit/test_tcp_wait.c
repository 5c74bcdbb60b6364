#include "tcp_bench.h"

// Holes behind which something is held: whose word decides, and when.

static void drops_what_the_receiver_never_took(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = ACK, .seq = 10000000, .ack = 501, .text = "X", .ms = 1);
	S(.flags = ACK, .seq = 501, .ack = 103, .ms = 3001);
	assert_false(tcp_conn_is_waiting(&b->conn));
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def", .ms = 4000);
	assert_string_equal(b->out, "abc<Rdef");
	assert_int_equal(b->counters.events[COUNTER_TCP_UNTAKEN_BYTES], 1);
	assert_int_equal(b->counters.events[COUNTER_TCP_GAPS], 0);
}

static void asks_the_receiver_when_nothing_is_said(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = ACK, .seq = 10000000, .ack = 501, .text = "X", .ms = 1);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def", .ms = 60000);
	S(.flags = ACK, .seq = 501, .ack = 106, .text = "S", .ms = 60001);
	assert_false(tcp_conn_is_waiting(&b->conn));
	C(.flags = ACK, .seq = 106, .ack = 502, .text = "ghi", .ms = 60002);
	assert_string_equal(b->out, "abc<Rdef<Sghi");
	assert_int_equal(b->counters.events[COUNTER_TCP_GAPS], 0);
}

static void keeps_what_the_receiver_took_though_it_says_so_late(void **state) {
	struct bench *b = *state;
	exchange(b);
	S(.flags = ACK, .seq = 501, .ack = 103, .ms = 0);
	C(.flags = ACK, .seq = 106, .ack = 501, .text = "ghi", .ms = 1);
	C(.flags = ACK, .seq = 109, .ack = 501, .text = "jkl", .ms = 2);
	S(.flags = ACK, .seq = 501, .ack = 103, .ms = 3); // was under way
	drain(b, 5000 * MS);
	assert_true(tcp_conn_is_waiting(&b->conn));
	S(.flags = ACK, .seq = 501, .ack = 112, .text = "S", .ms = 5001);
	assert_string_equal(b->out, "abc<R[3]ghijkl<S");
	assert_int_equal(b->counters.events[COUNTER_TCP_UNTAKEN_BYTES], 0);
}

static void waits_for_a_word_four_times_as_long_with_little_held(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = ACK, .seq = 106, .ack = 501, .text = "ghi", .ms = 1);
	S(.flags = ACK, .seq = 501, .ack = 103, .ms = 3);
	drain(b, 11000ull * MS);
	assert_true(tcp_conn_is_waiting(&b->conn));
	drain(b, 12100ull * MS);
	assert_false(tcp_conn_is_waiting(&b->conn));
	for (uint32_t i = 0; i < 9; i++) {
		C(.flags = ACK, .seq = 109 + 3 * i, .ack = 501, .text = "jkl", .ms = 13000);
		S(.flags = ACK, .seq = 501, .ack = 103, .ms = 13001);
	}
	drain(b, 16100ull * MS);
	assert_false(tcp_conn_is_waiting(&b->conn));
}

// What the mirror missed of a hole is not all that a forged segment makes of it.
static void gives_up_of_a_hole_what_was_acknowledged(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = ACK, .seq = 10000000, .ack = 501, .text = "X", .ms = 1);
	S(.flags = ACK, .seq = 501, .ack = 106, .ms = 50);
	C(.flags = ACK, .seq = 106, .ack = 501, .text = "ghi", .ms = 200);
	S(.flags = ACK, .seq = 501, .ack = 109, .text = "S", .ms = 3001);
	assert_string_equal(b->out, "abc<R[3]ghi<S");
	drain(b, 12300ull * MS);
	assert_false(tcp_conn_is_waiting(&b->conn));
	assert_int_equal(b->counters.events[COUNTER_TCP_UNTAKEN_BYTES], 1);
}

static void keeps_what_is_behind_a_hole_while_that_closes(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = ACK, .seq = 109, .ack = 501, .text = "jkl", .ms = 1);
	S(.flags = ACK, .seq = 501, .ack = 103, .ms = 2);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def", .ms = 3200);
	S(.flags = ACK, .seq = 501, .ack = 106, .ms = 3201);
	C(.flags = ACK, .seq = 106, .ack = 501, .text = "ghi", .ms = 3202);
	assert_string_equal(b->out, "abc<Rdefghijkl");
}

// The mirror lost sight of it.
static void goes_on_behind_a_hole_when_the_receiver_says_nothing_any_more(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = ACK, .seq = 106, .ack = 501, .text = "ghi", .ms = 1);
	C(.flags = ACK, .seq = 109, .ack = 501, .text = "jkl", .ms = 2);
	C(.flags = ACK, .seq = 112, .ack = 501, .text = "mno", .ms = 3);
	drain(b, 3001 * MS);
	assert_string_equal(b->out, "abc<R[3]ghijklmno");
}

int main(void) {
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(drops_what_the_receiver_never_took),
		T(asks_the_receiver_when_nothing_is_said),
		T(keeps_what_the_receiver_took_though_it_says_so_late),
		T(waits_for_a_word_four_times_as_long_with_little_held),
		T(gives_up_of_a_hole_what_was_acknowledged),
		T(keeps_what_is_behind_a_hole_while_that_closes),
		T(goes_on_behind_a_hole_when_the_receiver_says_nothing_any_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
