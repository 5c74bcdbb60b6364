#include "utf8_tables.h"

const struct utf8_tables utf8_tables = {
	.by_first_high =
		{
			[0x0 ... 0x7] = UTF8_TOO_LONG,
			[0x8 ... 0xb] = UTF8_TWO_CONTINUE,
			[0xc] = UTF8_TOO_SHORT | UTF8_OVERLONG_2,
			[0xd] = UTF8_TOO_SHORT,
			[0xe] = UTF8_TOO_SHORT | UTF8_OVERLONG_3 | UTF8_SURROGATE,
			[0xf] = UTF8_TOO_SHORT | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
		},
	.by_first_low =
		{
			[0x0] = UTF8_ALWAYS | UTF8_OVERLONG_2 | UTF8_OVERLONG_3 | UTF8_OVERLONG_4,
			[0x1] = UTF8_ALWAYS | UTF8_OVERLONG_2,
			[0x2 ... 0x3] = UTF8_ALWAYS,
			[0x4] = UTF8_ALWAYS | UTF8_TOO_LARGE,
			[0x5 ... 0xc] = UTF8_ALWAYS | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
			[0xd] = UTF8_ALWAYS | UTF8_TOO_LARGE | UTF8_OVERLONG_4 | UTF8_SURROGATE,
			[0xe ... 0xf] = UTF8_ALWAYS | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
		},
	.by_second_high =
		{
			[0x0 ... 0x7] = UTF8_TOO_SHORT,
			[0x8] = UTF8_CONTINUES | UTF8_OVERLONG_3 | UTF8_OVERLONG_4,
			[0x9] = UTF8_CONTINUES | UTF8_OVERLONG_3 | UTF8_TOO_LARGE,
			[0xa ... 0xb] = UTF8_CONTINUES | UTF8_SURROGATE | UTF8_TOO_LARGE,
			[0xc ... 0xf] = UTF8_TOO_SHORT,
		},
};
