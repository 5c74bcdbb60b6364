#include "worker_world.h"

// What becomes of a connection behind an end or a segment that was forged.

static struct segment add_forged_reset(struct world *w) {
	add_handshake(w, 1000);
	struct segment client = {.client_port = 1000, .flags = ACK, .seq = 1, .ack = 1};
	client = add_transactions(w, client, 1, true);
	struct segment reset = client;
	reset.flags = RST;
	reset.payload = "";
	add_segment(w, &reset);
	return client;
}

static void loses_one_request_to_a_forged_reset(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	add_transactions(w, add_forged_reset(w), 5, true);
	world_run(w);
	assert_int_equal(w->total.verdicts[VERDICT_TCP_AFTER_END], 1);
	assert_int_equal(w->total.events[COUNTER_HTTP_REQUESTS], 1 + 4);
	assert_int_equal(w->total.events[COUNTER_HTTP_RESPONSES], 1 + 5);
	assert_int_equal(w->total.events[COUNTER_TRACES_MADE], 1 + 5);
	free(w);
}

// Who sees only one side cannot know better; but what ended is not kept alive by what follows.
static void remembers_an_ended_connection_only_for_its_time(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	w->limits.flows.timeout_ns[FLOW_CLOSED] = SECOND_NS / 10; // 5 frames
	add_transactions(w, add_forged_reset(w), 10, false);
	world_run(w);
	assert_int_equal(w->total.verdicts[VERDICT_TCP_AFTER_END], 5);
	assert_int_equal(w->total.events[COUNTER_FLOWS_CREATED], 2);
	assert_int_equal(w->total.events[COUNTER_HTTP_REQUESTS], 1 + 5);
	free(w);
}

// A connection of which only the client is seen, and a segment far from it.
static void add_forged_segment(struct world *w, uint8_t flags) {
	struct segment client = {.client_port = 1000, .flags = SYN, .payload = ""};
	add_segment(w, &client);
	client.flags = ACK;
	client.seq = client.ack = 1;
	client = add_transactions(w, client, 5, false);
	struct segment forged = client;
	forged.flags = flags;
	forged.seq += 500000000;
	forged.payload = "X";
	add_segment(w, &forged);
	add_transactions(w, client, 10, false);
}

static void loses_nothing_to_data_forged_for_a_side_that_is_seen_alone(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	add_forged_segment(w, ACK);
	world_run(w);
	assert_int_equal(w->total.verdicts[VERDICT_TCP_OUT_OF_WINDOW], 1);
	assert_int_equal(w->total.events[COUNTER_HTTP_REQUESTS], 15);
	free(w);
}

static void loses_two_requests_to_a_SYN_forged_for_a_side_that_is_seen_alone(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	add_forged_segment(w, SYN);
	world_run(w);
	assert_int_equal(w->total.verdicts[VERDICT_TCP_OUT_OF_WINDOW], 2);
	assert_int_equal(w->total.events[COUNTER_HTTP_REQUESTS], 15 - 2);
	free(w);
}

// The flow that a forged segment left expires, and the next request begins another.
static void what_does_not_fit_keeps_no_connection_alive(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	w->limits.flows.timeout_ns[FLOW_ACTIVE] = SECOND_NS / 10; // 5 frames
	add_handshake(w, 1000);
	struct segment client = {.client_port = 1000, .flags = ACK, .seq = 1, .ack = 1};
	client = add_transactions(w, client, 1, true);
	client.seq += 500000000;
	add_transactions(w, client, 10, false);
	world_run(w);
	assert_int_equal(w->total.events[COUNTER_FLOWS_CREATED], 2);
	assert_in_range(w->total.verdicts[VERDICT_TCP_OUT_OF_WINDOW], 4, 6);
	free(w);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loses_one_request_to_a_forged_reset),
		cmocka_unit_test(remembers_an_ended_connection_only_for_its_time),
		cmocka_unit_test(loses_nothing_to_data_forged_for_a_side_that_is_seen_alone),
		cmocka_unit_test(loses_two_requests_to_a_SYN_forged_for_a_side_that_is_seen_alone),
		cmocka_unit_test(what_does_not_fit_keeps_no_connection_alive),
	};
	test_eal_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
