#include "display.h"
#include "prompt_list.h"
#include "strbuf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

//   which instances?                                   title
//   filter: web                     2 of 7, 1 chosen   filter
//   > [x] shop-web-1  i-0a1b  m5.large 10.0.1.4  team=shop
//     [ ] shop-web-2  i-0a1c  ...
//     [-] old         i-0a1d  ...   its instance type t2.micro cannot be mirrored
//   i-0a1b shop-web-1 m5.large 10.0.1.4                 details of the row at the cursor
//   space choose  enter confirm  esc back               help, or a message

#define FIXED_LINES 3u // title, filter, help
#define DETAIL_LINES 3u
#define ROWS_FOR_DETAILS 12u
#define ROWS_FOR_ONE_MORE 18u
#define LIST_LINES_MIN 1u
#define FILTER_WIDTH_MIN 16u
#define GAP "  "
#define GAP_WIDTH 2u
#define LINE_MAX 65536u

// A name or an id may not push the others off the line.
#define SHARE_MAX(columns) ((columns)*2 / 5)

#define HELP_ONE "type to filter  enter choose  esc back"
#define HELP_SEVERAL "space choose  enter confirm  esc back  ^A all  type to filter"

static size_t mark_width(const struct prompt_list *list) {
	return list->is_multiple ? 6 : 2;
}

// Columns that the widest row would like.
static size_t wanted_width(const struct prompt_list *list) {
	size_t width = mark_width(list);
	for (size_t i = 0; i < PROMPT_LIST_N_FIELDS; i++)
		width += list->widths[i] == 0 ? 0 : list->widths[i] + GAP_WIDTH;
	return width;
}

static size_t n_details(const struct prompt_list *list, size_t columns, size_t rows) {
	bool is_useful = list->has_notes || wanted_width(list) > columns;
	if (!is_useful || rows < ROWS_FOR_DETAILS)
		return 0;
	return rows < ROWS_FOR_ONE_MORE ? DETAIL_LINES : DETAIL_LINES + 1;
}

size_t prompt_list_page(const struct prompt_list *list, size_t columns, size_t rows) {
	// One row stays free, so that the block never scrolls what is above it away for nothing.
	size_t taken = FIXED_LINES + n_details(list, columns, rows) + 1;
	size_t room = rows < taken + LIST_LINES_MIN ? LIST_LINES_MIN : rows - taken;
	size_t n = list->n_rows == 0 ? 1 : list->n_rows;
	return n < room ? n : room;
}

static void scroll(struct prompt_list *list, size_t n_page) {
	if (list->at < list->top)
		list->top = list->at;
	if (list->at >= list->top + n_page)
		list->top = list->at - n_page + 1;
	if (list->n_shown < list->top + n_page)
		list->top = list->n_shown < n_page ? 0 : list->n_shown - n_page;
}

// Adds 'text' in 'width' columns: cut, or filled up.
static void add_field(struct strbuf *line, struct arena *arena, const char *text, size_t width) {
	const char *cut = prompt_view_cut(arena, text, width);
	if (cut == NULL)
		return;
	strbuf_add_text(line, cut);
	for (size_t used = display_width(cut); used < width; used++)
		strbuf_add_char(line, ' ');
	strbuf_add_text(line, GAP);
}

static enum terminal_style style_of(const struct prompt_row *row, bool is_focus) {
	if (row->state == PROMPT_REFUSED)
		return TERMINAL_DIM;
	if (is_focus)
		return TERMINAL_FOCUS;
	return row->state == PROMPT_DOUBTFUL ? TERMINAL_WARNING : TERMINAL_PLAIN;
}

static const char *mark_of(const struct prompt_row *row) {
	if (row->state == PROMPT_REFUSED)
		return "[-] ";
	return row->is_chosen ? "[x] " : "[ ] ";
}

static size_t field_width(const struct prompt_list *list, size_t field, size_t columns) {
	bool shares = field < 2 && list->widths[0] > 0 && list->widths[1] > 0;
	size_t most = shares ? SHARE_MAX(columns) : columns;
	return list->widths[field] < most ? list->widths[field] : most;
}

static int
add_row(const struct prompt_list *list,
	const struct prompt_row *row,
	size_t columns,
	struct prompt_view *view) {
	struct strbuf line;
	bool is_focus = row == prompt_list_focus(list);
	strbuf_init(&line, LINE_MAX);
	strbuf_add_text(&line, is_focus ? "> " : "  ");
	strbuf_add_text(&line, list->is_multiple ? mark_of(row) : "");
	for (size_t i = 0; i < PROMPT_LIST_N_FIELDS; i++) {
		size_t most = field_width(list, i, columns);
		bool is_note = i == PROMPT_LIST_N_FIELDS - 1 && row->note[0] != '\0';
		if (is_note)
			strbuf_printf(&line, "%s" GAP "%s", row->note, row->fields[i]);
		else if (most > 0)
			add_field(&line, &view->arena, row->fields[i], most);
	}
	while (line.len > 0 && line.data[line.len - 1] == ' ')
		strbuf_cut(&line, line.len - 1);
	int result = strbuf_status(&line);
	if (result == 0)
		result = prompt_view_add(view, line.data, columns, style_of(row, is_focus));
	strbuf_release(&line);
	return result;
}

static int add_filter(const struct prompt_list *list, size_t columns, struct prompt_view *view) {
	char count[96];
	size_t n_chosen = prompt_list_n_chosen(list);
	int len = snprintf(count, sizeof(count), "%zu of %zu", list->n_shown, list->n_rows);
	if (list->is_multiple)
		snprintf(count + len, sizeof(count) - (size_t)len, ", %zu chosen", n_chosen);
	if (strlen(count) + FILTER_WIDTH_MIN > columns)
		count[0] = '\0';
	size_t room = columns - strlen(count) - GAP_WIDTH;
	struct strbuf line;
	strbuf_init(&line, LINE_MAX);
	const char *typed = arena_printf(&view->arena, "filter: %s_", list->filter);
	if (typed == NULL)
		return -ENOMEM;
	// The end of what was typed is what matters.
	while (display_width(typed) > room)
		typed += display_fit(typed, 1, NULL) == 0 ? display_fit(typed, 2, NULL)
							  : display_fit(typed, 1, NULL);
	add_field(&line, &view->arena, typed, room);
	strbuf_add_text(&line, count);
	int result = strbuf_status(&line);
	if (result == 0)
		result = prompt_view_add(view, line.data, columns, TERMINAL_PLAIN);
	strbuf_release(&line);
	return result;
}

// The row at the cursor in full, as far as there is room: why it is special first.
static int
add_details(const struct prompt_list *list, size_t columns, size_t n, struct prompt_view *view) {
	size_t end = view->n_lines + n;
	const struct prompt_row *row = prompt_list_focus(list);
	int result = 0;
	if (row != NULL && row->note[0] != '\0')
		result = prompt_view_wrap(
			view,
			row->note,
			columns,
			n - 1,
			row->state == PROMPT_REFUSED ? TERMINAL_BAD : TERMINAL_WARNING
		);
	if (row != NULL && result == 0) {
		const char *text = arena_printf(
			&view->arena,
			"%s%s%s%s%s%s%s",
			row->fields[0],
			row->fields[0][0] == '\0' ? "" : " ",
			row->fields[1],
			row->fields[1][0] == '\0' ? "" : " ",
			row->fields[2],
			row->fields[2][0] == '\0' ? "" : " ",
			row->fields[3]
		);
		result = text == NULL
			? -ENOMEM
			: prompt_view_wrap(view, text, columns, end - view->n_lines, TERMINAL_DIM);
	}
	while (result == 0 && view->n_lines < end)
		result = prompt_view_add(view, "", columns, TERMINAL_PLAIN);
	return result;
}

static int add_help(const struct prompt_list *list, size_t columns, struct prompt_view *view) {
	const char *help = list->is_multiple ? HELP_SEVERAL : HELP_ONE;
	if (list->message != NULL)
		return prompt_view_add(view, list->message, columns, TERMINAL_BAD);
	return prompt_view_add(view, help, columns, TERMINAL_DIM);
}

int prompt_list_view(
	struct prompt_list *list,
	size_t columns,
	size_t rows,
	struct prompt_view *ret_view
) {
	struct prompt_view view = prompt_view_empty();
	size_t n_page = prompt_list_page(list, columns, rows);
	size_t n_more = n_details(list, columns, rows);
	scroll(list, n_page);
	int result = prompt_view_add(&view, list->title, columns, TERMINAL_TITLE);
	if (result == 0)
		result = add_filter(list, columns, &view);
	for (size_t i = 0; result == 0 && i < n_page; i++) {
		size_t at = list->top + i;
		if (at < list->n_shown)
			result = add_row(list, &list->rows[list->shown[at]], columns, &view);
		else
			result = prompt_view_add(
				&view, i == 0 ? "  (nothing matches)" : "", columns, TERMINAL_DIM
			);
	}
	if (result == 0 && n_more > 0)
		result = add_details(list, columns, n_more, &view);
	if (result == 0)
		result = add_help(list, columns, &view);
	if (result < 0)
		prompt_view_release(&view);
	else
		*ret_view = view;
	return result;
}
