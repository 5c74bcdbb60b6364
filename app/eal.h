#pragma once

// DPDK's environment, started from the configuration. Its own talk is kept from both standard
// streams; only its last words are quoted where it fails.

#include "config.h"
#include "failure.h"

#include <stddef.h>

// lcore 0 is the control thread; the workers are lcores 1 to 'config->lcores'.
#define EAL_FIRST_WORKER 1u

struct eal;

// 'memory' bytes are reserved for packet buffers. NULL with '*ret_failure' filled; DPDK can
// be started only once in a process.
struct eal *eal_start(const struct config *config, size_t memory, struct failure *ret_failure);

// NULL is fine.
void eal_stop(struct eal *eal);
