// What the HTTP parser costs: a head alone, and whole transactions with what is kept of them.

#include "head.h"
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_HEADS 512 // as different as heads are, so that no branch is learnt by heart
#define N_ROUNDS 101
#define SEGMENT_LEN 1448

static const char *const lines[] = {
	"Host: orders.shop.example",
	"User-Agent: python-requests/2.31.0",
	"Accept-Encoding: gzip, deflate",
	"Accept: application/json",
	"Connection: keep-alive",
	"Content-Type: application/json",
	"Content-Length: 60",
	"X-Request-Id: 0f8fad5b-d9cb-469f-a165-70867728950e",
	"Accept: */*",
	"Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0",
	"Cache-Control: no-cache",
	"Accept-Language: en-US,en;q=0.9",
	"X-Forwarded-For: 10.1.2.3",
	"Cookie: session=38afes7a8; theme=dark",
	"If-None-Match: \"588604dc-94d\"",
	"Origin: https://shop.example",
};

static double now_s(void) {
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct slice make_head(uint32_t *seed) {
	static const char path[] = "customers/8f14e45f/orders/0f8fad5b-d9cb-469f/items";
	char *text = malloc(2048);
	*seed = *seed * 1103515245 + 12345;
	size_t len = (size_t)sprintf(
		text,
		"GET /v2/%.*s?expand=lines&limit=50 HTTP/1.1\r\n",
		(int)(*seed >> 16) % 50,
		path
	);
	for (int i = 0; i < 8; i++) {
		*seed = *seed * 1103515245 + 12345;
		len += (size_t)sprintf(text + len, "%s\r\n", lines[*seed >> 16 & 15]);
	}
	len += (size_t)sprintf(text + len, "\r\n");
	return slice_of(text, len);
}

static void bench_head(void) {
	struct header_field fields[64];
	struct slice heads[N_HEADS];
	uint32_t seed = 1;
	size_t n_bytes = 0;
	double best = 1e9;
	for (size_t i = 0; i < N_HEADS; i++) {
		heads[i] = make_head(&seed);
		n_bytes += heads[i].len;
	}
	for (int round = 0; round < N_ROUNDS; round++) {
		double start = now_s();
		for (size_t i = 0; i < N_HEADS; i++) {
			struct head head = {.fields = fields, .max_fields = 64};
			if (head_parse(heads[i], 0, &head) < 0)
				abort();
		}
		double took = now_s() - start;
		best = took < best ? took : best;
	}
	printf("head of %zu bytes, 8 fields    %8.1f ns  %6.2f GB/s\n",
	       n_bytes / N_HEADS,
	       best / N_HEADS * 1e9,
	       (double)n_bytes / best * 1e-9);
	for (size_t i = 0; i < N_HEADS; i++)
		free((void *)(uintptr_t)heads[i].data);
}

static void
feed(struct http *http, struct http_conn *conn, uint8_t side, struct slice bytes, uint32_t *seq) {
	static const struct flow_key key;
	while (bytes.len > 0) {
		struct slice segment = slice_first(bytes, SEGMENT_LEN);
		struct http_origin origin = {.key = &key, .seq = seq[side], .ack = seq[1 - side]};
		http_data(http, conn, side, segment, &origin);
		seq[side] += (uint32_t)segment.len;
		bytes = slice_from(bytes, segment.len);
	}
}

static void bench_transaction(size_t body_len) {
	struct counters counters = {0};
	struct http *http = calloc(1, sizeof(*http));
	struct http_conn conn = {0};
	uint32_t seq[2] = {1, 1};
	uint32_t seed = 1;
	double best = 1e9;
	http->limits = (struct http_limits) {65535, 256, 64, 65536};
	http->pool = message_pool_create(1024, 1 << 20, 1 << 17);
	http->counters = &counters;
	struct slice request = make_head(&seed);
	char *response = calloc(1, body_len + 256);
	size_t len = (size_t)sprintf(
		response,
		"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sat, 23 Nov 2024 14:21:07 GMT\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\n"
		"Connection: keep-alive\r\n\r\n",
		body_len
	);
	http_conn_init(&conn, true);
	for (int round = 0; round < N_ROUNDS; round++) {
		double start = now_s();
		for (int i = 0; i < 2000; i++) {
			feed(http, &conn, 0, request, seq);
			feed(http, &conn, 1, slice_of(response, len + body_len), seq);
			message_free(http->pool, message_queue_pop(&http->done));
		}
		double took = now_s() - start;
		best = took < best ? took : best;
	}
	if (counters.events[COUNTER_TRACES_MADE] != 2000 * N_ROUNDS)
		abort();
	printf("transaction, %4zu-byte body   %8.1f ns\n", body_len, best / 2000 * 1e9);
	message_pool_free(http->pool);
	free((void *)(uintptr_t)request.data);
	free(response);
	free(http);
}

int main(void) {
	bench_head();
	bench_transaction(400);
	bench_transaction(8192);
	return 0;
}
