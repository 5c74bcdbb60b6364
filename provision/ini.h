#pragma once

// The INI dialect of ~/.aws/config and ~/.aws/credentials, as AWS's own command line reads it:
//
//   [profile "a b"]          a section; the name is handed over as it stands between the brackets
//   region = eu-west-1       a key (in lower case) and its value, both trimmed; ':' does as well
//   s3 =                     indented lines are nested under the key before them and are handed
//     endpoint_url = x       over as "s3.endpoint_url"; under a key that has a value they are dropped.
//                            Nested is what is indented further than the key.
//   # or ; at the start      a comment; later in a line they belong to the value

#include "slice.h"

struct ini_handler {
	void *ctx;
	// All slices are borrowed for the call. A result below 0 ends the reading.
	int (*section)(void *ctx, struct slice name);
	int (*entry)(void *ctx, const char *key, struct slice value);
};

// 0, -EBADMSG (a line that is none of the above; '*ret_line' is its number, from 1), or what a handler
// returned.
int ini_read(struct slice text, const struct ini_handler *handler, unsigned *ret_line);
