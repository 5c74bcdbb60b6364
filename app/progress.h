#pragma once

// How far a run is, in one line on a terminal that is written over and over.

#include "collector.h"

#include <stdint.h>

struct progress {
	bool is_shown;
	uint64_t shown_ns; // when last; 0: never
	uint64_t started_ns;
};

void progress_init(struct progress *progress, bool is_shown, uint64_t now_ns);

// Shows it when enough time has passed since the last time.
void progress_update(struct progress *progress, const struct collector *collector, uint64_t now_ns);

// Leaves the terminal as it was.
void progress_clear(struct progress *progress);
