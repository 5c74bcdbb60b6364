#pragma once

// The terminal that a person sits at: keys come from standard input, all drawing goes to standard error, and
// standard output stays what it is.

#include "key.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

enum terminal_event {
	TERMINAL_KEY,
	TERMINAL_REDRAW, // the window has another size, or the program was stopped and goes on
	TERMINAL_INTERRUPTED, // Ctrl-C, or a signal that asks to end
	TERMINAL_ENDED, // there is no more input
};

enum terminal_style {
	TERMINAL_PLAIN,
	TERMINAL_TITLE,
	TERMINAL_FOCUS,
	TERMINAL_DIM,
	TERMINAL_GOOD,
	TERMINAL_WARNING,
	TERMINAL_BAD,
};

struct terminal {
	int input;
	int output;
	bool is_interactive; // both are terminals: it can be asked
	bool can_draw; // it knows how to move its cursor
	bool has_colour;
	int (*noted_signal)(void); // one that came while no question was open, or 0; may be NULL

	// While keys are read:
	bool is_raw;
	struct termios cooked;
	sigset_t mask;
	int interrupted_by; // the signal, or the one that Ctrl-C stands for
	int signals; // descriptor
	unsigned char bytes[256];
	size_t n_bytes;
};

// What there is; changes nothing but the program's locale of characters.
void terminal_init(struct terminal *ret_terminal);

// Columns and rows of the window now; at least 20 and 5, and 80 and 24 where it does not say.
void terminal_size(const struct terminal *terminal, size_t *ret_columns, size_t *ret_rows);

// Keys are read one by one from here to terminal_end(), which must follow whatever happens, and signals are
// answered by terminal_read(). Without is_interactive and can_draw: lines, as the terminal gives them.
// -errno.
[[nodiscard]] int terminal_begin(struct terminal *terminal);
void terminal_end(struct terminal *terminal);

// Waits for the next thing to happen. '*ret_key' is set for TERMINAL_KEY.
enum terminal_event terminal_read(struct terminal *terminal, struct key *ret_key);

// The bytes that begin and end a style; "" where there is no colour.
const char *terminal_style(const struct terminal *terminal, enum terminal_style style);
const char *terminal_plain(const struct terminal *terminal);

// Writes all of it; gives up silently when the terminal is gone.
void terminal_write(const struct terminal *terminal, const char *text, size_t len);
