#pragma once

// Where running collectors keep their telemetry sockets: DPDK's runtime folder, one folder for each
// collector, named after its process.

#include <stdbool.h>

#define RUNTIME_ROOT "/run/dpdk" // of collectors that root runs
#define RUNTIME_PREFIX "metlo-" // and the process id: DPDK's --file-prefix
#define RUNTIME_SOCKET "dpdk_telemetry.v2"

// Calls 'each' with the folder of every collector, running or not, that this user can see. Stops
// when it returns false.
typedef bool runtime_each_fn(void *arg, const char *folder, int pid);
void runtime_each(runtime_each_fn *each, void *arg);

// That no process has this id.
bool runtime_is_dead(int pid);

// Removes the folders of collectors that were killed, beside 'folder' and nowhere else.
void runtime_clean(const char *folder);

// Removes one folder and the socket in it.
void runtime_remove(const char *folder);
