#pragma once

// What XDP program is attached to an interface of the kernel. AF_XDP sockets receive by libxdp's: it
// is attached itself, or a dispatcher that calls it. A process that is killed leaves its program
// attached; without sockets it gives every frame to the kernel.

#include "interface.h"
#include "port.h"

#include <stdint.h>

struct xdp_attachment {
	uint32_t id; // of the program that is attached; 0: none, or unknown
	uint32_t receiver_id; // of libxdp's program; 0: none, or unknown
};

// Before sockets are opened. 0 where nothing is attached, or only libxdp's program without a socket;
// else -EBUSY with '*ret_error' filled, or -errno.
[[nodiscard]] int xdp_attachment_check(
	const struct port_config *config,
	const char *name,
	const struct interface *interface,
	struct port_error *ret_error
);

// What is attached now.
void xdp_attachment_find(int interface_index, struct xdp_attachment *ret);

// 0 while the receiver of 'attachment' gets the interface's frames, -ENOENT once no program is
// attached, -EEXIST once others are.
[[nodiscard]] int
xdp_attachment_compare(const struct xdp_attachment *attachment, int interface_index);

// What that says for people, as interface_describe.
void xdp_attachment_describe(const char *name, int status, char *ret, size_t size);

// The driver detaches whatever it finds at its interface's index when it is closed. Where that is not
// what 'attachment' has, the calling thread moves to a network namespace without interfaces, until
// it comes back. A descriptor for that, or -1 where there is nothing to protect.
int xdp_attachment_protect(const struct xdp_attachment *attachment, int interface_index);
void xdp_attachment_unprotect(int fd);
