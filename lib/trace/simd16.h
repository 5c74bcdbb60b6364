#pragma once

// The few operations on 16 bytes that json_escape_16.c is made of, for SSE4.2 and NEON.

#include <stdbool.h>
#include <stdint.h>

#if defined(__SSE4_2__)

#define HAS_V16

#include <nmmintrin.h>

typedef __m128i v16;

static inline v16 v16_load(const void *p) {
	return _mm_loadu_si128(p);
}

static inline void v16_store(void *p, v16 a) {
	_mm_storeu_si128(p, a);
}

static inline v16 v16_of(uint8_t byte) {
	return _mm_set1_epi8((char)byte);
}

static inline v16 v16_of_words(uint64_t low, uint64_t high) {
	return _mm_set_epi64x((long long)high, (long long)low);
}

static inline v16 v16_and(v16 a, v16 b) {
	return _mm_and_si128(a, b);
}

static inline v16 v16_or(v16 a, v16 b) {
	return _mm_or_si128(a, b);
}

static inline v16 v16_xor(v16 a, v16 b) {
	return _mm_xor_si128(a, b);
}

static inline v16 v16_equal(v16 a, v16 b) {
	return _mm_cmpeq_epi8(a, b);
}

// As signed numbers.
static inline v16 v16_less(v16 a, v16 b) {
	return _mm_cmplt_epi8(a, b);
}

static inline v16 v16_max(v16 a, v16 b) {
	return _mm_max_epu8(a, b);
}

// Unsigned, stopping at 255 and 0.
static inline v16 v16_add(v16 a, v16 b) {
	return _mm_adds_epu8(a, b);
}

static inline v16 v16_subtract(v16 a, v16 b) {
	return _mm_subs_epu8(a, b);
}

// The upper four bits of every byte.
static inline v16 v16_high_nibbles(v16 a) {
	return _mm_and_si128(_mm_srli_epi16(a, 4), _mm_set1_epi8(0x0f));
}

// table[a & 15] for every byte below 128, 0 for others.
static inline v16 v16_look_up(v16 table, v16 a) {
	return _mm_shuffle_epi8(table, a);
}

// Bytes of 'a' by 'places', which are below 16, or above 127 where 'other' is wanted.
static inline v16 v16_place(v16 a, v16 places, v16 other) {
	return _mm_blendv_epi8(_mm_shuffle_epi8(a, places), other, places);
}

// The last 'n' bytes of 'before' and then those of 'a'; 'n' is a constant.
#define v16_back(before, a, n) _mm_alignr_epi8(a, before, 16 - (n))

static inline v16 v16_upper_half(v16 a) {
	return _mm_srli_si128(a, 8);
}

// The top bits of all bytes.
static inline uint32_t v16_bits(v16 a) {
	return (uint32_t)_mm_movemask_epi8(a);
}

static inline bool v16_is_zero(v16 a) {
	return _mm_testz_si128(a, a);
}

#elif defined(__aarch64__)

#define HAS_V16

#include <arm_neon.h>

typedef uint8x16_t v16;

static inline v16 v16_load(const void *p) {
	return vld1q_u8(p);
}

static inline void v16_store(void *p, v16 a) {
	vst1q_u8(p, a);
}

static inline v16 v16_of(uint8_t byte) {
	return vdupq_n_u8(byte);
}

static inline v16 v16_of_words(uint64_t low, uint64_t high) {
	return vreinterpretq_u8_u64(vcombine_u64(vcreate_u64(low), vcreate_u64(high)));
}

static inline v16 v16_and(v16 a, v16 b) {
	return vandq_u8(a, b);
}

static inline v16 v16_or(v16 a, v16 b) {
	return vorrq_u8(a, b);
}

static inline v16 v16_xor(v16 a, v16 b) {
	return veorq_u8(a, b);
}

static inline v16 v16_equal(v16 a, v16 b) {
	return vceqq_u8(a, b);
}

static inline v16 v16_less(v16 a, v16 b) {
	return vcltq_s8(vreinterpretq_s8_u8(a), vreinterpretq_s8_u8(b));
}

static inline v16 v16_max(v16 a, v16 b) {
	return vmaxq_u8(a, b);
}

static inline v16 v16_add(v16 a, v16 b) {
	return vqaddq_u8(a, b);
}

static inline v16 v16_subtract(v16 a, v16 b) {
	return vqsubq_u8(a, b);
}

static inline v16 v16_high_nibbles(v16 a) {
	return vshrq_n_u8(a, 4);
}

static inline v16 v16_look_up(v16 table, v16 a) {
	return vqtbl1q_u8(table, vandq_u8(a, vdupq_n_u8(0x8f)));
}

static inline v16 v16_place(v16 a, v16 places, v16 other) {
	return vqtbx1q_u8(other, a, places);
}

#define v16_back(before, a, n) vextq_u8(before, a, 16 - (n))

static inline v16 v16_upper_half(v16 a) {
	return vextq_u8(a, vdupq_n_u8(0), 8);
}

static inline uint32_t v16_bits(v16 a) {
	const v16 weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
	v16 top = vandq_u8(vreinterpretq_u8_s8(vshrq_n_s8(vreinterpretq_s8_u8(a), 7)), weights);
	return vaddv_u8(vget_low_u8(top)) | (uint32_t)vaddv_u8(vget_high_u8(top)) << 8;
}

static inline bool v16_is_zero(v16 a) {
	return vmaxvq_u8(a) == 0;
}

#endif
