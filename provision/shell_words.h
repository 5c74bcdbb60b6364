#pragma once

// Splits a command line into its words as a POSIX shell would, without expanding anything.

#include "arena.h"

// A NULL-ended array in 'arena'. -EBADMSG (no words, an open quote), -ENOMEM.
int shell_words_split(const char *text, struct arena *arena, char ***ret_words);

// The text as one word of a shell's command line: itself where that is plain. NULL without memory.
const char *shell_words_quote(const char *text, struct arena *arena);
