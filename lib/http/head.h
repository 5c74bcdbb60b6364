#pragma once

// A message head: the start line and the header fields (RFC 9112, sections 2 to 5), in one pass
// over contiguous bytes, where they lie.

#include "message.h"
#include "slice.h"

#include <stdbool.h>
#include <stdint.h>

#define HEAD_MAX_SIZE UINT16_MAX

struct head {
	// Set by the caller.
	struct header_field
		*fields; // room for 'max_fields'; offsets from the first byte of the head
	uint16_t max_fields;
	bool is_response;
	bool is_cut; // no more bytes will come: what is whole of it will do

	// Set on success; slices of the bytes given.
	uint8_t version_minor; // HTTP/1.x
	bool has_fold; // a field goes over several lines (obs-fold)
	bool is_odd; // not everyone sees the same lines and names; see below
	uint16_t status;
	uint16_t n_fields;
	struct slice start_and_fields; // without the empty line that ends the head
	struct slice method, target, reason;
};

// Parses the head that begins at the first of 'bytes'. Returns its length, the empty line
// included, or -EAGAIN (it does not end here), -EBADMSG (malformed) or -E2BIG (more than
// head->max_fields fields, or no end within HEAD_MAX_SIZE). 'previous_len': how many of these bytes
// an earlier call got -EAGAIN for, so that a head that comes in drops is not parsed again and
// again; else 0.
//
// Lenient where real servers and clients are. A bare LF ends a line; a target may hold spaces; the
// version may be in lower case, that of a request have numbers of two digits ("HTTP/1.10",
// "HTTP/01.1") and that of a response be 0.9; white space is accepted before a colon,
// at a line's start (obs-fold) and in excess; a field line without a colon is passed over; CR and
// NUL inside a line are left there. What readers are known to disagree about is 'is_odd': CR or NUL
// inside a line, lines of which some end in CR LF and others in LF, a first field line that begins
// with a blank, a field name with controls or bytes that are not ASCII, and a version's number of
// two digits.
[[nodiscard]] int head_parse(struct slice bytes, size_t previous_len, struct head *head);

struct head_version {
	size_t at; // where it begins
	uint8_t minor; // HTTP/1.x; 0 where that is left out, 1 where it is over 9, as readers take it
	bool is_odd; // a number of two digits
};

// The version 1.x at the end of a request line ("... HTTP/1.1"), which is given without its line
// end and from the blank after the method on. False where there is none.
[[nodiscard]] bool head_request_version(struct slice line, struct head_version *ret);

// True where the value of field 'i', or the way to it from its name, goes over a line end.
bool head_field_is_folded(const struct head *head, size_t i);
