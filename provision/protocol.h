#pragma once

// Between an operation's structs and the bytes of HTTP. No network, no clock.

#include "arena.h"
#include "error.h"
#include "operation.h"
#include "outside.h"

#define PROTOCOL_HEADERS_MAX 12

// All of it lives in the arena of the call.
struct protocol_request {
	const char *method;
	const char *path; // with the query, encoded: "/", "/snapshots/snap-1/blocks/0?x=y"
	struct http_header headers[PROTOCOL_HEADERS_MAX];
	size_t n_headers;
	struct slice body;
};

struct protocol_options {
	const char *page_token; // goes on with a listing; NULL at its start
	bool is_dry_run; // where the protocol has that
};

// -ENOMEM, -E2BIG.
int protocol_write(
	const struct operation *operation,
	const void *input,
	const struct protocol_options *options,
	struct arena *arena,
	struct protocol_request *ret_request
);

// Parses an answer of status 2xx down to the operation's result; nothing of the output is touched, so a
// cut answer can be asked for again. NULL where the operation has no output. -EBADMSG also where it answers
// something else, as the page of a proxy does: an empty list must have been said by the service itself. -ENOMEM.
int protocol_parse(
	const struct operation *operation,
	struct slice body,
	struct arena *arena,
	const struct node **ret_result,
	struct aws_error *error
);

// Fills 'output' from the result, adding to its lists. '*ret_page_token' is NULL where the listing is
// complete. -EBADMSG, -ENOMEM.
int protocol_read(
	const struct operation *operation,
	const struct node *result,
	struct arena *arena,
	void *output,
	const char **ret_page_token,
	struct aws_error *error
);

// What an answer of another status says: its code, message and request id, as far as they can be read.
void protocol_read_error(
	const struct operation *operation,
	const struct http_response *response,
	struct aws_error *ret_error
);
