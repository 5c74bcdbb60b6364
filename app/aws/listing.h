#pragma once

// A list for people or for programs. Its rows are JSON objects; the table is another view of them, which fits
// the terminal: long texts are cut, and where even that is too wide every row becomes a block of lines.
// Written to what is no terminal it is not cut.
//
//   static const struct listing_column columns[] = {
//           {.key = "session_id", .title = "SESSION"},
//           {.key = "name", .title = "NAME", .is_flexible = true},
//   };
//   listing_init(&listing, "sessions", columns, 2);
//   listing_add(&listing, json_pack("{s:s, s:s?}", "session_id", id, "name", name));
//   code = listing_show(&listing, options.output);

#include "aws_options.h"

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define LISTING_COLUMNS_MAX 24

struct listing_column {
	const char *key; // of the rows' members: stable, snake_case
	const char *title; // NULL: only in JSON
	bool is_flexible; // may be cut in a narrow window
};

struct listing {
	const char *key; // of the list in JSON: {"sessions": [...]}
	const struct listing_column *columns;
	size_t n_columns;
	json_t *rows; // NULL when memory has run out
};

// The columns must outlive the listing.
void listing_init(
	struct listing *listing,
	const char *key,
	const struct listing_column *columns,
	size_t n_columns
);
void listing_release(struct listing *listing);

// Takes the row over. It holds every column's key: text, number, true or false, null, or a list of texts; keys
// without a column are for JSON only. NULL stands for memory that has run out.
void listing_add(struct listing *listing, json_t *row);

// On standard output. Of an empty table nothing is printed. The exit code: 1 where memory has run out, which
// is said.
int listing_show(const struct listing *listing, int output);

// As a table. 'width' is that of the window; 0: any.
void listing_print(const struct listing *listing, size_t width, FILE *to);

// Columns of the terminal that this is written to; 0 where it is none.
size_t listing_width(FILE *to);

// Prints 'value' as JSON with a newline; what could steer a terminal is escaped. Takes 'value' over. The exit
// code: 1 where it is NULL, as memory has run out, which is said.
int listing_show_json(json_t *value);
