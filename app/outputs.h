#pragma once

#include "config.h"
#include "failure.h"

// Refuses an output that is a capture to be read, or both outputs in one file: writing the one would
// destroy the other. -EINVAL with '*ret_failure' filled.
[[nodiscard]] int outputs_check(const struct config *config, struct failure *ret_failure);
