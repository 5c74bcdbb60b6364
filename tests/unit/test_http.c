#include "http_conversations.h"
#include "http_expectations.h"
#include "http_flags.h"
#include "http_losses.h"
#include "http_starts.h"

#include <setjmp.h>

#include <cmocka.h>

static void assert_plays_as(
	const struct conversation *talk,
	struct run *run,
	const struct cut *cut,
	const char *how
) {
	run_talk(run, talk, cut);
	if (strcmp(run->text, talk->traces) != 0)
		fail_msg("%s, %s:\n%sinstead of:\n%s", talk->name, how, run->text, talk->traces);
	if (run_has_leak(run))
		fail_msg("%s, %s: a leak", talk->name, how);
	if (!counters_traces_closed(&run->counters))
		fail_msg("%s, %s: traces are not accounted for", talk->name, how);
}

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
#define TABLE(table)                                                                               \
	{ table, COUNT(table) }

static const struct {
	const struct conversation *talks;
	size_t n;
} tables[] = {
	TABLE(conversations),
	TABLE(starts),
	TABLE(losses),
	TABLE(flagged),
	TABLE(expectations),
};

// NULL behind the last.
static const struct conversation *talk_at(size_t i) {
	for (size_t k = 0; k < COUNT(tables); k++) {
		if (i < tables[k].n)
			return &tables[k].talks[i];
		i -= tables[k].n;
	}
	return NULL;
}

static void tells_the_traces_of_a_conversation(void **) {
	for (size_t i = 0; talk_at(i) != NULL; i++) {
		struct run *run = run_create(&run_limits, 64, 32768);
		assert_plays_as(talk_at(i), run, NULL, "whole");
		run_free(run);
	}
}

static void tells_the_same_cut_at_any_byte(void **) {
	struct run *run = run_create(&run_limits, 64, 32768);
	for (size_t i = 0; talk_at(i) != NULL; i++) {
		const struct conversation *talk = talk_at(i);
		for (size_t k = 0; k < MAX_STEPS && !talk->is_by_segment; k++) {
			for (size_t at = 1;
			     at < talk->steps[k].len && talk->steps[k].kind == STEP_DATA;
			     at++) {
				char how[64];
				snprintf(how, sizeof(how), "step %zu cut at %zu", k, at);
				assert_plays_as(
					talk, run, &(struct cut) {.step = k, .at = at}, how
				);
			}
		}
	}
	run_free(run);
}

static void tells_the_same_byte_by_byte(void **) {
	struct run *run = run_create(&run_limits, 64, 32768);
	for (size_t i = 0; talk_at(i) != NULL; i++) {
		if (!talk_at(i)->is_by_segment)
			assert_plays_as(
				talk_at(i), run, &(struct cut) {.is_bytewise = true}, "byte by byte"
			);
	}
	run_free(run);
}

// A connection fed by hand: the client's bytes begin at 100, the server's at 500.
static void feed(struct run *run, uint8_t side, struct slice bytes, uint32_t *seq) {
	run_data(run, side, bytes, seq[side], seq[1 - side], 0);
	seq[side] += (uint32_t)bytes.len;
}

static void feed_text(struct run *run, uint8_t side, const char *text, uint32_t *seq) {
	feed(run, side, slice_of_string(text), seq);
}

static void assert_traces(struct run *run, const char *expected) {
	run_pop(run);
	assert_string_equal(run->text, expected);
}

// Closes, and sees that all memory is back and all traces are accounted for.
static void finish(struct run *run) {
	http_close(&run->http, &run->conn, 0, &run->key);
	run_pop(run);
	assert_false(run_has_leak(run));
	assert_true(counters_traces_closed(&run->counters));
	run_free(run);
}

static struct run *start(struct http_limits limits, uint32_t n_blocks, size_t large_bytes) {
	struct run *run = run_create(&limits, n_blocks, large_bytes);
	http_conn_init(&run->conn, true);
	return run;
}

static uint64_t event(const struct run *run, enum event_counter which) {
	return run->counters.events[which];
}

static void notes_where_and_when_a_message_was(void **) {
	struct run *run = start(run_limits, 8, 0);
	run->now_ns = 50;
	run_data(run, 1, slice_of_string("GET / HTTP/1.1\r\nHo"), 100, 500, 0);
	run_data(run, 1, slice_of_string("st: x\r\nContent-Length: 2\r\n\r\na"), 118, 501, 0);
	run_data(run, 1, slice_of_string("b"), 147, 502, 0);
	run_data(run, 0, slice_of_string("HTTP/1.0 204 Not  much\r\n\r\n"), 502, 148, 0);
	struct message *m = message_queue_pop(&run->http.done);
	assert_non_null(m);
	assert_int_equal(m->client_side, 1);
	assert_false(m->is_response);
	assert_int_equal(m->vni, 7);
	assert_int_equal(m->seq_first, 100);
	assert_int_equal(m->ack_first, 500);
	assert_int_equal(m->first_ns, 50);
	assert_int_equal(m->last_ns, 52);
	assert_int_equal(m->version_minor, 1);
	assert_memory_equal(&m->key, &run->key, sizeof(m->key));
	assert_true(slice_equals(m->head, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"));
	const struct message *response = m->response;
	assert_true(response->is_response);
	assert_int_equal(response->client_side, 1);
	assert_int_equal(response->seq_first, 502);
	assert_int_equal(response->ack_first, 148);
	assert_int_equal(response->first_ns, 53);
	assert_int_equal(response->version_minor, 0);
	assert_true(slice_equals(response->reason, "Not  much"));
	run_print_trace(run, m);
	message_free(run->http.pool, m);
	counters_inc(&run->counters, COUNTER_TRACES_EXPORTED);
	finish(run);
}

static void puts_spaces_for_folds(void **) {
	struct run *run = start(run_limits, 8, 0);
	uint32_t seq[2] = {100, 500};
	feed_text(run, 0, "GET / HTTP/1.1\r\nA: b\tc\r\n\t d\n e\r\nHost: x\r\n\r\n", seq);
	struct slice value;
	assert_true(message_find_field(run->conn.requests.first, "a", &value));
	assert_true(slice_equals(value, "b\tc    d  e"));
	finish(run);
}

static void an_idle_connection_holds_nothing(void **) {
	struct run *run = start(run_limits, 8, 0);
	uint32_t seq[2] = {100, 500};
	feed_text(run, 0, "GET / HTTP/1.1\r\n\r\n", seq);
	assert_true(http_conn_is_open(&run->conn));
	feed_text(run, 1, "HTTP/1.1 204 No\r\n\r\n", seq);
	assert_false(http_conn_is_open(&run->conn));
	finish(run);
}

static void gives_up_a_head_over_the_limit(void **) {
	char *text = malloc(9000);
	for (size_t len = 4096 - 3; len <= 4096 + 3; len++) {
		for (size_t cut = 1; cut < len; cut += 511) {
			struct run *run = start(run_limits, 16, 16384);
			uint32_t seq[2] = {100, 500};
			int n = snprintf(text, 9000, "GET / HTTP/1.1\r\nA: ");
			memset(text + n, 'a', len - (size_t)n);
			memcpy(text + len - 4, "\r\n\r\n", 4);
			feed(run, 0, slice_of(text, cut), seq);
			feed(run, 0, slice_of(text + cut, len - cut), seq);
			feed_text(run, 0, "GET /next HTTP/1.1\r\n\r\n", seq);
			bool is_over = len > run_limits.head_size;
			assert_int_equal(event(run, COUNTER_HTTP_HEAD_TOO_LARGE), is_over);
			assert_int_equal(event(run, COUNTER_HTTP_REQUESTS), is_over ? 1 : 2);
			finish(run);
		}
	}
	free(text);
}

static void goes_on_behind_a_first_line_over_the_limit(void **) {
	struct run *run = start(run_limits, 16, 32768);
	uint32_t seq[2] = {100, 500};
	char *text = malloc(5000);
	memset(text, 'a', 5000);
	memcpy(text, "GET /", 5);
	for (size_t at = 0; at < 5000; at += 1000)
		feed(run, 0, slice_of(text + at, 1000), seq);
	feed_text(run, 0, " HTTP/1.1\r\n\r\n", seq);
	assert_int_equal(event(run, COUNTER_HTTP_HEAD_TOO_LARGE), 1);
	feed_text(run, 1, "HTTP/1.1 414 Long\r\nContent-Length: 0\r\n\r\n", seq);
	feed_text(run, 0, "GET /next HTTP/1.1\r\n\r\n", seq);
	feed_text(run, 1, "HTTP/1.1 204 No\r\n\r\n", seq);
	assert_traces(run, "? > 414 | no_request\nGET /next > 204\n");
	free(text);
	finish(run);
}

static void gives_up_a_head_with_too_many_fields(void **) {
	struct http_limits limits = run_limits;
	limits.n_fields = 2;
	struct run *run = start(limits, 16, 0);
	uint32_t seq[2] = {100, 500};
	feed_text(run, 0, "GET /1 HTTP/1.1\r\na: 1\r\nb: 2\r\n\r\n", seq);
	feed_text(run, 0, "GET /2 HTTP/1.1\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n", seq);
	feed_text(run, 0, "GET /3 HTTP/1.1\r\n\r\n", seq);
	assert_int_equal(event(run, COUNTER_HTTP_HEAD_TOO_LARGE), 1);
	assert_int_equal(event(run, COUNTER_HTTP_RESYNCS), 1);
	assert_int_equal(event(run, COUNTER_HTTP_REQUESTS), 2);
	finish(run);
}

static void keeps_the_order_of_those_that_wait_when_too_many_do(void **) {
	struct http_limits limits = run_limits;
	limits.n_pending = 2;
	struct run *run = start(limits, 16, 0);
	uint32_t seq[2] = {100, 500};
	feed_text(run, 0, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n", seq);
	feed_text(
		run, 0, "HEAD /3 HTTP/1.1\r\n\r\nPUT /4 HTTP/1.1\r\nContent-Length: 1\r\n\r\n4", seq
	);
	feed_text(run, 1, "HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n", seq);
	feed_text(run, 0, "GET /5 HTTP/1.1\r\n\r\nGET /6 HTTP/1.1\r\n\r\n", seq);
	feed_text(run, 1, "HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n", seq);
	feed_text(run, 1, "HTTP/1.1 203 3\r\nContent-Length: 9\r\n\r\n", seq);
	feed_text(run, 1, "HTTP/1.1 204 4\r\n\r\nHTTP/1.1 205 5\r\nContent-Length: 0\r\n\r\n", seq);
	feed_text(run, 0, "GET /7 HTTP/1.1\r\n\r\n", seq);
	feed_text(
		run,
		1,
		"HTTP/1.1 206 6\r\nContent-Length: 0\r\n\r\nHTTP/1.1 207 7\r\n"
		"Content-Length: 0\r\n\r\n",
		seq
	);
	assert_traces(
		run,
		"HEAD /3 > ? | no_response\n"
		"PUT /4 1'4' > ? | no_response\n"
		"GET /1 > 201\n"
		"GET /6 > ? | no_response\n"
		"GET /2 > 202\n"
		"? > 203 | no_request\n"
		"? > 204 | no_request\n"
		"GET /5 > 205\n"
		"? > 206 | no_request\n"
		"GET /7 > 207\n"
	);
	assert_int_equal(event(run, COUNTER_HTTP_PENDING_OVERFLOW), 3);
	finish(run);
}

static void keeps_the_beginning_of_a_long_body(void **) {
	struct http_limits limits = run_limits;
	limits.body_keep = 5;
	struct run *run = start(limits, 16, 0);
	uint32_t seq[2] = {100, 500};
	feed_text(run, 0, "PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", seq);
	feed_text(run, 0, "de", seq);
	feed_text(run, 1, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n0123", seq);
	feed_text(run, 1, "45678", seq);
	assert_traces(run, "PUT / 5'abcde' > 200 9'01234'5 | body_capped\n");
	assert_int_equal(event(run, COUNTER_HTTP_BODY_BYTES), 14);
	assert_int_equal(event(run, COUNTER_HTTP_BODY_BYTES_KEPT), 10);
	assert_int_equal(event(run, COUNTER_HTTP_BODY_BYTES_SHED), 0);
	finish(run);
}

// A request and a response with bodies of 4,000 bytes, while 'n_taken' of 64 blocks are in use.
static void assert_sheds(uint32_t n_taken, bool is_request_kept, bool is_response_kept) {
	struct run *run = start(run_limits, 64, 0);
	uint32_t seq[2] = {100, 500};
	struct block *taken[64];
	uint8_t body[4000];
	memset(body, 'x', sizeof(body));
	for (uint32_t i = 0; i < n_taken; i++)
		taken[i] = message_block_alloc(run->http.pool);
	feed_text(run, 0, "PUT / HTTP/1.1\r\nContent-Length: 4000\r\n\r\n", seq);
	feed(run, 0, slice_of(body, sizeof(body)), seq);
	feed_text(run, 1, "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n", seq);
	feed(run, 1, slice_of(body, 2000), seq);
	feed(run, 1, slice_of(body, 2000), seq);
	struct message *m = run->http.done.first;
	assert_int_equal(m->body_kept == 4000, is_request_kept);
	assert_int_equal((m->flags & TRACE_FLAG_BODY_SHED) == 0, is_request_kept);
	assert_int_equal(m->response->body_kept == 4000, is_response_kept);
	assert_int_equal((m->response->flags & TRACE_FLAG_BODY_SHED) == 0, is_response_kept);
	assert_int_equal(m->response->body_bytes, 4000);
	assert_int_equal(
		event(run, COUNTER_HTTP_BODY_BYTES_KEPT) + event(run, COUNTER_HTTP_BODY_BYTES_SHED),
		8000
	);
	for (uint32_t i = 0; i < n_taken; i++)
		message_block_free(run->http.pool, taken[i]);
	finish(run);
}

static void sheds_response_bodies_first_then_all(void **) {
	assert_sheds(40, true, true);
	assert_sheds(64 - 16, true, false);
	assert_sheds(64 - 8, false, false);
}

static void counts_what_there_is_no_memory_for(void **) {
	struct run *run = start(run_limits, 1, 0);
	uint32_t seq[2] = {100, 500};
	feed_text(run, 0, "GET /1 HTTP/1.1\r\n\r\n", seq);
	feed_text(run, 0, "POST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nab", seq);
	feed_text(run, 1, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", seq);
	assert_traces(run, "GET /1 > ? | no_response\n"); // its block is free now
	feed_text(run, 1, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\ncd", seq);
	assert_traces(run, "GET /1 > ? | no_response\n? > 200 2'cd' | no_request\n");
	assert_int_equal(event(run, COUNTER_TRACES_MADE), 4);
	assert_int_equal(run->counters.trace_drops[TRACE_DROP_NO_MEMORY], 2);
	finish(run);
}

static void keeps_the_order_around_a_request_that_there_is_no_memory_for(void **) {
	struct run *run = start(run_limits, 8, 0);
	uint32_t seq[2] = {100, 500};
	struct block *taken[7];
	for (size_t i = 0; i < COUNT(taken); i++)
		taken[i] = message_block_alloc(run->http.pool);
	feed_text(run, 0, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n", seq);
	for (size_t i = 0; i < COUNT(taken); i++)
		message_block_free(run->http.pool, taken[i]);
	feed_text(run, 0, "GET /3 HTTP/1.1\r\n\r\n", seq);
	feed_text(run, 1, "HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n", seq);
	feed_text(run, 1, "HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n", seq);
	feed_text(run, 1, "HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n", seq);
	assert_traces(run, "GET /1 > 201\n? > 202 | no_request\nGET /3 > 203\n");
	finish(run);
}

static void counts_a_head_in_parts_that_there_is_no_memory_for(void **) {
	struct run *run = start(run_limits, 1, 0);
	uint32_t seq[2] = {100, 500};
	struct block *taken = message_block_alloc(run->http.pool);
	feed_text(run, 0, "GET /1 HTTP/1.1\r\n", seq);
	feed_text(run, 0, "\r\n", seq);
	message_block_free(run->http.pool, taken);
	feed_text(run, 0, "GET /2 HTTP/1.1\r\n\r\n", seq);
	http_close(&run->http, &run->conn, 0, &run->key);
	assert_traces(run, "GET /2 > ? | no_response\n");
	finish(run);
}

// Any shortage at any moment: nothing is lost uncounted and nothing leaks.
static void survives_every_shortage(void **) {
	for (size_t i = 0; talk_at(i) != NULL; i++) {
		for (uint32_t n_blocks = 1; n_blocks < 8; n_blocks++) {
			struct run *run = run_create(&run_limits, n_blocks, n_blocks % 2);
			run_talk(run, talk_at(i), &(struct cut) {.step = 0, .at = 20});
			assert_false(run_has_leak(run));
			assert_true(counters_traces_closed(&run->counters));
			run_free(run);
		}
	}
}

static void gives_up_a_midstream_connection_that_shows_no_message(void **) {
	struct run *run = start(run_limits, 8, 0);
	uint32_t seq[2] = {100, 500};
	uint8_t *noise = malloc(1000);
	memset(noise, 0x17, 1000);
	http_conn_init(&run->conn, false);
	for (int i = 0; i < 5; i++)
		feed(run, 0, slice_of(noise, 1000), seq);
	assert_int_equal(run->conn.verdict, HTTP_UNDECIDED);
	for (int i = 0; i < 5; i++)
		feed(run, 1, slice_of(noise, 1000), seq);
	assert_int_equal(run->conn.verdict, HTTP_NOT_HTTP);
	assert_int_equal(event(run, COUNTER_HTTP_SKIPPED_BYTES), 10000);
	free(noise);
	finish(run);
}

#define A_64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void tells_what_is_not_HTTP(void **) {
	static const char *const texts[] = {
		"\x16\x03\x01\x02",
		"SSH-2.0-OpenSSH_9.2\r\n",
		"PRI * HTTP/2.0\r\n",
		"GET /\r\n",
		"220 mail.test ESMTP\r\n",
		"*1\r\n$4\r\nPING\r\n",
		"HTTP/2 200\r\n",
		A_64 A_64 A_64 A_64 " ",
		"PROXY TCP4 1.2.3.4\r\n\x16",
	};
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct run *run = start(run_limits, 8, 0);
		uint32_t seq[2] = {100, 500};
		for (uint8_t side = 0; side < 2; side++) {
			for (const char *p = texts[i]; *p != 0; p++) {
				feed(run, side, slice_of(p, 1), seq);
				if (side == 0)
					assert_int_equal(run->conn.verdict, HTTP_UNDECIDED);
			}
		}
		if (run->conn.verdict != HTTP_NOT_HTTP)
			fail_msg("'%s' is taken for HTTP", texts[i]);
		assert_false(http_conn_is_open(&run->conn));
		assert_int_equal(event(run, COUNTER_HTTP_MALFORMED), 0);
		assert_int_equal(event(run, COUNTER_HTTP_RESYNCS), 0);
		finish(run);
	}
}

static void waits_for_the_first_word_of_the_server(void **) {
	struct run *run = start(run_limits, 8, 0);
	uint32_t seq[2] = {100, 500};
	uint8_t *noise = malloc(1000);
	memset(noise, 0x17, 1000);
	for (int i = 0; i < 200; i++)
		feed(run, 0, slice_of(noise, 1000), seq);
	assert_int_equal(run->conn.verdict, HTTP_UNDECIDED);
	feed_text(run, 1, "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n", seq);
	assert_int_equal(run->conn.verdict, HTTP_YES);
	feed_text(run, 0, "GET /2 HTTP/1.1\r\n\r\n", seq);
	feed_text(run, 1, "HTTP/1.1 204 No\r\n\r\n", seq);
	assert_traces(run, "? > 400 | no_request\nGET /2 > 204\n");
	assert_int_equal(event(run, COUNTER_HTTP_MALFORMED), 1);
	assert_int_equal(event(run, COUNTER_HTTP_RESYNCS), 1);
	free(noise);
	finish(run);
}

static void gives_up_when_what_the_other_says_is_not_seen(void **) {
	struct run *run = start(run_limits, 8, 0);
	uint32_t seq[2] = {100, 500};
	uint8_t *noise = malloc(1000);
	memset(noise, 0x17, 1000);
	for (int i = 0; i < 4; i++) {
		feed(run, 0, slice_of(noise, 1000), seq);
		seq[1] += 100;
	}
	assert_int_equal(run->conn.verdict, HTTP_UNDECIDED);
	feed(run, 0, slice_of(noise, 1000), seq);
	assert_int_equal(run->conn.verdict, HTTP_NOT_HTTP);
	free(noise);
	finish(run);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_traces_of_a_conversation),
		cmocka_unit_test(tells_the_same_cut_at_any_byte),
		cmocka_unit_test(tells_the_same_byte_by_byte),
		cmocka_unit_test(notes_where_and_when_a_message_was),
		cmocka_unit_test(puts_spaces_for_folds),
		cmocka_unit_test(an_idle_connection_holds_nothing),
		cmocka_unit_test(gives_up_a_head_over_the_limit),
		cmocka_unit_test(goes_on_behind_a_first_line_over_the_limit),
		cmocka_unit_test(gives_up_a_head_with_too_many_fields),
		cmocka_unit_test(keeps_the_order_of_those_that_wait_when_too_many_do),
		cmocka_unit_test(keeps_the_beginning_of_a_long_body),
		cmocka_unit_test(sheds_response_bodies_first_then_all),
		cmocka_unit_test(counts_what_there_is_no_memory_for),
		cmocka_unit_test(keeps_the_order_around_a_request_that_there_is_no_memory_for),
		cmocka_unit_test(counts_a_head_in_parts_that_there_is_no_memory_for),
		cmocka_unit_test(survives_every_shortage),
		cmocka_unit_test(gives_up_a_midstream_connection_that_shows_no_message),
		cmocka_unit_test(tells_what_is_not_HTTP),
		cmocka_unit_test(waits_for_the_first_word_of_the_server),
		cmocka_unit_test(gives_up_when_what_the_other_says_is_not_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
