#pragma once

// What to do about a failed attempt, by the class of its error.

#include "error.h"

#include <stdint.h>

enum retry_class {
	RETRY_NEVER, // the caller's own mistake, or a refusal
	RETRY_THROTTLED, // too fast: more attempts and longer pauses
	RETRY_TRANSIENT, // theirs, or the network's; the request had no effect
	RETRY_UNKNOWN, // no answer: it may have had an effect
	RETRY_EXPIRED, // the credentials ran out: get new ones
	RETRY_SKEWED, // our clock is wrong
};

// 'result' is what the attempt returned: -EREMOTEIO with the service's words in 'error', or the
// transport's failure.
enum retry_class retry_classify(int result, const struct aws_error *error);

// The pause before attempt number 'attempt' (the second is 1): 'fraction' of the exponential bound,
// 0 <= fraction < 1.
int64_t retry_pause_ms(enum retry_class kind, int attempt, double fraction);
