#include "worker_world.h"

#include <pthread.h>
#include <sched.h>

// What becomes of each frame, by name.

#define N_BUSY 1300 // connections; no more frames than MAX_FRAMES

static void refuse(struct bytes frame, enum worker_encap encap, enum verdict verdict) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	w->encap = encap;
	add(w, frame);
	world_run(w);
	if (w->total.verdicts[verdict] != 1)
		fail_msg("the frame is not counted as verdict %d", verdict);
	free(w);
}

static void names_frames_whose_link_layer_it_cannot_read(void **) {
	refuse(cut(text("abcdef"), 6), WORKER_ENCAP_AUTO, VERDICT_FRAME_SHORT);
	refuse(ethernet(0x0806, text("an ARP request")), WORKER_ENCAP_AUTO, VERDICT_LINK_UNSUPPORTED
	);
}

static void names_what_is_no_mirror_traffic(void **) {
	struct bytes dns = ethernet(IPV4, ip(UDP, false, udp(53, text("query"))));
	struct segment syn = {.client_port = 1000, .flags = SYN, .payload = ""};
	refuse(dns, WORKER_ENCAP_VXLAN, VERDICT_NOT_MIRROR);
	refuse(segment(&syn), WORKER_ENCAP_VXLAN, VERDICT_NOT_MIRROR);
	refuse(dns, WORKER_ENCAP_AUTO, VERDICT_INNER_NOT_TCP);
	refuse(vxlan(0x08000000, dns), WORKER_ENCAP_VXLAN, VERDICT_INNER_NOT_TCP);
}

static void names_envelopes_it_cannot_open(void **) {
	struct bytes short_udp = cut(ip(UDP, false, udp(4789, text(""))), 24);
	short_udp.data[3] = 24; // of the IP packet
	refuse(ethernet(IPV4, short_udp), WORKER_ENCAP_VXLAN, VERDICT_UDP_SHORT);
	refuse(ethernet(IPV4, ip(UDP, false, udp(4789, text("1234567")))),
	       WORKER_ENCAP_VXLAN,
	       VERDICT_DECAP_SHORT);
	refuse(vxlan(0, text("")), WORKER_ENCAP_VXLAN, VERDICT_DECAP_NO_VNI);
}

// An IPv6 packet with so many extension headers that a buffer does not hold them.
static void names_headers_that_go_on_in_another_buffer(void **) {
	struct bytes packet = {0};
	put_32(&packet, 0x60000000);
	put_16(&packet, 2 * 1024 + 20);
	put(&packet, "\x3c\x40", 2);
	packet.len = 40;
	for (int i = 0; i < 2; i++) {
		struct bytes options = {.data = {i == 0 ? 60 : TCP, 127}, .len = 1024};
		put(&packet, options.data, options.len);
	}
	struct segment syn = {.client_port = 1000, .flags = SYN, .payload = ""};
	struct bytes segment = tcp(&syn);
	put(&packet, segment.data, segment.len);
	refuse(ethernet(IPV6, packet), WORKER_ENCAP_AUTO, VERDICT_HEADERS_TOO_LONG);
}

static void names_tcp_headers_it_cannot_read(void **) {
	struct segment s = {.client_port = 1000, .flags = ACK, .payload = "GET / HTTP/1.1\r\n\r\n"};
	struct bytes short_tcp = cut(ip(TCP, false, tcp(&s)), 30);
	short_tcp.data[3] = 30;
	refuse(ethernet(IPV4, short_tcp), WORKER_ENCAP_AUTO, VERDICT_TCP_SHORT);
	s.offset = 4;
	refuse(segment(&s), WORKER_ENCAP_AUTO, VERDICT_TCP_BAD_OFFSET);
	s.offset = 5;
	s.flags = SYN | 0x01;
	refuse(segment(&s), WORKER_ENCAP_AUTO, VERDICT_TCP_BAD_FLAGS);
	s.flags = ACK;
	s.payload = "";
	refuse(segment(&s), WORKER_ENCAP_AUTO, VERDICT_TCP_NO_FLOW);
}

static void names_flows_that_are_no_http(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	add_handshake(w, 1000);
	struct segment s = {.client_port = 1000, .flags = ACK, .seq = 1, .ack = 1};
	s.payload = "\x16\x03\x01\x02\xfe\xff\x80\x81";
	add_segment(w, &s);
	s = (struct segment) {
		.client_port = 1000, .is_from_server = true, .flags = ACK, .seq = 1, .ack = 9};
	s.payload = "\x16\x03\x01\x02\xfe\xff\x80\x81";
	for (int i = 0; i < 3; i++) {
		add_segment(w, &s);
		s.seq += 8;
	}
	world_run(w);
	assert_int_equal(w->total.verdicts[VERDICT_NOT_HTTP], 2);
	free(w);
}

static void names_bytes_in_a_tunnel(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	add_handshake(w, 1000);
	struct segment client = {.client_port = 1000, .flags = ACK, .seq = 1, .ack = 1};
	client.payload = "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n";
	add_segment(w, &client);
	struct segment server = client;
	client.seq += (uint32_t)strlen(client.payload);
	server.is_from_server = true;
	server.ack = client.seq;
	server.payload = "HTTP/1.1 200 OK\r\n\r\n";
	add_segment(w, &server);
	client.ack += (uint32_t)strlen(server.payload);
	client.payload = "secret";
	add_segment(w, &client);
	client.seq += 6;
	add_segment(w, &client);
	world_run(w);
	assert_true(w->total.verdicts[VERDICT_TUNNEL] > 0);
	assert_int_equal(w->total.events[COUNTER_TRACES_MADE], 1);
	free(w);
}

// Requests that wait for their answers, one in each of so many connections.
static void add_open_requests(struct world *w, uint16_t n) {
	for (uint16_t i = 0; i < n; i++) {
		struct segment s = {
			.client_port = (uint16_t)(1000 + i),
			.flags = ACK,
			.seq = 1,
			.ack = 1,
			.payload = "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		};
		add_handshake(w, s.client_port);
		add_segment(w, &s);
	}
}

static void refuses_flows_beyond_a_table_full_of_live_ones(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	add_open_requests(w, 100);
	world_run(w);
	assert_int_equal(w->total.events[COUNTER_TRACES_MADE], 64);
	assert_int_equal(w->total.verdicts[VERDICT_FLOW_TABLE_FULL], 3 * 36);
	free(w);
}

// A byte of so many connections, none of which is HTTP as far as anybody can tell.
static void add_bytes(struct world *w, uint16_t n) {
	for (uint16_t i = 0; i < n; i++) {
		struct segment s = {.client_port = (uint16_t)(9000 + i), .flags = ACK};
		s.payload = "x";
		add_segment(w, &s);
	}
}

static void makes_room_for_HTTP_by_flows_that_show_none(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	w->limits.tcp.reorder_ns = SECOND_NS / 1000;
	add_bytes(w, 200);
	add_open_requests(w, 64);
	add_bytes(w, 200);
	world_run(w);
	assert_int_equal(w->total.events[COUNTER_TRACES_MADE], 64);
	free(w);
}

static void forgets_flows_that_show_no_HTTP_as_soon_as_those_without_data(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	w->limits.tcp.reorder_ns = SECOND_NS / 1000;
	w->limits.flows.timeout_ns[FLOW_EMBRYONIC] = SECOND_NS / 10; // 5 frames
	add_bytes(w, 50);
	add_open_requests(w, 1);
	add_bytes(w, 50); // of the same connections
	world_run(w);
	assert_int_equal(w->total.events[COUNTER_FLOWS_CREATED], 50 + 1 + 50);
	assert_int_equal(w->total.events[COUNTER_TRACES_MADE], 1);
	free(w);
}

static void sheds_half_of_the_new_flows_when_records_run_out_of_memory(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	w->limits.flows.n_flows = 1024;
	w->limits.n_blocks = 64;
	add_open_requests(w, 500);
	world_run(w);
	uint64_t n_shed = w->total.verdicts[VERDICT_FLOW_SHED];
	// Now and then a request that has waited a second yields, and there is memory again.
	assert_in_range(n_shed, 3 * 100, 3 * 250);
	free(w);
}

static void drops_what_a_busy_lcore_cannot_take(void **) {
	struct world *w = malloc(sizeof(*w));
	world_init(w);
	w->config.n_workers = 2;
	w->config.is_lossless = false;
	w->limits.flows.n_flows = 4096;
	w->limits.n_blocks = 16384;
	w->config.mesh = shard_mesh_create(2, 64);
	add_open_requests(w, N_BUSY);
	world_open(w);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, run_worker, w->workers[0]), 0);
	while (__atomic_load_n(&worker_counters(w->workers[0])->received, __ATOMIC_RELAXED)
	       < w->n_frames)
		sched_yield();
	worker_run(w->workers[1]);
	pthread_join(thread, NULL);
	world_close(w);
	shard_mesh_free(w->config.mesh);
	assert_true(w->total.verdicts[VERDICT_RING_FULL] > 0);
	free(w);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_frames_whose_link_layer_it_cannot_read),
		cmocka_unit_test(names_what_is_no_mirror_traffic),
		cmocka_unit_test(names_envelopes_it_cannot_open),
		cmocka_unit_test(names_headers_that_go_on_in_another_buffer),
		cmocka_unit_test(names_tcp_headers_it_cannot_read),
		cmocka_unit_test(names_flows_that_are_no_http),
		cmocka_unit_test(names_bytes_in_a_tunnel),
		cmocka_unit_test(refuses_flows_beyond_a_table_full_of_live_ones),
		cmocka_unit_test(makes_room_for_HTTP_by_flows_that_show_none),
		cmocka_unit_test(forgets_flows_that_show_no_HTTP_as_soon_as_those_without_data),
		cmocka_unit_test(sheds_half_of_the_new_flows_when_records_run_out_of_memory),
		cmocka_unit_test(drops_what_a_busy_lcore_cannot_take),
	};
	test_eal_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
