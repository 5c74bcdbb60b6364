#include "content.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	N_BODIES = 1024,
	N_SMALL = 256,
	SMALL_SIZE = 210
};

struct text {
	char *bytes;
	size_t len;
};

struct content {
	struct text responses[N_BODIES];
	struct text requests[N_SMALL];
};

static const char *const names[] = {
	"Ada Okafor",
	"Bj\xc3\xb6rn M\xc3\xbcller",
	"Chlo\xc3\xa9 Garc\xc3\xad"
	"a",
	"\xe6\x9d\x8e\xe6\x98\x8e",
	"Dana O'Brien",
	"Sam \\\"Sunny\\\" Lee",
	"Zo\xc3\xab Nov\xc3\xa1k",
	"Ivan Petrov",
};
static const char *const states[] = {"new", "paid", "packed", "shipped", "returned", "on hold"};
static const char *const hosts[] = {
	"api.shop.example",
	"users.shop.example",
	"orders.internal:8080",
	"pay.shop.example",
};
// What stands before and after an id.
static const char *const paths[][2] = {
	{"/v1/users/", ""},
	{"/v1/orders/", "/items"},
	{"/v2/payments/", "?expand=card"},
	{"/v1/carts/", "?currency=EUR"},
	{"/internal/stock/", "/history?from=2026-01-01&limit=20"},
	{"/v1/users/", "/addresses"},
};
static const char *const agents[] = {
	"okhttp/4.12.0",
	"python-requests/2.32.3",
	"ShopApp/4.2.1 (Android 14)",
	"Go-http-client/1.1",
};

#define PICK(rng, table) ((table)[rng_next(rng) % (sizeof(table) / sizeof((table)[0]))])

// One object of about 150 to 190 bytes.
static size_t item_write(struct rng *rng, char *ret, size_t size) {
	return (size_t)snprintf(
		ret,
		size,
		"{\"id\":%u,\"name\":\"%s\",\"state\":\"%s\",\"price\":{\"amount\":%u.%02u,"
		"\"currency\":\"EUR\"},"
		"\"tags\":[\"a%u\",\"b\"],\"active\":%s,\"note\":null,\"score\":-%u.%ue-2}",
		rng_between(rng, 1, 9999999),
		PICK(rng, names),
		PICK(rng, states),
		rng_between(rng, 1, 9999),
		rng_between(rng, 0, 100),
		rng_between(rng, 0, 99),
		rng_next(rng) & 1 ? "true" : "false",
		rng_between(rng, 1, 99),
		rng_between(rng, 10, 99)
	);
}

// A JSON object of exactly 'len' bytes: items, then a token that fills the rest.
static void body_fill(struct rng *rng, char *ret, size_t len) {
	size_t at = (size_t)sprintf(ret, "{\"items\":[");
	for (int i = 0; len - at > 190; i++) {
		if (i > 0)
			ret[at++] = ',';
		at += item_write(rng, ret + at, len - at);
	}
	at += (size_t)sprintf(ret + at, "],\"next\":\"");
	while (at < len - 2)
		ret[at++] = "0123456789abcdef"[rng_next(rng) & 15];
	memcpy(ret + at, "\"}", 2);
}

static int
texts_make(struct rng *rng, struct text *texts, size_t n, uint32_t size, uint32_t spread) {
	for (size_t i = 0; i < n; i++) {
		texts[i].len = rng_between(rng, size - spread, size + spread);
		texts[i].bytes = malloc(texts[i].len + 1);
		if (!texts[i].bytes)
			return -1;
		body_fill(rng, texts[i].bytes, texts[i].len);
	}
	return 0;
}

struct content *content_create(struct rng *rng, uint32_t body_size, uint32_t body_spread) {
	struct content *c = calloc(1, sizeof(*c));
	if (c && texts_make(rng, c->responses, N_BODIES, body_size, body_spread) == 0
	    && texts_make(rng, c->requests, N_SMALL, SMALL_SIZE, SMALL_SIZE / 10) == 0)
		return c;
	content_free(c);
	return NULL;
}

void content_free(struct content *c) {
	if (!c)
		return;
	for (size_t i = 0; i < N_BODIES; i++)
		free(c->responses[i].bytes);
	for (size_t i = 0; i < N_SMALL; i++)
		free(c->requests[i].bytes);
	free(c);
}

static size_t append(char *to, size_t at, const struct text *text) {
	memcpy(to + at, text->bytes, text->len);
	return at + text->len;
}

size_t
content_request(const struct content *c, struct rng *rng, uint32_t flow, uint32_t nth, char *ret) {
	const bool is_post = rng_between(rng, 0, 10) == 0;
	const char *const *path = paths[(flow + nth) % 6];
	size_t at = (size_t)snprintf(
		ret,
		CONTENT_MAX,
		"%s %s%u%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nAccept: application/json\r\n"
		"Accept-Encoding: identity\r\nAuthorization: Bearer %016llx\r\nX-Request-Id: "
		"%08x-%04x\r\n"
		"Connection: keep-alive\r\n",
		is_post ? "POST" : "GET",
		path[0],
		flow * 32 + nth,
		path[1],
		hosts[flow & 3],
		agents[(flow >> 2) & 3],
		(unsigned long long)flow * 0x9e3779b97f4a7c15u,
		flow,
		nth
	);
	if (!is_post) {
		memcpy(ret + at, "\r\n", 2);
		return at + 2;
	}
	const struct text *body = &c->requests[rng_next(rng) % N_SMALL];
	at += (size_t)snprintf(
		ret + at,
		CONTENT_MAX - at,
		"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		body->len
	);
	return append(ret, at, body);
}

size_t
content_response(const struct content *c, struct rng *rng, uint32_t flow, uint32_t nth, char *ret) {
	const struct text *body = &c->responses[rng_next(rng) % N_BODIES];
	const char *status = rng_between(rng, 0, 32) ? "200 OK" : "404 Not Found";
	size_t at = (size_t)snprintf(
		ret,
		CONTENT_MAX,
		"HTTP/1.1 %s\r\nServer: nginx\r\nDate: Mon, 23 Nov 2026 14:22:06 GMT\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\nCache-Control: "
		"no-store\r\n"
		"ETag: \"%x\"\r\nX-Request-Id: %08x-%04x\r\nConnection: keep-alive\r\n\r\n",
		status,
		body->len,
		rng_between(rng, 1, 0xffffff),
		flow,
		nth
	);
	return append(ret, at, body);
}
