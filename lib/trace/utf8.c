#include "utf8.h"

// What the second byte of a character may be, given its first (RFC 3629, section 4).
struct range {
	uint8_t first, last;
};

static struct range second_byte(uint8_t lead) {
	switch (lead) {
	case 0xe0:
		return (struct range) {0xa0, 0xbf}; // less would fit two bytes
	case 0xed:
		return (struct range) {0x80, 0x9f}; // more is a surrogate
	case 0xf0:
		return (struct range) {0x90, 0xbf}; // less would fit three bytes
	case 0xf4:
		return (struct range) {0x80, 0x8f}; // more is above U+10FFFF
	default:
		return (struct range) {0x80, 0xbf};
	}
}

static size_t length_by_lead(uint8_t lead) {
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2) // a continuation byte, or overlong
		return 0;
	if (lead < 0xe0)
		return 2;
	if (lead < 0xf0)
		return 3;
	return lead < 0xf5 ? 4 : 0;
}

size_t utf8_char(struct slice text, size_t *ret_bad) {
	size_t len = length_by_lead(text.data[0]);
	if (len <= 1) {
		*ret_bad = 1;
		return len;
	}
	struct range range = second_byte(text.data[0]);
	for (size_t i = 1; i < len; i++) {
		if (i == text.len || text.data[i] < range.first || text.data[i] > range.last) {
			*ret_bad = i;
			return 0;
		}
		range = (struct range) {0x80, 0xbf};
	}
	return len;
}

size_t utf8_whole(struct slice text) {
	for (size_t back = 1; back <= 3 && back <= text.len; back++) {
		struct slice last = slice_from(text, text.len - back);
		if (last.data[0] < 0x80)
			break;
		if (last.data[0] < 0xc0)
			continue;
		size_t bad;
		bool is_cut = utf8_char(last, &bad) == 0 && bad == back
			&& length_by_lead(last.data[0]) > back;
		return is_cut ? text.len - back : text.len;
	}
	return text.len;
}
