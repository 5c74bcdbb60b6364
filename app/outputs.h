#pragma once

#include "config.h"
#include "failure.h"

// Refuses an output that is a capture to be read, or both outputs in one file: writing the one would
// destroy the other. Names of files that are not there yet cannot be told apart: to be called again
// when that for traces is open, before anything is written. -EINVAL with '*ret_failure' filled.
[[nodiscard]] int outputs_check(const struct config *config, struct failure *ret_failure);
