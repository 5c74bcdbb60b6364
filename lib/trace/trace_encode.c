#include "trace_encode.h"

#include "body_text.h"
#include "json_escape.h"
#include "simd16.h"
#include "target.h"
#include "trace_put.h"
#include "utf8.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define ENVIRONMENT_MAX 256u
#define META_START_MAX (JSON_ESCAPE_ROOM(ENVIRONMENT_MAX) + 64)

struct trace_encoder {
	struct trace_limits limits;
	struct content *content;
	struct trace_clock clock;
	int64_t shift_ns;
	bool is_shedding;
	uint8_t *scratch; // a decoded query part, or a body put together
	size_t meta_start_len;
	uint8_t meta_start[META_START_MAX]; // what all traces have in common of "meta"
};

// Why a body is not in its trace.
enum omission {
	BODY_IS_THERE,
	BODY_IS_BINARY,
	BODY_WAS_SHED,
	BODY_WAS_NOT_KEPT,
	BODY_HAS_UNKNOWN_CODING,
	BODY_DECODE_FAILED,
};

static const char *const omission_names[] = {
	[BODY_IS_BINARY] = "binary",
	[BODY_WAS_SHED] = "shed",
	[BODY_WAS_NOT_KEPT] = "not_kept",
	[BODY_HAS_UNKNOWN_CODING] = "unknown_coding",
	[BODY_DECODE_FAILED] = "decode_failed",
};

// What "meta" says of a half whose fields and body were written.
struct half {
	struct content_codings codings;
	int codings_error;
	struct slice content_type;
	enum omission omission;
	uint32_t flags; // TRACE_FLAG_* that came with the body
};

static size_t scratch_size(const struct trace_limits *limits) {
	return limits->body_bytes > UINT16_MAX ? limits->body_bytes : UINT16_MAX;
}

size_t trace_encoder_memory(const struct trace_limits *limits) {
	return sizeof(struct trace_encoder) + scratch_size(limits)
		+ content_memory(&limits->content);
}

struct trace_encoder *
trace_encoder_create(const struct trace_limits *limits, const char *environment) {
	struct slice name = slice_of_string(environment);
	if (name.len > ENVIRONMENT_MAX || limits->head_bytes > UINT16_MAX) {
		errno = EINVAL;
		return NULL;
	}
	struct trace_encoder *encoder = calloc(1, sizeof(*encoder));
	if (encoder == NULL)
		return NULL;
	encoder->limits = *limits;
	encoder->scratch = malloc(scratch_size(limits));
	encoder->content = content_create(&limits->content);
	if (encoder->scratch == NULL || encoder->content == NULL) {
		trace_encoder_free(encoder);
		errno = ENOMEM;
		return NULL;
	}
	uint8_t *to = PUT(encoder->meta_start, ",\"meta\":{\"environment\":\"");
	to += json_escape(to, name, name.len);
	to = PUT(to, "\",\"incoming\":true,\"source\":\"");
	encoder->meta_start_len = (size_t)(to - encoder->meta_start);
	return encoder;
}

void trace_encoder_free(struct trace_encoder *encoder) {
	if (encoder == NULL)
		return;
	content_free(encoder->content);
	free(encoder->scratch);
	free(encoder);
}

// The dearest byte of a head is one of a query: "a&" becomes {"name":"a","value":""}, and it can be
// a control character. Fields cost less: 24 bytes around a name of at least one byte and a colon.
// Content-Type may be repeated under "meta".
size_t trace_line_max(const struct trace_limits *limits) {
	size_t head = 64 * (size_t)limits->head_bytes;
	size_t body = limits->body_bytes;
	if (body < limits->content.out_bytes)
		body = limits->content.out_bytes;
	return 2 * (head + JSON_ESCAPE_ROOM(body)) + META_START_MAX + 4096;
}

// Most names and values are short and have nothing to escape. Returns whether that is so of the
// first 'len' <= 32 bytes at 'p', of which 32 may be read; they are then at 'to'.
static inline bool put_if_plain(uint8_t *to, const uint8_t *p, size_t len) {
#ifdef HAS_V16
	uint64_t special = 0;
	for (size_t i = 0; i < 2; i++) {
		v16 chunk = v16_load(p + 16 * i);
		v16 is_quote =
			v16_or(v16_equal(chunk, v16_of('"')), v16_equal(chunk, v16_of('\\')));
		// Signed: what is not ASCII is below zero.
		v16 is_special = v16_or(is_quote, v16_less(chunk, v16_of(0x20)));
		special |= (uint64_t)v16_bits(is_special) << 16 * i;
		v16_store(to + 16 * i, chunk);
	}
	return (special & ((1ull << len) - 1)) == 0;
#else
	(void)to, (void)p, (void)len;
	return false;
#endif
}

// A piece of the message's head; what follows it there may be read.
static inline uint8_t *put_head_text(uint8_t *to, const struct message *m, struct slice text) {
	if (text.len == 0) // then it may be from nowhere
		return to;
	size_t n_readable = (size_t)(m->head.data + m->head.len - text.data);
	if (text.len <= 32 && n_readable >= 32 && put_if_plain(to, text.data, text.len))
		return to + text.len;
	return to + json_escape(to, text, n_readable);
}

static void note_field(struct half *half, struct slice name, struct slice value) {
	if (name.len == 16 && slice_equals_nocase(name, "content-encoding")) {
		if (half->codings_error == 0)
			half->codings_error = content_codings_read(value, &half->codings);
	} else if (name.len == 12 && slice_equals_nocase(name, "content-type")) {
		half->content_type = value;
	}
}

static uint8_t *put_fields(uint8_t *to, const struct message *m, struct half *half) {
	*to++ = '[';
	for (size_t i = 0; i < m->n_fields; i++) {
		struct slice name = message_field_name(m, i);
		struct slice value = message_field_value(m, i);
		note_field(half, name, value);
		to = PUT(to, "{\"name\":\"");
		to = put_head_text(to, m, name);
		to = PUT(to, "\",\"value\":\"");
		to = put_head_text(to, m, value);
		to = PUT(to, "\"},");
	}
	to -= m->n_fields > 0;
	*to++ = ']';
	return to;
}

static uint8_t *put_parameters(struct trace_encoder *encoder, uint8_t *to, struct slice query) {
	struct slice name, value;
	bool is_first = true;
	*to++ = '[';
	while (target_next_pair(&query, &name, &value)) {
		to = is_first ? PUT(to, "{\"name\":\"") : PUT(to, ",{\"name\":\"");
		is_first = false;
		name = target_decode(name, encoder->scratch);
		to += json_escape(to, name, name.len);
		to = PUT(to, "\",\"value\":\"");
		value = target_decode(value, encoder->scratch);
		to += json_escape(to, value, value.len);
		to = PUT(to, "\"}");
	}
	*to++ = ']';
	return to;
}

static bool is_partial(const struct message *m) {
	const uint32_t cut = TRACE_FLAG_TRUNCATED | TRACE_FLAG_GAP | TRACE_FLAG_BODY_CAPPED
		| TRACE_FLAG_BODY_SHED | TRACE_FLAG_INCOMPLETE | TRACE_FLAG_DRAINED;
	bool is_range = m->is_response && m->status == 206;
	return (m->flags & cut) != 0 || m->body_kept < m->body_bytes || is_range;
}

// Puts the body with its content codings undone. Returns its length, 0 where it is left out, or
// SIZE_MAX where it is not text.
static size_t
put_coded(struct trace_encoder *encoder, uint8_t *to, const struct message *m, struct half *half) {
	if (encoder->is_shedding) {
		half->flags |= TRACE_FLAG_BODY_SHED;
		half->omission = BODY_WAS_SHED;
		return 0;
	}
	if (half->codings_error < 0) {
		half->flags |= TRACE_FLAG_DECODE_FAILED;
		half->omission = BODY_HAS_UNKNOWN_CODING;
		return 0;
	}
	struct slice body = message_body(m, encoder->scratch);
	bool is_cut = is_partial(m), is_capped;
	int rc = content_decode(encoder->content, &half->codings, body, is_cut, &body, &is_capped);
	if (rc < 0) {
		half->flags |= TRACE_FLAG_DECODE_FAILED;
		half->omission = BODY_DECODE_FAILED;
		return 0;
	}
	if (is_capped)
		half->flags |= TRACE_FLAG_DECODE_CAPPED;
	if (is_cut || is_capped)
		body.len = utf8_whole(body);
	return json_escape_body(to, body);
}

static uint8_t *
put_body(struct trace_encoder *encoder, uint8_t *to, const struct message *m, struct half *half) {
	half->omission = BODY_IS_THERE;
	if (m->body_kept == 0) {
		if (m->body_bytes > 0)
			half->omission =
				m->flags & TRACE_FLAG_BODY_SHED ? BODY_WAS_SHED : BODY_WAS_NOT_KEPT;
		return to;
	}
	assert(m->body_kept <= encoder->limits.body_bytes);
	bool is_coded = half->codings.n > 0 || half->codings_error < 0;
	size_t len =
		is_coded ? put_coded(encoder, to, m, half) : body_text_escape(to, m, is_partial(m));
	if (len != SIZE_MAX)
		return to + len;
	half->omission = BODY_IS_BINARY;
	return to;
}

// As a Host field would have it.
static uint8_t *put_destination_as_host(uint8_t *to, const struct message *m) {
	const uint8_t *address = m->key.address[!m->client_side];
	bool is_ipv6 = !flow_key_is_ipv4(&m->key);
	if (is_ipv6)
		*to++ = '[';
	to += address_put(to, address);
	if (is_ipv6)
		*to++ = ']';
	uint16_t port = m->key.port[!m->client_side];
	if (port != 80) {
		*to++ = ':';
		to = put_number(to, port);
	}
	return to;
}

static uint8_t *put_request(
	struct trace_encoder *encoder,
	uint8_t *to,
	const struct message *m,
	struct half *half
) {
	if (m == NULL)
		return PUT(to, "{\"request\":null,\"response\":");
	struct target target = target_split(m->target);
	to = PUT(to, "{\"request\":{\"method\":\"");
	to = put_head_text(to, m, m->method);
	to = PUT(to, "\",\"url\":{\"host\":\"");
	to = m->host.len > 0 ? put_head_text(to, m, m->host) : put_destination_as_host(to, m);
	to = PUT(to, "\",\"path\":\"");
	to += json_escape(to, target.path, target.path.len);
	to = PUT(to, "\",\"parameters\":");
	to = put_parameters(encoder, to, target.query);
	to = PUT(to, "},\"headers\":");
	to = put_fields(to, m, half);
	to = PUT(to, ",\"body\":\"");
	to = put_body(encoder, to, m, half);
	return PUT(to, "\"},\"response\":");
}

static uint8_t *put_response(
	struct trace_encoder *encoder,
	uint8_t *to,
	const struct message *m,
	struct half *half
) {
	if (m == NULL)
		return PUT(to, "null");
	to = PUT(to, "{\"status\":");
	to = put_number(to, m->status);
	to = PUT(to, ",\"headers\":");
	to = put_fields(to, m, half);
	to = PUT(to, ",\"body\":\"");
	to = put_body(encoder, to, m, half);
	return PUT(to, "\"}");
}

static uint8_t *put_endpoints(uint8_t *to, const struct message *m) {
	unsigned client = m->client_side, server = !m->client_side;
	to += address_put(to, m->key.address[client]);
	to = PUT(to, "\",\"sourcePort\":");
	to = put_number(to, m->key.port[client]);
	to = PUT(to, ",\"destination\":\"");
	to += address_put(to, m->key.address[server]);
	to = PUT(to, "\",\"destinationPort\":");
	to = put_number(to, m->key.port[server]);
	return PUT(to, ",\"metloSource\":\"metlo-appliance\",\"timestamp\":\"");
}

static uint8_t *put_flags(uint8_t *to, uint32_t flags) {
	static const struct slice names[N_TRACE_FLAGS] = {
#define X(id, name, help) {(const uint8_t *)"\"" name "\",", sizeof(name) + 2},
		TRACE_FLAGS(X)
#undef X
	};
	to = PUT(to, ",\"flags\":[");
	if (flags == 0)
		return PUT(to, "]");
	for (; flags != 0; flags &= flags - 1) {
		struct slice name = names[__builtin_ctz(flags)];
		memcpy(to, name.data, name.len);
		to += name.len;
	}
	to[-1] = ']';
	return to;
}

// A body that is left out, and why.
static uint8_t *
put_omission(uint8_t *to, const char *key, const struct message *m, const struct half *half) {
	if (half->omission == BODY_IS_THERE)
		return to;
	const char *name = omission_names[half->omission];
	to = put_bytes(to, key, strlen(key));
	to = PUT(to, "{\"omitted\":\"");
	to = put_bytes(to, name, strlen(name));
	to = PUT(to, "\",\"bytes\":");
	to = put_number(to, m->body_bytes);
	to = PUT(to, ",\"contentType\":\"");
	to += json_escape(to, half->content_type, half->content_type.len);
	return PUT(to, "\"}");
}

// From the first byte of the request to the last of the response.
static uint8_t *
put_duration(uint8_t *to, const struct message *request, const struct message *response) {
	to = PUT(to, "\",\"durationMs\":");
	if (request == NULL || response == NULL)
		return PUT(to, "null");
	// Where packets came out of order, the clock may seem to run backwards.
	bool is_backwards = response->last_ns < request->first_ns;
	return put_milliseconds(to, is_backwards ? 0 : response->last_ns - request->first_ns);
}

static uint8_t *put_body_bytes(uint8_t *to, const struct message *m) {
	return m == NULL ? PUT(to, "null") : put_number(to, m->body_bytes);
}

static uint8_t *put_sizes(
	uint8_t *to,
	const struct message *request,
	const struct message *response,
	const struct half halves[2]
) {
	to = PUT(to, ",\"requestBodyBytes\":");
	to = put_body_bytes(to, request);
	to = PUT(to, ",\"responseBodyBytes\":");
	to = put_body_bytes(to, response);
	if (request != NULL)
		to = put_omission(to, ",\"requestBody\":", request, &halves[0]);
	if (response != NULL)
		to = put_omission(to, ",\"responseBody\":", response, &halves[1]);
	return to;
}

static uint32_t all_flags(
	const struct message *request,
	const struct message *response,
	const struct half halves[2]
) {
	uint32_t flags = halves[0].flags | halves[1].flags;
	flags |= request == NULL ? TRACE_FLAG_NO_REQUEST : request->flags;
	flags |= response == NULL ? TRACE_FLAG_NO_RESPONSE : response->flags;
	return flags;
}

static void prefetch(const void *p, size_t len) {
	for (size_t at = 0; at < len; at += 64)
		__builtin_prefetch((const uint8_t *)p + at);
}

// At most so much at once: what the processor cannot ask for in parallel holds it up.
#define PREFETCH_MAX 1024u

static void prefetch_text(const struct message *m) {
	size_t len = m->head.len + sizeof(struct header_field) * m->n_fields + m->body_inline;
	prefetch(m->head.data, len < PREFETCH_MAX ? len : PREFETCH_MAX);
}

void trace_prefetch(struct message *const traces[], uint32_t n, uint32_t step) {
	if (step < n)
		prefetch(traces[step], sizeof(struct message));
	if (step - 1 < n) {
		const struct message *trace = traces[step - 1];
		prefetch_text(trace);
		if (trace->response != NULL)
			prefetch(trace->response, sizeof(struct message));
	}
	if (step - 2 < n && traces[step - 2]->response != NULL)
		prefetch_text(traces[step - 2]->response);
}

void trace_encoder_set_shedding(struct trace_encoder *encoder, bool is_shedding) {
	encoder->is_shedding = is_shedding;
}

void trace_encoder_set_shift(struct trace_encoder *encoder, int64_t shift_ns) {
	encoder->shift_ns = shift_ns;
}

size_t trace_encode(struct trace_encoder *encoder, const struct message *trace, uint8_t *to) {
	const uint8_t *start = to;
	const struct message *request = trace->is_response ? NULL : trace;
	const struct message *response = trace->is_response ? trace : trace->response;
	struct half halves[2] = {0};
	to = put_request(encoder, to, request, &halves[0]);
	to = put_response(encoder, to, response, &halves[1]);
	to = put_bytes(to, encoder->meta_start, encoder->meta_start_len);
	to = put_endpoints(to, trace);
	to = put_timestamp(to, &encoder->clock, trace->first_ns + (uint64_t)encoder->shift_ns);
	to = put_duration(to, request, response);
	to = PUT(to, ",\"protocol\":\"HTTP/1.");
	to = put_number(to, trace->version_minor);
	*to++ = '"';
	if (trace->vni != MESSAGE_NO_VNI) {
		to = PUT(to, ",\"vni\":");
		to = put_number(to, trace->vni);
	}
	to = put_flags(to, all_flags(request, response, halves));
	to = put_sizes(to, request, response, halves);
	to = PUT(to, "}}\n");
	return (size_t)(to - start);
}
