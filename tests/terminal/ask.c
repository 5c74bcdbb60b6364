// Asks what it is told to ask, for the test that sits in front of it, and says on standard output how that
// went: ask one|several|text|yes-no|number... [N_ITEMS]

#include "prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_ITEMS_MAX 1000

static const struct prompt_item things[] = {
	{.name = "shop-web-1", .id = "i-0a1", .detail = "m5.large", .tags = "env=prod team=shop"},
	{.name = "shop-web-2", .id = "i-0a2", .detail = "m5.large", .tags = "env=test team=shop"},
	{.name = "old",
	 .id = "i-0b1",
	 .detail = "t2.micro",
	 .tags = "env=prod",
	 .note = "AWS cannot mirror t2.micro; move it to t3.micro",
	 .state = PROMPT_REFUSED},
	{.name = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
	 .id = "i-0c1",
	 .detail = "c5.large",
	 .tags = "wide=\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"},
	{.name = "evil\x1b[2J\x1b]0;owned\x07\r\n\x9b",
	 .id = "i-0d1",
	 .detail = "c5.large",
	 .tags = "x=\x1b[31mred \xe2\x80\xae"
		 "desrever \xc3"},
};
#define N_THINGS (sizeof(things) / sizeof(things[0]))

static const char *const results[] = {
	[PROMPT_DONE] = "done",
	[PROMPT_BACK] = "back",
	[PROMPT_INTERRUPTED] = "interrupted",
	[PROMPT_ENDED] = "ended",
	[PROMPT_FAILED] = "failed",
};

static enum prompt_result ask_list(struct terminal *terminal, bool is_multiple, size_t n_items) {
	static struct prompt_item items[N_ITEMS_MAX];
	static char names[N_ITEMS_MAX][32];
	bool chosen[N_ITEMS_MAX] = {false};
	for (size_t i = 0; i < n_items; i++) {
		snprintf(names[i], sizeof(names[i]), "item-%03zu", i);
		items[i] = i < N_THINGS ? things[i] : (struct prompt_item) {.name = names[i]};
	}
	const struct prompt_select question = {
		.title = is_multiple ? "which things?" : "which thing?",
		.label = "thing",
		.items = items,
		.n_items = n_items,
		.is_multiple = is_multiple,
	};
	enum prompt_result result = prompt_select(terminal, &question, chosen);
	for (size_t i = 0; result == PROMPT_DONE && i < n_items; i++)
		if (chosen[i])
			printf("chosen %zu\n", i);
	return result;
}

static const char *only_digits(void *, const char *text) {
	return strspn(text, "0123456789") == strlen(text) ? NULL : "only digits, please";
}

static enum prompt_result ask_text(struct terminal *terminal) {
	char text[64];
	const struct prompt_text question = {
		.title = "how many?",
		.label = "number",
		.hint = "between two and ten",
		.preset = "2",
		.check = only_digits,
	};
	enum prompt_result result = prompt_text(terminal, &question, text, sizeof(text));
	if (result == PROMPT_DONE)
		printf("text %s\n", text);
	return result;
}

static enum prompt_result ask_yes_no(struct terminal *terminal) {
	bool yes = false;
	enum prompt_result result = prompt_yes_no(terminal, "really?", "sure", false, &yes);
	if (result == PROMPT_DONE)
		printf("%s\n", yes ? "yes" : "no");
	return result;
}

int main(int argc, char **argv) {
	struct terminal terminal;
	size_t n_items = argc < 3 ? N_THINGS : strtoul(argv[2], NULL, 10);
	enum prompt_result result = PROMPT_FAILED;
	terminal_init(&terminal);
	if (argc < 2 || n_items > N_ITEMS_MAX || !terminal.is_interactive)
		return 2;
	if (strcmp(argv[1], "one") == 0 || strcmp(argv[1], "several") == 0)
		result = ask_list(&terminal, strcmp(argv[1], "several") == 0, n_items);
	else if (strcmp(argv[1], "text") == 0)
		result = ask_text(&terminal);
	else if (strcmp(argv[1], "yes-no") == 0)
		result = ask_yes_no(&terminal);
	printf("%s\n", results[result]);
	return 0;
}
