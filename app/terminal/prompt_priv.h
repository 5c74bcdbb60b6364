#pragma once

// What the kinds of questions share.

#include "prompt.h"

// As prompt_text(), between terminal_begin() and terminal_end(), and the answer is not kept on the screen.
enum prompt_result prompt_text_run(
	struct terminal *terminal,
	const struct prompt_text *question,
	char *ret_text,
	size_t room
);
