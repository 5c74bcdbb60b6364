// Heads that wait for their rest, and requests that wait for their responses, of many connections,
// in a pool that is too small for them.

#include "http_run.h"

#include <setjmp.h>

#include <cmocka.h>

#define N_CONNS 8
#define N_BLOCKS 64
#define N_LARGE 4 // two of 4 KiB and two of 8
#define HALF_HEAD 2500 // more than a block holds

struct talks {
	struct run *run;
	struct http_conn conns[N_CONNS];
	uint32_t seq[N_CONNS][2];
};

static struct talks *talks_create(void) {
	struct talks *talks = calloc(1, sizeof(*talks));
	talks->run = run_create(&run_limits, N_BLOCKS, 1);
	assert_int_equal(talks->run->n_large, N_LARGE);
	for (size_t i = 0; i < N_CONNS; i++)
		http_conn_init(&talks->conns[i], true);
	return talks;
}

// Closes all, and sees that memory is back and traces are accounted for.
static void talks_finish(struct talks *talks) {
	struct run *run = talks->run;
	for (size_t i = 0; i < N_CONNS; i++) {
		http_close(&run->http, &talks->conns[i], 0, &run->key);
		assert_false(http_conn_is_open(&talks->conns[i]));
	}
	run_pop(run);
	assert_false(run_has_leak(run));
	assert_true(counters_traces_closed(&run->counters));
	run_free(run);
	free(talks);
}

// What 'side' sends acknowledges all that the other has sent.
static void sends(struct talks *talks, size_t i, uint8_t side, struct slice bytes) {
	uint32_t *seq = talks->seq[i];
	struct http_origin origin = {
		.key = &talks->run->key,
		.seq = seq[side],
		.ack = seq[1 - side],
		.time_ns = talks->run->now_ns++,
	};
	uint8_t *copy = malloc(bytes.len);
	memcpy(copy, bytes.data, bytes.len);
	http_data(&talks->run->http, &talks->conns[i], side, slice_of(copy, bytes.len), &origin);
	seq[side] += (uint32_t)bytes.len;
	free(copy);
}

static void client_sends(struct talks *talks, size_t i, struct slice bytes) {
	sends(talks, i, 0, bytes);
}

static void begin_head(struct talks *talks, size_t i, size_t len) {
	char *text = malloc(len);
	memset(text, 'a', len);
	memcpy(text, "GET / HTTP/1.1\r\nCookie: ", 24);
	client_sends(talks, i, slice_of(text, len));
	free(text);
}

static void end_head(struct talks *talks, size_t i) {
	client_sends(talks, i, slice_of_string("\r\n\r\n"));
}

static uint64_t n_lost(const struct talks *talks) {
	return talks->run->counters.trace_drops[TRACE_DROP_NO_MEMORY];
}

// Requests that a trace was or will be made of.
static uint32_t n_kept(const struct talks *talks) {
	uint32_t n = talks->run->http.done.n;
	for (size_t i = 0; i < N_CONNS; i++)
		n += talks->conns[i].requests.n;
	return n;
}

static void the_head_that_has_waited_longest_yields(void **) {
	struct talks *talks = talks_create();
	for (size_t i = 0; i < N_LARGE; i++)
		begin_head(talks, i, HALF_HEAD);
	assert_int_equal(n_lost(talks), 0);
	client_sends(talks, 0, slice_of_string("aa")); // so that 1 is the oldest in 4 KiB
	begin_head(talks, N_LARGE, HALF_HEAD);
	assert_int_equal(n_lost(talks), 1);
	end_head(talks, 1);
	assert_int_equal(n_kept(talks), 0);
	end_head(talks, 0);
	assert_int_equal(n_kept(talks), 1);
	talks_finish(talks);
}

// However many connections send half a head and then nothing, whole messages go on.
static void half_heads_hold_up_no_message(void **) {
	struct talks *talks = talks_create();
	for (size_t i = 1; i < N_CONNS; i++)
		begin_head(talks, i, HALF_HEAD);
	assert_int_equal(n_lost(talks), N_CONNS - 1 - N_LARGE);
	begin_head(talks, 0, HALF_HEAD);
	end_head(talks, 0);
	assert_int_equal(n_kept(talks), 1);
	talks_finish(talks);
}

static void a_waiting_head_yields_only_for_what_fits_its_place(void **) {
	struct talks *talks = talks_create();
	begin_head(talks, 0, HALF_HEAD);
	for (size_t i = 1; i <= 3; i++)
		begin_head(talks, i, 4090); // with what belongs to them, over 4 KiB
	assert_int_equal(n_lost(talks), 1);
	end_head(talks, 1);
	assert_int_equal(n_kept(talks), 0);
	end_head(talks, 0);
	assert_int_equal(n_kept(talks), 1);
	talks_finish(talks);
}

static void finished_messages_do_not_yield(void **) {
	struct talks *talks = talks_create();
	for (size_t i = 0; i < N_CONNS; i++) {
		begin_head(talks, i, HALF_HEAD);
		end_head(talks, i);
	}
	assert_int_equal(n_kept(talks) + n_lost(talks), N_CONNS);
	assert_in_range(n_kept(talks), N_LARGE - 1, N_LARGE);
	talks_finish(talks);
}

static void a_head_keeps_growing_through_the_classes(void **) {
	struct talks *talks = talks_create();
	char *text = malloc(4096);
	memset(text, 'a', 4096);
	memcpy(text, "GET / HTTP/1.1\r\nCookie: ", 24);
	memcpy(text + 4092, "\r\n\r\n", 4);
	for (size_t i = 0; i < 4096; i++)
		client_sends(talks, 0, slice_of(text + i, 1));
	assert_int_equal(n_kept(talks), 1);
	const struct message *m = talks->conns[0].requests.first;
	assert_int_equal(m->head.len, 4094);
	assert_memory_equal(m->head.data, text, 4094);
	assert_int_equal(n_lost(talks), 0);
	free(text);
	talks_finish(talks);
}

#define SECOND_NS 1000000000ull

static void clients_send_requests(struct talks *talks, size_t i, size_t n) {
	for (size_t k = 0; k < n; k++)
		client_sends(talks, i, slice_of_string("GET / HTTP/1.1\r\n\r\n"));
}

static void server_answers(struct talks *talks, size_t i, size_t n) {
	for (size_t k = 0; k < n; k++)
		sends(talks, i, 1, slice_of_string("HTTP/1.1 204 No\r\n\r\n"));
}

static uint64_t n_shed(const struct talks *talks) {
	return talks->run->counters.events[COUNTER_HTTP_PENDING_SHED];
}

// As many as leave an eighth of the blocks free, and one more.
static struct talks *talks_that_fill_the_pool(void) {
	struct talks *talks = talks_create();
	for (size_t i = 0; i < N_CONNS - 1; i++)
		clients_send_requests(talks, i, 8);
	clients_send_requests(talks, N_CONNS - 1, 1);
	assert_int_equal(message_pool_n_free(talks->run->http.pool), N_BLOCKS / 8 - 1);
	return talks;
}

static void requests_that_have_waited_longest_yield(void **) {
	struct talks *talks = talks_that_fill_the_pool();
	server_answers(talks, 0, 1); // so that 1 has waited longest
	assert_int_equal(talks->run->http.done.n, 1);
	talks->run->now_ns += SECOND_NS;
	clients_send_requests(talks, N_CONNS - 1, 1);
	assert_int_equal(n_shed(talks), 8);
	assert_int_equal(talks->run->http.done.n, 9);
	assert_int_equal(talks->conns[0].requests.n, 7);
	assert_int_equal(talks->conns[1].requests.n, 0);
	assert_int_equal(talks->conns[2].requests.n, 8);
	talks_finish(talks);
}

static void requests_do_not_yield_within_a_second(void **) {
	struct talks *talks = talks_that_fill_the_pool();
	talks->run->now_ns += SECOND_NS / 2;
	clients_send_requests(talks, N_CONNS - 1, 1);
	assert_int_equal(n_shed(talks), 0);
	talks_finish(talks);
}

static void requests_do_not_yield_to_their_own_connection(void **) {
	struct talks *talks = talks_that_fill_the_pool();
	talks->run->now_ns += SECOND_NS;
	server_answers(talks, 0, 1);
	assert_int_equal(n_shed(talks), 8);
	assert_int_equal(talks->conns[0].requests.n, 7);
	assert_int_equal(talks->conns[1].requests.n, 0);
	talks_finish(talks);
}

static void a_request_that_is_being_read_does_not_yield(void **) {
	struct talks *talks = talks_create();
	clients_send_requests(talks, 0, 2);
	client_sends(talks, 0, slice_of_string("PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\na"));
	for (size_t i = 1; i < N_CONNS; i++)
		clients_send_requests(talks, i, 8);
	talks->run->now_ns += SECOND_NS;
	clients_send_requests(talks, 1, 1); // one too many, which wants memory all the same
	assert_int_equal(n_shed(talks), 2);
	assert_int_equal(talks->conns[0].requests.n, 1);
	server_answers(talks, 0, 2);
	client_sends(talks, 0, slice_of_string("b"));
	run_pop(talks->run);
	talks->run->text_len = 0;
	server_answers(talks, 0, 1);
	run_pop(talks->run);
	assert_string_equal(talks->run->text, "PUT / 2'ab' > 204\n");
	talks_finish(talks);
}

static void the_order_outlives_requests_that_yield(void **) {
	struct talks *talks = talks_that_fill_the_pool();
	talks->run->now_ns += SECOND_NS;
	clients_send_requests(talks, N_CONNS - 1, 1);
	run_pop(talks->run);
	talks->run->text_len = 0;
	client_sends(talks, 0, slice_of_string("GET /next HTTP/1.1\r\n\r\n"));
	server_answers(talks, 0, 8);
	assert_int_equal(talks->conns[0].requests.n, 1);
	run_pop(talks->run);
	talks->run->text_len = 0;
	server_answers(talks, 0, 1);
	run_pop(talks->run);
	assert_string_equal(talks->run->text, "GET /next > 204\n");
	talks_finish(talks);
}

// A body that is announced, of the length of "GET /8 HTTP/1.1\r\n\r\n", and not wanted.
#define POST_EXPECTING "POST /7 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 19\r\n\r\n"

static void assert_no_body_is_read(struct talks *talks, const char *traces) {
	run_pop(talks->run);
	talks->run->text_len = 0;
	client_sends(talks, 0, slice_of_string("GET /8 HTTP/1.1\r\n\r\n"));
	client_sends(talks, 0, slice_of_string("GET /9 HTTP/1.1\r\n\r\n"));
	sends(talks, 0, 1, slice_of_string("HTTP/1.1 208 8\r\nContent-Length: 0\r\n\r\n"));
	sends(talks, 0, 1, slice_of_string("HTTP/1.1 209 9\r\nContent-Length: 0\r\n\r\n"));
	run_pop(talks->run);
	assert_string_equal(talks->run->text, traces);
	talks_finish(talks);
}

static void a_request_over_the_limit_may_leave_its_body_out(void **) {
	struct talks *talks = talks_create();
	clients_send_requests(talks, 0, 8);
	client_sends(talks, 0, slice_of_string(POST_EXPECTING));
	server_answers(talks, 0, 9);
	assert_no_body_is_read(talks, "POST /7 > ? | no_response\nGET /8 > 208\nGET /9 > 209\n");
}

static void a_body_is_read_where_only_an_earlier_request_was_answered(void **) {
	struct talks *talks = talks_create();
	clients_send_requests(talks, 0, 8);
	client_sends(talks, 0, slice_of_string(POST_EXPECTING));
	server_answers(talks, 0, 8);
	client_sends(talks, 0, slice_of_string("GET /8 HTTP/1.1\r\n\r\n"));
	run_pop(talks->run);
	talks->run->text_len = 0;
	server_answers(talks, 0, 1);
	client_sends(talks, 0, slice_of_string("GET /9 HTTP/1.1\r\n\r\n"));
	server_answers(talks, 0, 1);
	run_pop(talks->run);
	assert_string_equal(talks->run->text, "? > 204 | no_request\nGET /9 > 204\n");
	talks_finish(talks);
}

static void a_request_that_there_is_no_memory_for_may_leave_its_body_out(void **) {
	struct talks *talks = talks_create();
	struct block *taken[N_BLOCKS];
	for (size_t i = 0; i < N_BLOCKS; i++)
		taken[i] = message_block_alloc(talks->run->http.pool);
	client_sends(talks, 0, slice_of_string(POST_EXPECTING));
	for (size_t i = 0; i < N_BLOCKS; i++)
		message_block_free(talks->run->http.pool, taken[i]);
	assert_int_equal(n_lost(talks), 1);
	server_answers(talks, 0, 1);
	assert_no_body_is_read(talks, "GET /8 > 208\nGET /9 > 209\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_head_that_has_waited_longest_yields),
		cmocka_unit_test(half_heads_hold_up_no_message),
		cmocka_unit_test(a_waiting_head_yields_only_for_what_fits_its_place),
		cmocka_unit_test(finished_messages_do_not_yield),
		cmocka_unit_test(a_head_keeps_growing_through_the_classes),
		cmocka_unit_test(requests_that_have_waited_longest_yield),
		cmocka_unit_test(requests_do_not_yield_within_a_second),
		cmocka_unit_test(requests_do_not_yield_to_their_own_connection),
		cmocka_unit_test(a_request_that_is_being_read_does_not_yield),
		cmocka_unit_test(the_order_outlives_requests_that_yield),
		cmocka_unit_test(a_request_over_the_limit_may_leave_its_body_out),
		cmocka_unit_test(a_body_is_read_where_only_an_earlier_request_was_answered),
		cmocka_unit_test(a_request_that_there_is_no_memory_for_may_leave_its_body_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
