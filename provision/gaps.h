#pragma once

// Calls that had no answer where whoever asks would rather learn what can be learnt: they count as answered
// with nothing, and are listed here. See client_set_gaps().

#include "arena.h"
#include "error.h"

#include <stdbool.h>

struct gap {
	const char *operation; // "ec2:DescribeVpcs"
	bool is_denied; // else AWS failed, throttled, or could not be reached
	const char *code;
	const char *message;
};

struct gaps {
	struct arena arena;
	struct gap *items; // each operation once
	size_t n;
};

// Whether a failed call is a gap; it is noted then. Not one are mistakes of our own, credentials that do not
// hold, things that do not exist, and any call of STS, without which nothing can be done.
bool gaps_take(struct gaps *gaps, const char *operation, int result, const struct aws_error *error);

// NULL where the operation is none. 'gaps' may be NULL.
const struct gap *gaps_find(const struct gaps *gaps, const char *operation);

void gaps_release(struct gaps *gaps);
