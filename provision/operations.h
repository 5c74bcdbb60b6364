#pragma once

// Every operation that this library can call.

#include "operation.h"

extern const struct operation *const operations[];
extern const size_t n_operations;
