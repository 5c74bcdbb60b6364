#include "json_escape_priv.h"
#include "trace_put.h"
#include "utf8_tables.h"

#ifdef JSON_ESCAPE_HAS_AVX512

#include <immintrin.h>

#define AVX512                                                                                     \
	__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi2,popcnt")))

bool json_escape_can_avx512(void) {
	return __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vbmi")
		&& __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2");
}

// 64 bytes of text, looked at; a bit for each.
struct piece {
	__m512i bytes;
	__m512i replaced; // control characters with a short form replaced by its letter, others by 0
	uint64_t escaped; // which get a backslash, or are odd
	uint64_t odd; // control characters without a short form
	uint64_t high; // not ASCII
};

static const uint8_t short_forms[64] =
	{['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
// Without \b, which is no text.
static const uint8_t body_short_forms[64] =
	{['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

// The first 'n' <= 64 bytes of 'text'; no other is read.
AVX512 static inline struct piece look_at(struct slice text, size_t n, __m512i forms) {
	__mmask64 all = _bzhi_u64(UINT64_MAX, (unsigned)n);
	__m512i bytes = _mm512_maskz_loadu_epi8(all, text.data);
	__mmask64 below = _mm512_mask_cmplt_epu8_mask(all, bytes, _mm512_set1_epi8(0x20));
	__m512i replaced = _mm512_mask_permutexvar_epi8(bytes, below, bytes, forms);
	return (struct piece) {
		.bytes = bytes,
		.replaced = replaced,
		.escaped = below | _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"'))
			| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\')),
		.odd = _mm512_mask_testn_epi8_mask(below, replaced, replaced),
		.high = _mm512_movepi8_mask(bytes),
	};
}

// Puts a backslash before every one of 32 bytes, then pushes those together that are wanted.
AVX512 static inline void put_32(uint8_t *to, __m256i bytes, uint32_t escaped) {
	__m512i pairs = _mm512_slli_epi16(_mm512_cvtepu8_epi16(bytes), 8);
	pairs = _mm512_or_si512(pairs, _mm512_set1_epi16('\\'));
	__mmask64 wanted = _pdep_u64(escaped, 0x5555555555555555) | 0xaaaaaaaaaaaaaaaa;
	_mm512_storeu_si512(to, _mm512_maskz_compress_epi8(wanted, pairs));
}

// The first 'n' bytes of the piece.
AVX512 static inline uint8_t *put_first(uint8_t *to, const struct piece *piece, size_t n) {
	uint64_t escaped = _bzhi_u64(piece->escaped, (unsigned)n);
	uint32_t first = (uint32_t)escaped;
	put_32(to, _mm512_castsi512_si256(piece->replaced), first);
	if (n > 32)
		put_32(to + 32 + _mm_popcnt_u32(first),
		       _mm512_extracti64x4_epi64(piece->replaced, 1),
		       (uint32_t)(escaped >> 32));
	return to + n + (size_t)_mm_popcnt_u64(escaped);
}

AVX512 size_t json_escape_avx512(uint8_t *to, struct slice text) {
	const __m512i forms = _mm512_loadu_si512(short_forms);
	const uint8_t *start = to;
	while (text.len > 0) {
		size_t n = text.len < 64 ? text.len : 64;
		struct piece piece = look_at(text, n, forms);
		uint64_t odd = piece.odd | piece.high;
		if (__builtin_expect(odd == 0, 1)) {
			to = put_first(to, &piece, n);
		} else {
			n = (size_t)__builtin_ctzll(odd);
			to = put_first(to, &piece, n);
			n += json_escape_odd(&to, slice_from(text, n));
		}
		text = slice_from(text, n);
	}
	return (size_t)(to - start);
}

AVX512 static inline __m512i table(const uint8_t bytes[16]) {
	return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)bytes));
}

// 'before' and 'bytes' as one, from 'n' bytes before the second on.
#define BACK(before, bytes, n)                                                                     \
	_mm512_alignr_epi8(bytes, _mm512_alignr_epi32(bytes, before, 12), 16 - (n))

// Whether 'bytes', which follow 'before', are not UTF-8. A character that their end cuts is not
// noticed.
AVX512 static inline bool is_bad(__m512i before, __m512i bytes) {
	const __m512i nibble = _mm512_set1_epi8(0x0f);
	__m512i first = BACK(before, bytes, 1);
	__m512i errors = _mm512_shuffle_epi8(
		table(utf8_tables.by_first_low), _mm512_and_si512(first, nibble)
	);
	__m512i high = _mm512_and_si512(_mm512_srli_epi16(first, 4), nibble);
	errors = _mm512_and_si512(
		errors, _mm512_shuffle_epi8(table(utf8_tables.by_first_high), high)
	);
	high = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), nibble);
	errors = _mm512_and_si512(
		errors, _mm512_shuffle_epi8(table(utf8_tables.by_second_high), high)
	);
	// Two bytes after a lead of three, three after a lead of four: has to continue.
	__mmask64 continues =
		_mm512_cmpge_epu8_mask(BACK(before, bytes, 2), _mm512_set1_epi8((char)0xe0))
		| _mm512_cmpge_epu8_mask(BACK(before, bytes, 3), _mm512_set1_epi8((char)0xf0));
	__m512i wanted = _mm512_maskz_set1_epi8(continues, (char)UTF8_TWO_CONTINUE);
	return _mm512_cmpneq_epi8_mask(errors, wanted) != 0;
}

// Whether the piece's last bytes begin a character that goes on behind it.
static bool is_cut(uint64_t high, const uint8_t *end) {
	return high >> 61 != 0 && (end[-1] >= 0xc0 || end[-2] >= 0xe0 || end[-3] >= 0xf0);
}

AVX512 size_t json_escape_body_avx512(uint8_t *to, struct slice text) {
	const __m512i forms = _mm512_loadu_si512(body_short_forms);
	const uint8_t *start = to;
	__m512i before = _mm512_setzero_si512();
	bool is_open = false; // a character goes on from the piece before
	while (text.len > 0) {
		size_t n = text.len < 64 ? text.len : 64;
		struct piece piece = look_at(text, n, forms);
		bool has_odd = piece.odd != 0;
		if (__builtin_expect(has_odd, 0)) {
			n = (size_t)__builtin_ctzll(piece.odd);
			if (text.data[n] != 0x1b)
				return SIZE_MAX;
			piece = look_at(text, n, forms);
		}
		if (piece.high != 0 || is_open) {
			if (is_bad(before, piece.bytes))
				return SIZE_MAX;
			is_open = n == 64 && is_cut(piece.high, text.data + 64);
		}
		before = piece.bytes;
		to = put_first(to, &piece, n);
		if (has_odd) {
			to = PUT(to, "\\u001b");
			n++;
		}
		text = slice_from(text, n);
	}
	return is_open ? SIZE_MAX : (size_t)(to - start);
}

#endif
