#include "tcp_bench.h"

static void gives_bytes_in_order(void **state) {
	struct bench *b = *state;
	open_both(b);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc");
	S(.flags = ACK, .seq = 500, .ack = 103, .text = "de");
	C(.flags = ACK | FIN, .seq = 103, .ack = 502, .text = "f");
	S(.flags = ACK | FIN, .seq = 502, .ack = 105);
	assert_string_equal(b->out, "abc<def.<.");
	assert_true(b->conn.is_closed);
	assert_true(tcp_conn_is_from_start(&b->conn));
}

static void puts_reordered_segments_back(void **state) {
	struct bench *b = *state;
	open_both(b);
	C(.flags = ACK | FIN, .seq = 106, .ack = 500, .text = "gh");
	C(.flags = ACK, .seq = 103, .ack = 500, .text = "def");
	assert_string_equal(b->out, "");
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc");
	assert_string_equal(b->out, "abcdefgh.");
}

static void holds_what_comes_in_any_order(void **state) {
	static const char orders[][6] = {"bcdef", "fedcb", "cebdf", "bfdec", "cbfed", "efbcd"};
	struct bench *b = *state;
	open_both(b);
	for (uint32_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		for (uint32_t at = 0; at < 5; at++) {
			char text[] = {orders[i][at], '\0'};
			uint32_t seq = 100 + 6 * i + (uint32_t)(text[0] - 'a');
			C(.flags = ACK, .seq = seq, .ack = 500, .text = text);
			C(.flags = ACK, .seq = seq, .ack = 500, .text = text);
		}
		C(.flags = ACK, .seq = 100 + 6 * i, .ack = 500, .text = "a");
		assert_int_equal(b->conn.sides[0].n_held, 0);
		assert_string_equal(b->out, "abcdef");
		b->out[0] = '\0';
	}
}

static void holds_a_response_until_its_request_came(void **state) {
	struct bench *b = *state;
	open_both(b);
	S(.flags = ACK, .seq = 500, .ack = 103, .text = "R");
	assert_string_equal(b->out, "");
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "req");
	assert_string_equal(b->out, "req<R");
}

static void survives_a_handshake_that_comes_last(void **state) {
	struct bench *b = *state;
	S(.flags = ACK, .seq = 500, .ack = 103, .text = "R");
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "req");
	S(.flags = SYN | ACK, .seq = 499, .ack = 100);
	C(.flags = SYN, .seq = 99);
	assert_string_equal(b->out, "req<R");
	assert_true(tcp_conn_is_from_start(&b->conn));
}

static void drops_repeated_bytes(void **state) {
	struct bench *b = *state;
	open_both(b);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc");
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc");
	C(.flags = ACK, .seq = 101, .ack = 500, .text = "bcd");
	C(.flags = ACK, .seq = 99, .ack = 500, .text = "x"); // keep-alive probe
	assert_string_equal(b->out, "abcd");
	assert_int_equal(b->counters.events[COUNTER_TCP_DUPLICATE_BYTES], 6);
}

static void first_copy_wins_and_differences_are_counted(void **state) {
	struct bench *b = *state;
	open_both(b);
	C(.flags = ACK, .seq = 103, .ack = 500, .text = "def");
	C(.flags = ACK, .seq = 101, .ack = 500, .text = "bcXXXXg");
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "a");
	assert_string_equal(b->out, "abcdefXg");
	assert_int_equal(b->counters.events[COUNTER_TCP_OVERLAP_DIFFERS], 1);
}

static void gives_up_soon_a_hole_that_was_acknowledged(void **state) {
	struct bench *b = *state;
	open_both(b);
	C(.flags = ACK, .seq = 105, .ack = 500, .text = "f", .ms = 1);
	S(.flags = ACK, .seq = 500, .ack = 106, .ms = 2);
	drain(b, 100 * MS);
	assert_string_equal(b->out, "");
	drain(b, 101 * MS);
	assert_string_equal(b->out, "[5]f");
	assert_int_equal(b->counters.events[COUNTER_TCP_GAP_BYTES], 5);
}

static void waits_longer_for_a_retransmission(void **state) {
	struct bench *b = *state;
	open_both(b);
	C(.flags = ACK, .seq = 105, .ack = 500, .text = "f", .ms = 1);
	drain(b, 2000 * MS);
	assert_string_equal(b->out, "");
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abcde", .ms = 2500);
	assert_string_equal(b->out, "abcdef");
}

static void gives_up_when_too_much_is_held(void **state) {
	struct bench *b = *state;
	open_both(b);
	for (uint32_t i = 0; i < 64; i++)
		C(.flags = ACK, .seq = 101 + i, .ack = 500, .text = "x");
	assert_memory_equal(b->out, "[1]xxxx", 7);
}

static void gives_up_a_large_hole_when_too_much_is_held_and_it_was_acknowledged(void **state) {
	struct bench *b = *state;
	open_both(b);
	C(.flags = ACK, .seq = 1000, .ack = 500, .text = "w");
	S(.flags = ACK, .seq = 500, .ack = 1001);
	for (uint32_t i = 0; i < 64; i++)
		C(.flags = ACK, .seq = 1001 + i, .ack = 500, .text = "x");
	assert_memory_equal(b->out, "[900]wxxxx", 10);
}

static void says_what_was_cut_off_a_packet(void **state) {
	struct bench *b = *state;
	open_both(b);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "ab", .n_cut = 10);
	C(.flags = ACK, .seq = 112, .ack = 500, .text = "c");
	assert_string_equal(b->out, "ab{10}c");
}

static void says_what_was_cut_off_a_held_packet(void **state) {
	struct bench *b = *state;
	open_both(b);
	C(.flags = ACK, .seq = 103, .ack = 500, .text = "de", .n_cut = 10);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc");
	C(.flags = ACK | FIN, .seq = 115, .ack = 500);
	assert_string_equal(b->out, "abcde{10}.");
}

static void picks_up_midstream_at_the_lowest_byte(void **state) {
	struct bench *b = *state;
	C(.flags = ACK, .seq = 103, .ack = 500, .text = "def", .ms = 1);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc", .ms = 2);
	assert_string_equal(b->out, "");
	S(.flags = ACK, .seq = 500, .ack = 106, .text = "R", .ms = 200);
	assert_string_equal(b->out, "~abcdef<~R");
	assert_false(tcp_conn_is_from_start(&b->conn));
}

static void follows_a_connection_of_which_one_side_is_mirrored(void **state) {
	struct bench *b = *state;
	S(.flags = SYN | ACK, .seq = 499, .ack = 100, .ms = 1);
	S(.flags = ACK, .seq = 500, .ack = 150, .text = "one", .ms = 2);
	S(.flags = ACK, .seq = 503, .ack = 200, .text = "two", .ms = 500);
	// The first was waited for; after that the other side is known to be absent.
	assert_string_equal(b->out, "[50]<one<two");
}

static void ends_both_sides_on_a_reset(void **state) {
	struct bench *b = *state;
	open_both(b);
	S(.flags = ACK, .seq = 502, .ack = 100, .text = "late");
	C(.flags = RST, .seq = 100);
	assert_true(b->conn.is_closed);
	assert_string_equal(b->out, "<[2]<late");
}

static void ignores_a_reset_that_is_not_in_order(void **state) {
	struct bench *b = *state;
	open_both(b);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc");
	C(.flags = RST, .seq = 50);
	assert_false(b->conn.is_closed);
	C(.flags = RST, .seq = 5000);
	assert_false(b->conn.is_closed);
}

static void closes_on_a_refused_connection(void **state) {
	struct bench *b = *state;
	C(.flags = SYN, .seq = 99);
	S(.flags = RST | ACK, .seq = 0, .ack = 100);
	assert_true(b->conn.is_closed);
}

static void refuses_segments_far_outside_the_window(void **state) {
	struct bench *b = *state;
	open_both(b);
	S(.flags = ACK, .seq = 500, .ack = 100);
	C(.flags = ACK, .seq = 100 + (1u << 28), .ack = 500, .text = "x");
	assert_int_equal(b->verdict, VERDICT_TCP_OUT_OF_WINDOW);
}

static void works_across_the_wrap_of_sequence_numbers(void **state) {
	struct bench *b = *state;
	C(.flags = SYN, .seq = 0xfffffffe);
	S(.flags = SYN | ACK, .seq = 0xffffffff, .ack = 0xffffffff);
	C(.flags = ACK, .seq = 1, .ack = 0, .text = "cd");
	C(.flags = ACK, .seq = 0xffffffff, .ack = 0, .text = "ab");
	S(.flags = ACK, .seq = 0, .ack = 3, .text = "R");
	assert_string_equal(b->out, "abcd<R");
}

static void gives_data_on_a_SYN_once_it_was_taken(void **state) {
	struct bench *b = *state;
	C(.flags = SYN, .seq = 99, .text = "abc");
	assert_string_equal(b->out, "");
	S(.flags = SYN | ACK, .seq = 499, .ack = 103, .ms = 1000);
	assert_string_equal(b->out, "abc");
	assert_true(tcp_conn_is_from_start(&b->conn));
	S(.flags = ACK, .seq = 500, .ack = 103, .text = "R", .ms = 1000);
	assert_string_equal(b->out, "abc<R");
}

static void gives_data_on_a_SYN_that_comes_late(void **state) {
	struct bench *b = *state;
	S(.flags = SYN | ACK, .seq = 499, .ack = 103);
	C(.flags = SYN, .seq = 99, .text = "abc");
	S(.flags = ACK, .seq = 500, .ack = 103, .text = "R");
	assert_string_equal(b->out, "abc<R");
	assert_true(tcp_conn_is_from_start(&b->conn));
}

static void leaves_out_data_on_a_SYN_that_was_refused(void **state) {
	struct bench *b = *state;
	C(.flags = SYN, .seq = 99, .text = "abc");
	S(.flags = SYN | ACK, .seq = 499, .ack = 100);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "def");
	assert_string_equal(b->out, "def");
	assert_true(tcp_conn_is_from_start(&b->conn));
}

static void gives_data_on_a_SYN_whose_answer_was_not_seen(void **state) {
	struct bench *b = *state;
	C(.flags = SYN, .seq = 99, .text = "abc");
	S(.flags = ACK, .seq = 501, .ack = 103, .text = "S", .ms = 1);
	S(.flags = ACK, .seq = 500, .ack = 103, .text = "R", .ms = 2);
	assert_string_equal(b->out, "");
	drain(b, 102 * MS);
	assert_string_equal(b->out, "abc<~R<S");
}

static void gives_data_on_a_SYN_that_nobody_answers(void **state) {
	struct bench *b = *state;
	C(.flags = SYN, .seq = 99, .text = "abc");
	drain(b, 2999 * MS);
	assert_string_equal(b->out, "");
	drain(b, 3000 * MS);
	assert_string_equal(b->out, "abc");
	assert_false(tcp_conn_is_from_start(&b->conn));
}

static void says_so_when_the_pool_is_empty(void **state) {
	struct bench *b = *state;
	struct block *taken[257];
	size_t n = 0;
	open_both(b);
	while ((taken[n] = message_block_alloc(b->pool)) != NULL)
		n++;
	C(.flags = ACK, .seq = 105, .ack = 500, .text = "f");
	assert_int_equal(b->verdict, VERDICT_TCP_NO_ROOM);
	while (n > 0)
		message_block_free(b->pool, taken[--n]);
}

int main(void) {
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(gives_bytes_in_order),
		T(puts_reordered_segments_back),
		T(holds_what_comes_in_any_order),
		T(holds_a_response_until_its_request_came),
		T(survives_a_handshake_that_comes_last),
		T(drops_repeated_bytes),
		T(first_copy_wins_and_differences_are_counted),
		T(gives_up_soon_a_hole_that_was_acknowledged),
		T(waits_longer_for_a_retransmission),
		T(gives_up_when_too_much_is_held),
		T(gives_up_a_large_hole_when_too_much_is_held_and_it_was_acknowledged),
		T(says_what_was_cut_off_a_packet),
		T(says_what_was_cut_off_a_held_packet),
		T(picks_up_midstream_at_the_lowest_byte),
		T(follows_a_connection_of_which_one_side_is_mirrored),
		T(ends_both_sides_on_a_reset),
		T(ignores_a_reset_that_is_not_in_order),
		T(closes_on_a_refused_connection),
		T(refuses_segments_far_outside_the_window),
		T(works_across_the_wrap_of_sequence_numbers),
		T(gives_data_on_a_SYN_once_it_was_taken),
		T(gives_data_on_a_SYN_that_comes_late),
		T(leaves_out_data_on_a_SYN_that_was_refused),
		T(gives_data_on_a_SYN_whose_answer_was_not_seen),
		T(gives_data_on_a_SYN_that_nobody_answers),
		T(says_so_when_the_pool_is_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
