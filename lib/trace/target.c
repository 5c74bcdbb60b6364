#include "target.h"

static bool is_scheme(struct slice text) {
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		bool is_other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
		if (!is_letter && (i == 0 || !is_other))
			return false;
	}
	return text.len > 0;
}

static struct slice find(struct slice text, uint8_t c) {
	const uint8_t *at = text.len == 0 ? NULL : memchr(text.data, c, text.len);
	return slice_from(text, at == NULL ? text.len : (size_t)(at - text.data));
}

// What follows the authority of an absolute-form target; all of any other.
static struct slice without_authority(struct slice text) {
	struct slice rest = find(text, ':');
	bool is_absolute = rest.len >= 3 && memcmp(rest.data, "://", 3) == 0
		&& is_scheme(slice_first(text, text.len - rest.len));
	if (!is_absolute)
		return text;
	rest = slice_from(rest, 3);
	while (rest.len > 0 && rest.data[0] != '/' && rest.data[0] != '?')
		rest = slice_from(rest, 1);
	return rest;
}

struct target target_split(struct slice text) {
	bool is_origin = text.len > 0 && text.data[0] == '/';
	struct slice rest = is_origin ? text : without_authority(text);
	struct slice query = find(rest, '?');
	struct slice path = slice_first(rest, rest.len - query.len);
	if (path.len == 0)
		path = slice_of("/", 1);
	return (struct target) {.path = path, .query = slice_from(query, 1)};
}

bool target_next_pair(struct slice *query, struct slice *ret_name, struct slice *ret_value) {
	while (query->len > 0) {
		struct slice behind = find(*query, '&');
		struct slice pair = slice_first(*query, query->len - behind.len);
		*query = slice_from(behind, 1);
		if (pair.len == 0)
			continue;
		struct slice value = find(pair, '=');
		*ret_name = slice_first(pair, pair.len - value.len);
		*ret_value = slice_from(value, 1);
		return true;
	}
	return false;
}

static int hex_digit(uint8_t c) {
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct slice target_decode(struct slice text, uint8_t *scratch) {
	size_t at = 0;
	while (at < text.len && text.data[at] != '%' && text.data[at] != '+')
		at++;
	if (at == text.len)
		return text;
	size_t len = 0;
	for (at = 0; at < text.len; at++) {
		uint8_t c = text.data[at];
		if (c == '+')
			c = ' ';
		if (c == '%' && text.len - at > 2) {
			int high = hex_digit(text.data[at + 1]);
			int low = hex_digit(text.data[at + 2]);
			if (high >= 0 && low >= 0) {
				c = (uint8_t)(high << 4 | low);
				at += 2;
			}
		}
		scratch[len++] = c;
	}
	return slice_of(scratch, len);
}
