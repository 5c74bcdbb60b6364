// A capture file -> port. What comes out must be what libpcap reads, whole and once.

#include "eal.h"
#include "frame.h"
#include "port.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BURST 32

struct sum {
	uint64_t n_frames, n_bytes;
};

static void check(bool is_right) {
	if (!is_right)
		abort();
}

static struct sum read_by_libpcap(FILE *file) {
	struct sum sum = {0};
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_fopen_offline(file, why);
	if (pcap == NULL) {
		fclose(file);
		return sum;
	}
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	while (pcap_next_ex(pcap, &header, &bytes) == 1) {
		sum.n_frames++;
		sum.n_bytes += header->caplen;
	}
	pcap_close(pcap);
	return sum;
}

static struct sum read_by_port(struct port *port) {
	struct sum sum = {0};
	while (!port_is_done(port)) {
		struct rte_mbuf *mbufs[BURST];
		uint16_t n = port_receive(port, 0, 0, mbufs, BURST);
		for (uint16_t i = 0; i < n; i++) {
			rte_mbuf_sanity_check(mbufs[i], 1);
			sum.n_bytes += mbufs[i]->pkt_len;
		}
		sum.n_frames += n;
		rte_pktmbuf_free_bulk(mbufs, n);
	}
	return sum;
}

static void compare(int fd, const char *name) {
	struct port_config config = {
		.name = name,
		.n_queues = 1,
		.mbuf_size = 2048,
		.n_mbufs = 1024,
		.socket_id = SOCKET_ID_ANY};
	struct port *port;
	struct port_error error;
	if (port_open(&config, &port, &error) != 0) {
		check(strchr(error.text, '\n') == NULL);
		return;
	}
	struct sum found = read_by_port(port);
	port_close(port);
	check(lseek(fd, 0, SEEK_SET) == 0);
	struct sum expected = read_by_libpcap(fdopen(dup(fd), "rb"));
	check(found.n_frames == expected.n_frames && found.n_bytes == expected.n_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static bool is_up;
	if (!is_up)
		test_eal_init();
	is_up = true;
	int fd = memfd_create("capture", 0);
	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	char name[64];
	snprintf(name, sizeof(name), "pcap:/proc/self/fd/%d", fd);
	compare(fd, name);
	close(fd);
	return 0;
}
