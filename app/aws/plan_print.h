#pragma once

// A plan for people, like a diff, or as JSON.

#include "plan_cost.h"
#include "survey.h"

#include <jansson.h>

#include <stdbool.h>
#include <stdio.h>

// What is done and why, what is left out and why, what it costs. Steps that stay as they are come in one line
// for each kind. Without 'cost' nothing is said about it.
void plan_print(
	const struct survey *survey,
	const struct plan_cost *cost,
	bool is_coloured,
	FILE *to
);

// One step and what came of it ("", ": failed"): "+ mirror session  eni-1 (web)  instance/i-1". Also for progress.
void plan_print_step(const struct plan_step *step, const char *outcome, bool is_coloured, FILE *to);

// "3 to create, 1 to change, 0 to delete, 4 stay"
void plan_print_counts(const struct plan *plan, char *ret, size_t ret_size);

// All of it, with the keys that docs/aws.md describes. NULL without memory.
json_t *plan_print_json(const struct survey *survey, const struct plan_cost *cost);

// A terminal, and neither NO_COLOR nor TERM=dumb.
bool plan_print_is_coloured(FILE *to);
