#include "tcp_bench.h"
#include "tcp_priv.h"

// What does not fit a connection: forged, or of another one between the same ports.

static struct tcp_segment segment(struct sent s) {
	size_t len = s.text == NULL ? 0 : strlen(s.text);
	return (struct tcp_segment) {
		.side = s.side, .flags = s.flags, .seq = s.seq, .ack = s.ack, .len = (uint32_t)len};
}

#define REUSES(...)                                                                                \
	tcp_is_reuse(&b->conn, (struct tcp_segment[]) {segment((struct sent) {__VA_ARGS__})})
#define GOES_ON(...)                                                                               \
	tcp_goes_on(&b->conn, (struct tcp_segment[]) {segment((struct sent) {__VA_ARGS__})})

static void knows_a_new_connection_between_the_same_ports(void **state) {
	struct bench *b = *state;
	exchange(b);
	assert_false(REUSES(.flags = SYN, .seq = 99));
	C(.flags = SYN, .seq = 0x50000000);
	assert_true(REUSES(.side = 1, .flags = SYN | ACK, .seq = 7000, .ack = 0x50000001));
}

static void is_not_misled_by_a_SYN_and_ACK_that_answers_nothing(void **state) {
	struct bench *b = *state;
	exchange(b);
	assert_false(REUSES(.flags = SYN | ACK, .seq = 0x50000000, .ack = 501));
	assert_false(REUSES(.side = 1, .flags = SYN | ACK, .seq = 0x50000000, .ack = 103));
	S(.flags = SYN | ACK, .seq = 0x50000000, .ack = 103);
	assert_int_equal(b->verdict, VERDICT_TCP_OUT_OF_WINDOW);
	assert_false(GOES_ON(.flags = ACK, .seq = 103, .ack = 501)); // the challenge
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def");
	assert_string_equal(b->out, "abc<Rdef");
}

static void takes_up_a_connection_whose_SYN_was_not_seen(void **state) {
	struct bench *b = *state;
	exchange(b);
	S(.flags = SYN | ACK, .seq = 0x50000000, .ack = 7001);
	assert_true(GOES_ON(.flags = ACK, .seq = 7001, .ack = 0x50000001));
}

static void takes_up_a_connection_whose_handshake_was_not_seen(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = ACK, .seq = 0x50000000, .ack = 7000, .text = "def");
	assert_int_equal(b->verdict, VERDICT_TCP_OUT_OF_WINDOW);
	assert_true(GOES_ON(.side = 1, .flags = ACK, .seq = 7000, .ack = 0x50000003));
}

static void says_what_comes_behind_a_reset(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = RST, .seq = 103);
	assert_true(b->conn.is_closed);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc"); // a late copy
	assert_int_equal(b->verdict, VERDICT_DELIVERED);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def");
	assert_int_equal(b->verdict, VERDICT_TCP_AFTER_END);
	S(.flags = ACK, .seq = 501, .ack = 103, .text = "S"); // was under way
	assert_int_equal(b->verdict, VERDICT_TCP_AFTER_END);
	assert_string_equal(b->out, "abc<R");
}

static void says_what_comes_behind_a_FIN(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = FIN | ACK, .seq = 103, .ack = 501);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "z"); // a keep-alive probe
	assert_int_equal(b->verdict, VERDICT_DELIVERED);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def");
	assert_int_equal(b->verdict, VERDICT_TCP_AFTER_END);
	assert_string_equal(b->out, "abc<R.");
}

static void goes_on_where_both_sides_do(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = RST, .seq = 103);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def");
	C(.flags = ACK, .seq = 106, .ack = 501, .text = "ghi");
	struct sent proof = {.side = 1, .flags = ACK, .seq = 501, .ack = 106, .text = "S"};
	struct tcp_segment answer = segment(proof);
	assert_true(tcp_goes_on(&b->conn, &answer));
	tcp_conn_take_up(&b->conn, &answer);
	send(b, proof);
	S(.flags = ACK, .seq = 500, .ack = 103, .text = "R"); // a late copy
	C(.flags = ACK, .seq = 109, .ack = 502, .text = "jkl");
	assert_string_equal(b->out, "abc<R<~S~jkl");
	assert_false(tcp_conn_is_from_start(&b->conn));
}

static void stays_closed_where_only_one_side_goes_on(void **state) {
	struct bench *b = *state;
	exchange(b);
	S(.flags = ACK, .seq = 501, .ack = 103, .text = "S");
	C(.flags = FIN | ACK, .seq = 103, .ack = 501);
	assert_false(GOES_ON(.side = 1, .flags = ACK, .seq = 502, .ack = 104)); // of the FIN
	C(.flags = RST, .seq = 104);
	S(.flags = ACK, .seq = 502, .ack = 104, .text = "T"); // was under way
	assert_false(GOES_ON(.flags = ACK, .seq = 104, .ack = 502)); // a late one
	assert_false(GOES_ON(.flags = RST | ACK, .seq = 104, .ack = 503));
}

static void forgets_a_reset_that_was_challenged(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = RST, .seq = 106);
	S(.flags = ACK, .seq = 501, .ack = 103);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def");
	assert_false(b->conn.is_closed);
	S(.flags = ACK, .seq = 501, .ack = 106, .text = "S");
	assert_string_equal(b->out, "abc<Rdef<S");
}

static void waits_for_bytes_before_a_reset(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = RST, .seq = 106);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def");
	assert_string_equal(b->out, "abc<Rdef");
	assert_true(b->conn.is_closed);
}

static void is_not_misled_by_a_stray_SYN(void **state) {
	struct bench *b = *state;
	struct tcp_segment stray = {.flags = SYN, .seq = 7000};
	open_both(b);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc");
	S(.flags = ACK, .seq = 500, .ack = 103, .text = "R");
	assert_false(tcp_is_reuse(&b->conn, &stray));
	C(.flags = SYN, .seq = 7000);
	assert_int_equal(b->verdict, VERDICT_TCP_OUT_OF_WINDOW);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def");
	assert_string_equal(b->out, "abc<Rdef");
}

static void believes_a_reset_behind_bytes_that_nobody_took(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = RST, .seq = 10000000, .ms = 1);
	drain(b, 3001 * MS);
	assert_true(b->conn.is_closed);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def", .ms = 4000);
	assert_int_equal(b->verdict, VERDICT_TCP_AFTER_END);
	assert_true(GOES_ON(.side = 1, .flags = ACK, .seq = 501, .ack = 106));
	assert_string_equal(b->out, "abc<R");
}

static void holds_what_is_near_when_too_much_is_far(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = ACK, .seq = 106, .ack = 501, .text = "ghi");
	for (uint32_t i = 0; i < 100; i++)
		C(.flags = ACK, .seq = 10000000 + i, .ack = 501, .text = "X");
	assert_int_equal(b->verdict, VERDICT_DELIVERED);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def");
	assert_string_equal(b->out, "abc<Rdefghi");
	assert_int_equal(b->counters.events[COUNTER_TCP_GAPS], 0);
}

static void is_not_misled_by_an_acknowledgement_far_ahead(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = ACK, .seq = 103, .ack = 10000000, .text = "X", .ms = 1);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def", .ms = 50);
	drain(b, 3001 * MS);
	S(.flags = ACK, .seq = 501, .ack = 106, .text = "S", .ms = 4000);
	assert_string_equal(b->out, "abc<Rdef<S");
}

#define HALF (UINT32_C(1) << 31) // of sequence space: neither ahead nor behind

static void refuses_what_is_half_of_sequence_space_away(void **state) {
	struct bench *b = *state;
	exchange(b);
	C(.flags = ACK, .seq = 103 + HALF, .ack = 501, .text = "X");
	assert_int_equal(b->verdict, VERDICT_TCP_OUT_OF_WINDOW);
	C(.flags = ACK, .seq = 103 + HALF, .ack = 600, .text = "X"); // of unseen bytes
	assert_int_equal(b->verdict, VERDICT_TCP_OUT_OF_WINDOW);
	C(.flags = ACK, .seq = 103 + HALF - 1, .ack = 600, .text = "XX");
	assert_int_equal(b->verdict, VERDICT_TCP_OUT_OF_WINDOW);
	C(.flags = SYN, .seq = 102 + HALF, .ack = 501, .text = "X");
	assert_int_equal(b->verdict, VERDICT_TCP_OUT_OF_WINDOW);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def");
	assert_string_equal(b->out, "abc<Rdef");
	assert_false(tcp_conn_is_waiting(&b->conn));
}

static void is_not_misled_by_a_first_acknowledgement_half_of_sequence_space_away(void **state) {
	struct bench *b = *state;
	S(.flags = ACK, .seq = 500, .ack = 100 + HALF, .text = "R", .ms = 1);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc", .ms = 2);
	C(.flags = ACK, .seq = 100 + HALF, .ack = 501, .text = "X", .ms = 3);
	assert_int_equal(b->verdict, VERDICT_TCP_OUT_OF_WINDOW);
	C(.flags = ACK, .seq = 100 + HALF - 1, .ack = 501, .text = "XX", .ms = 3);
	assert_int_equal(b->verdict, VERDICT_TCP_OUT_OF_WINDOW);
	C(.flags = ACK, .seq = 103, .ack = 501, .text = "def", .ms = 4);
	drain(b, 7000 * MS);
	assert_string_equal(b->out, "~abc<~Rdef");
}

// As far as an acknowledgement of bytes that were not seen may vouch for, and what ends further.
static void holds_nothing_that_ends_half_of_sequence_space_ahead(void **state) {
	struct bench *b = *state;
	uint32_t from = 100;
	C(.flags = SYN, .seq = 99);
	for (uint32_t i = 0; i < 8; i++) {
		from += 1u << 28;
		S(.flags = ACK, .seq = 500, .ack = from);
		C(.flags = ACK, .seq = from - 1, .ack = 500, .text = "XX", .ms = 1);
		bool is_refused = b->verdict == VERDICT_TCP_OUT_OF_WINDOW;
		assert_true(is_refused || tcp_ahead(from, b->conn.sides[0].next) <= TCP_MAX_SPREAD);
	}
	drain(b, 7000 * MS);
	assert_false(tcp_conn_is_waiting(&b->conn));
}

// In steps that are near each other, all around sequence space.
static void holds_no_more_than_half_of_sequence_space_before_a_side_begins(void **state) {
	struct bench *b = *state;
	for (uint32_t i = 0; i < 32; i++)
		S(.flags = ACK, .seq = 500 - (i << 27), .ack = 100, .text = "X");
	assert_int_equal(b->conn.sides[1].n_held, 9); // four to either side of the first
	drain(b, TCP_FLUSH);
	assert_false(tcp_conn_is_waiting(&b->conn));
}

static void drops_what_was_held_far_from_where_a_side_begins(void **state) {
	static const uint32_t far[] = {HALF, HALF - 1, HALF + 1, 1 << 28, -(1u << 28)};
	struct bench *b = *state;
	for (uint32_t i = 0; i < sizeof(far) / sizeof(*far); i++) {
		for (uint32_t at = 0; at < 3; at++)
			C(.flags = ACK, .seq = 100 + far[i] + 2 * at, .ack = 500, .text = "X");
		assert_int_equal(b->conn.sides[0].n_held, 3);
		if (i % 2 == 0)
			C(.flags = SYN, .seq = 99);
		S(.flags = SYN | ACK, .seq = 499, .ack = 100);
		assert_false(tcp_conn_is_waiting(&b->conn));
		C(.flags = ACK, .seq = 103, .ack = 500, .text = "def");
		C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc");
		assert_string_equal(b->out, "abcdef");
		b->out[0] = '\0';
		b->conn = (struct tcp_conn) {0};
	}
}

static void is_not_misled_by_a_reset_before_a_side_begins(void **state) {
	struct bench *b = *state;
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc", .ms = 1);
	C(.flags = RST, .seq = 100 + HALF, .ms = 2);
	assert_false(b->conn.is_closed);
	C(.flags = ACK, .seq = 103, .ack = 500, .text = "def", .ms = 200);
	assert_string_equal(b->out, "~abcdef");
}

// One side of a connection, at 103.
static void open_one(struct bench *b) {
	C(.flags = SYN, .seq = 99);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc");
	drain(b, 100 * MS);
	assert_string_equal(b->out, "abc");
	b->out[0] = '\0';
}

// As lib/worker does.
static void deliver(struct bench *b, struct sent s) {
	struct tcp_segment next = segment(s);
	if (tcp_goes_on(&b->conn, &next)) {
		drain(b, TCP_FLUSH);
		tcp_conn_take_up(&b->conn, &next);
	}
	send(b, s);
}

static void refuses_what_is_far_ahead_of_a_side_that_is_seen_alone(void **state) {
	struct bench *b = *state;
	open_one(b);
	C(.flags = ACK, .seq = 500000000, .ack = 500, .text = "X");
	assert_int_equal(b->verdict, VERDICT_TCP_OUT_OF_WINDOW);
	C(.flags = ACK, .seq = 103, .ack = 500, .text = "def");
	assert_string_equal(b->out, "def");
}

// 'def', 'ghi', 'jkl', 'mno' from 'seq' on.
static void go_on_alone(struct bench *b, uint32_t seq) {
	static const char *const texts[] = {"def", "ghi", "jkl", "mno"};
	for (uint32_t i = 0; i < 4; i++) {
		struct sent s = {
			.flags = ACK,
			.seq = seq + 3 * i,
			.ack = 500,
			.text = texts[i],
			.ms = 4000,
		};
		deliver(b, s);
		s.text = NULL;
		deliver(b, s); // says nothing
	}
}

static void believes_a_side_that_is_seen_alone_when_it_goes_on(void **state) {
	struct bench *b = *state;
	open_one(b);
	go_on_alone(b, 500000000);
	assert_string_equal(b->out, "~jklmno");
}

static void finds_back_to_a_side_that_is_seen_alone(void **state) {
	struct bench *b = *state;
	open_one(b);
	C(.flags = ACK, .seq = 10000000, .ack = 500, .text = "X", .ms = 1);
	drain(b, 3001 * MS);
	assert_string_equal(b->out, "[9999897]X");
	b->out[0] = '\0';
	go_on_alone(b, 103);
	assert_string_equal(b->out, "~jklmno");
}

static void send_run(struct bench *b, const char *letters, uint64_t ms) {
	for (const char *at = letters; *at != '\0'; at++) {
		char text[] = {*at, '\0'};
		uint32_t seq = 103 + (uint32_t)(*at - 'a');
		deliver(b,
			(struct sent) {
				.flags = ACK,
				.seq = seq,
				.ack = 500,
				.text = text,
				.ms = ms,
			});
	}
}

static void takes_what_is_sent_again_for_what_was_lost(void **state) {
	struct bench *b = *state;
	open_one(b);
	send_run(b, "aghi", 1);
	drain(b, 3001 * MS);
	send_run(b, "bcdefjk", 3500);
	assert_string_equal(b->out, "a[5]ghijk");
}

static void takes_all_that_is_sent_again_for_a_repetition(void **state) {
	struct bench *b = *state;
	open_one(b);
	send_run(b, "aghi", 1);
	drain(b, 3001 * MS);
	send_run(b, "bcdefghijk", 3500);
	assert_string_equal(b->out, "a[5]ghijk");
}

static void takes_what_is_sent_again_for_what_was_lost_when_too_much_is_held(void **state) {
	struct bench *b = *state;
	open_one(b);
	for (uint32_t i = 0; i < 64; i++)
		C(.flags = ACK, .seq = 108 + i, .ack = 500, .text = "x", .ms = 1);
	assert_memory_equal(b->out, "[5]xxxx", 7);
	b->out[0] = '\0';
	send_run(b, "abcde", 2);
	C(.flags = ACK, .seq = 172, .ack = 500, .text = "y", .ms = 3);
	assert_string_equal(b->out, "y");
}

static void does_not_believe_one_side_where_both_are_seen(void **state) {
	struct bench *b = *state;
	exchange(b);
	go_on_alone(b, 500000000);
	assert_string_equal(b->out, "abc<R");
}

int main(void) {
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(knows_a_new_connection_between_the_same_ports),
		T(is_not_misled_by_a_SYN_and_ACK_that_answers_nothing),
		T(takes_up_a_connection_whose_SYN_was_not_seen),
		T(takes_up_a_connection_whose_handshake_was_not_seen),
		T(says_what_comes_behind_a_reset),
		T(says_what_comes_behind_a_FIN),
		T(goes_on_where_both_sides_do),
		T(stays_closed_where_only_one_side_goes_on),
		T(forgets_a_reset_that_was_challenged),
		T(waits_for_bytes_before_a_reset),
		T(is_not_misled_by_a_stray_SYN),
		T(believes_a_reset_behind_bytes_that_nobody_took),
		T(holds_what_is_near_when_too_much_is_far),
		T(is_not_misled_by_an_acknowledgement_far_ahead),
		T(refuses_what_is_half_of_sequence_space_away),
		T(is_not_misled_by_a_first_acknowledgement_half_of_sequence_space_away),
		T(holds_nothing_that_ends_half_of_sequence_space_ahead),
		T(holds_no_more_than_half_of_sequence_space_before_a_side_begins),
		T(drops_what_was_held_far_from_where_a_side_begins),
		T(is_not_misled_by_a_reset_before_a_side_begins),
		T(refuses_what_is_far_ahead_of_a_side_that_is_seen_alone),
		T(believes_a_side_that_is_seen_alone_when_it_goes_on),
		T(finds_back_to_a_side_that_is_seen_alone),
		T(takes_what_is_sent_again_for_what_was_lost),
		T(takes_all_that_is_sent_again_for_a_repetition),
		T(takes_what_is_sent_again_for_what_was_lost_when_too_much_is_held),
		T(does_not_believe_one_side_where_both_are_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
