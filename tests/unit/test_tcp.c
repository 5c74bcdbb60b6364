#include "packet.h"
#include "tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SYN PACKET_TCP_SYN
#define ACK PACKET_TCP_ACK
#define FIN PACKET_TCP_FIN
#define RST PACKET_TCP_RST
#define MS 1000000u

// One connection, and what came out of it as text: bytes of the client in lower case as they are,
// of the server behind '<'; "[n]" is a gap of n bytes, "{n}" one that was cut off a packet, "." an
// end, "~" marks bytes picked up midstream.
struct bench {
	struct message_pool *pool;
	struct counters counters;
	struct tcp tcp;
	struct tcp_conn conn;
	char out[256];
	enum verdict verdict;
};

static int setup(void **state) {
	struct bench *b = calloc(1, sizeof(*b));
	b->pool = message_pool_create(256, 0, 0);
	b->tcp = (struct tcp) {
		.limits = {.reorder_ns = 100 * MS, .gap_ns = 3000 * MS, .n_held_max = 64},
		.pool = b->pool,
		.counters = &b->counters,
	};
	*state = b;
	return 0;
}

static int teardown(void **state) {
	struct bench *b = *state;
	tcp_conn_ignore(&b->tcp, &b->conn);
	assert_int_equal(message_pool_n_free(b->pool), message_pool_n_blocks(b->pool));
	message_pool_free(b->pool);
	free(b);
	return 0;
}

static void drain(struct bench *b, uint64_t now_ns) {
	struct tcp_event event;
	while (tcp_next(&b->tcp, &b->conn, now_ns, &event)) {
		size_t len = strlen(b->out);
		char *to = b->out + len;
		size_t room = sizeof(b->out) - len;
		const char *side = event.side ? "<" : "";
		if (event.kind == TCP_DATA)
			snprintf(
				to,
				room,
				"%s%s%.*s",
				side,
				event.is_midstream ? "~" : "",
				(int)event.bytes.len,
				(const char *)event.bytes.data
			);
		else if (event.kind == TCP_GAP)
			snprintf(
				to,
				room,
				event.is_truncated ? "%s{%u}" : "%s[%u]",
				side,
				event.n_missing
			);
		else
			snprintf(to, room, "%s.", side);
	}
}

struct sent {
	uint8_t side;
	uint8_t flags;
	uint32_t seq, ack;
	const char *text;
	uint32_t n_cut; // declared, not captured
	uint64_t ms;
};

static void send(struct bench *b, struct sent s) {
	size_t len = s.text == NULL ? 0 : strlen(s.text);
	uint8_t *bytes = malloc(len);
	if (len > 0)
		memcpy(bytes, s.text, len);
	struct tcp_segment segment = {
		.bytes = slice_of(bytes, len),
		.len = (uint32_t)len + s.n_cut,
		.seq = s.seq,
		.ack = s.ack,
		.side = s.side,
		.flags = s.flags,
		.time_ns = s.ms * MS,
	};
	drain(b, segment.time_ns);
	b->verdict = tcp_input(&b->tcp, &b->conn, &segment);
	drain(b, segment.time_ns);
	free(bytes);
}

#define SEND(...) send(b, (struct sent) {__VA_ARGS__})
#define C(...) SEND(.side = 0, __VA_ARGS__)
#define S(...) SEND(.side = 1, __VA_ARGS__)

static void open_both(struct bench *b) {
	C(.flags = SYN, .seq = 99);
	S(.flags = SYN | ACK, .seq = 499, .ack = 100);
	C(.flags = ACK, .seq = 100, .ack = 500);
}

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

static struct tcp_segment segment(struct sent s) {
	size_t len = s.text == NULL ? 0 : strlen(s.text);
	return (struct tcp_segment) {
		.side = s.side, .flags = s.flags, .seq = s.seq, .ack = s.ack, .len = (uint32_t)len};
}

#define REUSES(...)                                                                                \
	tcp_is_reuse(&b->conn, (struct tcp_segment[]) {segment((struct sent) {__VA_ARGS__})})
#define GOES_ON(...)                                                                               \
	tcp_goes_on(&b->conn, (struct tcp_segment[]) {segment((struct sent) {__VA_ARGS__})})

// One request and one response; the sides are at 103 and 501 then.
static void exchange(struct bench *b) {
	open_both(b);
	C(.flags = ACK, .seq = 100, .ack = 500, .text = "abc");
	S(.flags = ACK, .seq = 500, .ack = 103, .text = "R");
}

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
		T(holds_a_response_until_its_request_came),
		T(survives_a_handshake_that_comes_last),
		T(drops_repeated_bytes),
		T(first_copy_wins_and_differences_are_counted),
		T(gives_up_soon_a_hole_that_was_acknowledged),
		T(waits_longer_for_a_retransmission),
		T(gives_up_when_too_much_is_held),
		T(says_what_was_cut_off_a_packet),
		T(says_what_was_cut_off_a_held_packet),
		T(picks_up_midstream_at_the_lowest_byte),
		T(follows_a_connection_of_which_one_side_is_mirrored),
		T(ends_both_sides_on_a_reset),
		T(ignores_a_reset_that_is_not_in_order),
		T(closes_on_a_refused_connection),
		T(refuses_segments_far_outside_the_window),
		T(works_across_the_wrap_of_sequence_numbers),
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
		T(says_so_when_the_pool_is_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
