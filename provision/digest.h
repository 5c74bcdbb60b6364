#pragma once

// Short names computed from texts, the same in every run.

#include "arena.h"

#include <stdint.h>

// 64 hexadecimal digits of the SHA-256 of the texts, each ended by a NUL; the list ends with NULL. NULL
// without memory.
const char *digest_text(struct arena *arena, ...) __attribute__((sentinel));

// From 1 to 'max', by the SHA-256 of the text.
int64_t digest_number(const char *text, int64_t max);
