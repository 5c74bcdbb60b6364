#include "json_escape.h"

#include "utf8.h"

#ifndef __SSE4_2__

size_t json_escape(uint8_t *to, struct slice text, size_t) {
	return json_escape_portable(to, text);
}

size_t json_escape_body(uint8_t *to, struct slice text) {
	return json_escape_body_portable(to, text);
}

#else

#include <nmmintrin.h>

// Where the bytes of an 8-byte piece go when a backslash is put before some of them. Row 'm' has a
// bit for each byte that gets one; each place in it holds the byte that goes there, or 0x80 for a
// backslash: the form that pshufb and pblendvb take.
//
//   piece  a " b c . . . .    m = 0b00000010
//   row    0 80 1 2 3 4 5 6 7 80 ...    gives  a \ " b c . . . .
#define PLACE(m, i) ((i) + __builtin_popcount((m) & ((2u << (i)) - 1)))
// clang-format off
#define AT(m, k) \
	(PLACE(m, 0) == (k) ? 0 : PLACE(m, 1) == (k) ? 1 : PLACE(m, 2) == (k) ? 2 : \
	 PLACE(m, 3) == (k) ? 3 : PLACE(m, 4) == (k) ? 4 : PLACE(m, 5) == (k) ? 5 : \
	 PLACE(m, 6) == (k) ? 6 : PLACE(m, 7) == (k) ? 7 : 0x80)
// clang-format on
#define AT4(m, k) AT(m, k), AT(m, (k) + 1), AT(m, (k) + 2), AT(m, (k) + 3)
#define ROW(m)                                                                                     \
	{ AT4(m, 0), AT4(m, 4), AT4(m, 8), AT4(m, 12) }
#define ROWS4(m) ROW(m), ROW((m) + 1), ROW((m) + 2), ROW((m) + 3)
#define ROWS16(m) ROWS4(m), ROWS4((m) + 4), ROWS4((m) + 8), ROWS4((m) + 12)
#define ROWS64(m) ROWS16(m), ROWS16((m) + 16), ROWS16((m) + 32), ROWS16((m) + 48)
static const uint8_t expansions[256][16] __attribute__((aligned(16))) = {
	ROWS64(0u),
	ROWS64(64u),
	ROWS64(128u),
	ROWS64(192u),
};

static __m128i load(const void *p) {
	return _mm_loadu_si128(p);
}

// The first 'n' < 16 bytes at 'p', zeros behind them.
static __m128i load_first(const uint8_t *p, size_t n) {
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
	return _mm_set_epi64x((long long)high, (long long)low);
}

// The first 'n' <= 16 bytes of 'chunk', zeros behind them.
static __m128i keep_first(__m128i chunk, size_t n) {
	static const uint8_t ones_then_zeros[32] = {
		255,
		255,
		255,
		255,
		255,
		255,
		255,
		255,
		255,
		255,
		255,
		255,
		255,
		255,
		255,
		255,
	};
	return _mm_and_si128(chunk, load(ones_then_zeros + 16 - n));
}

static uint32_t bits(__m128i chunk) {
	return (uint32_t)_mm_movemask_epi8(chunk);
}

static uint32_t first_bits(size_t n) {
	return (1u << n) - 1;
}

// 16 bytes of text, looked at.
struct piece {
	__m128i replaced; // control characters with a short form replaced by its letter
	uint32_t escaped; // which get a backslash
	uint32_t odd; // which the short form does not do for: other control characters, not ASCII
};

// The letters of the short forms by control character.
#define SHORT_FORMS _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 'b', 't', 'n', 0, 'f', 'r', 0, 0)
// Without \b, which is no text.
#define BODY_SHORT_FORMS _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 't', 'n', 0, 'f', 'r', 0, 0)

static struct piece look_at(__m128i chunk, __m128i short_forms) {
	// '"' is 0x22 and '\' 0x5c: by its low nibble each byte meets the one it could be.
	__m128i quotes = _mm_setr_epi8(1, 0, '"', 0, 0, 0, 0, 0, 0, 0, 0, 0, '\\', 0, 0, 0);
	__m128i is_quote = _mm_cmpeq_epi8(chunk, _mm_shuffle_epi8(quotes, chunk));
	// Signed: what is not ASCII is below zero.
	__m128i is_below = _mm_cmplt_epi8(chunk, _mm_set1_epi8(0x20));
	// From 0x10 on the sum has its top bit set, and pshufb gives 0.
	__m128i index = _mm_adds_epu8(chunk, _mm_set1_epi8(0x70));
	__m128i replaced = _mm_max_epu8(chunk, _mm_shuffle_epi8(short_forms, index));
	return (struct piece) {
		.replaced = replaced,
		.escaped = bits(_mm_or_si128(is_quote, is_below)),
		.odd = bits(_mm_cmplt_epi8(replaced, _mm_set1_epi8(0x20))),
	};
}

static uint8_t *put_8(uint8_t *to, __m128i bytes, uint32_t escaped, size_t n) {
	__m128i places = _mm_load_si128((const __m128i *)(const void *)expansions[escaped]);
	__m128i moved = _mm_shuffle_epi8(bytes, places);
	_mm_storeu_si128(
		(__m128i *)(void *)to, _mm_blendv_epi8(moved, _mm_set1_epi8('\\'), places)
	);
	return to + n + (size_t)_mm_popcnt_u32(escaped);
}

static uint8_t *put_16(uint8_t *to, __m128i bytes, uint32_t escaped) {
	to = put_8(to, bytes, escaped & 0xff, 8);
	return put_8(to, _mm_srli_si128(bytes, 8), escaped >> 8, 8);
}

// The first 'n' <= 16 bytes.
static uint8_t *put_first(uint8_t *to, __m128i bytes, uint32_t escaped, size_t n) {
	escaped &= first_bits(n);
	if (n <= 8)
		return put_8(to, bytes, escaped, n);
	to = put_8(to, bytes, escaped & 0xff, 8);
	return put_8(to, _mm_srli_si128(bytes, 8), escaped >> 8, n - 8);
}

// What has no short form, from text.data on, up to the next plain ASCII character.
static size_t put_odd(uint8_t **to, struct slice text) {
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

size_t json_escape(uint8_t *to, struct slice text, size_t n_readable) {
	const uint8_t *start = to;
	while (text.len > 0) {
		size_t n = text.len < 16 ? text.len : 16;
		__m128i chunk = n_readable >= 16 ? load(text.data) : load_first(text.data, n);
		struct piece piece = look_at(chunk, SHORT_FORMS);
		uint32_t odd = piece.odd & first_bits(n);
		if (__builtin_expect(odd != 0, 0))
			n = (size_t)__builtin_ctz(odd);
		to = put_first(to, piece.replaced, piece.escaped, n);
		if (__builtin_expect(odd != 0, 0))
			n += put_odd(&to, slice_from(text, n));
		text = slice_from(text, n);
		n_readable -= n;
	}
	return (size_t)(to - start);
}

// Classes of errors that two neighbouring bytes show, as in Keiser and Lemire, "Validating UTF-8 In
// Less Than One Instruction Per Byte" (2021): each of three tables, by the first byte's halves and
// the second's upper half, tells which errors are possible; what all three allow is one.
#define TOO_SHORT 0x01 // a character begins inside another
#define TOO_LONG 0x02 // a continuation byte after ASCII
#define OVERLONG_3 0x04
#define TOO_LARGE 0x08 // above U+10FFFF, second byte from 0x90
#define SURROGATE 0x10
#define OVERLONG_2 0x20
#define OVERLONG_4 0x40 // and above U+10FFFF with a second byte below 0x90
#define TWO_CONTINUE 0x80 // right only as third or fourth byte
#define ALWAYS (TOO_SHORT | TOO_LONG | TWO_CONTINUE)
#define CONTINUES (TOO_LONG | OVERLONG_2 | TWO_CONTINUE)

// The tables' halves: 'first' and 'second' of two neighbouring bytes.
static const uint8_t by_first_high[16] = {
	[0x0 ... 0x7] = TOO_LONG,
	[0x8 ... 0xb] = TWO_CONTINUE,
	[0xc] = TOO_SHORT | OVERLONG_2,
	[0xd] = TOO_SHORT,
	[0xe] = TOO_SHORT | OVERLONG_3 | SURROGATE,
	[0xf] = TOO_SHORT | TOO_LARGE | OVERLONG_4,
};

static const uint8_t by_first_low[16] = {
	[0x0] = ALWAYS | OVERLONG_2 | OVERLONG_3 | OVERLONG_4,
	[0x1] = ALWAYS | OVERLONG_2,
	[0x2 ... 0x3] = ALWAYS,
	[0x4] = ALWAYS | TOO_LARGE,
	[0x5 ... 0xc] = ALWAYS | TOO_LARGE | OVERLONG_4,
	[0xd] = ALWAYS | TOO_LARGE | OVERLONG_4 | SURROGATE,
	[0xe ... 0xf] = ALWAYS | TOO_LARGE | OVERLONG_4,
};

static const uint8_t by_second_high[16] = {
	[0x0 ... 0x7] = TOO_SHORT,
	[0x8] = CONTINUES | OVERLONG_3 | OVERLONG_4,
	[0x9] = CONTINUES | OVERLONG_3 | TOO_LARGE,
	[0xa ... 0xb] = CONTINUES | SURROGATE | TOO_LARGE,
	[0xc ... 0xf] = TOO_SHORT,
};

// Not zero in some byte where 'chunk', which follows 'before', is not UTF-8. A character that the
// chunk's end cuts is not noticed.
static __m128i utf8_errors(__m128i before, __m128i chunk) {
	__m128i nibble = _mm_set1_epi8(0x0f);
	__m128i first = _mm_alignr_epi8(chunk, before, 15);
	__m128i errors = _mm_shuffle_epi8(load(by_first_low), _mm_and_si128(first, nibble));
	__m128i high = _mm_and_si128(_mm_srli_epi16(first, 4), nibble);
	errors = _mm_and_si128(errors, _mm_shuffle_epi8(load(by_first_high), high));
	high = _mm_and_si128(_mm_srli_epi16(chunk, 4), nibble);
	errors = _mm_and_si128(errors, _mm_shuffle_epi8(load(by_second_high), high));
	// Two bytes after a lead of three, three after a lead of four: has to continue.
	__m128i third =
		_mm_subs_epu8(_mm_alignr_epi8(chunk, before, 14), _mm_set1_epi8(0xe0 - 0x80));
	__m128i fourth =
		_mm_subs_epu8(_mm_alignr_epi8(chunk, before, 13), _mm_set1_epi8(0xf0 - 0x80));
	__m128i continues = _mm_and_si128(_mm_or_si128(third, fourth), _mm_set1_epi8((char)0x80));
	return _mm_xor_si128(errors, continues);
}

// Not zero where the chunk ends inside a character.
static __m128i utf8_cut(__m128i chunk) {
	static const uint8_t most[16] = {
		[0 ... 12] = 0xff,
		[13] = 0xef,
		[14] = 0xdf,
		[15] = 0xbf,
	};
	return _mm_subs_epu8(chunk, load(most));
}

static bool is_zero(__m128i chunk) {
	return _mm_testz_si128(chunk, chunk);
}

// Reads from a character's start, which is not plain, until a whole piece was plain again or the
// text ends. Returns the bytes read, or SIZE_MAX where it is not text.
static size_t put_characters(uint8_t **to, struct slice text) {
	__m128i before = _mm_setzero_si128();
	size_t len = 0;
	while (len < text.len) {
		struct slice rest = slice_from(text, len);
		size_t n = rest.len < 16 ? rest.len : 16;
		__m128i chunk = n == 16 ? load(rest.data) : load_first(rest.data, n);
		struct piece piece = look_at(chunk, BODY_SHORT_FORMS);
		uint32_t control = piece.odd & ~bits(chunk) & first_bits(n);
		bool has_control = control != 0;
		if (has_control) {
			n = (size_t)__builtin_ctz(control);
			if (rest.data[n] != 0x1b)
				return SIZE_MAX;
			chunk = keep_first(chunk, n);
		}
		if (!is_zero(utf8_errors(before, chunk)))
			return SIZE_MAX;
		uint32_t escaped = piece.escaped & ~bits(chunk);
		*to = put_first(*to, piece.replaced, escaped, n);
		len += n;
		before = chunk;
		if (has_control) {
			memcpy(*to, "\\u001b", 6);
			*to += 6;
			len++;
			before = _mm_setzero_si128();
		} else if (bits(chunk) == 0) {
			break;
		}
	}
	return is_zero(utf8_cut(before)) ? len : SIZE_MAX;
}

size_t json_escape_body(uint8_t *to, struct slice text) {
	const uint8_t *start = to;
	const uint8_t *end = text.data + text.len;
	const uint8_t *p = text.data;
	while (p < end) {
		while (end - p >= 16) {
			struct piece piece = look_at(load(p), BODY_SHORT_FORMS);
			if (__builtin_expect(piece.odd != 0, 0))
				break;
			to = put_16(to, piece.replaced, piece.escaped);
			p += 16;
		}
		if (p == end)
			break;
		size_t len = put_characters(&to, slice_of(p, (size_t)(end - p)));
		if (len == SIZE_MAX)
			return SIZE_MAX;
		p += len;
	}
	return (size_t)(to - start);
}

#endif
