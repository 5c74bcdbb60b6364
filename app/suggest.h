#pragma once

// What a mistyped word was probably meant to be.

// The closest of 'words' (ends with NULL) when it is close enough to be worth showing, else NULL.
const char *suggest(const char *mistyped, const char *const *words);
