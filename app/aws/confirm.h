#pragma once

// The question before something is changed.

#include <stdbool.h>

// False where nobody can be asked and --yes was not given, which is said; the exit code is EXIT_USAGE.
bool confirm_is_possible(const char *command, bool is_sure);

// Asks on standard error, "... [y/N] ", and reads a line. True for "y" and "yes".
bool confirm_ask(const char *format, ...) __attribute__((format(printf, 1, 2)));
