// What it is called, and where the answers are kept.

#include "fleet_write.h"
#include "ownership.h"
#include "setup_aws.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ID_PRESET "mirror"
#define NO_FILE "-"

// What becomes of a character in an id.
static char id_letter(char from) {
	char c = (char)tolower((unsigned char)from);
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return c;
	return '-';
}

// "Shop (prod)" is "shop-prod".
static const char *id_of_name(const char *name, struct arena *arena) {
	char id[OWNERSHIP_ID_MAX + 1] = "";
	size_t n = 0;
	for (; *name != '\0' && n < OWNERSHIP_ID_MAX; name++) {
		char c = id_letter(*name);
		if (c != '-' || (n > 0 && id[n - 1] != '-'))
			id[n++] = c;
	}
	while (n > 0 && id[n - 1] == '-')
		id[--n] = '\0';
	return ownership_is_id(id) ? arena_strdup(arena, id) : ID_PRESET;
}

static const char *check_id(void *, const char *text) {
	return ownership_is_id(text)
		? NULL
		: "1 to 20 lower-case letters, digits and hyphens, which are not "
		  "at the ends";
}

enum prompt_result setup_ask_id(struct setup *setup) {
	const struct prompt_text question = {
		.title = "what is the deployment called?",
		.label = "deployment",
		.hint = "one that exists is changed to these answers",
		.preset = id_of_name(setup->vpc_name == NULL ? "" : setup->vpc_name, &setup->arena),
		.check = check_id,
	};
	return setup_type(setup, &question, &setup->deployment.id);
}

struct check {
	const struct setup *setup;
	struct aws_error error;
};

static const char *check_file(void *ctx, const char *text) {
	struct check *check = ctx;
	if (strcmp(text, NO_FILE) == 0)
		return NULL;
	return fleet_may_save(&check->setup->deployment, text, &check->error) < 0
		? check->error.message
		: NULL;
}

enum prompt_result setup_ask_save(struct setup *setup) {
	struct check check = {.setup = setup};
	const struct prompt_text question = {
		.title = "which file keeps the answers, for 'apply' and 'refresh'? (- for none)",
		.label = "saved in",
		.preset = arena_printf(&setup->arena, "metlo-%s.json", setup->deployment.id),
		.check = check_file,
		.ctx = &check,
	};
	const char *path = NULL;
	enum prompt_result result = setup_type(setup, &question, &path);
	if (result == PROMPT_DONE)
		setup->save = strcmp(path, NO_FILE) == 0 ? NULL : path;
	return result;
}
