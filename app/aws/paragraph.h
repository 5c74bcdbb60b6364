#pragma once

// Lines for people that fit the window: a word that does not is put on the next line, under an indent. Written to
// what is no terminal nothing is broken. What is added may be foreign text: it is neutralised.
//
//   paragraph_begin(&p, stdout, width, 2, 4);
//   paragraph_add(&p, "%s: ", id);
//   paragraph_add(&p, "%s", why);
//   paragraph_end(&p);

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct paragraph {
	FILE *to;
	size_t width; // of the window; 0: any
	size_t indent; // of all lines but the first
	size_t column; // where the next character goes
	size_t n_blanks; // that come before it, where a word follows on the same line
	bool has_word; // there is one already
};

// The first line begins after 'first' blanks, all others after 'indent'.
void paragraph_begin(
	struct paragraph *ret_paragraph,
	FILE *to,
	size_t width,
	size_t first,
	size_t indent
);

// Lines can be broken at blanks and, within a word that no line has room for, after commas.
void paragraph_add(struct paragraph *paragraph, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

// Blanks up to a column.
void paragraph_pad(struct paragraph *paragraph, size_t column);

void paragraph_end(struct paragraph *paragraph);
