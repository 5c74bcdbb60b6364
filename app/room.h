#pragma once

// What the system is to let this process have. DPDK ends the program where it gets less, without a
// word, so that is found out before.

#include "config.h"
#include "failure.h"

// So many files at a time, for which a soft limit is raised. -EMFILE with '*ret_failure' filled.
[[nodiscard]] int room_for_files(const struct config *config, struct failure *ret_failure);

// So many threads at a time: all are started, and ended again. -EAGAIN with '*ret_failure' filled.
[[nodiscard]] int room_for_threads(const struct config *config, struct failure *ret_failure);
