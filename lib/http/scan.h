#pragma once

// Byte scans of a message head. Each has a portable twin (*_portable) that gives the same answer;
// what the target offers is chosen at build time, from the baseline that DPDK itself asks for
// (SSSE3 is in it). None reads at or past 'end'. Lines of a head are short, so 16 bytes a step
// inlined beat 32 behind a call.

#include <stdbool.h>
#include <stdint.h>

#if defined(__SSSE3__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// tchar of RFC 9110, section 5.6.2, by bit: SCAN_TOKEN_ROWS[c & 15] has bit (c >> 4) set when c is
// one. Six rows of sixteen, 2 to 7, so that the whole set is two table look-ups of 16 bytes.
#define SCAN_TOKEN_ROWS                                                                            \
	{                                                                                          \
		0xe8, 0xfc, 0xf8, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0xf8, 0xf8, 0xf4, 0x54, 0xd0,      \
			0x54, 0xf4, 0x70                                                           \
	}

static inline bool scan_is_token(uint8_t c) {
	static const uint8_t rows[16] = SCAN_TOKEN_ROWS;
	return c < 0x80 && (rows[c & 15] >> (c >> 4) & 1) != 0;
}

// What cannot be inside a line: its end (CR, LF) and NUL. Other control characters are let pass,
// as real servers do.
static inline bool scan_is_line_end(uint8_t c) {
	return c == '\n' || c == '\r' || c == 0;
}

static inline const uint8_t *scan_token_portable(const uint8_t *p, const uint8_t *end) {
	while (p < end && scan_is_token(*p))
		p++;
	return p;
}

static inline const uint8_t *scan_line_portable(const uint8_t *p, const uint8_t *end) {
	while (p < end && !scan_is_line_end(*p))
		p++;
	return p;
}

#if defined(__SSSE3__)

// The first byte that cannot be in a token, or 'end'.
static inline const uint8_t *scan_token(const uint8_t *p, const uint8_t *end) {
	static const uint8_t rows[16] = SCAN_TOKEN_ROWS;
	const __m128i row = _mm_loadu_si128((const __m128i *)(const void *)rows);
	const __m128i bit = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
	for (; end - p >= 16; p += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
		__m128i is_token = _mm_and_si128(
			_mm_shuffle_epi8(row, bytes), // 0 where a byte is 0x80 or above
			_mm_shuffle_epi8(bit, high)
		);
		int stops = _mm_movemask_epi8(_mm_cmpeq_epi8(is_token, _mm_setzero_si128()));
		if (stops != 0)
			return p + __builtin_ctz((unsigned)stops);
	}
	return scan_token_portable(p, end);
}

// A bit for each of 16 bytes that cannot be inside a line.
static inline uint64_t scan_line_stops(const uint8_t *p) {
	// Each stop byte stands at its own low half; a byte that finds itself there is one.
	const __m128i stop = _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\n', 0, 0, '\r', 0, 0);
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
	return (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_shuffle_epi8(stop, bytes), bytes));
}

// The first CR, LF or NUL, or 'end'.
static inline const uint8_t *scan_line(const uint8_t *p, const uint8_t *end) {
	// Nearly every line ends within 64 bytes: one step without a branch that is hard to predict.
	for (; end - p >= 64; p += 64) {
		uint64_t stops = scan_line_stops(p) | scan_line_stops(p + 16) << 16
			| scan_line_stops(p + 32) << 32 | scan_line_stops(p + 48) << 48;
		if (stops != 0)
			return p + __builtin_ctzll(stops);
	}
	for (; end - p >= 16; p += 16) {
		uint64_t stops = scan_line_stops(p);
		if (stops != 0)
			return p + __builtin_ctzll(stops);
	}
	return scan_line_portable(p, end);
}

#elif defined(__aarch64__)

// Four bits for each byte of a comparison's result; NEON has no movemask.
static inline uint64_t scan_mask(uint8x16_t v) {
	return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(v), 4)), 0);
}

static inline const uint8_t *scan_token(const uint8_t *p, const uint8_t *end) {
	static const uint8_t rows[16] = SCAN_TOKEN_ROWS;
	static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128};
	const uint8x16_t row = vld1q_u8(rows);
	const uint8x16_t bit = vld1q_u8(bits);
	for (; end - p >= 16; p += 16) {
		uint8x16_t bytes = vld1q_u8(p);
		uint8x16_t low = vqtbl1q_u8(row, vandq_u8(bytes, vdupq_n_u8(15)));
		uint8x16_t high = vqtbl1q_u8(bit, vshrq_n_u8(bytes, 4));
		uint64_t stops = scan_mask(vceqzq_u8(vandq_u8(low, high)));
		if (stops != 0)
			return p + (__builtin_ctzll(stops) >> 2);
	}
	return scan_token_portable(p, end);
}

static inline const uint8_t *scan_line(const uint8_t *p, const uint8_t *end) {
	for (; end - p >= 16; p += 16) {
		uint8x16_t bytes = vld1q_u8(p);
		uint8x16_t is_stop = vorrq_u8(
			vceqzq_u8(bytes),
			vorrq_u8(
				vceqq_u8(bytes, vdupq_n_u8('\n')), vceqq_u8(bytes, vdupq_n_u8('\r'))
			)
		);
		uint64_t stops = scan_mask(is_stop);
		if (stops != 0)
			return p + (__builtin_ctzll(stops) >> 2);
	}
	return scan_line_portable(p, end);
}

#else

static inline const uint8_t *scan_token(const uint8_t *p, const uint8_t *end) {
	return scan_token_portable(p, end);
}

static inline const uint8_t *scan_line(const uint8_t *p, const uint8_t *end) {
	return scan_line_portable(p, end);
}

#endif
