#pragma once

// Live counters over DPDK's telemetry socket, for 'metlo-appliance status':
//
//   /metlo/info      version, pid, uptime_ms, traces_trouble, n_lcores, n_ports
//   /metlo/lcore,N   all counters of one lcore, and flows/now
//   /metlo/port,N    name, trouble, missed, errors, no_mbuf, is_missed_complete (0 or 1)
//
// DPDK allows no dots in names: they are slashes here.

#include "collector.h"

#include <stdint.h>

// EAL must be up. 'collector' is read until telemetry_stop().
[[nodiscard]] int telemetry_start(struct collector *collector, uint64_t now_ns);

// From now on the commands answer that there is nothing. Returns when no answer is being made.
void telemetry_stop(void);
