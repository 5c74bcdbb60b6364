#include "clock.h"
#include "worker_world.h"

#include <pthread.h>

// What time it is, and what it ends.

#define YEAR_NS (365 * 24 * HOUR_NS)
#define N_BETWEEN 100 // frames, more than a burst
#define N_WAITING 3800

static void takes_time_as_it_goes(void **) {
	struct clock clock = {0};
	for (uint64_t i = 0; i < CLOCK_CONFIRM; i++) {
		assert_int_equal(clock.now_ns, 0);
		clock_take(&clock, YEAR_NS + i);
	}
	assert_int_equal(clock.now_ns, YEAR_NS);
	clock_take(&clock, YEAR_NS + 5);
	clock_take(&clock, YEAR_NS + 3);
	assert_int_equal(clock.now_ns, YEAR_NS + 5);
}

static void takes_a_step_that_is_confirmed(void **) {
	struct clock clock = {.now_ns = YEAR_NS};
	clock_take(&clock, 9 * YEAR_NS);
	clock_take(&clock, YEAR_NS + 1); // it was one frame
	assert_int_equal(clock.now_ns, YEAR_NS + 1);
	for (int i = 0; i < CLOCK_CONFIRM - 1; i++)
		clock_take(&clock, 2 * YEAR_NS);
	assert_int_equal(clock.now_ns, YEAR_NS + 1);
	clock_take(&clock, 9 * YEAR_NS);
	assert_int_equal(clock.now_ns, 2 * YEAR_NS);
}

// A transaction with other traffic in its middle.
static void add_slow_transaction(struct world *w, uint16_t port) {
	struct bytes dns = ethernet(IPV4, ip(UDP, false, udp(53, text("query"))));
	struct segment client = {
		.client_port = port, .flags = ACK, .seq = 1, .ack = 1, .payload = REQUEST};
	add_handshake(w, port);
	add_segment(w, &client);
	for (int i = 0; i < N_BETWEEN; i++)
		add(w, dns);
	client.is_from_server = true;
	client.ack = 1 + (uint32_t)strlen(REQUEST);
	client.payload = RESPONSE;
	add_segment(w, &client);
}

static void is_not_misled_by_one_time_stamp(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	add_slow_transaction(w, 1000);
	w->frames[N_BETWEEN / 2].time_ns += YEAR_NS;
	world_run(w);
	assert_int_equal(w->total.events[COUNTER_TRACES_MADE], 1);
	assert_int_equal(w->total.events[COUNTER_FLOWS_EXPIRED], 0);
	free(w);
}

static void read_two_captures(uint16_t n_workers, bool is_later_first) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	w->config.n_workers = n_workers;
	w->config.mesh = n_workers > 1 ? shard_mesh_create(n_workers, 64) : NULL;
	for (uint16_t i = 0; i < 8; i++)
		add_slow_transaction(w, (uint16_t)(1000 + i));
	w->n_second = w->n_frames / 2;
	for (size_t i = 0; i < w->n_second; i++)
		w->frames[is_later_first ? i : w->n_second + i].time_ns += YEAR_NS;
	world_open(w);
	pthread_t thread;
	if (n_workers > 1)
		assert_int_equal(pthread_create(&thread, NULL, run_worker, w->workers[1]), 0);
	worker_run(w->workers[0]);
	if (n_workers > 1)
		pthread_join(thread, NULL);
	world_close(w);
	shard_mesh_free(w->config.mesh);
	assert_int_equal(w->total.events[COUNTER_TRACES_MADE], 8);
	assert_int_equal(w->total.events[COUNTER_FLOWS_EXPIRED], 4); // the earlier ones, at the end
	free(w);
}

static void reads_captures_of_different_times_at_once(void **) {
	read_two_captures(1, false);
	read_two_captures(1, true);
	read_two_captures(2, false);
	read_two_captures(2, true);
}

// A first byte of so many connections, each of which waits for what may come before it.
static void gives_up_waiting_as_fast_as_others_begin_to(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	w->limits.flows.n_flows = 4096;
	w->limits.n_blocks = 1024;
	w->limits.tcp.reorder_ns = SECOND_NS / 100;
	struct segment s = {.flags = ACK, .seq = 1000, .ack = 1, .payload = "x"};
	for (uint16_t i = 0; i < N_WAITING; i++) {
		s.client_port = (uint16_t)(1000 + i);
		add_segment(w, &s);
		w->frames[i].time_ns = SECOND_NS + i * 50000ull; // 20,000 a second
	}
	world_run(w);
	assert_int_equal(w->total.verdicts[VERDICT_TCP_NO_ROOM], 0);
	assert_int_equal(w->total.verdicts[VERDICT_FLOW_SHED], 0);
	assert_int_equal(w->total.verdicts[VERDICT_DELIVERED], N_WAITING);
	free(w);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_time_as_it_goes),
		cmocka_unit_test(takes_a_step_that_is_confirmed),
		cmocka_unit_test(is_not_misled_by_one_time_stamp),
		cmocka_unit_test(reads_captures_of_different_times_at_once),
		cmocka_unit_test(gives_up_waiting_as_fast_as_others_begin_to),
	};
	test_eal_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
