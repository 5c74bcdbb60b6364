#pragma once

// A network interface of the kernel.

#include "packet.h"
#include "port.h"

#include <stdbool.h>

struct interface {
	int index;
	uint32_t mtu;
	uint16_t n_receive_queues;
	uint16_t n_combined_queues; // those of them that send too; at least 1
	enum packet_link link;
};

// Finds one that is up and whose frames can be read, for the port called 'port_name'. 0, or -errno
// with '*ret_error' filled.
[[nodiscard]] int interface_find(
	const char *name,
	const char *port_name,
	struct interface *ret,
	struct port_error *ret_error
);

// 0 while the interface with that name and index is up, -ENETDOWN while it is down, -ENODEV once it
// is gone.
[[nodiscard]] int interface_check(const char *name, int index);

// What that says for people: "interface 'eth1' is down; ...". 'advice' is what becomes of one that is
// gone. Empty where nothing is wrong with it.
void interface_describe(const char *name, int status, const char *advice, char *ret, size_t size);
