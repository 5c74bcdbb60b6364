#pragma once

// A world that a test writes: answers in order, a clock that only sleeping moves, an environment.

#include "outside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_MAX 64

struct fake_answer {
	int result; // below 0: no answer came
	int status;
	const char *headers; // "name: value\n..." in lower case, or NULL
	const char *body;
};

struct fake_request {
	char *method;
	char *url;
	char *headers; // "name: value\n..."
	char *body;
	bool is_direct;
};

struct fake_outside {
	struct outside outside;
	struct fake_answer answers[FAKE_MAX];
	size_t n_answers, n_sent;
	struct fake_request requests[FAKE_MAX];
	const char *variables[FAKE_MAX][2];
	size_t n_variables;
	int64_t now_ms;
	int64_t slept_ms;
	size_t n_sleeps;
	double fraction;
	bool is_cancelled;
};

static inline char *fake_copy(const void *data, size_t len) {
	char *copy = malloc(len + 1);
	if (copy == NULL)
		abort();
	if (len > 0)
		memcpy(copy, data, len);
	copy[len] = 0;
	return copy;
}

static inline void fake_record(struct fake_request *to, const struct http_request *from) {
	size_t len = 0;
	for (size_t i = 0; i < from->n_headers; i++)
		len += strlen(from->headers[i].name) + strlen(from->headers[i].value) + 3;
	to->method = fake_copy(from->method, strlen(from->method));
	to->url = fake_copy(from->url, strlen(from->url));
	to->body = fake_copy(from->body.data, from->body.len);
	to->is_direct = from->is_direct;
	to->headers = fake_copy("", 0);
	to->headers = realloc(to->headers, len + 1);
	if (to->headers == NULL)
		abort();
	char *at = to->headers;
	*at = 0;
	for (size_t i = 0; i < from->n_headers; i++)
		at += sprintf(at, "%s: %s\n", from->headers[i].name, from->headers[i].value);
}

static inline void fake_headers(struct http_response *response, const char *headers) {
	while (headers != NULL && *headers != 0) {
		size_t name_len = strcspn(headers, ":"), line_len = strcspn(headers, "\n");
		strbuf_add(&response->header_text, headers, name_len);
		strbuf_add_char(&response->header_text, 0);
		strbuf_add(&response->header_text, headers + name_len + 2, line_len - name_len - 2);
		strbuf_add_char(&response->header_text, 0);
		headers += line_len + (headers[line_len] == '\n');
	}
}

static inline int fake_send(
	void *ctx,
	const struct http_request *request,
	struct http_response *response,
	struct aws_error *error
) {
	struct fake_outside *fake = ctx;
	http_response_clear(response);
	if (fake->n_sent >= FAKE_MAX)
		return aws_error_set(error, -EIO, "FakeExhausted", "too many requests");
	size_t i = fake->n_sent++;
	fake_record(&fake->requests[i], request);
	if (i >= fake->n_answers)
		return aws_error_set(error, -ECONNREFUSED, "ConnectionFailed", "no answer left");
	const struct fake_answer *answer = &fake->answers[i];
	if (answer->result < 0)
		return aws_error_set(error, answer->result, "FakeFailure", "as the test wants");
	response->status = answer->status;
	fake_headers(response, answer->headers);
	strbuf_add_text(&response->body, answer->body == NULL ? "" : answer->body);
	int status = strbuf_status(&response->body);
	if (status == 0)
		status = strbuf_status(&response->header_text);
	return status == 0 ? 0 : aws_error_set(error, status, "OutOfMemory", "reading an answer");
}

static inline int64_t fake_now_ms(void *ctx) {
	return ((struct fake_outside *)ctx)->now_ms;
}

static inline void fake_sleep_ms(void *ctx, int64_t ms) {
	struct fake_outside *fake = ctx;
	fake->now_ms += ms;
	fake->slept_ms += ms;
	fake->n_sleeps++;
}

static inline double fake_random(void *ctx) {
	return ((struct fake_outside *)ctx)->fraction;
}

static inline const char *fake_getenv(void *ctx, const char *name) {
	struct fake_outside *fake = ctx;
	for (size_t i = 0; i < fake->n_variables; i++)
		if (strcmp(fake->variables[i][0], name) == 0)
			return fake->variables[i][1];
	return NULL;
}

static inline bool fake_is_cancelled(void *ctx) {
	return ((struct fake_outside *)ctx)->is_cancelled;
}

// 'fake' must stay where it is. The clock stands at 2015-08-30T12:36:00Z; nothing of the real home or
// environment is seen.
static inline void fake_init(struct fake_outside *fake) {
	memset(fake, 0, sizeof(*fake));
	fake->now_ms = 1440938160000;
	fake->fraction = 0.5;
	fake->outside = (struct outside) {
		.ctx = fake,
		.send = fake_send,
		.now_ms = fake_now_ms,
		.sleep_ms = fake_sleep_ms,
		.random = fake_random,
		.getenv = fake_getenv,
		.is_cancelled = fake_is_cancelled,
	};
	fake->variables[fake->n_variables][0] = "HOME";
	fake->variables[fake->n_variables++][1] = "/nonexistent";
}

static inline void fake_release(struct fake_outside *fake) {
	for (size_t i = 0; i < fake->n_sent; i++) {
		free(fake->requests[i].method);
		free(fake->requests[i].url);
		free(fake->requests[i].headers);
		free(fake->requests[i].body);
	}
	fake->n_sent = 0;
}

// A later value of the same name replaces the earlier one.
static inline void fake_set(struct fake_outside *fake, const char *name, const char *value) {
	for (size_t i = 0; i < fake->n_variables; i++)
		if (strcmp(fake->variables[i][0], name) == 0) {
			fake->variables[i][1] = value;
			return;
		}
	fake->variables[fake->n_variables][0] = name;
	fake->variables[fake->n_variables++][1] = value;
}

static inline void fake_answer(struct fake_outside *fake, int status, const char *body) {
	fake->answers[fake->n_answers++] = (struct fake_answer) {.status = status, .body = body};
}

static inline void
fake_answer_with(struct fake_outside *fake, int status, const char *headers, const char *body) {
	fake->answers[fake->n_answers++] =
		(struct fake_answer) {.status = status, .headers = headers, .body = body};
}

static inline void fake_failure(struct fake_outside *fake, int result) {
	fake->answers[fake->n_answers++] = (struct fake_answer) {.result = result};
}
