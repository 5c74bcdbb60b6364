#pragma once

// What the first bytes of a direction, or of a segment, are.

#include "slice.h"

#include <stdbool.h>
#include <stddef.h>

enum start {
	START_WAIT, // cannot be told yet
	START_REQUEST, // a whole request line with HTTP/1.x at its end
	START_RESPONSE, // the beginning of a status line with HTTP/1.x
	START_PASS_OVER, // empty lines, or a PROXY protocol header that a load balancer put in front
	START_OTHER, // not HTTP/1
};

// The first bytes that a connection sends in one direction. 'previous_len': how many of them gave
// START_WAIT before. 'ret_len': how many to pass over, written with START_PASS_OVER only.
enum start start_of_connection(struct slice bytes, size_t previous_len, size_t *ret_len);

// The first bytes of a segment somewhere inside a connection. Bodies are full of text, so a request
// line that the segment does not hold whole must at least begin with a well-known method.
enum start start_of_segment(struct slice bytes, size_t previous_len);

// They begin, as far as there are any, as a request with a well-known method does.
bool start_is_known_method(struct slice bytes);
