#pragma once

// The parts of a request target (RFC 9112, section 3.2) and of its query.

#include "slice.h"

#include <stdbool.h>
#include <stdint.h>

struct target {
	struct slice path, query; // slices of the target, or a "/" that is always there
};

// The path is what stands before the first '?': of an absolute-form target without scheme and
// authority, of the other forms ("*", an authority) as it is.
struct target target_split(struct slice text);

// Takes the next name=value pair off 'query'; empty ones are passed over. False at the end. A pair
// without '=' has an empty value. Slices of 'query', not decoded.
bool target_next_pair(struct slice *query, struct slice *ret_name, struct slice *ret_value);

// Undoes percent-encoding, and '+' for a space, as forms are encoded. What is no escape stays. Points
// into 'text' where nothing had to be undone, else to 'scratch', which has room for text.len bytes.
struct slice target_decode(struct slice text, uint8_t *scratch);
