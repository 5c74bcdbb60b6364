#pragma once

// Ctrl-C, SIGTERM and a terminal that is closed while things are being made: the first is noted, so that what is
// under way can be finished and explained; the second ends the program at once.

#include <stdbool.h>
#include <stdint.h>

// From now on; may be called again. Before, and for any other signal, nothing is changed.
void interruption_watch(void);

// Fits struct transport_options; 'ctx' is not used.
bool interruption_is_noted(void *ctx);

// SIGINT, SIGTERM or SIGHUP; 0: none yet.
int interruption_signal(void);

// The exit code after it: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP.
int interruption_exit_code(void);

// Sleeps, not beyond an interruption.
void interruption_sleep(int64_t ms);
