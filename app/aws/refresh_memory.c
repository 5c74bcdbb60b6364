#include "refresh_memory.h"

#include "watch.h"

#include <stdlib.h>
#include <string.h>

struct refresh_item {
	char *key;
	unsigned n_failures;
	int64_t due_round;
};

void refresh_memory_release(struct refresh_memory *memory) {
	for (size_t i = 0; i < memory->n_items; i++)
		free(memory->items[i].key);
	free(memory->items);
	*memory = refresh_memory_empty();
}

static struct refresh_item *find(const struct refresh_memory *memory, const char *key) {
	for (size_t i = 0; i < memory->n_items; i++)
		if (strcmp(memory->items[i].key, key) == 0)
			return &memory->items[i];
	return NULL;
}

// NULL without memory.
static struct refresh_item *find_or_add(struct refresh_memory *memory, const char *key) {
	struct refresh_item *item = find(memory, key);
	if (item != NULL)
		return item;
	char *copy = strdup(key);
	struct refresh_item *items =
		reallocarray(memory->items, memory->n_items + 1, sizeof(*items));
	if (items != NULL)
		memory->items = items;
	if (items == NULL || copy == NULL) {
		free(copy);
		return NULL;
	}
	item = &items[memory->n_items++];
	*item = (struct refresh_item) {.key = copy};
	return item;
}

static void forget(struct refresh_memory *memory, struct refresh_item *item) {
	free(item->key);
	*item = memory->items[--memory->n_items];
}

void refresh_memory_advance(struct refresh_memory *memory) {
	memory->round++;
	for (size_t i = memory->n_items; i-- > 0;) {
		struct refresh_item *item = &memory->items[i];
		if (item->n_failures == 0 && item->due_round <= memory->round)
			forget(memory, item);
	}
}

bool refresh_memory_rests(const struct refresh_memory *memory, const char *key) {
	const struct refresh_item *item = find(memory, key);
	return item != NULL && item->due_round > memory->round;
}

void refresh_memory_fail(struct refresh_memory *memory, const char *key, int64_t interval_s) {
	struct refresh_item *item = find_or_add(memory, key);
	if (item == NULL)
		return;
	item->n_failures++;
	item->due_round = memory->round + watch_delay_s(interval_s, item->n_failures) / interval_s;
}

bool refresh_memory_recover(struct refresh_memory *memory, const char *key) {
	struct refresh_item *item = find(memory, key);
	if (item != NULL)
		forget(memory, item);
	return item != NULL;
}

void refresh_memory_refuse(
	struct refresh_memory *memory,
	const char *key,
	int64_t interval_s,
	int64_t rest_s
) {
	struct refresh_item *item = find_or_add(memory, key);
	if (item != NULL)
		item->due_round = memory->round + rest_s / interval_s + 1;
}
