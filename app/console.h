#pragma once

// What the programs say to people: one line a message, on standard error. stdout is the product.

#include <stdbool.h>
#include <stddef.h>

// "metlo-appliance: cannot ...": the program's name, the message, a newline. Bytes that could steer
// a terminal are shown as '?'.
void console_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Replaces control bytes and what is not UTF-8 by '?', in place, so that foreign text cannot steer
// a terminal. Also C1 controls and the marks that change the direction of text.
void console_neutralise(char *text);

// Standard error is a terminal.
bool console_is_terminal(void);
