#include "worker_world.h"

// What becomes of a connection behind an end that was forged.

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

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loses_one_request_to_a_forged_reset),
		cmocka_unit_test(remembers_an_ended_connection_only_for_its_time),
	};
	test_eal_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
