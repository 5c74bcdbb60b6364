#include "utf8.h"

#include <stdbool.h>

size_t utf8_len(uint8_t lead) {
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

// False for what is no character or has a shorter form.
static bool is_valid(uint32_t code, size_t len) {
	static const uint32_t least[] = {[1] = 0, [2] = 0x80, [3] = 0x800, [4] = 0x10000};
	bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
	return code >= least[len] && code <= 0x10ffff && !is_surrogate;
}

size_t utf8_decode(const uint8_t *text, size_t n, uint32_t *ret_code) {
	size_t len = n == 0 ? 0 : utf8_len(text[0]);
	if (len == 0 || len > n)
		return 0;
	uint32_t code = len == 1 ? text[0] : text[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (!is_valid(code, len))
		return 0;
	*ret_code = code;
	return len;
}
