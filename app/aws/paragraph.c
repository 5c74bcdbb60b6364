#include "paragraph.h"

#include "console.h"
#include "display.h"

#include <stdarg.h>
#include <string.h>

#define TEXT_MAX 4096

void paragraph_begin(
	struct paragraph *ret_paragraph,
	FILE *to,
	size_t width,
	size_t first,
	size_t indent
) {
	*ret_paragraph = (struct paragraph) {
		.to = to,
		.width = width,
		.indent = indent,
		.column = first,
	};
	fprintf(to, "%*s", (int)first, "");
}

static void put_blanks(struct paragraph *paragraph) {
	fprintf(paragraph->to, "%*s", (int)paragraph->n_blanks, "");
	paragraph->column += paragraph->n_blanks;
	paragraph->n_blanks = 0;
}

static void add_word(struct paragraph *paragraph, const char *word) {
	size_t columns = display_width(word);
	bool is_too_wide = paragraph->width > 0
		&& paragraph->column + paragraph->n_blanks + columns > paragraph->width;
	if (columns == 0)
		return;
	if (is_too_wide && paragraph->has_word) {
		fprintf(paragraph->to, "\n%*s", (int)paragraph->indent, "");
		paragraph->column = paragraph->indent;
		paragraph->n_blanks = 0;
	}
	put_blanks(paragraph);
	fputs(word, paragraph->to);
	paragraph->column += columns;
	paragraph->has_word = true;
}

// A word that no line has room for can be broken after its commas.
static void add_parts(struct paragraph *paragraph, char *word) {
	bool fits = paragraph->width == 0
		|| paragraph->indent + display_width(word) <= paragraph->width;
	while (!fits && strchr(word, ',') != NULL) {
		char *end = strchr(word, ',') + 1;
		char next = *end;
		*end = '\0';
		add_word(paragraph, word);
		*end = next;
		word = end;
	}
	add_word(paragraph, word);
}

void paragraph_add(struct paragraph *paragraph, const char *format, ...) {
	char text[TEXT_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	console_neutralise(text);
	for (char *word = text; *word != '\0';) {
		char *end = word + strcspn(word, " ");
		bool is_blank = *end == ' ';
		*end = '\0';
		add_parts(paragraph, word);
		paragraph->n_blanks += is_blank;
		word = end + is_blank;
	}
}

void paragraph_pad(struct paragraph *paragraph, size_t column) {
	put_blanks(paragraph);
	if (paragraph->column < column)
		paragraph->n_blanks = column - paragraph->column;
}

void paragraph_end(struct paragraph *paragraph) {
	fputc('\n', paragraph->to);
}
