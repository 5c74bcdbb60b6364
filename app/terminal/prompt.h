#pragma once

// Questions to the person at a terminal. Whatever is shown may be foreign text: it is neutralised here. A
// terminal that cannot move its cursor gets numbered lists and lines instead.

#include "terminal.h"

#include <stdbool.h>
#include <stddef.h>

enum prompt_result {
	PROMPT_DONE,
	PROMPT_BACK, // to the question before
	PROMPT_INTERRUPTED, // Ctrl-C, or a signal
	PROMPT_ENDED, // no more input
	PROMPT_FAILED, // errno
};

enum prompt_state {
	PROMPT_FINE,
	PROMPT_DOUBTFUL, // can be chosen; the note says what to know
	PROMPT_REFUSED, // cannot; the note says why
};

// Texts may be NULL, but not all of name, id and detail.
struct prompt_item {
	const char *name;
	const char *id;
	const char *detail;
	const char *tags;
	const char *note;
	enum prompt_state state;
	bool is_chosen; // from the start
};

struct prompt_select {
	const char *title; // "which VPC?"
	const char *label; // how the answer is kept on the screen: "VPC"
	const char *empty; // said where there are no items
	const struct prompt_item *items;
	size_t n_items;
	size_t at; // under the cursor at the start
	bool is_multiple;
};

// 'ret_chosen' has a flag for each item; of one choice exactly one is set, of several at least one.
enum prompt_result
prompt_select(struct terminal *terminal, const struct prompt_select *question, bool *ret_chosen);

struct prompt_text {
	const char *title;
	const char *label;
	const char *hint; // may be NULL
	const char *preset; // what an empty answer means; NULL: it is not accepted
	// NULL where the text will do, else why not, in one line. May be NULL.
	const char *(*check)(void *ctx, const char *text);
	void *ctx;
};

// Writes the answer with its NUL; it is valid UTF-8 without control characters.
enum prompt_result prompt_text(
	struct terminal *terminal,
	const struct prompt_text *question,
	char *ret_text,
	size_t room
);

// 'label' may be NULL: the answer is not kept.
enum prompt_result prompt_yes_no(
	struct terminal *terminal,
	const char *title,
	const char *label,
	bool preset,
	bool *ret_yes
);
