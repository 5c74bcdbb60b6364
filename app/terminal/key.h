#pragma once

// From the bytes that a terminal sends to the keys that were pressed.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key_kind {
	KEY_UNKNOWN, // to be ignored
	KEY_TEXT,
	KEY_CONTROL, // with a letter
	KEY_ENTER,
	KEY_TAB,
	KEY_ESCAPE,
	KEY_BACKSPACE,
	KEY_DELETE,
	KEY_UP,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_HOME,
	KEY_END,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_PASTE_BEGIN, // what comes until the end was pasted, not typed
	KEY_PASTE_END,
};

struct key {
	enum key_kind kind;
	char text[5]; // KEY_TEXT: one character of UTF-8, none that steers a terminal
	char letter; // KEY_CONTROL: 'c' for Ctrl-C
};

// Reads one key from 'n' bytes and returns how many it took. -EAGAIN: the bytes begin a key that may go
// on; where nothing follows for a moment, 'is_all' says so, and a lone escape is the escape key.
int key_decode(const uint8_t *bytes, size_t n, bool is_all, struct key *ret_key);
