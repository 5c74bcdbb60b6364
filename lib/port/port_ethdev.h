#pragma once

// A port over a device that a DPDK driver made.

#include "port.h"

#include <net/if.h>

#define PORT_DEVICE_NAME_SIZE 64

struct port_device {
	uint16_t id; // of DPDK's ethdev
	char vdev
		[PORT_DEVICE_NAME_SIZE]; // its name where it is a virtual one, which ends with the port
	uint16_t max_ring_size; // 0: what the device says
	uint16_t mbuf_size; // 0: as configured, or what its frames need
	char interface[IF_NAMESIZE]; // of the kernel, which it reads by AF_XDP; empty: none
	int interface_index;
	bool is_missed_complete;
	const char *hint; // what the user can do where it does not start
};

// Sets the device up, starts it and owns it. 0, or -errno with '*ret_error' filled.
[[nodiscard]] int port_ethdev_open(
	const struct port_config *config,
	const struct port_device *device,
	struct port **ret,
	struct port_error *ret_error
);

// Makes a virtual device of DPDK with a driver's name ("net_af_xdp"), a suffix that no other has,
// and its arguments.
[[nodiscard]] int port_vdev_create(
	const struct port_config *config,
	const char *name,
	const char *args,
	struct port_device *ret,
	struct port_error *ret_error
);
void port_vdev_destroy(const struct port_device *device);

// The device wants a reset; done by the next port_service. From any thread.
void port_ethdev_request_reset(struct port *port);
