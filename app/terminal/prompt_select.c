#include "prompt.h"
#include "prompt_list.h"
#include "prompt_priv.h"
#include "strbuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX (64 * 1024)
#define DUMB_LINE_MAX 4096u
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

static enum prompt_result run(struct terminal *terminal, struct prompt_list *list) {
	struct prompt_drawing drawing = {0};
	enum prompt_result result = PROMPT_DONE;
	bool is_open = true;
	while (is_open) {
		struct key key;
		size_t columns, rows;
		result = draw(terminal, list, &drawing);
		if (result != PROMPT_DONE)
			break;
		enum terminal_event event = terminal_read(terminal, &key);
		if (event == TERMINAL_REDRAW)
			continue;
		is_open = false;
		if (event == TERMINAL_INTERRUPTED || event == TERMINAL_ENDED) {
			result = event == TERMINAL_ENDED ? PROMPT_ENDED : PROMPT_INTERRUPTED;
			break;
		}
		terminal_size(terminal, &columns, &rows);
		size_t n_page = prompt_list_page(list, columns, rows);
		enum prompt_list_answer answer = prompt_list_key(list, &key, n_page);
		is_open = answer == PROMPT_LIST_OPEN;
		result = answer == PROMPT_LIST_BACK ? PROMPT_BACK : PROMPT_DONE;
	}
	prompt_drawing_clear(&drawing, terminal);
	return result;
}

// Every row that matches, with its number.
static void print_rows(const struct terminal *terminal, const struct prompt_list *list) {
	struct strbuf text;
	strbuf_init(&text, 16 * LINE_MAX);
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

// "3" or "1,4-6": all of them are chosen, or nothing is and '*ret_why' says why.
static bool choose_numbers(struct prompt_list *list, const char *text, const char **ret_why) {
	*ret_why = list->is_multiple ? "give numbers of the list, such as 1,4-6"
				     : "give a number of the list";
	for (int pass = 0; pass < 2; pass++) {
		const char *at = text;
		do {
			char *end;
			unsigned long from = strtoul(at, &end, 10), to = from;
			if (*end == '-' && list->is_multiple)
				to = strtoul(end + 1, &end, 10);
			if (end == at || from == 0 || to < from || to > list->n_rows)
				return false;
			for (unsigned long i = from; i <= to; i++) {
				struct prompt_row *row = &list->rows[i - 1];
				if (row->state == PROMPT_REFUSED) {
					*ret_why = row->note;
					return false;
				}
				row->is_chosen = row->is_chosen || pass == 1;
			}
			if (*end != '\0' && (*end != ',' || !list->is_multiple))
				return false;
			at = end + (*end == ',');
		} while (*at != '\0');
	}
	return true;
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
		const char *why = NULL;
		is_shown = true;
		if (result != PROMPT_DONE)
			return result;
		if (line[0] == '/') {
			prompt_list_filter(list, line + 1);
			is_shown = false;
		} else if (choose_numbers(list, line, &why)) {
			return PROMPT_DONE;
		} else {
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
