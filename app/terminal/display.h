#pragma once

// How much room text takes on a terminal. Texts are UTF-8 that console_neutralise() has seen. The locale of
// characters must be one of UTF-8: display_prepare().

#include <stddef.h>

// Sets the program's locale of characters, whatever the environment says.
void display_prepare(void);

size_t display_width(const char *text);

// Bytes of the longest beginning of 'text' that takes at most 'columns', with the marks that belong to its
// last character. '*ret_columns' (may be NULL) is what it takes.
size_t display_fit(const char *text, size_t columns, size_t *ret_columns);
