#include "listing.h"

#include "console.h"
#include "display.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define GAP 2 // between columns
#define NARROWEST 12 // to which a flexible column is cut
#define CELL_MAX 4096
#define CUT_MARK "…"

void listing_init(
	struct listing *listing,
	const char *key,
	const struct listing_column *columns,
	size_t n_columns
) {
	assert(n_columns <= LISTING_COLUMNS_MAX);
	*listing = (struct listing) {
		.key = key,
		.columns = columns,
		.n_columns = n_columns,
		.rows = json_array(),
	};
}

void listing_release(struct listing *listing) {
	json_decref(listing->rows);
	listing->rows = NULL;
}

void listing_add(struct listing *listing, json_t *row) {
	if (json_array_append_new(listing->rows, row) == 0)
		return;
	listing_release(listing);
}

// Cuts to 'width' columns, the last of which then says so; needs room for the mark.
static void cut(char *text, size_t width) {
	if (width == 0 || display_width(text) <= width)
		return;
	memcpy(text + display_fit(text, width - 1, NULL), CUT_MARK, sizeof(CUT_MARK));
}

static void join(const json_t *list, char *ret, size_t ret_size) {
	size_t i, len = 0;
	json_t *item;
	json_array_foreach (list, i, item) {
		const char *text = json_string_value(item);
		if (text == NULL || len >= ret_size)
			continue;
		snprintf(ret + len, ret_size - len, "%s%s", i > 0 ? ", " : "", text);
		len = strlen(ret);
	}
}

static void cell(const json_t *row, const char *key, char ret[static CELL_MAX]) {
	const size_t ret_size = CELL_MAX;
	const json_t *value = json_object_get(row, key);
	ret[0] = '\0';
	if (json_is_string(value))
		snprintf(ret, ret_size, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(ret, ret_size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		snprintf(ret, ret_size, "%.2f", json_real_value(value));
	else if (json_is_boolean(value))
		snprintf(ret, ret_size, "%s", json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		join(value, ret, ret_size);
	if (ret[0] == '\0')
		snprintf(ret, ret_size, "-");
	console_neutralise(ret);
}

static bool is_number(const struct listing *listing, size_t column) {
	const json_t *first = json_array_get(listing->rows, 0);
	return json_is_number(json_object_get(first, listing->columns[column].key));
}

static void measure(const struct listing *listing, size_t *ret_widths) {
	char text[CELL_MAX + sizeof(CUT_MARK)];
	size_t i;
	json_t *row;
	for (size_t c = 0; c < listing->n_columns; c++)
		ret_widths[c] = listing->columns[c].title == NULL
			? 0
			: display_width(listing->columns[c].title);
	json_array_foreach (listing->rows, i, row)
		for (size_t c = 0; c < listing->n_columns; c++) {
			cell(row, listing->columns[c].key, text);
			size_t width = display_width(text);
			if (listing->columns[c].title != NULL && width > ret_widths[c])
				ret_widths[c] = width;
		}
}

static size_t total(const struct listing *listing, const size_t *widths) {
	size_t sum = 0;
	for (size_t c = 0; c < listing->n_columns; c++)
		if (listing->columns[c].title != NULL)
			sum += widths[c] + (sum > 0 ? GAP : 0);
	return sum;
}

// Takes from the widest, until it fits. False where it does not.
static bool fit(const struct listing *listing, size_t *widths, size_t width) {
	while (width > 0 && total(listing, widths) > width) {
		size_t widest = SIZE_MAX;
		for (size_t c = 0; c < listing->n_columns; c++)
			if (listing->columns[c].is_flexible && widths[c] > NARROWEST
			    && (widest == SIZE_MAX || widths[c] > widths[widest]))
				widest = c;
		if (widest == SIZE_MAX)
			return false;
		widths[widest]--;
	}
	return true;
}

static void print_line(
	const struct listing *listing,
	const size_t *widths,
	const json_t *row, // NULL: the titles
	FILE *to
) {
	char text[CELL_MAX + sizeof(CUT_MARK)];
	size_t n_blanks = 0; // none at the end of a line
	for (size_t c = 0; c < listing->n_columns; c++) {
		const struct listing_column *column = &listing->columns[c];
		if (column->title == NULL)
			continue;
		if (row == NULL)
			snprintf(text, sizeof(text), "%s", column->title);
		else
			cell(row, column->key, text);
		cut(text, widths[c]);
		size_t used = display_width(text);
		size_t rest = used < widths[c] ? widths[c] - used : 0;
		bool is_right = is_number(listing, c);
		fprintf(to, "%*s%s", (int)(n_blanks + (is_right ? rest : 0)), "", text);
		n_blanks = GAP + (is_right ? 0 : rest);
	}
	fputc('\n', to);
}

// One line for each column, and an empty one between rows.
static void print_blocks(const struct listing *listing, FILE *to) {
	char text[CELL_MAX + sizeof(CUT_MARK)];
	size_t i, widest = 0;
	json_t *row;
	for (size_t c = 0; c < listing->n_columns; c++) {
		const char *title = listing->columns[c].title;
		if (title != NULL && display_width(title) > widest)
			widest = display_width(title);
	}
	json_array_foreach (listing->rows, i, row) {
		if (i > 0)
			fputc('\n', to);
		for (size_t c = 0; c < listing->n_columns; c++) {
			if (listing->columns[c].title == NULL)
				continue;
			cell(row, listing->columns[c].key, text);
			fprintf(to, "%-*s  %s\n", (int)widest, listing->columns[c].title, text);
		}
	}
}

void listing_print(const struct listing *listing, size_t width, FILE *to) {
	size_t widths[LISTING_COLUMNS_MAX], i;
	json_t *row;
	if (json_array_size(listing->rows) == 0)
		return;
	measure(listing, widths);
	if (!fit(listing, widths, width)) {
		print_blocks(listing, to);
		return;
	}
	print_line(listing, widths, NULL, to);
	json_array_foreach (listing->rows, i, row)
		print_line(listing, widths, row, to);
}

size_t listing_width(FILE *to) {
	struct winsize size;
	return ioctl(fileno(to), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int listing_show_json(json_t *value) {
	if (value == NULL
	    || json_dumpf(
		       value, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15)
	       ) < 0) {
		json_decref(value);
		console_say("out of memory");
		return EXIT_FAILURE;
	}
	putchar('\n');
	json_decref(value);
	return EXIT_SUCCESS;
}

int listing_show(const struct listing *listing, int output) {
	if (output == AWS_OUTPUT_JSON || listing->rows == NULL)
		return listing_show_json(
			listing->rows == NULL ? NULL
					      : json_pack("{s:O}", listing->key, listing->rows)
		);
	listing_print(listing, listing_width(stdout), stdout);
	return EXIT_SUCCESS;
}
