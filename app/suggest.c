#include "suggest.h"

#include <stddef.h>
#include <string.h>

#define WORD_MAX 32u

static unsigned min3(unsigned a, unsigned b, unsigned c) {
	unsigned least = a < b ? a : b;
	return least < c ? least : c;
}

// Edits that turn 'a' into 'b', where two letters in the wrong order count as one edit.
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len) {
	unsigned rows[3][WORD_MAX + 1];
	unsigned *older = rows[0], *old = rows[1], *row = rows[2];
	for (size_t j = 0; j <= b_len; j++)
		old[j] = older[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned change = a[i - 1] == b[j - 1] ? 0 : 1;
			row[j] = min3(old[j] + 1, row[j - 1] + 1, old[j - 1] + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = min3(row[j], row[j], older[j - 2] + 1);
		}
		unsigned *spare = older;
		older = old;
		old = row;
		row = spare;
	}
	return old[b_len];
}

const char *suggest(const char *mistyped, const char *const *words) {
	size_t len = strlen(mistyped);
	if (len == 0 || len > WORD_MAX)
		return NULL;
	const char *best = NULL;
	// A third of the letters may be wrong: 'statsu' is 'status', 'run' is not 'iam'.
	unsigned best_distance = (unsigned)(len + 2) / 3 + 1;
	for (; *words != NULL; words++) {
		size_t word_len = strlen(*words);
		if (word_len > WORD_MAX)
			continue;
		unsigned d = distance(mistyped, len, *words, word_len);
		if (d < best_distance) {
			best = *words;
			best_distance = d;
		}
	}
	return best;
}
