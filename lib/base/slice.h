#pragma once

// Borrowed bytes: a pointer and a length, owned by someone else. Whoever hands one out says how
// long it stays valid.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const uint8_t *data;
	size_t len;
};

static inline struct slice slice_of(const void *data, size_t len) {
	return (struct slice) {.data = data, .len = len};
}

static inline struct slice slice_of_string(const char *text) {
	return slice_of(text, strlen(text));
}

// The bytes from 'at' on; empty when 'at' is past the end.
static inline struct slice slice_from(struct slice s, size_t at) {
	if (at >= s.len)
		return (struct slice) {.data = s.len == 0 ? s.data : s.data + s.len, .len = 0};
	return (struct slice) {.data = s.data + at, .len = s.len - at};
}

// The first 'len' bytes, or all of them where there are fewer.
static inline struct slice slice_first(struct slice s, size_t len) {
	return (struct slice) {.data = s.data, .len = len < s.len ? len : s.len};
}

static inline bool slice_equals(struct slice s, const char *text) {
	size_t len = strlen(text);
	return s.len == len && memcmp(s.data, text, len) == 0;
}

// ASCII only, as protocol tokens are compared (RFC 9110, section 5.1). 'lower' is in lower case.
static inline bool slice_equals_nocase(struct slice s, const char *lower) {
	size_t len = strlen(lower);
	if (s.len != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = s.data[i];
		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if (c != (uint8_t)lower[i])
			return false;
	}
	return true;
}
