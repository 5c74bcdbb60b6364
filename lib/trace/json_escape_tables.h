#pragma once

// What the steps of 16 and of 32 bytes look up. Every row is aligned to its 16 bytes.

#include <stdint.h>

struct json_escape_tables {
	// Where the bytes of an 8-byte piece go when a backslash is put before some of them. Row 'm'
	// has a bit for each byte that gets one; each place in it holds the byte that goes there, or
	// 0x80 for a backslash: the form that pshufb and pblendvb take.
	//
	//   piece  a " b c . . . .    m = 0b00000010
	//   row    0 80 1 2 3 4 5 6 7 80 ...    gives  a \ " b c . . . .
	uint8_t places[256][16];

	// The letters of the short forms by control character.
	uint8_t short_forms[16];
	uint8_t body_short_forms[16]; // without \b, which is no text

	// '"' is 0x22 and '\' 0x5c: by its low nibble each byte meets the one it could be.
	uint8_t quotes[16];
};

extern const struct json_escape_tables json_escape_tables;
