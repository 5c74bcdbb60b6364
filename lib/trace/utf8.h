#pragma once

// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.

#include "slice.h"

#include <stddef.h>
#include <stdint.h>

// The first character of 'text', which is not empty. Returns its length, 1 to 4, or 0 where it is
// not UTF-8; then '*ret_bad' is the length of the maximal piece that was refused, 1 to 3: what one
// U+FFFD stands for (Unicode 15, section 3.9).
size_t utf8_char(struct slice text, size_t *ret_bad);

// The length of 'text' without the incomplete character at its end, if there is one.
size_t utf8_whole(struct slice text);
