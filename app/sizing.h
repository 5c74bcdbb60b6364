#pragma once

// From the configuration, which speaks of the whole collector, to what each of its parts is given.

#include "config.h"
#include "exporter.h"
#include "worker.h"

#define SIZING_MBUF_SIZE 2048u // longer frames come in several segments
#define SIZING_MESH_RING 1024u // frames on their way between two lcores
#define SIZING_LANE_RING 2048u // traces on their way to an exporter

// Of one of 'config->lcores' workers.
void sizing_of_worker(const struct config *config, struct worker_limits *ret);

// All but where its traces come from and where they go.
void sizing_of_exporter(const struct config *config, struct exporter_config *ret);

// Bytes of packet buffers, which DPDK keeps.
size_t sizing_dpdk_memory(const struct config *config);

// File descriptors, with some to spare.
uint32_t sizing_files(const struct config *config);

// Threads, with that one which answers 'metlo-appliance status'.
uint32_t sizing_threads(const struct config *config);

// Bytes that the whole collector reserves.
size_t sizing_memory(const struct config *config);
