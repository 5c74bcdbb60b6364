#include "eal.h"
#include "fragment.h"
#include "frame.h"

#include <rte_mempool.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define HEADER_LEN 20 // bytes in front of a fragment's payload in the test's frames

struct bench {
	struct rte_mempool *pool;
	struct counters counters;
	struct fragment_table *table;
	uint8_t datagram[60000];
};

static int setup(void **state) {
	static struct rte_mempool *pool;
	if (pool == NULL)
		pool = rte_pktmbuf_pool_create(
			"fragment", 255, 0, FRAME_PRIVATE_SIZE, 2048, SOCKET_ID_ANY
		);
	struct bench *b = calloc(1, sizeof(*b));
	b->pool = pool;
	struct fragment_limits limits = {.n_datagrams = 8, .n_mbufs = 200, .timeout_ns = 1000};
	b->table = fragment_table_create(&limits, &b->counters);
	for (size_t i = 0; i < sizeof(b->datagram); i++)
		b->datagram[i] = (uint8_t)(i * 7 + i / 256);
	*state = b;
	return 0;
}

static int teardown(void **state) {
	struct bench *b = *state;
	fragment_table_free(b->table);
	assert_int_equal(rte_mempool_avail_count(b->pool), 255);
	free(b);
	return 0;
}

struct piece {
	uint32_t at, len;
	bool is_last;
	uint32_t id;
	uint64_t time_ns;
	bool is_other; // other bytes than the datagram's
	uint32_t n_cut; // of its bytes, cut off by the mirror
	bool is_split; // within its header, over two mbufs
};

// Moves what is behind the first 'len' bytes to an mbuf of its own.
static void split(struct bench *b, struct rte_mbuf *mbuf, uint16_t len) {
	struct rte_mbuf *rest = rte_pktmbuf_alloc(b->pool);
	assert_non_null(rest);
	uint16_t n_rest = (uint16_t)(mbuf->data_len - len);
	memcpy(rte_pktmbuf_append(rest, n_rest),
	       rte_pktmbuf_mtod_offset(mbuf, uint8_t *, len),
	       n_rest);
	rte_pktmbuf_trim(mbuf, n_rest);
	assert_int_equal(rte_pktmbuf_chain(mbuf, rest), 0);
}

static struct rte_mbuf *frame_with(struct bench *b, struct piece p) {
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(b->pool);
	assert_non_null(mbuf);
	uint8_t *to = (uint8_t *)rte_pktmbuf_append(mbuf, (uint16_t)(HEADER_LEN + p.len));
	memset(to, 0, HEADER_LEN + p.len);
	if (!p.is_other)
		memcpy(to + HEADER_LEN, b->datagram + p.at, p.len);
	rte_pktmbuf_trim(mbuf, (uint16_t)p.n_cut);
	if (p.is_split)
		split(b, mbuf, HEADER_LEN / 2);
	frame_of(mbuf)->n_frames = 1;
	frame_of(mbuf)->time_ns = p.time_ns;
	return mbuf;
}

static enum verdict
add(struct bench *b, struct piece p, struct rte_mbuf **ret_mbuf, struct packet_ip *ret_ip) {
	struct rte_mbuf *mbuf = frame_with(b, p);
	struct packet_ip ip = {
		.version = 4,
		.protocol = 17,
		.is_fragment = true,
		.has_more_fragments = !p.is_last,
		.fragment_id = p.id,
		.fragment_at = p.at,
		.payload_at = HEADER_LEN,
		.payload_len = p.len,
		.captured_len = p.len - p.n_cut,
		.is_truncated = p.n_cut > 0,
	};
	struct fragment fragment = {.mbuf = mbuf, .ip = &ip, .hash_seed = 42};
	*ret_mbuf = NULL;
	enum verdict verdict = fragment_add(b->table, &fragment, ret_mbuf, ret_ip);
	if (verdict != VERDICT_DELIVERED)
		rte_pktmbuf_free(mbuf);
	return verdict;
}

static void
assert_begins(struct bench *b, struct rte_mbuf *mbuf, const struct packet_ip *ip, uint32_t len) {
	assert_non_null(mbuf);
	assert_false(ip->is_fragment);
	assert_int_equal(ip->captured_len, len);
	assert_int_equal(ip->is_truncated, len < ip->payload_len);
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), HEADER_LEN + len);
	rte_mbuf_sanity_check(mbuf, 1);
	uint8_t *copy = malloc(len + 1);
	const uint8_t *bytes = frame_read(mbuf, HEADER_LEN, len, copy);
	assert_memory_equal(bytes, b->datagram, len);
	free(copy);
}

static void
assert_whole(struct bench *b, struct rte_mbuf *mbuf, const struct packet_ip *ip, uint32_t len) {
	assert_begins(b, mbuf, ip, len);
	assert_int_equal(ip->payload_len, len);
}

static void puts_a_datagram_together_in_any_order(void **state) {
	struct bench *b = *state;
	const struct piece pieces[] = {
		{.at = 0, .len = 1480},
		{.at = 1480, .len = 1480},
		{.at = 2960, .len = 1000, .is_last = true},
	};
	const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	for (size_t i = 0; i < 6; i++) {
		struct rte_mbuf *mbuf;
		struct packet_ip ip;
		for (int k = 0; k < 3; k++) {
			struct piece piece = pieces[orders[i][k]];
			piece.id = (uint32_t)i;
			assert_int_equal(add(b, piece, &mbuf, &ip), VERDICT_DELIVERED);
			assert_int_equal(mbuf != NULL, k == 2);
		}
		assert_whole(b, mbuf, &ip, 3960);
		assert_int_equal(frame_of(mbuf)->n_frames, 3);
		rte_pktmbuf_free(mbuf);
	}
}

static void takes_as_many_pieces_as_the_largest_datagram_has(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf = NULL;
	struct packet_ip ip;
	for (uint32_t at = 0; at < 59200; at += 1480) {
		struct piece piece = {.at = at, .len = 1480, .is_last = at == 57720};
		assert_int_equal(add(b, piece, &mbuf, &ip), VERDICT_DELIVERED);
	}
	assert_whole(b, mbuf, &ip, 59200);
	rte_pktmbuf_free(mbuf);
}

static void repeated_pieces_do_no_harm(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	add(b, (struct piece) {.at = 0, .len = 800}, &mbuf, &ip);
	assert_int_equal(
		add(b, (struct piece) {.at = 0, .len = 800}, &mbuf, &ip), VERDICT_FRAGMENT_OVERLAP
	);
	add(b, (struct piece) {.at = 800, .len = 80, .is_last = true}, &mbuf, &ip);
	assert_whole(b, mbuf, &ip, 880);
	rte_pktmbuf_free(mbuf);
	assert_int_equal(b->counters.events[COUNTER_FRAGMENTS_DIFFER], 0);
}

static void late_copies_start_no_other_datagram(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	const struct piece first = {.at = 0, .len = 800};
	const struct piece last = {.at = 800, .len = 80, .is_last = true};
	for (int copy = 0; copy < 2; copy++) {
		assert_int_equal(
			add(b, first, &mbuf, &ip),
			copy ? VERDICT_FRAGMENT_OVERLAP : VERDICT_DELIVERED
		);
		assert_int_equal(
			add(b, last, &mbuf, &ip),
			copy ? VERDICT_FRAGMENT_OVERLAP : VERDICT_DELIVERED
		);
		if (mbuf != NULL)
			rte_pktmbuf_free(mbuf);
	}
}

static void another_datagram_with_the_same_id_is_another(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	for (int n = 0; n < 2; n++) {
		struct piece first = {.at = 0, .len = 800, .is_other = n == 1};
		add(b, first, &mbuf, &ip);
		assert_null(mbuf);
		add(b, (struct piece) {.at = 800, .len = 80, .is_last = true}, &mbuf, &ip);
		assert_non_null(mbuf);
		rte_pktmbuf_free(mbuf);
	}
}

// As the mirror sends them when an id comes round: the same headers, another sequence number.
static void datagrams_that_begin_alike_are_not_taken_for_copies(void **state) {
	struct bench *b = *state;
	for (uint8_t n = 0; n < 3; n++) {
		struct rte_mbuf *mbuf;
		struct packet_ip ip;
		b->datagram[110] = n;
		add(b, (struct piece) {.at = 0, .len = 800}, &mbuf, &ip);
		add(b, (struct piece) {.at = 800, .len = 80, .is_last = true}, &mbuf, &ip);
		assert_whole(b, mbuf, &ip, 880);
		rte_pktmbuf_free(mbuf);
	}
}

static void patience_begins_with_the_datagram_not_with_one_of_the_same_id(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	add(b, (struct piece) {.at = 0, .len = 80, .time_ns = 1}, &mbuf, &ip);
	add(b, (struct piece) {.at = 80, .len = 80, .is_last = true, .time_ns = 2}, &mbuf, &ip);
	assert_non_null(mbuf);
	rte_pktmbuf_free(mbuf);
	b->datagram[0]++;
	add(b, (struct piece) {.at = 0, .len = 80, .time_ns = 900}, &mbuf, &ip);
	fragment_expire(b->table, 1500);
	add(b, (struct piece) {.at = 80, .len = 80, .is_last = true, .time_ns = 1600}, &mbuf, &ip);
	assert_whole(b, mbuf, &ip, 160);
	rte_pktmbuf_free(mbuf);
	assert_int_equal(b->counters.verdicts[VERDICT_FRAGMENT_TIMEOUT], 0);
}

static void the_first_piece_wins_where_they_overlap(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	add(b, (struct piece) {.at = 800, .len = 800}, &mbuf, &ip);
	add(b, (struct piece) {.at = 0, .len = 800}, &mbuf, &ip);
	assert_int_equal(
		add(b, (struct piece) {.at = 400, .len = 1200, .is_other = true}, &mbuf, &ip),
		VERDICT_FRAGMENT_OVERLAP
	);
	add(b, (struct piece) {.at = 1200, .len = 800, .is_last = true}, &mbuf, &ip);
	assert_whole(b, mbuf, &ip, 2000);
	rte_pktmbuf_free(mbuf);
	assert_true(b->counters.events[COUNTER_FRAGMENTS_DIFFER] > 0);
}

static void refuses_pieces_that_cannot_be(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	assert_int_equal(
		add(b, (struct piece) {.at = 0, .len = 7}, &mbuf, &ip), VERDICT_FRAGMENT_BAD
	);
	assert_int_equal(
		add(b, (struct piece) {.at = 0, .len = 0, .is_last = true}, &mbuf, &ip),
		VERDICT_FRAGMENT_BAD
	);
	add(b, (struct piece) {.at = 800, .len = 80, .is_last = true}, &mbuf, &ip);
	assert_int_equal(
		add(b, (struct piece) {.at = 880, .len = 80}, &mbuf, &ip), VERDICT_FRAGMENT_BAD
	);
	assert_int_equal(
		add(b, (struct piece) {.at = 1600, .len = 80, .is_last = true}, &mbuf, &ip),
		VERDICT_FRAGMENT_BAD
	);
}

static void gives_up_after_the_timeout_and_counts_each_frame(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	add(b, (struct piece) {.at = 0, .len = 80, .time_ns = 1}, &mbuf, &ip);
	add(b, (struct piece) {.at = 160, .len = 80, .time_ns = 2}, &mbuf, &ip);
	fragment_expire(b->table, 1001);
	assert_int_equal(b->counters.verdicts[VERDICT_FRAGMENT_TIMEOUT], 0);
	fragment_expire(b->table, 1002);
	assert_int_equal(b->counters.verdicts[VERDICT_FRAGMENT_TIMEOUT], 2);
}

static void makes_room_by_the_oldest(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	for (uint32_t id = 0; id < 9; id++)
		add(b, (struct piece) {.at = 0, .len = 80, .id = id, .time_ns = id}, &mbuf, &ip);
	assert_int_equal(b->counters.verdicts[VERDICT_FRAGMENT_NO_ROOM], 1);
	add(b, (struct piece) {.at = 80, .len = 80, .id = 8, .is_last = true}, &mbuf, &ip);
	assert_non_null(mbuf);
	rte_pktmbuf_free(mbuf);
}

// Many datagrams that stay incomplete, as an attacker sends them, leave room for those that do not.
static void makes_room_for_another_piece_by_the_oldest(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	uint64_t now_ns = 0;
	for (uint32_t id = 0; id < 5; id++) {
		for (uint32_t i = 0; i < 60; i++) {
			struct piece piece = {.at = 8 * i, .len = 8, .id = id, .time_ns = now_ns++};
			assert_int_equal(add(b, piece, &mbuf, &ip), VERDICT_DELIVERED);
		}
	}
	assert_int_equal(b->counters.verdicts[VERDICT_FRAGMENT_NO_ROOM], 120);
	struct piece last = {.at = 480, .len = 8, .is_last = true, .time_ns = now_ns};
	for (last.id = 2; last.id < 5; last.id++) {
		assert_int_equal(add(b, last, &mbuf, &ip), VERDICT_DELIVERED);
		assert_whole(b, mbuf, &ip, 488);
		rte_pktmbuf_free(mbuf);
	}
}

static void does_not_give_up_the_datagram_that_a_piece_is_for(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	struct fragment_limits limits = {.n_datagrams = 8, .n_mbufs = 2, .timeout_ns = 1000};
	fragment_table_free(b->table);
	b->table = fragment_table_create(&limits, &b->counters);
	add(b, (struct piece) {.at = 0, .len = 80, .id = 1}, &mbuf, &ip);
	add(b, (struct piece) {.at = 0, .len = 80, .id = 2}, &mbuf, &ip);
	add(b, (struct piece) {.at = 80, .len = 80, .id = 1}, &mbuf, &ip);
	assert_int_equal(b->counters.verdicts[VERDICT_FRAGMENT_NO_ROOM], 1); // of id 2
	assert_int_equal(
		add(b, (struct piece) {.at = 160, .len = 80, .id = 1, .is_last = true}, &mbuf, &ip),
		VERDICT_FRAGMENT_NO_ROOM
	);
}

static void a_datagram_ends_where_a_fragment_of_it_was_cut(void **state) {
	struct bench *b = *state;
	const struct {
		struct piece pieces[3];
		uint32_t captured_len;
	} cases[] = {
		{{{.at = 0, .len = 800},
		  {.at = 800, .len = 800},
		  {.at = 1600, .len = 90, .n_cut = 50}},
		 1640},
		{{{.at = 0, .len = 800},
		  {.at = 800, .len = 800},
		  {.at = 1600, .len = 90, .n_cut = 90}},
		 1600},
		{{{.at = 0, .len = 800},
		  {.at = 800, .len = 800, .n_cut = 500},
		  {.at = 1600, .len = 90}},
		 1100},
		{{{.at = 0, .len = 800, .n_cut = 700},
		  {.at = 800, .len = 800, .n_cut = 700},
		  {.at = 1600, .len = 90}},
		 100},
		{{{.at = 0, .len = 800, .n_cut = 800},
		  {.at = 800, .len = 800},
		  {.at = 1600, .len = 90}},
		 0},
	};
	const int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
	for (size_t i = 0; i < RTE_DIM(cases) * RTE_DIM(orders); i++) {
		struct rte_mbuf *mbuf = NULL;
		struct packet_ip ip;
		const int *order = orders[i % RTE_DIM(orders)];
		for (int k = 0; k < 3; k++) {
			struct piece piece = cases[i / RTE_DIM(orders)].pieces[order[k]];
			piece.is_last = order[k] == 2;
			piece.id = (uint32_t)i;
			assert_int_equal(add(b, piece, &mbuf, &ip), VERDICT_DELIVERED);
		}
		assert_int_equal(ip.payload_len, 1690);
		assert_begins(b, mbuf, &ip, cases[i / RTE_DIM(orders)].captured_len);
		assert_int_equal(frame_of(mbuf)->n_frames, 3);
		rte_pktmbuf_free(mbuf);
	}
	assert_int_equal(b->counters.events[COUNTER_FRAGMENTS_DIFFER], 0);
}

static void pieces_without_a_captured_byte_may_lie_in_several_mbufs(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	const struct piece first = {.at = 0, .len = 64, .n_cut = 64, .is_split = true};
	add(b, first, &mbuf, &ip);
	assert_int_equal(add(b, first, &mbuf, &ip), VERDICT_FRAGMENT_OVERLAP);
	add(b, (struct piece) {.at = 64, .len = 8, .is_last = true, .is_split = true}, &mbuf, &ip);
	assert_int_equal(ip.payload_len, 72);
	assert_begins(b, mbuf, &ip, 0);
	rte_pktmbuf_free(mbuf);
	assert_int_equal(add(b, first, &mbuf, &ip), VERDICT_FRAGMENT_OVERLAP); // a late copy
}

static void of_a_piece_that_overlaps_nothing_new_may_be_left(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	add(b, (struct piece) {.at = 0, .len = 800}, &mbuf, &ip);
	add(b, (struct piece) {.at = 400, .len = 1200, .n_cut = 1000}, &mbuf, &ip);
	add(b, (struct piece) {.at = 1600, .len = 90, .is_last = true}, &mbuf, &ip);
	assert_int_equal(ip.payload_len, 1690);
	assert_begins(b, mbuf, &ip, 800);
	rte_pktmbuf_free(mbuf);
}

static void a_copy_that_was_cut_is_a_copy(void **state) {
	struct bench *b = *state;
	struct rte_mbuf *mbuf;
	struct packet_ip ip;
	const struct piece first = {.at = 0, .len = 800};
	const struct piece cut = {.at = 0, .len = 800, .n_cut = 750};
	add(b, first, &mbuf, &ip);
	assert_int_equal(add(b, cut, &mbuf, &ip), VERDICT_FRAGMENT_OVERLAP);
	add(b, (struct piece) {.at = 800, .len = 80, .is_last = true}, &mbuf, &ip);
	assert_whole(b, mbuf, &ip, 880);
	rte_pktmbuf_free(mbuf);
	assert_int_equal(add(b, cut, &mbuf, &ip), VERDICT_FRAGMENT_OVERLAP);
	assert_int_equal(b->counters.events[COUNTER_FRAGMENTS_DIFFER], 0);
}

int main(void) {
	test_eal_init();
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(puts_a_datagram_together_in_any_order),
		T(takes_as_many_pieces_as_the_largest_datagram_has),
		T(repeated_pieces_do_no_harm),
		T(late_copies_start_no_other_datagram),
		T(another_datagram_with_the_same_id_is_another),
		T(datagrams_that_begin_alike_are_not_taken_for_copies),
		T(patience_begins_with_the_datagram_not_with_one_of_the_same_id),
		T(the_first_piece_wins_where_they_overlap),
		T(refuses_pieces_that_cannot_be),
		T(gives_up_after_the_timeout_and_counts_each_frame),
		T(makes_room_by_the_oldest),
		T(makes_room_for_another_piece_by_the_oldest),
		T(does_not_give_up_the_datagram_that_a_piece_is_for),
		T(a_datagram_ends_where_a_fragment_of_it_was_cut),
		T(pieces_without_a_captured_byte_may_lie_in_several_mbufs),
		T(of_a_piece_that_overlaps_nothing_new_may_be_left),
		T(a_copy_that_was_cut_is_a_copy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
