#pragma once

// A question as lines, and the lines on the screen: a block above which everything stays.

#include "arena.h"
#include "terminal.h"

#include <stddef.h>

#define PROMPT_VIEW_NO_CURSOR ((size_t)-1)

struct prompt_line {
	const char *text; // neutralised, and no wider than the window
	enum terminal_style style;
};

struct prompt_view {
	struct arena arena;
	struct prompt_line *lines;
	size_t n_lines;
	size_t cursor; // column in the last line
};

// Empty; the cursor is not shown.
struct prompt_view prompt_view_empty(void);
void prompt_view_release(struct prompt_view *view);

// Adds a line: 'text', which must live as long as the view, cut to 'columns' with an ellipsis. -ENOMEM.
int prompt_view_add(
	struct prompt_view *view,
	const char *text,
	size_t columns,
	enum terminal_style style
);

// The same over up to 'n_max' lines, broken at blanks.
int prompt_view_wrap(
	struct prompt_view *view,
	const char *text,
	size_t columns,
	size_t n_max,
	enum terminal_style style
);

// A copy of 'text', cut to 'columns' with an ellipsis where it is longer. NULL without memory.
const char *prompt_view_cut(struct arena *arena, const char *text, size_t columns);

// What of a view is on the screen.
struct prompt_drawing {
	size_t n_lines;
	size_t columns; // the widest line
};

// Draws the view over what was drawn before.
void prompt_drawing_show(
	struct prompt_drawing *drawing,
	const struct terminal *terminal,
	const struct prompt_view *view
);

// Takes it from the screen; the cursor is where the block began.
void prompt_drawing_clear(struct prompt_drawing *drawing, const struct terminal *terminal);

// "LABEL: ANSWER" as a line that stays. Foreign text is neutralised.
void prompt_view_keep(const struct terminal *terminal, const char *label, const char *answer);

// The same for a message.
void prompt_view_say(const struct terminal *terminal, const char *text);
