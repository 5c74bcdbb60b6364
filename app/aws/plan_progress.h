#pragma once

// What is being done, as it happens: one line for each step that ended. On a terminal there is a line below
// them that shows what is under way; elsewhere nothing is written over.

#include "apply.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct plan_progress {
	FILE *to;
	bool is_terminal;
	bool is_coloured;
	size_t width; // of the terminal
	size_t n_ended;
	size_t n_steps; // that do something
	const char *waits_for; // that was told last
	int64_t waits_since_s;
	bool is_line_open;
};

void plan_progress_init(struct plan_progress *progress, const struct plan *plan, FILE *to);

// Valid as long as 'progress'.
struct apply_events plan_progress_events(struct plan_progress *progress);

// Takes the line below away, so that something else can be said.
void plan_progress_clear(struct plan_progress *progress);
