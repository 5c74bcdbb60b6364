#pragma once

// An owned, growing text, always NUL-terminated. It never grows beyond the cap that was set at its
// start. A failure sticks: add as much as you like and look at strbuf_status() once at the end.
// What it held is wiped when it is released or moved, because it may be a secret.

#include "slice.h"

#include <stdarg.h>
#include <stddef.h>

struct strbuf {
	char *data; // never NULL
	size_t len;
	size_t room;
	size_t cap;
	int status;
};

// 'cap' is the longest text it may hold.
void strbuf_init(struct strbuf *buf, size_t cap);
void strbuf_release(struct strbuf *buf);

// 0, -ENOMEM or -E2BIG.
[[nodiscard]] int strbuf_status(const struct strbuf *buf);

void strbuf_add(struct strbuf *buf, const void *data, size_t len);
void strbuf_add_text(struct strbuf *buf, const char *text);
void strbuf_add_slice(struct strbuf *buf, struct slice s);
void strbuf_add_char(struct strbuf *buf, char c);
void strbuf_printf(struct strbuf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

// Lower-case hexadecimal digits.
void strbuf_add_hex(struct strbuf *buf, const uint8_t *data, size_t len);

// Shortens the text to 'len' bytes; does nothing when it is not longer.
void strbuf_cut(struct strbuf *buf, size_t len);

struct slice strbuf_slice(const struct strbuf *buf);
