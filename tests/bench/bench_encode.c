// What an exporter spends: escaping alone, and whole traces of messages that another core wrote.

#include "json_escape.h"
#include "trace_encode.h"
#include "trace_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_MESSAGES 512u // 2 MiB and more, about what is under way: not in the cache of one core
#define BURST 32u
#define N_ROUNDS 101

static const char request_head[] =
	"GET /v1/users/8152/items?page=3&limit=20&sort=created_at HTTP/1.1\r\n"
	"Host: api.shop.example\r\n"
	"User-Agent: okhttp/4.12.0\r\n"
	"Accept: application/json\r\n"
	"Accept-Encoding: identity\r\n"
	"Authorization: Bearer 9e3779b97f4a7c15\r\n"
	"X-Request-Id: 0000a2f1-0003\r\n"
	"Connection: keep-alive\r\n"
	"\r\n";
static const char response_head[] = "HTTP/1.1 200 OK\r\n"
				    "Server: nginx\r\n"
				    "Date: Sat, 23 Nov 2024 14:21:07 GMT\r\n"
				    "Content-Type: application/json; charset=utf-8\r\n"
				    "Content-Length: 400\r\n"
				    "Connection: keep-alive\r\n"
				    "Cache-Control: no-store\r\n"
				    "\r\n";

static double now_s(void) {
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// JSON as APIs send it: a quote every six bytes or so, now and then a letter that is not ASCII.
static size_t make_json(uint8_t *to, size_t len, bool is_ascii, uint32_t *seed) {
	static const char *const names[] = {
		"Ada Okafor",
		"Bj\xc3\xb6rn M\xc3\xbcller",
		"Dana O'Brien",
		"\xe6\x9d\x8e\xe6\x98\x8e"};
	size_t at = (size_t)sprintf((char *)to, "{\"items\":[");
	while (at + 200 < len) {
		*seed = *seed * 1103515245 + 12345;
		at += (size_t)sprintf(
			(char *)to + at,
			"{\"id\":%u,\"name\":\"%s\",\"state\":\"paid\",\"price\":{\"amount\":%u.%"
			"02u,"
			"\"currency\":\"EUR\"},\"tags\":[\"a%u\",\"b\"],\"active\":true,\"note\":"
			"null},",
			*seed >> 8,
			names[is_ascii ? 0 : *seed >> 12 & 3],
			*seed >> 20,
			*seed >> 9 & 63,
			*seed >> 16 & 31
		);
	}
	at += (size_t)sprintf((char *)to + at, "{}],\"next\":\"");
	while (at < len - 2)
		to[at++] = 'f';
	memcpy(to + at, "\"}", 2);
	return len;
}

static void bench_escape(size_t len, bool is_ascii) {
	uint32_t seed = 1;
	uint8_t *text = malloc(len + 256), *to = malloc(JSON_ESCAPE_ROOM(len));
	size_t n_times = 8000000 / len;
	double best = 1e9;
	make_json(text, len, is_ascii, &seed);
	for (int round = 0; round < N_ROUNDS; round++) {
		double start = now_s();
		for (size_t i = 0; i < n_times; i++) {
			(void)json_escape_body(to, slice_of(text, len));
			__asm__ volatile("" ::: "memory");
		}
		double took = now_s() - start;
		best = took < best ? took : best;
	}
	printf("escape %-9s %5zu bytes    %8.1f ns  %6.2f GB/s in\n",
	       is_ascii ? "ascii" : "utf-8",
	       len,
	       best / (double)n_times * 1e9,
	       (double)(len * n_times) / best * 1e-9);
	free(text);
	free(to);
}

static struct message *make_trace(struct message_pool *pool, size_t body_len, uint32_t *seed) {
	uint8_t *body = malloc(body_len + 256);
	make_json(body, body_len, false, seed);
	struct message *trace = test_request(
		pool, slice_of(request_head, sizeof(request_head) - 1), slice_of(NULL, 0)
	);
	trace->response = test_response(
		pool, slice_of(response_head, sizeof(response_head) - 1), slice_of(body, body_len)
	);
	free(body);
	return trace;
}

static void bench_traces(size_t body_len) {
	struct trace_limits limits = TRACE_LIMITS_DEFAULT;
	struct trace_encoder *encoder = trace_encoder_create(&limits, "production");
	struct message_pool *pool = message_pool_create(N_MESSAGES * 8, 0, 0);
	uint8_t *to = malloc((256 << 10) + trace_line_max(&limits));
	struct message *traces[N_MESSAGES];
	uint32_t seed = 1;
	for (uint32_t i = 0; i < N_MESSAGES; i++)
		traces[i] = make_trace(pool, body_len, &seed);
	double best = 1e9;
	size_t n_bytes = 0;
	for (int round = 0; round < N_ROUNDS; round++) {
		double start = now_s();
		size_t len = 0;
		n_bytes = 0;
		for (uint32_t i = 0; i < N_MESSAGES; i += BURST) {
			for (uint32_t step = 0; step < BURST + TRACE_PREFETCH_STEPS; step++) {
				trace_prefetch(traces + i, BURST, step);
				if (step < TRACE_PREFETCH_STEPS)
					continue;
				const struct message *trace =
					traces[i + step - TRACE_PREFETCH_STEPS];
				size_t line = trace_encode(encoder, trace, to + len);
				n_bytes += line;
				len = len + line < (256 << 10) ? len + line : 0;
			}
		}
		double took = now_s() - start;
		best = took < best ? took : best;
	}
	printf("trace of a %4zu-byte body     %8.1f ns  %6.2f GB/s of body, line %zu bytes\n",
	       body_len,
	       best / N_MESSAGES * 1e9,
	       (double)(body_len * N_MESSAGES) / best * 1e-9,
	       n_bytes / N_MESSAGES);
	for (uint32_t i = 0; i < N_MESSAGES; i++)
		message_free(pool, traces[i]);
	message_pool_free(pool);
	trace_encoder_free(encoder);
	free(to);
}

int main(void) {
	bench_escape(400, true);
	bench_escape(400, false);
	bench_escape(8192, true);
	bench_escape(8192, false);
	bench_traces(400);
	bench_traces(8192);
	return 0;
}
