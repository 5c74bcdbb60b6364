#pragma once

// Something that is done again and again until an interruption, less often while it fails.

#include <stdbool.h>
#include <stdint.h>

#define WATCH_DELAY_MAX_S 900 // of a longer interval: that

// The pause after so many failures in a row: the interval, twice that, four times...
int64_t watch_delay_s(int64_t interval_s, unsigned n_failures);

// Calls 'round' at once and then after each pause; it returns whether it went well. From here on the first SIGINT or
// SIGTERM is noted; it ends a pause.
void watch_run(int64_t interval_s, bool (*round)(void *ctx), void *ctx);
