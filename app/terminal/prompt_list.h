#pragma once

// A list to choose from, as data: what matches the filter, where the cursor is, what is chosen, and how it
// looks in a window of some size. Nothing here reads or writes.

#include "arena.h"
#include "key.h"
#include "prompt.h"
#include "prompt_view.h"

#define PROMPT_LIST_FILTER_MAX 120
#define PROMPT_LIST_N_FIELDS 4

struct prompt_row {
	const char *fields[PROMPT_LIST_N_FIELDS]; // name, id, detail, tags; never NULL
	const char *note; // may be empty
	enum prompt_state state;
	bool is_chosen;
};

struct prompt_list {
	struct arena arena;
	const char *title;
	struct prompt_row *rows;
	size_t n_rows;
	size_t widths[PROMPT_LIST_N_FIELDS]; // of the widest
	bool has_notes;
	bool is_multiple;
	size_t *shown; // rows that match the filter
	size_t n_shown;
	size_t at; // of those that are shown
	size_t top; // the first on the screen
	char filter[PROMPT_LIST_FILTER_MAX + 1];
	bool is_pasting;
	const char *message; // until the next key; NULL: none
};

enum prompt_list_answer {
	PROMPT_LIST_OPEN,
	PROMPT_LIST_DONE,
	PROMPT_LIST_BACK,
};

// Copies and neutralises all texts. -ENOMEM.
int prompt_list_init(struct prompt_list *ret_list, const struct prompt_select *question);
void prompt_list_release(struct prompt_list *list);

// 'n_page' is how many rows a page key moves.
enum prompt_list_answer
prompt_list_key(struct prompt_list *list, const struct key *key, size_t n_page);

// Every word of the filter must be somewhere in the row, in any case of letters.
void prompt_list_filter(struct prompt_list *list, const char *filter);

// Rows of the list that fit into a window.
size_t prompt_list_page(const struct prompt_list *list, size_t columns, size_t rows);

// -ENOMEM.
int prompt_list_view(
	struct prompt_list *list,
	size_t columns,
	size_t rows,
	struct prompt_view *ret_view
);

// Where the cursor is; NULL where nothing matches.
struct prompt_row *prompt_list_focus(const struct prompt_list *list);

size_t prompt_list_n_chosen(const struct prompt_list *list);
