#include "prompt_edit.h"

#include "console.h"
#include "display.h"

#include <errno.h>
#include <string.h>

#define MARK "> "
#define MARK_WIDTH 2u
#define TITLE_LINES 3u

static bool is_inside(char c) {
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t before(const struct prompt_edit *edit, size_t at) {
	while (at > 0 && is_inside(edit->text[--at]))
		;
	return at;
}

static size_t behind(const struct prompt_edit *edit, size_t at) {
	if (edit->text[at] == '\0')
		return at;
	while (is_inside(edit->text[++at]))
		;
	return at;
}

static void take_out(struct prompt_edit *edit, size_t from, size_t to) {
	memmove(edit->text + from, edit->text + to, strlen(edit->text + to) + 1);
	edit->at = from;
	edit->complaint = NULL;
}

static void put_in(struct prompt_edit *edit, const char *text) {
	size_t n = strlen(text), len = strlen(edit->text);
	if (len + n > PROMPT_EDIT_MAX)
		return;
	memmove(edit->text + edit->at + n, edit->text + edit->at, len - edit->at + 1);
	memcpy(edit->text + edit->at, text, n);
	edit->at += n;
	edit->complaint = NULL;
}

static size_t word_before(const struct prompt_edit *edit) {
	size_t at = edit->at;
	while (at > 0 && edit->text[at - 1] == ' ')
		at--;
	while (at > 0 && edit->text[at - 1] != ' ')
		at--;
	return at;
}

static void control(struct prompt_edit *edit, char letter) {
	switch (letter) {
	case 'a':
		edit->at = 0;
		return;
	case 'e':
		edit->at = strlen(edit->text);
		return;
	case 'k':
		take_out(edit, edit->at, strlen(edit->text));
		return;
	case 'u':
		take_out(edit, 0, edit->at);
		return;
	case 'w':
		take_out(edit, word_before(edit), edit->at);
		return;
	}
}

enum prompt_edit_answer prompt_edit_key(struct prompt_edit *edit, const struct key *key) {
	switch (key->kind) {
	case KEY_TEXT:
		put_in(edit, key->text);
		break;
	case KEY_ENTER:
		if (!edit->is_pasting)
			return PROMPT_EDIT_ENTERED;
		break;
	case KEY_ESCAPE:
		return PROMPT_EDIT_BACK;
	case KEY_BACKSPACE:
		take_out(edit, before(edit, edit->at), edit->at);
		break;
	case KEY_DELETE:
		take_out(edit, edit->at, behind(edit, edit->at));
		break;
	case KEY_LEFT:
		edit->at = before(edit, edit->at);
		break;
	case KEY_RIGHT:
		edit->at = behind(edit, edit->at);
		break;
	case KEY_HOME:
		edit->at = 0;
		break;
	case KEY_END:
		edit->at = strlen(edit->text);
		break;
	case KEY_CONTROL:
		control(edit, key->letter);
		break;
	case KEY_PASTE_BEGIN:
	case KEY_PASTE_END:
		edit->is_pasting = key->kind == KEY_PASTE_BEGIN;
		break;
	case KEY_UNKNOWN:
	case KEY_TAB:
	case KEY_UP:
	case KEY_DOWN:
	case KEY_PAGE_UP:
	case KEY_PAGE_DOWN:
		break;
	}
	return PROMPT_EDIT_OPEN;
}

const char *prompt_edit_answer(struct prompt_edit *edit, const struct prompt_text *question) {
	const char *text = edit->text;
	if (text[0] == '\0')
		text = question->preset;
	if (text == NULL) {
		edit->complaint = "an answer is needed";
		return NULL;
	}
	edit->complaint = question->check == NULL ? NULL : question->check(question->ctx, text);
	return edit->complaint == NULL ? text : NULL;
}

static const char *neutral(struct arena *arena, const char *text) {
	char *copy = arena_strdup(arena, text);
	if (copy != NULL)
		console_neutralise(copy);
	return copy;
}

// The line itself: as much around the cursor as there is room for.
static int add_typed(const struct prompt_edit *edit, size_t columns, struct prompt_view *view) {
	size_t room = columns - MARK_WIDTH - 1, from = 0;
	const char *head = arena_strndup(&view->arena, edit->text, edit->at);
	if (head == NULL)
		return -ENOMEM;
	while (display_width(head + from) > room)
		from = behind(edit, from);
	size_t len = display_fit(edit->text + from, room, NULL);
	const char *line = arena_printf(&view->arena, MARK "%.*s", (int)len, edit->text + from);
	view->cursor = MARK_WIDTH + display_width(head + from);
	return line == NULL ? -ENOMEM : prompt_view_add(view, line, columns, TERMINAL_PLAIN);
}

int prompt_edit_view(
	const struct prompt_edit *edit,
	const struct prompt_text *question,
	size_t columns,
	struct prompt_view *ret_view
) {
	struct prompt_view view = prompt_view_empty();
	const char *title = question->preset == NULL
		? neutral(&view.arena, question->title)
		: arena_printf(&view.arena, "%s [%s]", question->title, question->preset);
	title = title == NULL ? NULL : neutral(&view.arena, title);
	const char *hint = edit->complaint != NULL ? edit->complaint : question->hint;
	hint = hint == NULL ? NULL : neutral(&view.arena, hint);
	int result = title == NULL
		? -ENOMEM
		: prompt_view_wrap(&view, title, columns, TITLE_LINES, TERMINAL_TITLE);
	if (result == 0 && hint != NULL)
		result = prompt_view_wrap(
			&view,
			hint,
			columns,
			TITLE_LINES,
			edit->complaint != NULL ? TERMINAL_BAD : TERMINAL_DIM
		);
	if (result == 0)
		result = add_typed(edit, columns, &view);
	if (result < 0)
		prompt_view_release(&view);
	else
		*ret_view = view;
	return result;
}
