#pragma once

// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates.

#include <stddef.h>
#include <stdint.h>

#define UTF8_LEN_MAX 4

// Bytes of a character by its first one; 0 where none begins so.
size_t utf8_len(uint8_t lead);

// Bytes of the character that 'text' of 'n' bytes begins with, or 0 where it begins with none.
size_t utf8_decode(const uint8_t *text, size_t n, uint32_t *ret_code);
