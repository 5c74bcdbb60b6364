#pragma once

// Splits a command line into its words as a POSIX shell would, without expanding anything.

#include "arena.h"

// A NULL-ended array in 'arena'. -EBADMSG (no words, an open quote), -ENOMEM.
int shell_words_split(const char *text, struct arena *arena, char ***ret_words);
