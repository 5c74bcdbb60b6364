// Opens a port, says so, and prints each frame that comes on a line of its own:
//   frame QUEUE LENGTH SEGMENTS LINK TIME_NS SUM FIRST-BYTES
// and what keeps it from receiving, when that changes, on a line "waiting ..." or "receiving", until
// standard input ends; then "end MISSED NO_MBUF IS_MISSED_COMPLETE". An error line and 1 where the
// port cannot be opened.
//
//   port_probe PORT QUEUES [EAL ARGUMENT...]
//
// CLOCK_SHIFT_NS in the environment: what the clock is said to have been set by.

#include "frame.h"
#include "port.h"

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BURST 32
#define MAX_EMPTY 50 // milliseconds
#define N_FIRST_BYTES 64u

static uint64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void print_frame(uint16_t queue, struct rte_mbuf *mbuf) {
	uint32_t len = mbuf->pkt_len, sum = 0;
	uint8_t *copy = malloc(len + 1);
	if (copy == NULL)
		abort();
	const uint8_t *bytes = rte_pktmbuf_read(mbuf, 0, len, copy);
	for (uint32_t i = 0; i < len; i++)
		sum += bytes[i];
	const struct frame *frame = frame_of(mbuf);
	printf("frame %u %u %u %u %" PRIu64 " %u ",
	       queue,
	       len,
	       mbuf->nb_segs,
	       frame->link,
	       frame->time_ns,
	       sum);
	for (uint32_t i = 0; i < len && i < N_FIRST_BYTES; i++)
		printf("%02x", bytes[i]);
	printf("\n");
	free(copy);
}

static uint32_t receive_all(struct port *port) {
	uint32_t n_frames = 0;
	struct rte_mbuf *mbufs[BURST];
	for (uint16_t queue = 0; queue < port_n_queues(port); queue++) {
		uint16_t n = port_receive(port, queue, now_ns(), mbufs, BURST);
		for (uint16_t i = 0; i < n; i++)
			print_frame(queue, mbufs[i]);
		rte_pktmbuf_free_bulk(mbufs, n);
		n_frames += n;
	}
	return n_frames;
}

static void print_waiting(const struct port *port, char *said, size_t size) {
	const char *why = port_waiting_text(port);
	if (strncmp(why == NULL ? "" : why, said, size - 1) == 0)
		return;
	snprintf(said, size, "%s", why == NULL ? "" : why);
	if (why == NULL)
		puts("receiving");
	else
		printf("waiting %s\n", why);
}

// Until the other end of standard input is closed and nothing has come for a while: the kernel holds
// frames back for some milliseconds.
static void run(struct port *port) {
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char said[256] = "";
	while (poll(&input, 1, 1) == 0) {
		port_service(port);
		print_waiting(port, said, sizeof(said));
		while (receive_all(port) > 0)
			;
		fflush(stdout);
	}
	for (int n_empty = 0; n_empty < MAX_EMPTY; n_empty++) {
		rte_delay_us_sleep(1000);
		while (receive_all(port) > 0)
			n_empty = 0;
	}
}

int main(int argc, char **argv) {
	if (argc < 3)
		return 2;
	char *eal_args[32] = {argv[0]};
	int n_args = 1;
	for (int i = 3; i < argc && n_args < 32; i++)
		eal_args[n_args++] = argv[i];
	if (rte_eal_init(n_args, eal_args) < 0) {
		printf("error EAL: %s\n", rte_strerror(rte_errno));
		return 1;
	}
	struct port_config config = {
		.name = argv[1],
		.n_queues = (uint16_t)atoi(argv[2]),
		.mbuf_size = 2048,
		.n_mbufs = 4096,
		.socket_id = SOCKET_ID_ANY,
	};
	struct port *port;
	struct port_error error;
	if (port_open(&config, &port, &error) < 0) {
		printf("error %s\n", error.text);
		return 1;
	}
	const char *shift = getenv("CLOCK_SHIFT_NS");
	port_shift_clock(port, shift == NULL ? 0 : strtoll(shift, NULL, 10));
	printf("open %u\n", port_n_queues(port));
	fflush(stdout);
	run(port);
	struct port_stats stats;
	port_stats(port, &stats);
	printf("end %" PRIu64 " %" PRIu64 " %d\n",
	       stats.n_missed,
	       stats.n_no_mbuf,
	       stats.is_missed_complete);
	port_close(port);
	rte_eal_cleanup();
	return 0;
}
