#pragma once

// The inside of a JSON string (RFC 8259, section 7) from arbitrary bytes: escaping and UTF-8
// validation (RFC 3629) in one pass, 16 bytes a step where the processor can.
//
// '"' and '\' and control characters are escaped, in the short form where there is one; everything
// else stays as it is.

#include "slice.h"

#include <stddef.h>
#include <stdint.h>

// Room needed at 'to': the worst growth, and what is stored past the end before it is cut.
#define JSON_ESCAPE_SLACK 64u
#define JSON_ESCAPE_ROOM(len) (6 * (size_t)(len) + JSON_ESCAPE_SLACK)

// For names, values and everything that is shown in any case: what is not UTF-8 is replaced by
// U+FFFD, one for each maximal piece of a character. Bytes up to text.data + n_readable may be
// read, n_readable >= text.len. Returns the bytes put at 'to'.
size_t json_escape(uint8_t *to, struct slice text, size_t n_readable);

// For bodies. Returns the bytes put at 'to', or SIZE_MAX where the body is not text: not UTF-8, or
// with a binary data byte as the MIME Sniffing standard has them (control characters except tab,
// line feed, form feed, carriage return and escape).
size_t json_escape_body(uint8_t *to, struct slice text);

// The same, byte by byte: what the above is compared with, and used where there is no SIMD.
size_t json_escape_portable(uint8_t *to, struct slice text);
size_t json_escape_body_portable(uint8_t *to, struct slice text);
