#include "prompt.h"
#include "prompt_list.h"
#include "prompt_priv.h"
#include "strbuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX 65536u
#define DUMB_LINE_MAX 4096u
#define LIST_MAX 1048576u
#define NAMES_KEPT 3u

static enum prompt_result failed(int result) {
	errno = -result;
	return PROMPT_FAILED;
}

// "shop-web-1, shop-web-2 and 3 more"
static const char *summary_of(const struct prompt_list *list, struct arena *arena) {
	struct strbuf text;
	size_t n = prompt_list_n_chosen(list), n_said = 0;
	strbuf_init(&text, LINE_MAX);
	for (size_t i = 0; i < list->n_rows && n_said < NAMES_KEPT; i++) {
		const struct prompt_row *row = &list->rows[i];
		if (!row->is_chosen)
			continue;
		const char *name = row->fields[0][0] != '\0' ? row->fields[0]
			: row->fields[1][0] != '\0'	     ? row->fields[1]
							     : row->fields[2];
		strbuf_printf(&text, "%s%s", n_said == 0 ? "" : ", ", name);
		n_said++;
	}
	if (n > n_said)
		strbuf_printf(&text, " and %zu more", n - n_said);
	const char *summary = arena_strdup(arena, strbuf_status(&text) == 0 ? text.data : "");
	strbuf_release(&text);
	return summary;
}

static enum prompt_result
draw(const struct terminal *terminal, struct prompt_list *list, struct prompt_drawing *drawing) {
	size_t columns, rows;
	struct prompt_view view;
	terminal_size(terminal, &columns, &rows);
	int result = prompt_list_view(list, columns, rows, &view);
	if (result < 0)
		return failed(result);
	prompt_drawing_show(drawing, terminal, &view);
	prompt_view_release(&view);
	return PROMPT_DONE;
}

// Draws it and takes one key. PROMPT_DONE with the list's answer; else it is over.
static enum prompt_result
step(struct terminal *terminal,
     struct prompt_list *list,
     struct prompt_drawing *drawing,
     enum prompt_list_answer *ret_answer) {
	struct key key;
	size_t columns, rows;
	enum prompt_result result = draw(terminal, list, drawing);
	*ret_answer = PROMPT_LIST_OPEN;
	if (result != PROMPT_DONE)
		return result;
	switch (terminal_read(terminal, &key)) {
	case TERMINAL_REDRAW:
		return PROMPT_DONE;
	case TERMINAL_INTERRUPTED:
		return PROMPT_INTERRUPTED;
	case TERMINAL_ENDED:
		return PROMPT_ENDED;
	case TERMINAL_KEY:
		break;
	}
	terminal_size(terminal, &columns, &rows);
	*ret_answer = prompt_list_key(list, &key, prompt_list_page(list, columns, rows));
	return PROMPT_DONE;
}

static enum prompt_result run(struct terminal *terminal, struct prompt_list *list) {
	struct prompt_drawing drawing = {0};
	enum prompt_list_answer answer = PROMPT_LIST_OPEN;
	enum prompt_result result = PROMPT_DONE;
	while (result == PROMPT_DONE && answer == PROMPT_LIST_OPEN)
		result = step(terminal, list, &drawing, &answer);
	prompt_drawing_clear(&drawing, terminal);
	if (result != PROMPT_DONE)
		return result;
	return answer == PROMPT_LIST_BACK ? PROMPT_BACK : PROMPT_DONE;
}

// Every row that matches, with its number.
static void print_rows(const struct terminal *terminal, const struct prompt_list *list) {
	struct strbuf text;
	strbuf_init(&text, LIST_MAX);
	strbuf_printf(&text, "\n%s\n", list->title);
	for (size_t i = 0; i < list->n_shown; i++) {
		const struct prompt_row *row = &list->rows[list->shown[i]];
		strbuf_printf(
			&text,
			"%4zu%c%s",
			list->shown[i] + 1,
			row->state == PROMPT_REFUSED ? '-' : ')',
			row->is_chosen ? " *" : ""
		);
		for (size_t field = 0; field < PROMPT_LIST_N_FIELDS; field++)
			if (row->fields[field][0] != '\0')
				strbuf_printf(&text, " %s", row->fields[field]);
		if (row->note[0] != '\0')
			strbuf_printf(&text, " (%s)", row->note);
		strbuf_add_char(&text, '\n');
	}
	if (strbuf_status(&text) == 0)
		terminal_write(terminal, text.data, text.len);
	strbuf_release(&text);
}

// The next number or range of "1,4-6". NULL where there is none; else where the text goes on.
static const char *
read_range(const struct prompt_list *list, const char *text, size_t *ret_from, size_t *ret_to) {
	char *end;
	unsigned long from = strtoul(text, &end, 10), to = from;
	bool is_empty = end == text;
	if (*end == '-' && list->is_multiple)
		to = strtoul(end + 1, &end, 10);
	if (is_empty || from == 0 || to < from || to > list->n_rows)
		return NULL;
	if (*end != '\0' && (*end != ',' || !list->is_multiple))
		return NULL;
	*ret_from = from - 1;
	*ret_to = to;
	return end + (*end == ',');
}

static const char *refusal(const struct prompt_list *list, size_t from, size_t to) {
	for (size_t i = from; i < to; i++)
		if (list->rows[i].state == PROMPT_REFUSED)
			return list->rows[i].note;
	return NULL;
}

// "3" or "1,4-6": all of them are chosen, or nothing is. NULL, or why not.
static const char *choose_numbers(struct prompt_list *list, const char *text) {
	size_t from = 0, to = 0;
	for (const char *at = text; at == text || *at != '\0';) {
		at = read_range(list, at, &from, &to);
		if (at == NULL)
			return list->is_multiple ? "give numbers of the list, such as 1,4-6"
						 : "give a number of the list";
		const char *why = refusal(list, from, to);
		if (why != NULL)
			return why;
	}
	for (const char *at = text; *at != '\0';) {
		at = read_range(list, at, &from, &to);
		for (size_t i = from; i < to; i++)
			list->rows[i].is_chosen = true;
	}
	return NULL;
}

// Without a cursor to move: the list once, then lines.
static enum prompt_result run_dumb(struct terminal *terminal, struct prompt_list *list) {
	bool is_shown = false;
	for (;;) {
		char line[DUMB_LINE_MAX];
		if (!is_shown)
			print_rows(terminal, list);
		struct prompt_text question = {
			.title = list->is_multiple
				? "numbers such as 1,4-6; '/text' to filter; '<' to go back"
				: "number; '/text' to filter; '<' to go back",
		};
		enum prompt_result result =
			prompt_text_run(terminal, &question, line, sizeof(line));
		is_shown = true;
		if (result != PROMPT_DONE)
			return result;
		if (line[0] == '/') {
			prompt_list_filter(list, line + 1);
			is_shown = false;
		} else {
			const char *why = choose_numbers(list, line);
			if (why == NULL)
				return PROMPT_DONE;
			prompt_view_say(terminal, why);
		}
	}
}

enum prompt_result
prompt_select(struct terminal *terminal, const struct prompt_select *question, bool *ret_chosen) {
	struct prompt_list list;
	int begun = prompt_list_init(&list, question);
	if (begun < 0)
		return failed(begun);
	begun = terminal_begin(terminal);
	if (begun < 0) {
		prompt_list_release(&list);
		return failed(begun);
	}
	enum prompt_result result =
		terminal->can_draw ? run(terminal, &list) : run_dumb(terminal, &list);
	terminal_end(terminal);
	if (result == PROMPT_DONE) {
		const char *summary = summary_of(&list, &list.arena);
		for (size_t i = 0; i < list.n_rows; i++)
			ret_chosen[i] = list.rows[i].is_chosen;
		if (question->label != NULL && summary != NULL)
			prompt_view_keep(terminal, question->label, summary);
	}
	prompt_list_release(&list);
	return result;
}
