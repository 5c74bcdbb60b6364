#include "capture_bytes.h"
#include "port_support.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

// A capture file in memory, with its name as a port.
struct capture_file {
	struct capture_bytes bytes;
	int fd;
	char name[64];
};

static void file_init(struct capture_file *file, size_t size) {
	*file = (struct capture_file) {.bytes = {.data = malloc(size), .size = size}, .fd = -1};
	assert_non_null(file->bytes.data);
}

// Makes its first 'len' bytes readable under file->name.
static void file_store(struct capture_file *file, size_t len) {
	if (file->fd >= 0)
		close(file->fd);
	file->fd = memfd_create("capture", 0);
	assert_true(file->fd >= 0);
	assert_int_equal(write(file->fd, file->bytes.data, len), len);
	snprintf(file->name, sizeof(file->name), "pcap:/proc/self/fd/%d", file->fd);
}

static void file_release(struct capture_file *file) {
	close(file->fd);
	free(file->bytes.data);
}

static void append(struct capture_bytes *c, uint64_t time_ns, uint32_t len, uint32_t seed) {
	uint8_t *bytes = malloc(len + 1);
	fill(bytes, len, seed);
	capture_pcap_record(c, time_ns, bytes, len);
	free(bytes);
}

static const struct link_case {
	uint32_t type; // LINKTYPE_* in the file
	enum packet_link link;
} link_cases[] = {
	{1, PACKET_LINK_ETHERNET},
	{101, PACKET_LINK_RAW_IP},
	{228, PACKET_LINK_RAW_IP},
	{229, PACKET_LINK_RAW_IP},
	{113, PACKET_LINK_SLL},
	{276, PACKET_LINK_SLL2},
	{0, PACKET_LINK_LOOPBACK},
	{108, PACKET_LINK_LOOPBACK},
};

// Two frames were stored; the first at TIME_NS, or with its nanoseconds cut off.
static void check_two(const char *name, enum packet_link link, bool is_nanosecond) {
	struct port *port = open_port(name);
	assert_false(port_is_live(port));
	assert_int_equal(port_n_queues(port), 1);
	struct rte_mbuf *mbufs[BURST];
	assert_int_equal(port_receive(port, 0, 0, mbufs, BURST), 2);
	assert_int_equal(
		frame_of(mbufs[0])->time_ns, is_nanosecond ? TIME_NS : TIME_NS / 1000 * 1000
	);
	assert_int_equal(frame_of(mbufs[0])->link, link);
	assert_int_equal(frame_of(mbufs[1])->link, link);
	check_frame(mbufs[0], 60, 1);
	check_frame(mbufs[1], 1514, 2);
	rte_pktmbuf_free_bulk(mbufs, 2);
	assert_int_equal(drain(port), 0);
	assert_null(port_error_text(port));
	assert_true(port_progress(port) == 1);
	port_close(port);
}

static void reads_pcap_of_every_link_type_byte_order_and_precision(void **) {
	for (size_t i = 0; i < 4 * RTE_DIM(link_cases); i++) {
		const struct link_case *link = &link_cases[i / 4];
		struct capture_file file;
		file_init(&file, 4096);
		file.bytes.is_big_endian = i & 1;
		file.bytes.is_nanosecond = i & 2;
		capture_pcap_header(&file.bytes, 262144, link->type);
		append(&file.bytes, TIME_NS, 60, 1);
		append(&file.bytes, TIME_NS + 5000, 1514, 2);
		file_store(&file, file.bytes.len);
		check_two(file.name, link->link, file.bytes.is_nanosecond);
		file_release(&file);
	}
}

static void reads_pcapng_of_either_byte_order_and_precision(void **) {
	uint8_t bytes[1514];
	for (int i = 0; i < 4; i++) {
		struct capture_file file;
		file_init(&file, 4096);
		file.bytes.is_big_endian = i & 1;
		uint64_t unit_ns = i & 2 ? 1 : 1000;
		capture_pcapng_header(&file.bytes, 1, i & 2 ? 9 : 6);
		fill(bytes, 60, 1);
		capture_pcapng_record(&file.bytes, TIME_NS / unit_ns, bytes, 60);
		fill(bytes, 1514, 2);
		capture_pcapng_record(&file.bytes, TIME_NS / unit_ns + 5, bytes, 1514);
		file_store(&file, file.bytes.len);
		check_two(file.name, PACKET_LINK_ETHERNET, unit_ns == 1);
		file_release(&file);
	}
}

static void gives_long_frames_as_chains(void **) {
	static const uint32_t lengths[] = {0, 1, 2047, 2048, 2049, 9001, 65535, 262144, 60};
	struct capture_file file;
	file_init(&file, 400000);
	capture_pcap_header(&file.bytes, 262144, 1);
	for (uint32_t i = 0; i < RTE_DIM(lengths); i++)
		append(&file.bytes, i, lengths[i], i);
	file_store(&file, file.bytes.len);
	struct port *port = open_port(file.name);
	for (uint32_t i = 0; i < RTE_DIM(lengths); i++) {
		struct rte_mbuf *mbuf;
		assert_int_equal(port_receive(port, 0, 0, &mbuf, 1), 1);
		assert_int_equal(mbuf->nb_segs, lengths[i] == 0 ? 1 : (lengths[i] + 2047) / 2048);
		check_frame(mbuf, lengths[i], i);
		rte_pktmbuf_free(mbuf);
	}
	assert_int_equal(drain(port), 0);
	assert_null(port_error_text(port));
	port_close(port);
	file_release(&file);
}

// Every whole record in the first 'len' bytes must come, and an error unless they end on a record.
static void check_cut(struct capture_file *file, size_t len, const size_t *ends, size_t n_ends) {
	file_store(file, len);
	if (len < ends[0]) {
		refuse(file->name, EBADMSG, len == 0 ? "it is empty" : "not a pcap or pcapng file");
		return;
	}
	uint64_t n_whole = 0;
	while (n_whole + 1 < n_ends && ends[n_whole + 1] <= len)
		n_whole++;
	struct port *port = open_port(file->name);
	assert_int_equal(drain(port), n_whole);
	const char *why = port_error_text(port);
	if (ends[n_whole] == len) {
		assert_null(why);
	} else {
		char count[64];
		snprintf(
			count, sizeof(count), "is cut or damaged after %u frames", (unsigned)n_whole
		);
		assert_non_null(why);
		assert_non_null(strstr(why, count));
		assert_null(strchr(why, '\n'));
	}
	port_close(port);
}

static void delivers_all_before_a_cut_in_pcap(void **) {
	struct capture_file file;
	file_init(&file, 1024);
	size_t ends[4];
	capture_pcap_header(&file.bytes, 262144, 1);
	ends[0] = file.bytes.len;
	for (uint32_t i = 0; i < 3; i++) {
		append(&file.bytes, i, 60 + i, i);
		ends[i + 1] = file.bytes.len;
	}
	for (size_t len = 0; len <= file.bytes.len; len++)
		check_cut(&file, len, ends, 4);
	file_release(&file);
}

static void delivers_all_before_a_cut_in_pcapng(void **) {
	struct capture_file file;
	file_init(&file, 1024);
	size_t ends[4];
	capture_pcapng_header(&file.bytes, 1, 9);
	ends[0] = file.bytes.len;
	for (uint32_t i = 0; i < 3; i++) {
		capture_pcapng_record(&file.bytes, i, (uint8_t[64]) {0}, 60 + i);
		ends[i + 1] = file.bytes.len;
	}
	for (size_t len = 0; len <= file.bytes.len; len++)
		check_cut(&file, len, ends, 4);
	file_release(&file);
}

static void waits_for_free_mbufs_and_loses_nothing(void **) {
	enum {
		N_FRAMES = 3000
	};
	struct capture_file file;
	file_init(&file, 24 + N_FRAMES * 2000);
	capture_pcap_header(&file.bytes, 262144, 1);
	for (uint32_t i = 0; i < N_FRAMES; i++)
		append(&file.bytes, i, 64 + i % 1900, i);
	file_store(&file, file.bytes.len);
	struct port *port = open_port(file.name);
	struct rte_mbuf **held = malloc(N_FRAMES * sizeof(struct rte_mbuf *));
	uint32_t n_held = 0, n_checked = 0, n_waits = 0;
	while (!port_is_done(port)) {
		uint16_t n = port_receive(port, 0, 0, held + n_held, BURST);
		n_held += n;
		if (n > 0)
			continue;
		n_waits++;
		for (; n_checked < n_held; n_checked++) {
			check_frame(held[n_checked], 64 + n_checked % 1900, n_checked);
			rte_pktmbuf_free(held[n_checked]);
		}
	}
	assert_int_equal(n_held, N_FRAMES);
	assert_true(n_waits >= 2);
	struct port_stats stats;
	port_stats(port, &stats);
	assert_true(stats.n_no_mbuf >= 2);
	assert_int_equal(stats.n_missed, 0);
	assert_true(stats.is_missed_complete);
	port_close(port);
	free(held);
	file_release(&file);
}

// xorshift32: the same damage in every run.
static uint32_t random_next(uint32_t *state) {
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void
check_record(struct rte_mbuf *mbuf, const struct pcap_pkthdr *header, const uint8_t *bytes) {
	assert_int_equal(mbuf->pkt_len, header->caplen);
	// libpcap takes the unsigned seconds and fraction of a pcap file as signed.
	if (header->ts.tv_sec >= 0 && header->ts.tv_usec >= 0) {
		uint64_t seconds = (uint64_t)header->ts.tv_sec;
		uint64_t time_ns = seconds * 1000000000u + (uint64_t)header->ts.tv_usec;
		assert_int_equal(frame_of(mbuf)->time_ns, time_ns);
	}
	uint8_t *copy = malloc(header->caplen + 1);
	if (header->caplen > 0)
		assert_memory_equal(
			rte_pktmbuf_read(mbuf, 0, header->caplen, copy), bytes, header->caplen
		);
	free(copy);
	rte_pktmbuf_free(mbuf);
}

// The port must give what libpcap gives, and end as it does.
static void check_as_libpcap(const char *name) {
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(
		name + strlen("pcap:"), PCAP_TSTAMP_PRECISION_NANO, why
	);
	struct port_config config = config_of(name);
	struct port_error error;
	struct port *port = NULL;
	int status = port_open(&config, &port, &error);
	if (pcap == NULL || status != 0) {
		assert_int_equal(status, pcap == NULL ? -EBADMSG : -EPROTONOSUPPORT);
		if (pcap != NULL)
			pcap_close(pcap);
		return;
	}
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	int found;
	while ((found = pcap_next_ex(pcap, &header, &bytes)) == 1) {
		struct rte_mbuf *mbuf;
		assert_int_equal(port_receive(port, 0, 0, &mbuf, 1), 1);
		check_record(mbuf, header, bytes);
	}
	assert_int_equal(drain(port), 0);
	assert_int_equal(port_error_text(port) != NULL, found == PCAP_ERROR);
	port_close(port);
	pcap_close(pcap);
}

static void reads_damaged_files_as_libpcap_does(void **) {
	uint32_t state = 1;
	for (uint32_t round = 0; round < 2000; round++) {
		struct capture_file file;
		file_init(&file, 4096);
		file.bytes.is_big_endian = round & 1;
		file.bytes.is_nanosecond = round & 2;
		uint8_t bytes[100];
		fill(bytes, sizeof(bytes), round);
		if (round & 4)
			capture_pcapng_header(&file.bytes, 1, 6);
		else
			capture_pcap_header(&file.bytes, round & 8 ? 262144 : 64, 1);
		for (uint32_t i = 0; i < 10; i++) {
			if (round & 4)
				capture_pcapng_record(&file.bytes, i, bytes, i * 10);
			else
				capture_pcap_record(&file.bytes, i, bytes, i * 10);
		}
		for (uint32_t i = random_next(&state) % 4; i > 0; i--)
			file.bytes.data[random_next(&state) % file.bytes.len] =
				(uint8_t)random_next(&state);
		file_store(
			&file,
			file.bytes.len - random_next(&state) % 2 * (random_next(&state) % 100)
		);
		check_as_libpcap(file.name);
		file_release(&file);
	}
}

static void does_not_wait_for_a_pipe(void **) {
	uint8_t bytes[256];
	struct capture_bytes capture = {.data = bytes, .size = sizeof(bytes)};
	capture_pcap_header(&capture, 262144, 1);
	append(&capture, 0, 60, 1);
	append(&capture, 0, 61, 2);
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	char name[64];
	snprintf(name, sizeof(name), "pcap:/proc/self/fd/%d", ends[0]);
	assert_int_equal(write(ends[1], bytes, 50), 50);
	struct port *port = open_port(name);
	struct rte_mbuf *mbufs[BURST];
	assert_int_equal(port_receive(port, 0, 0, mbufs, BURST), 0);
	assert_int_equal(write(ends[1], bytes + 50, 70), 70);
	assert_int_equal(port_receive(port, 0, 0, mbufs, BURST), 1);
	check_frame(mbufs[0], 60, 1);
	rte_pktmbuf_free(mbufs[0]);
	assert_int_equal(port_receive(port, 0, 0, mbufs, BURST), 0);
	assert_false(port_is_done(port));
	port_interrupt(port);
	assert_int_equal(port_receive(port, 0, 0, mbufs, BURST), 0);
	assert_true(port_is_done(port));
	// The end that was asked for is no damage.
	assert_null(port_error_text(port));
	port_close(port);
	close(ends[0]);
	close(ends[1]);
}

static void reads_standard_input(void **) {
	uint8_t bytes[256];
	struct capture_bytes capture = {.data = bytes, .size = sizeof(bytes)};
	capture_pcap_header(&capture, 262144, 1);
	append(&capture, 0, 60, 1);
	append(&capture, 0, 61, 2);
	int ends[2], saved = dup(STDIN_FILENO);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, capture.len), capture.len);
	close(ends[1]);
	assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
	close(ends[0]);
	struct port *port = open_port("pcap:-");
	assert_true(port_progress(port) < 0);
	assert_int_equal(drain(port), 2);
	assert_null(port_error_text(port));
	port_close(port);
	assert_true(dup2(saved, STDIN_FILENO) >= 0);
	close(saved);
}

static void tells_how_far_it_has_read(void **) {
	enum {
		N_FRAMES = 1000
	};
	struct capture_file file;
	file_init(&file, 24 + N_FRAMES * 1516);
	capture_pcap_header(&file.bytes, 262144, 1);
	for (uint32_t i = 0; i < N_FRAMES; i++)
		append(&file.bytes, i, 1500, i);
	file_store(&file, file.bytes.len);
	struct port *port = open_port(file.name);
	double last = 0;
	while (!port_is_done(port)) {
		struct rte_mbuf *mbufs[BURST];
		rte_pktmbuf_free_bulk(mbufs, port_receive(port, 0, 0, mbufs, BURST));
		assert_true(port_progress(port) >= last);
		last = port_progress(port);
		assert_true(last <= 1);
	}
	assert_true(last == 1);
	port_close(port);
	file_release(&file);
}

static void refuses_what_is_not_a_capture(void **) {
	refuse("pcap:/nowhere/a.pcap", ENOENT, "'/nowhere/a.pcap': No such file or directory");
	refuse("pcap:/tmp", EISDIR, "is a folder");
	struct capture_file file;
	file_init(&file, 64);
	capture_pcap_header(&file.bytes, 262144, 105);
	file_store(&file, file.bytes.len);
	refuse(file.name, EPROTONOSUPPORT, "link type IEEE802_11 (105) is not supported");
	memset(file.bytes.data, 'x', 64);
	file_store(&file, 64);
	refuse(file.name, EBADMSG, "unknown file format");
	file_release(&file);
}

int main(void) {
	test_eal_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_pcap_of_every_link_type_byte_order_and_precision),
		cmocka_unit_test(reads_pcapng_of_either_byte_order_and_precision),
		cmocka_unit_test(gives_long_frames_as_chains),
		cmocka_unit_test(delivers_all_before_a_cut_in_pcap),
		cmocka_unit_test(delivers_all_before_a_cut_in_pcapng),
		cmocka_unit_test(waits_for_free_mbufs_and_loses_nothing),
		cmocka_unit_test(reads_damaged_files_as_libpcap_does),
		cmocka_unit_test(does_not_wait_for_a_pipe),
		cmocka_unit_test(reads_standard_input),
		cmocka_unit_test(tells_how_far_it_has_read),
		cmocka_unit_test(refuses_what_is_not_a_capture),
	};
	int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return n_failed;
}
