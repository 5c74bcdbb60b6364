#pragma once

// The forms of json_escape() and json_escape_body(). json_escape.c chooses; the tests compare all
// that run here.

#include "json_escape.h"
#include "simd16.h"

// 16 bytes a step: SSE4.2 or NEON.
#ifdef HAS_V16
size_t json_escape_16(uint8_t *to, struct slice text, size_t n_readable);
size_t json_escape_body_16(uint8_t *to, struct slice text);
#endif

#ifdef __x86_64__
// 32 bytes a step.
#define JSON_ESCAPE_HAS_AVX2
bool json_escape_can_avx2(void);
size_t json_escape_body_avx2(uint8_t *to, struct slice text);

// 64 bytes a step: AVX-512 with VBMI2.
#define JSON_ESCAPE_HAS_AVX512
bool json_escape_can_avx512(void);
size_t json_escape_avx512(uint8_t *to, struct slice text);
size_t json_escape_body_avx512(uint8_t *to, struct slice text);
#endif

// What 'text' begins with that is no plain ASCII, up to where it is again: puts it, by characters,
// at '*to', which is moved on. Returns how many bytes of 'text' that were.
size_t json_escape_odd(uint8_t **to, struct slice text);
