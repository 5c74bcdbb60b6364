#pragma once

// What XDP program is attached to an interface of the kernel. AF_XDP sockets receive by libxdp's: it
// is attached itself, or a dispatcher that calls it. A process that is killed leaves its program
// attached; without sockets it gives every frame to the kernel.

#include "interface.h"
#include "port.h"

// Before sockets are opened. 0 where nothing is attached, or only libxdp's program without a socket;
// else -EBUSY with '*ret_error' filled, or -errno.
[[nodiscard]] int xdp_attachment_check(
	const struct port_config *config,
	const char *name,
	const struct interface *interface,
	struct port_error *ret_error
);
