#pragma once

// What the kinds of ports share.

#include "port.h"

#include <stdarg.h>

#define PORT_NAME_SIZE 512
#define PORT_MAX_FRAME 262144u // libpcap's own limit; longer than any packet of an interface

struct port;

// A kind's part of the calls in port.h. NULL where a kind has nothing to say.
struct port_ops {
	uint16_t (*receive
	)(struct port *port, uint16_t queue, uint64_t now_ns, struct rte_mbuf **ret, uint16_t n);
	void (*close)(struct port *port); // frees 'port' too
	bool (*is_done)(const struct port *port);
	const char *(*error_text)(const struct port *port);
	const char *(*waiting_text)(const struct port *port);
	void (*stats)(const struct port *port, struct port_stats *ret);
	double (*progress)(const struct port *port);
	void (*service)(struct port *port);
	void (*shift_clock)(struct port *port, int64_t shift_ns);
	void (*interrupt)(struct port *port);
};

// First member of every kind's own struct.
struct port {
	const struct port_ops *ops;
	uint16_t n_queues;
	bool is_live;
	char name[PORT_NAME_SIZE];
};

// Openers of the kinds; 'target' is what follows the colon.
typedef int port_open_fn(
	const struct port_config *config,
	const char *target,
	struct port **ret,
	struct port_error *ret_error
);
port_open_fn port_af_packet_open;
port_open_fn port_af_xdp_open;
port_open_fn port_pcap_open;
port_open_fn port_pci_open;
port_open_fn port_vdev_open;

// Part of port_eal_args.
[[nodiscard]] int port_pci_eal_arg(
	const char *port_name,
	const char *target,
	char ret[PORT_EAL_ARG_SIZE],
	struct port_error *ret_error
);

// Writes the line and returns -code.
[[gnu::format(printf, 3, 4)]] int
port_fail(struct port_error *ret_error, int code, const char *format, ...);

// Names and sizes the common part; 'port' is zeroed.
void port_init(struct port *port, const struct port_ops *ops, const struct port_config *config);

// A queue's mbuf pool; NULL with '*ret_error' filled.
struct rte_mempool *port_pool_create(
	const struct port *port,
	uint16_t queue,
	const struct port_config *config,
	struct port_error *ret_error
);
