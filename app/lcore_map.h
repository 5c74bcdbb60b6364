#pragma once

// Which CPUs each lcore may run on, as DPDK's EAL is told: "0@(0-1),1@(2)".

#include "config.h"
#include "failure.h"

#include <sched.h>

// lcore 0 is the control thread; the workers are lcores 1 to 'config->lcores'. With "cpus" each
// worker has the CPU given. Else with a pci port, which is polled, each has one of the last CPUs, as
// long as one is left over. Else all share all of 'usable', however many they are.
// NULL with '*ret_failure' filled; the caller frees it.
char *lcore_map(const struct config *config, const cpu_set_t *usable, struct failure *ret_failure);
