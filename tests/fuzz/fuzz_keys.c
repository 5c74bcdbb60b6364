#include "console.h"
#include "display.h"
#include "prompt_edit.h"
#include "prompt_list.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

// Whatever is typed or pasted: every byte is taken, what a line holds is harmless text within its bounds, and
// what is drawn fits the window.

#define COLUMNS 23
#define ROWS 7

static const struct prompt_item items[] = {
	{.name = "one", .id = "i-1", .tags = "a=b"},
	{.name = "two", .note = "cannot be chosen", .state = PROMPT_REFUSED},
	{.name = "three", .detail = "a detail that is longer than the window"},
};

static void check_text(const char *text) {
	char copy[PROMPT_EDIT_MAX + 1];
	assert(strlen(text) < sizeof(copy));
	memcpy(copy, text, strlen(text) + 1);
	console_neutralise(copy);
	assert(strcmp(copy, text) == 0);
}

static void check_view(struct prompt_view *view) {
	for (size_t i = 0; i < view->n_lines; i++)
		assert(display_width(view->lines[i].text) <= COLUMNS);
	prompt_view_release(view);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	const struct prompt_select select = {
		.title = "which?", .items = items, .n_items = 3, .is_multiple = size % 2 == 0};
	const struct prompt_text question = {.title = "what?"};
	struct prompt_edit edit = {0};
	struct prompt_list list;
	struct prompt_view view;
	display_prepare();
	if (prompt_list_init(&list, &select) < 0)
		return 0;
	while (size > 0) {
		struct key key;
		int taken = key_decode(data, size, true, &key);
		assert(taken > 0 && (size_t)taken <= size);
		data += taken;
		size -= (size_t)taken;
		prompt_edit_key(&edit, &key);
		assert(edit.at <= strlen(edit.text));
		prompt_list_key(&list, &key, 2);
		assert(list.n_shown == 0 || list.at < list.n_shown);
		assert(!list.rows[1].is_chosen);
	}
	check_text(edit.text);
	check_text(list.filter);
	if (prompt_edit_view(&edit, &question, COLUMNS, &view) == 0)
		check_view(&view);
	if (prompt_list_view(&list, COLUMNS, ROWS, &view) == 0)
		check_view(&view);
	prompt_list_release(&list);
	return 0;
}
