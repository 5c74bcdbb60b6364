#include "display.h"

#include "utf8.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

void display_prepare(void) {
	setlocale(LC_CTYPE, "C.UTF-8");
}

static size_t width_of(uint32_t code) {
	int width = wcwidth((wchar_t)code);
	return width < 0 ? 1 : (size_t)width; // not known to the C library, so most likely a sign
}

size_t display_fit(const char *text, size_t columns, size_t *ret_columns) {
	size_t len = strlen(text), at = 0, used = 0;
	while (at < len) {
		uint32_t code = '?';
		size_t n = utf8_decode((const uint8_t *)text + at, len - at, &code);
		size_t width = width_of(code);
		if (used + width > columns)
			break;
		used += width;
		at += n == 0 ? 1 : n;
	}
	if (ret_columns != NULL)
		*ret_columns = used;
	return at;
}

size_t display_width(const char *text) {
	size_t columns;
	display_fit(text, (size_t)-1, &columns);
	return columns;
}
