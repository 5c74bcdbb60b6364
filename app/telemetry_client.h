#pragma once

// Asks a running collector for its counters, over DPDK's telemetry socket.

#include <jansson.h>

// Connects to the socket in a collector's folder. A descriptor, or -errno; -EPERM: folder or socket
// are of a user who is neither root nor ourselves, nor that of a service in /run; -ECONNREFUSED:
// nobody listens, as where the collector is dead; -EAGAIN: somebody does, but says nothing.
[[nodiscard]] int telemetry_client_open(const char *folder);

// Sends a command ("/metlo/lcore,0") and returns what is answered, with dots for slashes in its names;
// the caller frees it. NULL with errno: EPROTO for an answer that is none, EAGAIN where none comes in
// time, or another of the socket.
json_t *telemetry_client_ask(int fd, const char *command);
