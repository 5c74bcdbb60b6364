#include "port_ethdev.h"
#include "port_support.h"

#include <rte_ethdev.h>

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void refuses_names_of_no_port(void **) {
	refuse("a.pcap", EINVAL, "no such kind of port; known are ");
	refuse("pcapp:a.pcap", EINVAL, "no such kind");
	refuse("pca:a.pcap", EINVAL, "no such kind");
	refuse(":a.pcap", EINVAL, "no such kind");
	refuse("", EINVAL, "no such kind");
	refuse("pcap:", EINVAL, "pcap:FILE is needed");
	char long_name[2000] = "pcap:";
	memset(long_name + 5, 'a', sizeof(long_name) - 6);
	refuse(long_name, ENAMETOOLONG, "too long");
}

static void refuses_a_pool_too_small_for_the_longest_frame(void **) {
	struct port_memory_source source = {.n_rounds = 1};
	struct port_config config = config_of("memory");
	config.n_mbufs = 500;
	struct port_error error;
	struct port *port = NULL;
	assert_int_equal(port_open_memory(&config, &source, &port, &error), -EINVAL);
	assert_null(port);
}

static void hands_out_frames_in_memory_in_rounds(void **) {
	uint8_t *bytes = malloc(5000);
	fill(bytes, 5000, 7);
	const struct port_memory_frame frames[] = {
		{.bytes = bytes, .len = 60, .time_ns = 1},
		{.bytes = bytes, .len = 5000, .time_ns = 2}};
	const struct port_memory_source source = {
		.frames = frames,
		.n_frames = 2,
		.n_rounds = 3,
		.round_ns = 10,
		.link = PACKET_LINK_RAW_IP};
	struct port_config config = config_of("memory");
	struct port_error error;
	struct port *port;
	assert_int_equal(port_open_memory(&config, &source, &port, &error), 0);
	struct rte_mbuf *mbufs[BURST];
	assert_int_equal(port_receive(port, 0, 0, mbufs, 4), 4);
	assert_false(port_is_done(port));
	assert_int_equal(port_receive(port, 0, 0, mbufs + 4, BURST - 4), 2);
	assert_true(port_is_done(port));
	for (uint32_t i = 0; i < 6; i++) {
		check_frame(mbufs[i], frames[i % 2].len, 7);
		assert_int_equal(frame_of(mbufs[i])->time_ns, i / 2 * 10 + i % 2 + 1);
		assert_int_equal(frame_of(mbufs[i])->link, PACKET_LINK_RAW_IP);
	}
	rte_pktmbuf_free_bulk(mbufs, 6);
	assert_null(port_error_text(port));
	port_close(port);
	free(bytes);
}

// A worker that receives until it is told to stop.
struct receiver {
	struct port *port;
	atomic_bool is_stopping;
	_Atomic uint64_t n_frames;
};

static void *receive_on(void *arg) {
	struct receiver *receiver = arg;
	struct rte_mbuf *mbufs[BURST];
	while (!atomic_load(&receiver->is_stopping)) {
		uint16_t n = port_receive(receiver->port, 0, TIME_NS, mbufs, BURST);
		for (uint16_t i = 0; i < n; i++)
			assert(frame_of(mbufs[i])->time_ns == TIME_NS);
		rte_pktmbuf_free_bulk(mbufs, n);
		atomic_fetch_add(&receiver->n_frames, n);
	}
	return NULL;
}

static void wait_for_frames(struct receiver *receiver, uint64_t n_frames) {
	while (atomic_load(&receiver->n_frames) < n_frames)
		sched_yield();
}

static void resets_a_device_while_a_worker_receives(void **) {
	struct receiver receiver = {.port = open_port("vdev:net_null0,size=64")};
	assert_true(port_is_live(receiver.port));
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, receive_on, &receiver), 0);
	for (uint64_t round = 1; round <= 20; round++) {
		wait_for_frames(&receiver, 1000 * round);
		port_ethdev_request_reset(receiver.port);
		port_service(receiver.port);
		assert_null(port_waiting_text(receiver.port));
	}
	wait_for_frames(&receiver, atomic_load(&receiver.n_frames) + 1000);
	atomic_store(&receiver.is_stopping, true);
	pthread_join(thread, NULL);
	// Its counters began anew with a reset.
	uint16_t id;
	assert_int_equal(rte_eth_dev_get_port_by_name("net_null0", &id), 0);
	struct rte_eth_stats stats;
	assert_int_equal(rte_eth_stats_get(id, &stats), 0);
	assert_true(stats.ipackets < atomic_load(&receiver.n_frames));
	port_close(receiver.port);
}

static void waits_for_a_worker_before_a_reset(void **) {
	struct port *port = open_port("vdev:net_null0,size=64");
	struct rte_mbuf *mbufs[BURST];
	port_ethdev_request_reset(port);
	port_service(port); // nobody has come by since
	assert_int_equal(port_receive(port, 0, 0, mbufs, BURST), 0);
	assert_int_equal(port_receive(port, 0, 0, mbufs, BURST), 0);
	port_service(port);
	assert_int_equal(port_receive(port, 0, 0, mbufs, BURST), BURST);
	rte_pktmbuf_free_bulk(mbufs, BURST);
	port_close(port);
}

static void refuses_a_device_that_is_in_use(void **) {
	struct port *port = open_port("vdev:net_null0");
	refuse("vdev:net_null0", EEXIST, "device 'net_null0' is in use");
	port_close(port);
	port_close(open_port("vdev:net_null0"));
}

static void a_memory_port_without_frames_is_done(void **) {
	struct port_memory_source source = {.n_rounds = 1};
	struct port_config config = config_of("memory");
	struct port_error error;
	struct port *port;
	assert_int_equal(port_open_memory(&config, &source, &port, &error), 0);
	assert_int_equal(drain(port), 0);
	port_close(port);
	port_close(NULL);
}

int main(void) {
	test_eal_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_names_of_no_port),
		cmocka_unit_test(refuses_a_pool_too_small_for_the_longest_frame),
		cmocka_unit_test(hands_out_frames_in_memory_in_rounds),
		cmocka_unit_test(a_memory_port_without_frames_is_done),
		cmocka_unit_test(resets_a_device_while_a_worker_receives),
		cmocka_unit_test(waits_for_a_worker_before_a_reset),
		cmocka_unit_test(refuses_a_device_that_is_in_use),
	};
	int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return n_failed;
}
