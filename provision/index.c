#include "index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int index_add(struct index *index, struct arena *arena, const char *key, const void *value) {
	if (key == NULL || key[0] == 0)
		return 0;
	struct index_entry *entries = arena_grow(arena, index->entries, index->n, sizeof(*entries));
	if (entries == NULL)
		return -ENOMEM;
	entries[index->n++] = (struct index_entry) {.key = key, .value = value};
	index->entries = entries;
	return 0;
}

static int compare(const void *a, const void *b) {
	const struct index_entry *left = a, *right = b;
	int difference = strcmp(left->key, right->key);
	if (difference != 0)
		return difference;
	return (left->value > right->value) - (left->value < right->value);
}

void index_sort(struct index *index) {
	if (index->n > 1)
		qsort(index->entries, index->n, sizeof(index->entries[0]), compare);
}

const struct index_entry *index_range(const struct index *index, const char *key, size_t *ret_n) {
	size_t low = 0, high = index->n;
	*ret_n = 0;
	if (key == NULL)
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(index->entries[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + *ret_n < index->n && strcmp(index->entries[low + *ret_n].key, key) == 0)
		(*ret_n)++;
	return *ret_n == 0 ? NULL : &index->entries[low];
}

const void *index_find(const struct index *index, const char *key) {
	size_t n;
	const struct index_entry *entries = index_range(index, key, &n);
	return n == 0 ? NULL : entries[0].value;
}
