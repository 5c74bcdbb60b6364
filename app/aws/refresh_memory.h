#pragma once

// What 'refresh --watch' remembers from round to round, so that what fails is not tried, and told, each time.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct refresh_memory {
	struct refresh_item *items;
	size_t n_items;
	int64_t round;
};

static inline struct refresh_memory refresh_memory_empty(void) {
	return (struct refresh_memory) {0};
}
void refresh_memory_release(struct refresh_memory *memory);

// Another round begins.
void refresh_memory_advance(struct refresh_memory *memory);

// Whether it is to be left alone in this round.
bool refresh_memory_rests(const struct refresh_memory *memory, const char *key);

// It failed: it rests for ever longer, see watch_delay_s(). Without memory for it, it is tried each time.
void refresh_memory_fail(struct refresh_memory *memory, const char *key, int64_t interval_s);

// It went well. Whether it had failed before.
bool refresh_memory_recover(struct refresh_memory *memory, const char *key);

// It cannot be done at all for now: it rests for so long.
void refresh_memory_refuse(
	struct refresh_memory *memory,
	const char *key,
	int64_t interval_s,
	int64_t rest_s
);
