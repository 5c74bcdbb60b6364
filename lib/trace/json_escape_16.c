#include "json_escape_priv.h"
#include "json_escape_tables.h"
#include "trace_put.h"
#include "utf8_tables.h"

#ifdef HAS_V16

// The first 'n' < 16 bytes at 'p', zeros behind them.
static v16 load_first(const uint8_t *p, size_t n) {
	uint64_t low = 0, high = 0;
	if (n >= 8) {
		memcpy(&low, p, 8);
		memcpy(&high, p + n - 8, 8);
		high = high >> 8 * (15 - n) >> 8;
	} else if (n >= 4) {
		uint32_t first, last;
		memcpy(&first, p, 4);
		memcpy(&last, p + n - 4, 4);
		low = first | (uint64_t)last << 8 * (n - 4);
	} else if (n > 0) {
		low = p[0] | (uint64_t)p[n / 2] << 8 * (n / 2) | (uint64_t)p[n - 1] << 8 * (n - 1);
	}
	return v16_of_words(low, high);
}

// The first 'n' <= 16 bytes of 'chunk', zeros behind them.
static v16 keep_first(v16 chunk, size_t n) {
	static const uint8_t ones_then_zeros[32] = {[0 ... 15] = 0xff};
	return v16_and(chunk, v16_load(ones_then_zeros + 16 - n));
}

static uint32_t first_bits(size_t n) {
	return (1u << n) - 1;
}

// 16 bytes of text, looked at.
struct piece {
	v16 replaced; // control characters with a short form replaced by its letter
	uint32_t escaped; // which get a backslash
	uint32_t odd; // which the short form does not do for: other control characters, not ASCII
};

static inline struct piece look_at(v16 chunk, v16 forms) {
	v16 is_quote = v16_equal(chunk, v16_look_up(v16_load(json_escape_tables.quotes), chunk));
	// Signed: what is not ASCII is below zero.
	v16 is_below = v16_less(chunk, v16_of(0x20));
	// From 0x10 on the sum is above 127, and 0 is looked up.
	v16 letters = v16_look_up(forms, v16_add(chunk, v16_of(0x70)));
	v16 replaced = v16_max(chunk, letters);
	return (struct piece) {
		.replaced = replaced,
		.escaped = v16_bits(v16_or(is_quote, is_below)),
		.odd = v16_bits(v16_less(replaced, v16_of(0x20))),
	};
}

static inline uint8_t *put_8(uint8_t *to, v16 bytes, uint32_t escaped, size_t n) {
	v16 places = v16_load(json_escape_tables.places[escaped]);
	v16_store(to, v16_place(bytes, places, v16_of('\\')));
	return to + n + (size_t)__builtin_popcount(escaped);
}

// The first 'n' <= 16 bytes.
static inline uint8_t *put_first(uint8_t *to, v16 bytes, uint32_t escaped, size_t n) {
	escaped &= first_bits(n);
	if (n <= 8)
		return put_8(to, bytes, escaped, n);
	to = put_8(to, bytes, escaped & 0xff, 8);
	return put_8(to, v16_upper_half(bytes), escaped >> 8, n - 8);
}

size_t json_escape_16(uint8_t *to, struct slice text, size_t n_readable) {
	const v16 forms = v16_load(json_escape_tables.short_forms);
	const uint8_t *start = to;
	while (text.len > 0) {
		size_t n = text.len < 16 ? text.len : 16;
		v16 chunk = n_readable >= 16 ? v16_load(text.data) : load_first(text.data, n);
		struct piece piece = look_at(chunk, forms);
		uint32_t odd = piece.odd & first_bits(n);
		if (__builtin_expect(odd == 0, 1)) {
			to = put_first(to, piece.replaced, piece.escaped, n);
		} else {
			n = (size_t)__builtin_ctz(odd);
			to = put_first(to, piece.replaced, piece.escaped, n);
			n += json_escape_odd(&to, slice_from(text, n));
		}
		text = slice_from(text, n);
		n_readable -= n;
	}
	return (size_t)(to - start);
}

// Not zero in some byte where 'chunk', which follows 'before', is not UTF-8. A character that the
// chunk's end cuts is not noticed.
static inline v16 utf8_errors(v16 before, v16 chunk) {
	v16 first = v16_back(before, chunk, 1);
	v16 errors = v16_look_up(v16_load(utf8_tables.by_first_low), v16_and(first, v16_of(0x0f)));
	v16 high = v16_look_up(v16_load(utf8_tables.by_first_high), v16_high_nibbles(first));
	errors = v16_and(errors, high);
	high = v16_look_up(v16_load(utf8_tables.by_second_high), v16_high_nibbles(chunk));
	errors = v16_and(errors, high);
	// Two bytes after a lead of three, three after a lead of four: has to continue.
	v16 third = v16_subtract(v16_back(before, chunk, 2), v16_of(0xe0 - 0x80));
	v16 fourth = v16_subtract(v16_back(before, chunk, 3), v16_of(0xf0 - 0x80));
	v16 continues = v16_and(v16_or(third, fourth), v16_of(UTF8_TWO_CONTINUE));
	return v16_xor(errors, continues);
}

// Not zero where the chunk ends inside a character.
static inline v16 utf8_cut(v16 chunk) {
	static const uint8_t most[16] = {
		[0 ... 12] = 0xff,
		[13] = 0xef,
		[14] = 0xdf,
		[15] = 0xbf,
	};
	return v16_subtract(chunk, v16_load(most));
}

// Reads from a character's start, which is not plain, until a whole piece was plain again or the
// text ends. Returns the bytes read, or SIZE_MAX where it is not text.
static size_t put_characters(uint8_t **to, struct slice text) {
	v16 before = v16_of(0);
	size_t len = 0;
	while (len < text.len) {
		struct slice rest = slice_from(text, len);
		size_t n = rest.len < 16 ? rest.len : 16;
		v16 chunk = n == 16 ? v16_load(rest.data) : load_first(rest.data, n);
		struct piece piece = look_at(chunk, v16_load(json_escape_tables.body_short_forms));
		uint32_t control = piece.odd & ~v16_bits(chunk) & first_bits(n);
		if (control != 0) {
			n = (size_t)__builtin_ctz(control);
			if (rest.data[n] != 0x1b)
				return SIZE_MAX;
			chunk = keep_first(chunk, n);
		}
		if (!v16_is_zero(utf8_errors(before, chunk)))
			return SIZE_MAX;
		*to = put_first(*to, piece.replaced, piece.escaped & ~v16_bits(chunk), n);
		len += n;
		before = chunk;
		if (control != 0) {
			*to = PUT(*to, "\\u001b");
			len++;
		} else if (v16_bits(chunk) == 0) {
			break;
		}
	}
	return v16_is_zero(utf8_cut(before)) ? len : SIZE_MAX;
}

// Pieces of plain text; returns how many bytes they have.
static size_t put_plain(uint8_t **to, struct slice text) {
	const v16 forms = v16_load(json_escape_tables.body_short_forms);
	uint8_t *at = *to;
	size_t len = 0;
	for (; text.len - len >= 16; len += 16) {
		struct piece piece = look_at(v16_load(text.data + len), forms);
		if (__builtin_expect(piece.odd != 0, 0))
			break;
		at = put_8(at, piece.replaced, piece.escaped & 0xff, 8);
		at = put_8(at, v16_upper_half(piece.replaced), piece.escaped >> 8, 8);
	}
	*to = at;
	return len;
}

size_t json_escape_body_16(uint8_t *to, struct slice text) {
	const uint8_t *start = to;
	while (text.len > 0) {
		text = slice_from(text, put_plain(&to, text));
		size_t len = text.len == 0 ? 0 : put_characters(&to, text);
		if (len == SIZE_MAX)
			return SIZE_MAX;
		text = slice_from(text, len);
	}
	return (size_t)(to - start);
}

#endif
