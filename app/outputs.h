#pragma once

#include "config.h"
#include "failure.h"

#include <stdatomic.h>

// Refuses an output that is a capture to be read or the file the configuration is from, or both
// outputs in one file: writing the one would destroy the other. Not all names of files that are not
// there yet can be told apart: to be called again when that for traces is open, before anything is
// written. -EINVAL with '*ret_failure' filled.
[[nodiscard]] int outputs_check(const struct config *config, struct failure *ret_failure);

// Waits until somebody reads from the pipe that traces go to, and says so unless "quiet", so that
// opening it does not wait, which no signal could end for sure. A descriptor, to be closed when the
// pipe is open; -EINTR where '*is_stopped' became true; any other error: nothing to wait for.
[[nodiscard]] int outputs_await_reader(const struct config *config, const atomic_bool *is_stopped);
