#include "prompt_list.h"

#include "console.h"
#include "display.h"

#include <errno.h>
#include <string.h>

#define BLANKS " \t"

static const char *copy(struct arena *arena, const char *text) {
	char *copied = arena_strdup(arena, text == NULL ? "" : text);
	if (copied != NULL)
		console_neutralise(copied);
	return copied;
}

static int
set_row(struct prompt_list *list, struct prompt_row *row, const struct prompt_item *item) {
	const char *const texts[PROMPT_LIST_N_FIELDS] = {
		item->name, item->id, item->detail, item->tags};
	for (size_t i = 0; i < PROMPT_LIST_N_FIELDS; i++) {
		row->fields[i] = copy(&list->arena, texts[i]);
		if (row->fields[i] == NULL)
			return -ENOMEM;
		size_t width = display_width(row->fields[i]);
		if (width > list->widths[i])
			list->widths[i] = width;
	}
	row->note = copy(&list->arena, item->note);
	row->state = item->state;
	row->is_chosen = list->is_multiple && item->is_chosen && item->state != PROMPT_REFUSED;
	if (row->note == NULL)
		return -ENOMEM;
	list->has_notes = list->has_notes || row->note[0] != '\0';
	return 0;
}

int prompt_list_init(struct prompt_list *ret_list, const struct prompt_select *question) {
	struct prompt_list list = {
		.n_rows = question->n_items,
		.is_multiple = question->is_multiple,
	};
	list.title = copy(&list.arena, question->title);
	list.rows = arena_alloc_array(&list.arena, list.n_rows, sizeof(*list.rows));
	list.shown = arena_alloc_array(&list.arena, list.n_rows, sizeof(*list.shown));
	int result = list.title == NULL || list.rows == NULL || list.shown == NULL ? -ENOMEM : 0;
	for (size_t i = 0; result == 0 && i < list.n_rows; i++)
		result = set_row(&list, &list.rows[i], &question->items[i]);
	if (result < 0) {
		prompt_list_release(&list);
		return result;
	}
	prompt_list_filter(&list, "");
	list.at = question->at < list.n_shown ? question->at : 0;
	// Not on what cannot be chosen, where there is anything else.
	for (size_t i = 0; i < list.n_rows && list.rows[list.at].state == PROMPT_REFUSED; i++)
		if (list.rows[i].state != PROMPT_REFUSED)
			list.at = i;
	*ret_list = list;
	return 0;
}

void prompt_list_release(struct prompt_list *list) {
	arena_release(&list->arena);
	*list = (struct prompt_list) {0};
}

struct prompt_row *prompt_list_focus(const struct prompt_list *list) {
	return list->n_shown == 0 ? NULL : &list->rows[list->shown[list->at]];
}

size_t prompt_list_n_chosen(const struct prompt_list *list) {
	size_t n = 0;
	for (size_t i = 0; i < list->n_rows; i++)
		n += list->rows[i].is_chosen;
	return n;
}

static bool has_word(const struct prompt_row *row, const char *word) {
	for (size_t i = 0; i < PROMPT_LIST_N_FIELDS; i++)
		if (strcasestr(row->fields[i], word) != NULL)
			return true;
	return strcasestr(row->note, word) != NULL;
}

static bool matches(const struct prompt_row *row, const char *filter) {
	char word[PROMPT_LIST_FILTER_MAX + 1];
	for (filter += strspn(filter, BLANKS); *filter != '\0'; filter += strspn(filter, BLANKS)) {
		size_t len = strcspn(filter, BLANKS);
		memcpy(word, filter, len);
		word[len] = '\0';
		if (!has_word(row, word))
			return false;
		filter += len;
	}
	return true;
}

void prompt_list_filter(struct prompt_list *list, const char *filter) {
	const struct prompt_row *focus = prompt_list_focus(list);
	size_t len = strnlen(filter, PROMPT_LIST_FILTER_MAX);
	memmove(list->filter, filter, len);
	list->filter[len] = '\0';
	list->n_shown = 0;
	list->at = 0;
	for (size_t i = 0; i < list->n_rows; i++) {
		if (!matches(&list->rows[i], list->filter))
			continue;
		if (&list->rows[i] == focus)
			list->at = list->n_shown;
		list->shown[list->n_shown++] = i;
	}
}

static void add_to_filter(struct prompt_list *list, const char *text) {
	size_t len = strlen(list->filter), n = strlen(text);
	char longer[PROMPT_LIST_FILTER_MAX + 1];
	if (len + n > PROMPT_LIST_FILTER_MAX)
		return;
	memcpy(longer, list->filter, len);
	memcpy(longer + len, text, n + 1);
	prompt_list_filter(list, longer);
	list->at = 0; // the best is where the eye is: at the top
}

static void shorten_filter(struct prompt_list *list, bool by_word) {
	char shorter[PROMPT_LIST_FILTER_MAX + 1];
	size_t len = strlen(list->filter);
	memcpy(shorter, list->filter, len + 1);
	while (by_word && len > 0 && shorter[len - 1] == ' ')
		len--;
	do {
		while (len > 0 && ((unsigned char)shorter[len - 1] & 0xc0) == 0x80)
			len--;
		len -= len > 0;
	} while (by_word && len > 0 && shorter[len - 1] != ' ');
	shorter[len] = '\0';
	prompt_list_filter(list, shorter);
}

static void move(struct prompt_list *list, size_t n, bool is_down) {
	size_t last = list->n_shown == 0 ? 0 : list->n_shown - 1;
	if (is_down)
		list->at = last - list->at < n ? last : list->at + n;
	else
		list->at = list->at < n ? 0 : list->at - n;
}

// All that are shown, or none of them where all are chosen already.
static void choose_all(struct prompt_list *list) {
	bool is_any_open = false;
	for (size_t i = 0; i < list->n_shown; i++) {
		const struct prompt_row *row = &list->rows[list->shown[i]];
		is_any_open = is_any_open || (row->state != PROMPT_REFUSED && !row->is_chosen);
	}
	for (size_t i = 0; i < list->n_shown; i++) {
		struct prompt_row *row = &list->rows[list->shown[i]];
		row->is_chosen = is_any_open && row->state != PROMPT_REFUSED;
	}
}

static bool may_choose(struct prompt_list *list) {
	const struct prompt_row *focus = prompt_list_focus(list);
	if (focus == NULL)
		list->message = "nothing matches the filter";
	else if (focus->state == PROMPT_REFUSED)
		list->message = focus->note[0] != '\0' ? focus->note : "this cannot be chosen";
	return focus != NULL && focus->state != PROMPT_REFUSED;
}

static void toggle(struct prompt_list *list) {
	if (!list->is_multiple || !may_choose(list))
		return;
	struct prompt_row *focus = prompt_list_focus(list);
	focus->is_chosen = !focus->is_chosen;
}

static enum prompt_list_answer confirm(struct prompt_list *list) {
	if (list->is_multiple && prompt_list_n_chosen(list) > 0)
		return PROMPT_LIST_DONE;
	if (!may_choose(list))
		return PROMPT_LIST_OPEN;
	prompt_list_focus(list)->is_chosen = true;
	return PROMPT_LIST_DONE;
}

static enum prompt_list_answer go_back(struct prompt_list *list) {
	if (list->filter[0] == '\0')
		return PROMPT_LIST_BACK;
	prompt_list_filter(list, "");
	return PROMPT_LIST_OPEN;
}

static void control(struct prompt_list *list, char letter) {
	switch (letter) {
	case 'a':
		if (list->is_multiple)
			choose_all(list);
		return;
	case 'n':
		move(list, 1, true);
		return;
	case 'p':
		move(list, 1, false);
		return;
	case 'u':
		prompt_list_filter(list, "");
		return;
	case 'w':
		shorten_filter(list, true);
		return;
	}
}

enum prompt_list_answer
prompt_list_key(struct prompt_list *list, const struct key *key, size_t n_page) {
	list->message = NULL;
	switch (key->kind) {
	case KEY_TEXT:
		if (list->is_multiple && strcmp(key->text, " ") == 0 && !list->is_pasting)
			toggle(list);
		else
			add_to_filter(list, key->text);
		break;
	case KEY_TAB:
		toggle(list);
		break;
	case KEY_ENTER:
		if (!list->is_pasting)
			return confirm(list);
		add_to_filter(list, " ");
		break;
	case KEY_ESCAPE:
		return go_back(list);
	case KEY_BACKSPACE:
		shorten_filter(list, false);
		break;
	case KEY_UP:
	case KEY_DOWN:
		move(list, 1, key->kind == KEY_DOWN);
		break;
	case KEY_PAGE_UP:
	case KEY_PAGE_DOWN:
		move(list, n_page, key->kind == KEY_PAGE_DOWN);
		break;
	case KEY_HOME:
	case KEY_END:
		move(list, list->n_shown, key->kind == KEY_END);
		break;
	case KEY_CONTROL:
		control(list, key->letter);
		break;
	case KEY_PASTE_BEGIN:
	case KEY_PASTE_END:
		list->is_pasting = key->kind == KEY_PASTE_BEGIN;
		break;
	case KEY_UNKNOWN:
	case KEY_DELETE:
	case KEY_LEFT:
	case KEY_RIGHT:
		break;
	}
	return PROMPT_LIST_OPEN;
}
