#include "json_escape_priv.h"
#include "json_escape_tables.h"
#include "trace_put.h"
#include "utf8_tables.h"

#ifdef JSON_ESCAPE_HAS_AVX2

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

bool json_escape_can_avx2(void) {
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
		&& __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

AVX2 static inline __m256i table(const uint8_t bytes[16]) {
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)bytes));
}

AVX2 static inline __m256i load(const void *p) {
	return _mm256_loadu_si256(p);
}

AVX2 static inline uint32_t bits(__m256i a) {
	return (uint32_t)_mm256_movemask_epi8(a);
}

AVX2 static inline uint32_t quotes_of(__m256i bytes) {
	__m256i quote = _mm256_shuffle_epi8(table(json_escape_tables.quotes), bytes);
	return bits(_mm256_cmpeq_epi8(bytes, quote));
}

// Signed: what is not ASCII is below zero, and so among them.
AVX2 static inline uint32_t below_space_of(__m256i bytes) {
	return bits(_mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes));
}

// Puts the first 8 bytes, with a backslash before those that 'escaped' has bits 4 to 11 for.
AVX2 static inline void put_8(uint8_t *to, __m128i bytes, uint32_t escaped) {
	const uint8_t *row = (const uint8_t *)json_escape_tables.places + (escaped & 0xff0);
	__m128i places = _mm_load_si128((const __m128i *)(const void *)row);
	__m128i spread = _mm_shuffle_epi8(bytes, places);
	spread = _mm_blendv_epi8(spread, _mm_set1_epi8('\\'), places);
	_mm_storeu_si128((__m128i *)(void *)to, spread);
}

AVX2 static inline size_t count(uint32_t escaped) {
	return (size_t)_mm_popcnt_u64(escaped);
}

// 32 bytes, with a backslash before those that have a bit.
AVX2 static inline void put_32(uint8_t *to, __m256i bytes, uint32_t escaped) {
	__m128i low = _mm256_castsi256_si128(bytes);
	__m128i high = _mm256_extracti128_si256(bytes, 1);
	put_8(to, low, escaped << 4);
	put_8(to + 8 + count(escaped & 0xff), _mm_srli_si128(low, 8), escaped >> 4);
	put_8(to + 16 + count(escaped & 0xffff), high, escaped >> 12);
	put_8(to + 24 + count(escaped & 0xffffff), _mm_srli_si128(high, 8), escaped >> 20);
}

// The first 'n' <= 32 bytes from 'at' on, zeros behind them.
AVX2 static inline __m256i load_first(struct slice text, size_t at, size_t n) {
	uint8_t padded[64] = {0};
	if (n == 32)
		return load(text.data + at);
	if (at + n < 32) {
		memcpy(padded, text.data + at, n);
		return load(padded);
	}
	_mm256_storeu_si256((__m256i *)(void *)padded, load(text.data + at + n - 32));
	return load(padded + 32 - n);
}

// The first 'n' <= 32 of 'bytes', zeros behind them.
AVX2 static inline __m256i keep_first(__m256i bytes, size_t n) {
	static const uint8_t ones_then_zeros[64] = {[0 ... 31] = 0xff};
	return _mm256_and_si256(bytes, load(ones_then_zeros + 32 - n));
}

// The 32 bytes before 'at', zeros where there are fewer.
AVX2 static inline __m256i load_before(struct slice text, size_t at) {
	uint8_t padded[64] = {0};
	if (at >= 32)
		return load(text.data + at - 32);
	memcpy(padded + 32 - at, text.data, at);
	return load(padded);
}

// 'before' and 'bytes' as one, from 'n' bytes before the second on.
#define BACK(before, bytes, n)                                                                     \
	_mm256_alignr_epi8(bytes, _mm256_permute2x128_si256(before, bytes, 0x21), 16 - (n))

AVX2 static inline __m256i high_nibbles(__m256i a) {
	return _mm256_and_si256(_mm256_srli_epi16(a, 4), _mm256_set1_epi8(0x0f));
}

// Whether 'bytes', which follow 'before', are not UTF-8. A character that their end cuts is not
// noticed.
AVX2 static inline bool is_bad(__m256i before, __m256i bytes) {
	__m256i first = BACK(before, bytes, 1);
	__m256i errors = _mm256_shuffle_epi8(
		table(utf8_tables.by_first_low), _mm256_and_si256(first, _mm256_set1_epi8(0x0f))
	);
	errors = _mm256_and_si256(
		errors, _mm256_shuffle_epi8(table(utf8_tables.by_first_high), high_nibbles(first))
	);
	errors = _mm256_and_si256(
		errors, _mm256_shuffle_epi8(table(utf8_tables.by_second_high), high_nibbles(bytes))
	);
	// Two bytes after a lead of three, three after a lead of four: has to continue.
	__m256i third =
		_mm256_subs_epu8(BACK(before, bytes, 2), _mm256_set1_epi8((char)(0xe0 - 0x80)));
	__m256i fourth =
		_mm256_subs_epu8(BACK(before, bytes, 3), _mm256_set1_epi8((char)(0xf0 - 0x80)));
	__m256i continues = _mm256_and_si256(
		_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)UTF8_TWO_CONTINUE)
	);
	errors = _mm256_xor_si256(errors, continues);
	return !_mm256_testz_si256(errors, errors);
}

// Whether the text before 'end', 32 bytes and more, is cut inside a character.
static bool is_cut(const uint8_t *end) {
	return end[-1] >= 0xc0 || end[-2] >= 0xe0 || end[-3] >= 0xf0;
}

static bool is_plain(uint8_t c) {
	return c >= ' ' && c < 0x80 && c != '"' && c != '\\';
}

// Bytes from an ESC on, where there may be more: the ESCs that follow it, and up to 'n' bytes with
// plain ones between them. Returns how many those are.
static size_t put_escapes(uint8_t **to_end, struct slice text, size_t n) {
	uint8_t *to = *to_end;
	size_t len = 0;
	for (; len < text.len; len++) {
		uint8_t c = text.data[len];
		if (c == 0x1b)
			to = PUT(to, "\\u001b");
		else if (len < n && is_plain(c))
			*to++ = c;
		else
			break;
	}
	*to_end = to;
	return len;
}

// One piece of any kind, which may follow an open character. Returns how many bytes it has, or
// SIZE_MAX where it is not text. What is open at the end of fewer than 32 bytes is not text.
AVX2 static __attribute__((noinline)) size_t
put_any(uint8_t **to, struct slice text, size_t at, bool *is_open) {
	size_t n = text.len - at < 32 ? text.len - at : 32;
	__m256i bytes = load_first(text, at, n);
	__m256i letters = _mm256_shuffle_epi8(
		table(json_escape_tables.body_short_forms),
		_mm256_adds_epu8(
			bytes, _mm256_set1_epi8(0x70)
		) // above 127 from 0x10 on: looks up 0
	);
	__m256i replaced = _mm256_max_epu8(bytes, letters);
	uint32_t high = bits(bytes);
	uint32_t control = _bzhi_u32(below_space_of(replaced) & ~high, (unsigned)n);
	if (control != 0) {
		n = (size_t)_tzcnt_u32(control);
		if (text.data[at + n] != 0x1b)
			return SIZE_MAX;
		bytes = keep_first(bytes, n);
	}
	if ((high != 0 || *is_open) && is_bad(load_before(text, at), bytes))
		return SIZE_MAX;
	uint32_t escaped = quotes_of(bytes) | (below_space_of(bytes) & ~high);
	escaped = _bzhi_u32(escaped, (unsigned)n);
	put_32(*to, replaced, escaped);
	*to += n + count(escaped);
	*is_open = n == 32 && is_cut(text.data + at + 32);
	return control == 0 ? n : n + put_escapes(to, slice_from(text, at + n), 32 - n);
}

// Whole pieces without control characters, not the first one if it is not ASCII. Returns where the
// next begins, or SIZE_MAX where it is not text.
AVX2 static inline size_t
put_most(uint8_t **to_end, struct slice text, size_t at, bool *ret_is_open) {
	uint8_t *to = *to_end;
	bool is_open = *ret_is_open;
	for (; text.len - at >= 32; at += 32) {
		__m256i bytes = load(text.data + at);
		uint32_t below = below_space_of(bytes);
		if (__builtin_expect(below != 0 || is_open, 0)) {
			if (below != bits(bytes) || at < 32)
				break;
			if (is_bad(load(text.data + at - 32), bytes))
				return SIZE_MAX;
			is_open = is_cut(text.data + at + 32);
		}
		uint32_t quotes = quotes_of(bytes);
		put_32(to, bytes, quotes);
		to += 32 + count(quotes);
	}
	*to_end = to;
	*ret_is_open = is_open;
	return at;
}

AVX2 size_t json_escape_body_avx2(uint8_t *to, struct slice text) {
	const uint8_t *start = to;
	bool is_open = false; // a character goes on from the piece before
	size_t at = 0;
	while (at < text.len) {
		at = put_most(&to, text, at, &is_open);
		if (at < text.len) {
			size_t n = put_any(&to, text, at, &is_open);
			at = n == SIZE_MAX ? SIZE_MAX : at + n;
		}
	}
	return at == SIZE_MAX || is_open ? SIZE_MAX : (size_t)(to - start);
}

#endif
