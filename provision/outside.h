#pragma once

// Everything that this library takes from the world: network, clock, sleep, chance and environment.
// A program fills it with transport_outside(); a test with what the test wants. All functions get 'ctx'.

#include "error.h"
#include "slice.h"
#include "strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_header {
	const char *name;
	const char *value;
};

// Whether it may stand in a header: printable ASCII. Another byte could end the line and begin a header of its own.
bool is_header_text(const char *text);

// Borrowed for the call of send().
struct http_request {
	const char *method;
	const char *url;
	const struct http_header *headers;
	size_t n_headers;
	struct slice body; // sent where the method is POST or PUT
	uint32_t connect_timeout_ms;
	uint32_t timeout_ms; // from start to end, 0 for none
	bool is_direct; // never by a proxy
};

struct http_response {
	int status;
	struct strbuf body; // its cap is the largest body that is accepted
	struct strbuf header_text; // "name\0value\0" for each, names in lower case
};

void http_response_init(struct http_response *response, size_t body_max);
void http_response_release(struct http_response *response);

// Ready for the next answer.
void http_response_clear(struct http_response *response);

// The first header of this name (given in lower case), or NULL.
const char *http_response_header(const struct http_response *response, const char *name);

struct outside {
	void *ctx;
	// One exchange. 0 when an answer came, whatever its status; else -ECONNREFUSED (not sent: no
	// address, no connection), -ETIMEDOUT, -EIO (cut in between), -EPROTO (TLS), -E2BIG, -ENOMEM;
	// -EINVAL (nothing sent) where a header is none.
	int (*send
	)(void *ctx,
	  const struct http_request *request,
	  struct http_response *ret_response,
	  struct aws_error *error);
	int64_t (*now_ms)(void *ctx); // since 1970
	void (*sleep_ms)(void *ctx, int64_t ms); // may return early where cancelled
	double (*random)(void *ctx); // 0 <= x < 1
	const char *(*getenv)(void *ctx, const char *name);
	bool (*is_cancelled)(void *ctx); // the user wants to stop; may be NULL
};

static inline int64_t outside_now_s(const struct outside *outside) {
	return outside->now_ms(outside->ctx) / 1000;
}

// NULL where the variable is absent or empty.
const char *outside_getenv(const struct outside *outside, const char *name);

// "true" in any case, or "1".
bool outside_getenv_flag(const struct outside *outside, const char *name);

bool outside_is_cancelled(const struct outside *outside);
