#include "json_escape_priv.h"
#include "trace_put.h"
#include "utf8.h"

// The letter of the short form, or 0.
static uint8_t short_form(uint8_t c) {
	switch (c) {
	case '"':
	case '\\':
		return c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

// One ASCII character; returns the bytes put at 'to'.
static size_t escape_ascii(uint8_t *to, uint8_t c) {
	static const char digits[] = "0123456789abcdef";
	uint8_t letter = short_form(c);
	if (letter != 0) {
		to[0] = '\\';
		to[1] = letter;
		return 2;
	}
	if (c >= 0x20) {
		to[0] = c;
		return 1;
	}
	(void)PUT(to, "\\u00");
	to[4] = (uint8_t)digits[c >> 4];
	to[5] = (uint8_t)digits[c & 15];
	return 6;
}

// "Binary data byte" of the MIME Sniffing standard, section 3.
static bool is_binary(uint8_t c) {
	return c < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r' && c != 0x1b;
}

size_t json_escape_portable(uint8_t *to, struct slice text) {
	uint8_t *start = to;
	while (text.len > 0) {
		size_t bad;
		size_t len = utf8_char(text, &bad);
		if (len == 1) {
			to += escape_ascii(to, text.data[0]);
		} else if (len > 1) {
			to = put_bytes(to, text.data, len);
		} else {
			to = PUT(to, "\xef\xbf\xbd");
			len = bad;
		}
		text = slice_from(text, len);
	}
	return (size_t)(to - start);
}

size_t json_escape_body_portable(uint8_t *to, struct slice text) {
	uint8_t *start = to;
	while (text.len > 0) {
		size_t bad;
		size_t len = utf8_char(text, &bad);
		if (len == 0 || is_binary(text.data[0]))
			return SIZE_MAX;
		if (len == 1)
			to += escape_ascii(to, text.data[0]);
		else
			to = put_bytes(to, text.data, len);
		text = slice_from(text, len);
	}
	return (size_t)(to - start);
}

size_t json_escape_odd(uint8_t **to, struct slice text) {
	size_t len = 0;
	while (len < text.len) {
		struct slice rest = slice_from(text, len);
		if (rest.data[0] >= 0x20 && rest.data[0] < 0x80)
			break;
		size_t bad;
		size_t n = utf8_char(rest, &bad);
		n = n == 0 ? bad : n;
		*to += json_escape_portable(*to, slice_first(rest, n));
		len += n;
	}
	return len;
}
