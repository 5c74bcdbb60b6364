#include "console.h"
#include "prompt.h"
#include "prompt_edit.h"
#include "prompt_priv.h"
#include "strbuf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DUMB_LINE_MAX 65536u
#define DUMB_BACK "<"

static enum prompt_result
draw(const struct terminal *terminal,
     const struct prompt_edit *edit,
     const struct prompt_text *question,
     struct prompt_drawing *drawing) {
	size_t columns, rows;
	struct prompt_view view;
	terminal_size(terminal, &columns, &rows);
	int result = prompt_edit_view(edit, question, columns, &view);
	if (result < 0) {
		errno = -result;
		return PROMPT_FAILED;
	}
	prompt_drawing_show(drawing, terminal, &view);
	prompt_view_release(&view);
	return PROMPT_DONE;
}

// "TITLE [PRESET]: "
static void draw_dumb(
	const struct terminal *terminal,
	const struct prompt_edit *edit,
	const struct prompt_text *question
) {
	struct strbuf line;
	if (edit->complaint != NULL)
		prompt_view_say(terminal, edit->complaint);
	else if (question->hint != NULL)
		prompt_view_say(terminal, question->hint);
	strbuf_init(&line, DUMB_LINE_MAX);
	strbuf_add_text(&line, question->title);
	if (question->preset != NULL)
		strbuf_printf(&line, " [%s]", question->preset);
	strbuf_add_text(&line, ": ");
	console_neutralise(line.data);
	if (strbuf_status(&line) == 0)
		terminal_write(terminal, line.data, strlen(line.data));
	strbuf_release(&line);
}

static enum prompt_edit_answer
take_key(const struct terminal *terminal, struct prompt_edit *edit, const struct key *key) {
	enum prompt_edit_answer answer = prompt_edit_key(edit, key);
	if (terminal->can_draw)
		return answer;
	if (answer == PROMPT_EDIT_ENTERED && strcmp(edit->text, DUMB_BACK) == 0)
		return PROMPT_EDIT_BACK;
	return answer == PROMPT_EDIT_BACK ? PROMPT_EDIT_OPEN : answer;
}

// Until a line is entered, or something else ends the question.
static enum prompt_result read_line(
	struct terminal *terminal,
	struct prompt_edit *edit,
	const struct prompt_text *question,
	struct prompt_drawing *drawing
) {
	bool is_shown = false;
	for (;;) {
		struct key key;
		if (terminal->can_draw && draw(terminal, edit, question, drawing) != PROMPT_DONE)
			return PROMPT_FAILED;
		if (!terminal->can_draw && !is_shown)
			draw_dumb(terminal, edit, question);
		is_shown = true;
		switch (terminal_read(terminal, &key)) {
		case TERMINAL_INTERRUPTED:
			return PROMPT_INTERRUPTED;
		case TERMINAL_ENDED:
			return PROMPT_ENDED;
		case TERMINAL_REDRAW:
			continue;
		case TERMINAL_KEY:
			break;
		}
		switch (take_key(terminal, edit, &key)) {
		case PROMPT_EDIT_OPEN:
			break;
		case PROMPT_EDIT_ENTERED:
			return PROMPT_DONE;
		case PROMPT_EDIT_BACK:
			return PROMPT_BACK;
		}
	}
}

enum prompt_result prompt_text_run(
	struct terminal *terminal,
	const struct prompt_text *question,
	char *ret_text,
	size_t room
) {
	struct prompt_edit edit = {0};
	struct prompt_drawing drawing = {0};
	enum prompt_result result;
	for (;;) {
		result = read_line(terminal, &edit, question, &drawing);
		if (result != PROMPT_DONE)
			break;
		const char *answer = prompt_edit_answer(&edit, question);
		size_t len = answer == NULL ? 0 : strlen(answer);
		if (answer != NULL && len < room) {
			memmove(ret_text, answer, len + 1);
			break;
		}
		if (answer != NULL)
			edit.complaint = "that is too long";
		if (!terminal->can_draw)
			edit = (struct prompt_edit) {.complaint = edit.complaint};
	}
	if (terminal->can_draw)
		prompt_drawing_clear(&drawing, terminal);
	return result;
}

enum prompt_result prompt_text(
	struct terminal *terminal,
	const struct prompt_text *question,
	char *ret_text,
	size_t room
) {
	int begun = terminal_begin(terminal);
	if (begun < 0) {
		errno = -begun;
		return PROMPT_FAILED;
	}
	enum prompt_result result = prompt_text_run(terminal, question, ret_text, room);
	terminal_end(terminal);
	if (result == PROMPT_DONE && question->label != NULL)
		prompt_view_keep(terminal, question->label, ret_text);
	return result;
}

static bool is_beginning_of(const char *text, const char *word) {
	return strncasecmp(text, word, strlen(text)) == 0;
}

static const char *check_yes_no(void *, const char *text) {
	return is_beginning_of(text, "yes") || is_beginning_of(text, "no") ? NULL
									   : "answer yes or no";
}

enum prompt_result prompt_yes_no(
	struct terminal *terminal,
	const char *title,
	const char *label,
	bool preset,
	bool *ret_yes
) {
	char text[8];
	const struct prompt_text question = {
		.title = title,
		.preset = preset ? "yes" : "no",
		.check = check_yes_no,
	};
	enum prompt_result result = prompt_text(terminal, &question, text, sizeof(text));
	if (result != PROMPT_DONE)
		return result;
	*ret_yes = is_beginning_of(text, "yes");
	if (label != NULL)
		prompt_view_keep(terminal, label, *ret_yes ? "yes" : "no");
	return result;
}
