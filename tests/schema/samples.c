// Writes one trace of every kind to standard output, for test_trace_schema.

#include "compress.h"
#include "trace_encode.h"
#include "trace_message.h"

#include <stdio.h>

#define GET "GET /a/b?x=1&y=%41+b&z HTTP/1.1\r\nHost: h.example\r\nA: \"\\\x01\xff\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"

struct writer {
	struct trace_encoder *encoder;
	struct message_pool *pool;
	uint8_t *line;
};

static void write_trace(const struct writer *w, struct message *trace) {
	size_t len = trace_encode(w->encoder, trace, w->line);
	fwrite(w->line, 1, len, stdout);
	message_free(w->pool, trace);
}

static struct message *request(const struct writer *w) {
	return test_request(w->pool, slice_of_string(GET), slice_of_string(""));
}

static struct message *response(const struct writer *w, const char *head, struct slice body) {
	return test_response(w->pool, slice_of_string(head), body);
}

static void write_plain(const struct writer *w) {
	struct message *m = request(w);
	m->response = response(w, OK, slice_of_string("{\"a\":\"\xc3\xa4\\n\",\"b\":\"\x1b\"}"));
	m->vni = 0xffffff;
	write_trace(w, m);
	m = test_request(w->pool, slice_of_string("GET / HTTP/1.0\r\n\r\n"), slice_of("", 0));
	memcpy(m->key.address[0], "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	memcpy(m->key.address[1], "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2", 16);
	m->version_minor = 0;
	write_trace(w, m);
	write_trace(w, response(w, OK, slice_of_string("alone")));
}

static void write_flags(const struct writer *w) {
	struct message *m = request(w);
	m->flags = (1u << N_TRACE_FLAGS) - 1;
	write_trace(w, m);
}

static void write_omissions(const struct writer *w) {
	static const char *const heads[] = {
		OK,
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\n\r\n",
	};
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct message *m = request(w);
		m->response = response(w, heads[i], slice_of("\xff\0", 2));
		write_trace(w, m);
	}
	struct message *m = request(w);
	m->body_bytes = 1ull << 40;
	m->flags = TRACE_FLAG_BODY_SHED;
	write_trace(w, m);
	m = request(w);
	m->body_bytes = 1;
	m->flags = TRACE_FLAG_GAP;
	write_trace(w, m);
}

static void write_decoded(const struct writer *w) {
	struct coded body = test_gzip("{\"id\":7}", 8);
	struct message *m = request(w);
	m->response = response(
		w,
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
		slice_of(body.data, body.len)
	);
	free(body.data);
	write_trace(w, m);
}

int main(void) {
	struct trace_limits limits = TRACE_LIMITS_DEFAULT;
	struct writer w = {
		.encoder = trace_encoder_create(&limits, "production"),
		.pool = message_pool_create(64, 0, 0),
	};
	if (w.encoder == NULL || w.pool == NULL)
		return 1;
	w.line = malloc(trace_line_max(&limits));
	write_plain(&w);
	write_flags(&w);
	write_omissions(&w);
	write_decoded(&w);
	message_pool_free(w.pool);
	trace_encoder_free(w.encoder);
	free(w.line);
	return 0;
}
