#include "console.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

// Bytes of a UTF-8 sequence by its first one (RFC 3629, section 4); 0 where none begins so.
static size_t len_by_lead(unsigned char lead) {
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

// False for what is no character or has a shorter sequence.
static bool is_valid(uint32_t code, size_t len) {
	static const uint32_t least[] = {[1] = 0, [2] = 0x80, [3] = 0x800, [4] = 0x10000};
	bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
	return code >= least[len] && code <= 0x10ffff && !is_surrogate;
}

// Bytes of the sequence at 'p', or 0 where there is none.
static size_t sequence_len(const unsigned char *p, uint32_t *ret_code) {
	size_t len = len_by_lead(p[0]);
	uint32_t code = len == 1 ? p[0] : p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (len == 0 || !is_valid(code, len))
		return 0;
	*ret_code = code;
	return len;
}

static bool is_harmless(uint32_t code) {
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return false;
	bool is_direction = code == 0x061c || code == 0x200e || code == 0x200f
		|| (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
	bool is_line_end = code == 0x2028 || code == 0x2029;
	return !is_direction && !is_line_end;
}

void console_neutralise(char *text) {
	unsigned char *to = (unsigned char *)text;
	for (const unsigned char *from = to; *from != '\0';) {
		uint32_t code = 0;
		size_t n = sequence_len(from, &code);
		if (n == 0 || !is_harmless(code)) {
			*to++ = '?';
			from += n == 0 ? 1 : n;
			continue;
		}
		memmove(to, from, n);
		to += n;
		from += n;
	}
	*to = '\0';
}

void console_say(const char *format, ...) {
	char line[LINE_MAX_BYTES];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	console_neutralise(line);
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, line);
}

bool console_is_terminal(void) {
	return isatty(STDERR_FILENO) == 1;
}
