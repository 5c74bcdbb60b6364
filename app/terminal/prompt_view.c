#include "prompt_view.h"

#include "console.h"
#include "display.h"
#include "strbuf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"
#define FRAME_MAX 1048576u

#define CURSOR_OFF "\033[?25l"
#define CURSOR_ON "\033[?25h"
#define WRAP_OFF "\033[?7l"
#define WRAP_ON "\033[?7h"
#define TO_LINE_END "\033[K"
#define TO_SCREEN_END "\033[J"
#define WHOLE_SCREEN "\033[H\033[2J"

struct prompt_view prompt_view_empty(void) {
	return (struct prompt_view) {.cursor = PROMPT_VIEW_NO_CURSOR};
}

void prompt_view_release(struct prompt_view *view) {
	arena_release(&view->arena);
	*view = prompt_view_empty();
}

const char *prompt_view_cut(struct arena *arena, const char *text, size_t columns) {
	if (display_fit(text, columns, NULL) == strlen(text))
		return arena_strdup(arena, text);
	size_t len = columns == 0 ? 0 : display_fit(text, columns - 1, NULL);
	return arena_printf(arena, "%.*s%s", (int)len, text, columns == 0 ? "" : ELLIPSIS);
}

int prompt_view_add(
	struct prompt_view *view,
	const char *text,
	size_t columns,
	enum terminal_style style
) {
	struct prompt_line *lines =
		arena_grow(&view->arena, view->lines, view->n_lines, sizeof(*lines));
	const char *cut = prompt_view_cut(&view->arena, text, columns);
	if (lines == NULL || cut == NULL)
		return -ENOMEM;
	lines[view->n_lines++] = (struct prompt_line) {.text = cut, .style = style};
	view->lines = lines;
	return 0;
}

// Bytes of the next line.
static size_t line_len(const char *text, size_t columns) {
	size_t fits = display_fit(text, columns, NULL);
	if (text[fits] == '\0' || text[fits] == ' ')
		return fits;
	for (size_t len = fits; len > 0; len--)
		if (text[len - 1] == ' ')
			return len - 1;
	return fits;
}

int prompt_view_wrap(
	struct prompt_view *view,
	const char *text,
	size_t columns,
	size_t n_max,
	enum terminal_style style
) {
	int result = 0;
	for (size_t n = 1; result == 0 && n <= n_max && *text != '\0'; n++) {
		size_t len = line_len(text, columns);
		if (n == n_max || len == 0)
			return prompt_view_add(view, text, columns, style);
		const char *line = arena_strndup(&view->arena, text, len);
		result = line == NULL ? -ENOMEM : prompt_view_add(view, line, columns, style);
		text += len + strspn(text + len, " ");
	}
	return result;
}

static void add_up(struct strbuf *frame, size_t n_lines) {
	strbuf_add_char(frame, '\r');
	if (n_lines > 1)
		strbuf_printf(frame, "\033[%zuA", n_lines - 1);
}

void prompt_drawing_show(
	struct prompt_drawing *drawing,
	const struct terminal *terminal,
	const struct prompt_view *view
) {
	struct strbuf frame;
	size_t columns, rows, widest = 0;
	terminal_size(terminal, &columns, &rows);
	strbuf_init(&frame, FRAME_MAX);
	strbuf_add_text(&frame, CURSOR_OFF WRAP_OFF);
	// A window that became smaller than what is drawn in it has broken the lines: where they are now
	// differs from terminal to terminal.
	if (drawing->columns > columns || drawing->n_lines > rows)
		strbuf_add_text(&frame, WHOLE_SCREEN);
	else
		add_up(&frame, drawing->n_lines);
	for (size_t i = 0; i < view->n_lines; i++) {
		const struct prompt_line *line = &view->lines[i];
		size_t width = display_width(line->text);
		widest = width > widest ? width : widest;
		// Erased before it is written: behind a full line the cursor stands on its last character.
		strbuf_printf(
			&frame,
			"%s%s%s%s%s",
			i == 0 ? "" : "\r\n",
			i + 1 < view->n_lines ? TO_LINE_END : TO_SCREEN_END,
			terminal_style(terminal, line->style),
			line->text,
			line->style == TERMINAL_PLAIN ? "" : terminal_plain(terminal)
		);
	}
	strbuf_add_text(&frame, WRAP_ON);
	if (view->cursor != PROMPT_VIEW_NO_CURSOR) {
		strbuf_add_char(&frame, '\r');
		if (view->cursor > 0)
			strbuf_printf(&frame, "\033[%zuC", view->cursor);
		strbuf_add_text(&frame, CURSOR_ON);
	}
	if (strbuf_status(&frame) == 0)
		terminal_write(terminal, frame.data, frame.len);
	strbuf_release(&frame);
	*drawing = (struct prompt_drawing) {.n_lines = view->n_lines, .columns = widest};
}

void prompt_drawing_clear(struct prompt_drawing *drawing, const struct terminal *terminal) {
	struct strbuf frame;
	strbuf_init(&frame, FRAME_MAX);
	add_up(&frame, drawing->n_lines);
	strbuf_add_text(&frame, TO_SCREEN_END CURSOR_ON);
	terminal_write(terminal, frame.data, frame.len);
	strbuf_release(&frame);
	*drawing = (struct prompt_drawing) {0};
}

void prompt_view_say(const struct terminal *terminal, const char *text) {
	struct arena arena = arena_empty();
	char *line = arena_printf(&arena, "%s", text);
	if (line != NULL) {
		console_neutralise(line);
		line = arena_printf(&arena, "%s\n", line);
	}
	if (line != NULL)
		terminal_write(terminal, line, strlen(line));
	arena_release(&arena);
}

void prompt_view_keep(const struct terminal *terminal, const char *label, const char *answer) {
	struct arena arena = arena_empty();
	char *line = arena_printf(&arena, "%s: %s", label, answer);
	if (line != NULL)
		prompt_view_say(terminal, line);
	arena_release(&arena);
}
