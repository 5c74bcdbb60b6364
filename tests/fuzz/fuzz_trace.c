// Messages of any bytes: the trace is one line of JSON in UTF-8 and fits where it was promised to,
// and a body that is there is the body that was sent.

#include "trace_encode.h"

#include <jansson.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N_FIELDS 40

struct harness {
	struct trace_encoder *encoder;
	struct message_pool *pool;
	uint8_t *line;
};

static void check(bool is_true) {
	if (!is_true)
		abort();
}

static const struct trace_limits limits = {
	.head_bytes = 4096,
	.body_bytes = 8192,
	.content = {.out_bytes = 10000, .ratio = 50, .time_ns = UINT64_MAX / 2},
};

static const struct harness *make_harness(void) {
	static struct harness harness;
	if (harness.encoder == NULL) {
		harness.encoder = trace_encoder_create(&limits, "fuzz");
		harness.pool = message_pool_create(64, 64 << 10, 16384);
		harness.line = malloc(trace_line_max(&limits));
	}
	check(harness.encoder != NULL && harness.pool != NULL && harness.line != NULL);
	return &harness;
}

static uint8_t take_byte(struct slice *input) {
	uint8_t byte = input->len > 0 ? input->data[0] : 0;
	*input = slice_from(*input, 1);
	return byte;
}

// The head is what stands before the first empty line, its fields are cut at the first colons.
static struct slice take_head(struct slice *input) {
	struct slice rest = slice_first(*input, 4096);
	const uint8_t *end = rest.len == 0 ? NULL : memmem(rest.data, rest.len, "\n\n", 2);
	struct slice head = slice_first(rest, end == NULL ? rest.len : (size_t)(end - rest.data));
	*input = slice_from(*input, head.len + 2);
	return head;
}

static uint16_t split(struct slice head, struct header_field *fields) {
	uint16_t n = 0;
	for (size_t at = 0; at < head.len && n < N_FIELDS;) {
		struct slice rest = slice_from(head, at);
		const uint8_t *end = memchr(rest.data, '\n', rest.len);
		size_t len = end == NULL ? rest.len : (size_t)(end - rest.data);
		const uint8_t *colon = memchr(rest.data, ':', len);
		size_t name_len = colon == NULL ? len : (size_t)(colon - rest.data);
		size_t value_at = colon == NULL ? len : name_len + 1;
		fields[n++] = (struct header_field) {
			.name_at = (uint16_t)at,
			.name_len = (uint16_t)name_len,
			.value_at = (uint16_t)(at + value_at),
			.value_len = (uint16_t)(len - value_at),
		};
		at += len + 1;
	}
	return n;
}

static struct message *take_message(const struct harness *harness, struct slice *input) {
	struct message *m = message_alloc(harness->pool);
	struct header_field fields[N_FIELDS];
	m->is_response = take_byte(input) & 1;
	m->flags = (uint32_t)take_byte(input) | (uint32_t)take_byte(input) << 8;
	m->flags &= (1u << N_TRACE_FLAGS) - 1;
	m->status = (uint16_t)(take_byte(input) << 8 | take_byte(input));
	m->vni = m->status & 1 ? MESSAGE_NO_VNI : 0xffffff;
	m->client_side = take_byte(input) & 1;
	size_t body_len = (size_t)take_byte(input) << 5;
	for (size_t i = 0; i < 16 && !m->client_side; i++)
		m->key.address[i & 1][i] = (uint8_t)(i * body_len);
	struct slice head = take_head(input);
	check(message_store_head(harness->pool, m, head, fields, split(head, fields)) == 0);
	if (m->n_fields > 0) {
		m->method = message_field_name(m, 0);
		m->target = message_field_value(m, 0);
		m->host = m->n_fields > 1 ? message_field_value(m, 1) : m->host;
	}
	struct slice body = slice_first(*input, body_len);
	*input = slice_from(*input, body.len);
	check(message_append_body(harness->pool, m, body) == body.len);
	m->body_bytes = body.len;
	return m;
}

// Unless it was decoded or cut.
static void check_body(json_t *half, const char *omission, json_t *meta, const struct message *m) {
	static const uint32_t cut = TRACE_FLAG_TRUNCATED | TRACE_FLAG_GAP | TRACE_FLAG_BODY_CAPPED
		| TRACE_FLAG_BODY_SHED | TRACE_FLAG_INCOMPLETE | TRACE_FLAG_DRAINED;
	json_t *body = json_object_get(half, "body");
	struct slice coding;
	check(json_is_string(body));
	if (json_object_get(meta, omission) != NULL) {
		check(json_string_length(body) == 0);
		return;
	}
	bool is_cut = (m->flags & cut) != 0 || m->status == 206;
	if (is_cut || message_find_field(m, "content-encoding", &coding))
		return;
	uint8_t scratch[8192];
	struct slice want = message_body(m, scratch);
	check(json_string_length(body) == want.len);
	check(memcmp(json_string_value(body), want.data, want.len) == 0);
}

static void check_line(const struct harness *harness, const struct message *trace) {
	size_t len = trace_encode(harness->encoder, trace, harness->line);
	check(len <= trace_line_max(&limits));
	check(memchr(harness->line, '\n', len) == harness->line + len - 1);
	json_error_t error;
	json_t *root = json_loadb(
		(const char *)harness->line, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error
	);
	check(root != NULL);
	json_t *request = json_object_get(root, "request");
	json_t *response = json_object_get(root, "response");
	json_t *meta = json_object_get(root, "meta");
	if (json_is_object(request))
		check_body(request, "requestBody", meta, trace);
	if (json_is_object(response))
		check_body(
			response, "responseBody", meta, trace->is_response ? trace : trace->response
		);
	check(json_is_null(request) == trace->is_response);
	json_decref(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	const struct harness *harness = make_harness();
	struct slice input = slice_of(data, size);
	struct message *trace = take_message(harness, &input);
	if (!trace->is_response && input.len > 0) {
		trace->response = take_message(harness, &input);
		trace->response->is_response = true;
	}
	check_line(harness, trace);
	message_free(harness->pool, trace);
	return 0;
}
