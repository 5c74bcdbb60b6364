#pragma once

// Tables for UTF-8 validation by SIMD: classes of errors that two neighbouring bytes show, as in
// Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte" (2021). Each of three
// tables, by the first byte's halves and the second's upper half, tells which errors are possible;
// what all three allow is one.

#include <stdint.h>

#define UTF8_TOO_SHORT 0x01 // a character begins inside another
#define UTF8_TOO_LONG 0x02 // a continuation byte after ASCII
#define UTF8_OVERLONG_3 0x04
#define UTF8_TOO_LARGE 0x08 // above U+10FFFF, second byte from 0x90
#define UTF8_SURROGATE 0x10
#define UTF8_OVERLONG_2 0x20
#define UTF8_OVERLONG_4 0x40 // and above U+10FFFF with a second byte below 0x90
#define UTF8_TWO_CONTINUE 0x80 // right only as third or fourth byte
#define UTF8_ALWAYS (UTF8_TOO_SHORT | UTF8_TOO_LONG | UTF8_TWO_CONTINUE)
#define UTF8_CONTINUES (UTF8_TOO_LONG | UTF8_OVERLONG_2 | UTF8_TWO_CONTINUE)

struct utf8_tables {
	uint8_t by_first_high[16];
	uint8_t by_first_low[16];
	uint8_t by_second_high[16];
};

extern const struct utf8_tables utf8_tables;
