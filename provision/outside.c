#include "outside.h"

#include <string.h>

#define HEADERS_MAX ((size_t)64 << 10)

bool is_header_text(const char *text) {
	for (; *text != 0; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

void http_response_init(struct http_response *response, size_t body_max) {
	response->status = 0;
	strbuf_init(&response->body, body_max);
	strbuf_init(&response->header_text, HEADERS_MAX);
}

void http_response_release(struct http_response *response) {
	strbuf_release(&response->body);
	strbuf_release(&response->header_text);
}

void http_response_clear(struct http_response *response) {
	response->status = 0;
	strbuf_release(&response->body);
	strbuf_release(&response->header_text);
}

const char *http_response_header(const struct http_response *response, const char *name) {
	const char *at = response->header_text.data;
	const char *end = at + response->header_text.len;
	while (at < end) {
		const char *value = at + strlen(at) + 1;
		if (strcmp(at, name) == 0)
			return value;
		at = value + strlen(value) + 1;
	}
	return NULL;
}

const char *outside_getenv(const struct outside *outside, const char *name) {
	const char *value = outside->getenv(outside->ctx, name);
	return value == NULL || value[0] == 0 ? NULL : value;
}

bool outside_getenv_flag(const struct outside *outside, const char *name) {
	const char *value = outside_getenv(outside, name);
	return value != NULL && (strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

bool outside_is_cancelled(const struct outside *outside) {
	return outside->is_cancelled != NULL && outside->is_cancelled(outside->ctx);
}
