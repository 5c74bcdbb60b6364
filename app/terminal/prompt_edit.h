#pragma once

// A line that is being typed, as data. Nothing here reads or writes.

#include "key.h"
#include "prompt.h"
#include "prompt_view.h"

#define PROMPT_EDIT_MAX 1024

struct prompt_edit {
	char text[PROMPT_EDIT_MAX + 1];
	size_t at; // bytes in front of the cursor
	bool is_pasting;
	const char *complaint; // until the text changes; NULL: none
};

enum prompt_edit_answer {
	PROMPT_EDIT_OPEN,
	PROMPT_EDIT_ENTERED,
	PROMPT_EDIT_BACK,
};

enum prompt_edit_answer prompt_edit_key(struct prompt_edit *edit, const struct key *key);

// -ENOMEM.
int prompt_edit_view(
	const struct prompt_edit *edit,
	const struct prompt_text *question,
	size_t columns,
	struct prompt_view *ret_view
);

// What the text means: the preset where it is empty. NULL where it will not do; the complaint is set.
const char *prompt_edit_answer(struct prompt_edit *edit, const struct prompt_text *question);
