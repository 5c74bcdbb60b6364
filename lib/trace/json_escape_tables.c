#include "json_escape_tables.h"

#include <stdalign.h>

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
alignas(16) const struct json_escape_tables json_escape_tables = {
	.places = {ROWS64(0u), ROWS64(64u), ROWS64(128u), ROWS64(192u)},
	.short_forms = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'},
	.body_short_forms = {['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'},
	.quotes = {[0] = 1, [0x2] = '"', [0xc] = '\\'},
};
