#include "console.h"

#include "utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2560

static bool is_harmless(uint32_t code) {
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return false;
	bool is_direction = code == 0x061c || code == 0x200e || code == 0x200f
		|| (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
	bool is_line_end = code == 0x2028 || code == 0x2029;
	return !is_direction && !is_line_end;
}

void console_neutralise(char *text) {
	uint8_t *to = (uint8_t *)text;
	const uint8_t *end = to + strlen(text);
	for (const uint8_t *from = to; from < end;) {
		uint32_t code = 0;
		size_t n = utf8_decode(from, (size_t)(end - from), &code);
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
