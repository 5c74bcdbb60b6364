#pragma once

// What body follows a head: the rules of RFC 9112, section 6.3, for a reader who must not guess.

#include "head.h"

#include <stdbool.h>
#include <stdint.h>

enum framing_kind {
	FRAMING_NONE, // no body
	FRAMING_LENGTH,
	FRAMING_CHUNKED,
	FRAMING_UNTIL_CLOSE,
	FRAMING_AMBIGUOUS, // where the message ends cannot be known
	FRAMING_TUNNEL, // no body, and what follows is no longer HTTP
};

struct framing {
	enum framing_kind kind;
	bool is_suspicious; // two readers may disagree about it: a smuggling shape
	bool is_malformed; // a Content-Length that is no length
	bool is_on_demand; // of a request: the body is sent when asked for (Expect: 100-continue)
	uint64_t length; // with FRAMING_LENGTH
};

struct framing framing_of_request(const struct head *head);

// 'request_method' is empty where the request is not known.
struct framing framing_of_response(const struct head *head, struct slice request_method);
