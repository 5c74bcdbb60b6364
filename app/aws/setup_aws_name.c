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
#define HINT_MAX 4096u

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

static bool has_text(const struct shape_strings *list, const char *text) {
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static int
add_deployment(struct setup *setup, struct shape_strings *ids, const struct aws_tags *tags) {
	const char *id = tags_get(tags, OWNERSHIP_TAG_DEPLOYMENT);
	if (id == NULL || !ownership_is_id(id) || has_text(ids, id))
		return 0;
	return setup_add_text(setup, ids, id);
}

// The deployments that can be seen in the region, by what they leave there.
static int find_deployments(struct setup *setup, struct shape_strings *ids) {
	const struct inventory *inventory = &setup->inventory;
	int result = 0;
	for (size_t i = 0; result == 0 && i < inventory->filters.filters.n; i++)
		result = add_deployment(setup, ids, &inventory->filters.filters.items[i].tags);
	for (size_t i = 0; result == 0 && i < inventory->targets.targets.n; i++)
		result = add_deployment(setup, ids, &inventory->targets.targets.items[i].tags);
	for (size_t i = 0; result == 0 && i < inventory->sessions.sessions.n; i++)
		result = add_deployment(setup, ids, &inventory->sessions.sessions.items[i].tags);
	return result;
}

// The id itself, or with the first number that makes it a new one: to change a deployment is to be meant.
static const char *free_id(const char *id, const struct shape_strings *taken, struct arena *arena) {
	const char *tried = id;
	for (int n = 2; tried != NULL && has_text(taken, tried); n++) {
		int len = snprintf(NULL, 0, "-%d", n);
		tried = arena_printf(arena, "%.*s-%d", OWNERSHIP_ID_MAX - len, id, n);
	}
	return tried == NULL || !ownership_is_id(tried) ? ID_PRESET : tried;
}

static const char *hint_of(const struct shape_strings *taken, struct arena *arena) {
	struct strbuf text;
	if (taken->n == 0)
		return NULL;
	strbuf_init(&text, HINT_MAX);
	for (size_t i = 0; i < taken->n; i++)
		strbuf_printf(&text, "%s%s", i == 0 ? "" : ", ", taken->items[i]);
	const char *hint = arena_printf(
		arena, "one that exists is changed to these answers; there are: %s", text.data
	);
	strbuf_release(&text);
	return hint;
}

static const char *check_id(void *, const char *text) {
	return ownership_is_id(text)
		? NULL
		: "1 to 20 lower-case letters, digits and hyphens, which are not "
		  "at the ends";
}

enum prompt_result setup_ask_id(struct setup *setup) {
	struct aws_error error;
	struct shape_strings taken = {0};
	int status = setup_need_client(setup, &error);
	if (status == 0)
		status = setup_load_inventory(setup, &error);
	if (status < 0)
		return setup_fail(setup, status, &error, "look for deployments");
	if (find_deployments(setup, &taken) < 0)
		return setup_no_memory(setup);
	const char *name = setup->vpc_name == NULL ? "" : setup->vpc_name;
	const struct prompt_text question = {
		.title = "what is the deployment called?",
		.label = "deployment",
		.hint = hint_of(&taken, &setup->arena),
		.preset = free_id(id_of_name(name, &setup->arena), &taken, &setup->arena),
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
