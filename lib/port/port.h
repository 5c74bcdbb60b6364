#pragma once

// Where frames come from. A port is named like a URL and gives mbufs in bursts, whatever is behind
// it: "pci:0000:00:06.0", "af_packet:eth1", "af_xdp:eth1", "pcap:FILE" ("pcap:-" is standard
// input), or frames in memory.
//
// Every mbuf carries a struct frame (frame.h) of which the port fills time_ns and link. mbufs may
// have several segments. Whoever holds an mbuf frees it.

#include "packet.h"

#include <rte_mbuf.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port;

struct port_config {
	const char *name;
	uint16_t n_queues; // receive queues wanted; see port_n_queues
	uint16_t ring_size; // descriptors a queue wanted; 0: as many as the device allows
	uint16_t mbuf_size; // data bytes of an mbuf; longer frames come in several segments
	uint32_t n_mbufs; // in each queue's pool
	int socket_id; // NUMA node of the memory, or SOCKET_ID_ANY
	const atomic_bool *is_stopped; // looked at while port_open waits; NULL: it waits for ever
};

// Why a port could not be opened or ended early: one line for people, without a newline.
struct port_error {
	int code; // errno value
	char text[512]; // what failed, on what, why, what to do
};

struct port_stats {
	uint64_t n_missed; // frames the device dropped for want of descriptors
	uint64_t n_errors;
	uint64_t n_no_mbuf; // allocations that failed; a capture waits for mbufs and loses nothing
	bool is_missed_complete; // false where the driver cannot see all of its losses
};

#define PORT_EAL_MAX_ARGS 16
#define PORT_EAL_ARG_SIZE 80

// What EAL must be started with for a set of ports.
struct port_eal_args {
	char args[PORT_EAL_MAX_ARGS][PORT_EAL_ARG_SIZE];
	uint32_t n_args;
	bool needs_huge_pages; // devices read and write the memory; otherwise "--no-huge" will do
};

// Before EAL is up. Only the PCI devices named are allowed, so that no other is taken from its user.
// 0, or -errno with '*ret_error' filled: what port_open would refuse of a PCI device.
[[nodiscard]] int port_eal_args(
	const char *const *names,
	size_t n_names,
	struct port_eal_args *ret,
	struct port_error *ret_error
);

// Opens and starts a port. EAL must be up. 0, or -errno with '*ret_error' filled. Waits for the first
// bytes of a capture from a pipe; stopped meanwhile, it is a capture without frames.
[[nodiscard]] int
port_open(const struct port_config *config, struct port **ret, struct port_error *ret_error);

// Frames in memory, for benchmarks and tests. The caller keeps them until the port is closed.
struct port_memory_frame {
	const uint8_t *bytes;
	uint32_t len;
	uint64_t time_ns;
};

struct port_memory_source {
	const struct port_memory_frame *frames;
	size_t n_frames;
	uint32_t n_rounds; // how often they are handed out
	uint64_t round_ns; // added to the time of each frame with every round
	enum packet_link link;
};

// A port over 'source'; 'config->name' is only what it is called. As port_open otherwise.
[[nodiscard]] int port_open_memory(
	const struct port_config *config,
	const struct port_memory_source *source,
	struct port **ret,
	struct port_error *ret_error
);

// Stops and frees it; NULL is fine. All its mbufs must be back.
void port_close(struct port *port);

// Takes up to 'n' frames from 'queue'. 'now_ns' is the time given to frames of live ports; a
// capture's frames keep their own. Returns how many. A queue belongs to one thread. 0 is no end: a
// live port had none, a capture waits for free mbufs (its longest frame must fit into those that
// the caller does not hold) or, from a pipe, for more bytes.
uint16_t
port_receive(struct port *port, uint16_t queue, uint64_t now_ns, struct rte_mbuf **ret, uint16_t n);

// True once a capture has been read to its end (or to where it is cut, see port_error_text). A
// live port is never done.
bool port_is_done(const struct port *port);

// Why a capture ended early ("cut in the middle of a record"), or NULL.
const char *port_error_text(const struct port *port);

// What keeps a live port from receiving at present ("interface 'eth1' is down ..."), or NULL. As of
// the last port_service.
const char *port_waiting_text(const struct port *port);

const char *port_name(const struct port *port);

// Never 0; not always as many as wanted: a pcap or memory port has one, a PCI device has its most,
// and of an AF_XDP interface all queues must be received from.
uint16_t port_n_queues(const struct port *port);
bool port_is_live(const struct port *port);
void port_stats(const struct port *port, struct port_stats *ret);

// Times that the kernel gives to a live port's frames are by the time of day; 'shift_ns' is what that
// has been set by since the start, and is taken out of them, as 'now_ns' of port_receive has it. From
// the thread of port_service.
void port_shift_clock(struct port *port, int64_t shift_ns);

// How much of a capture was read, 0 to 1; negative where that is unknown.
double port_progress(const struct port *port);

// Ends a capture that may be waiting for bytes of a pipe, as if the pipe had ended. From any thread.
void port_interrupt(struct port *port);

// Periodic work of live ports (timers, device reset), about once a second. While a device is being
// reset port_receive gives nothing; a worker that never calls it holds the reset up.
//
// port_open, port_close, port_stats and port_service belong to one thread, which EAL must know (an
// lcore, or rte_thread_register): a driver's timers run where its port was opened.
void port_service(struct port *port);
