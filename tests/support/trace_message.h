#pragma once

// Messages for tests of what comes behind the parser: a head as text, cut into its fields here in
// the plainest way.

#include "message.h"

#include <assert.h>
#include <string.h>

// 198.51.100.7:40000 asks 203.0.113.9:8080.
static inline struct flow_key test_flow_key(void) {
	const struct endpoint client = {
		.address = {[10] = 0xff, [11] = 0xff, [12] = 198, [13] = 51, [14] = 100, [15] = 7},
		.port = 40000,
	};
	const struct endpoint server = {
		.address = {[10] = 0xff, [11] = 0xff, [12] = 203, [13] = 0, [14] = 113, [15] = 9},
		.port = 8080,
	};
	struct flow_key key;
	(void)flow_key_make(&client, &server, 0, &key);
	return key;
}

// Lines end with CRLF, and the head with an empty one. Spaces around a value are not part of it.
static inline uint16_t test_split_fields(struct slice head, struct header_field *fields) {
	uint16_t n = 0;
	const uint8_t *line = memchr(head.data, '\n', head.len);
	const uint8_t *end = head.data + head.len;
	while (line != NULL && ++line < end && *line != '\r') {
		const uint8_t *next = memchr(line, '\n', (size_t)(end - line));
		const uint8_t *colon = memchr(line, ':', (size_t)(end - line));
		const uint8_t *value = colon + 1;
		const uint8_t *stop = next - 1;
		while (value < stop && *value == ' ')
			value++;
		fields[n++] = (struct header_field) {
			.name_at = (uint16_t)(line - head.data),
			.name_len = (uint16_t)(colon - line),
			.value_at = (uint16_t)(value - head.data),
			.value_len = (uint16_t)(stop - value),
		};
		line = next;
	}
	return n;
}

static inline struct message *
test_message(struct message_pool *pool, struct slice head, struct slice body) {
	struct header_field fields[256];
	struct message *m = message_alloc(pool);
	assert(m != NULL);
	int rc = message_store_head(pool, m, head, fields, test_split_fields(head, fields));
	assert(rc == 0);
	(void)rc;
	m->key = test_flow_key();
	m->client_side = m->key.port[1] == 40000;
	m->version_minor = 1;
	m->vni = MESSAGE_NO_VNI;
	m->body_bytes = body.len;
	size_t kept = message_append_body(pool, m, body);
	assert(kept == body.len);
	(void)kept;
	return m;
}

static inline struct message *
test_request(struct message_pool *pool, struct slice head, struct slice body) {
	struct message *m = test_message(pool, head, body);
	const uint8_t *at = m->head.data;
	const uint8_t *space = memchr(at, ' ', m->head.len);
	m->method = slice_of(at, (size_t)(space - at));
	const uint8_t *target = space + 1;
	space = memchr(target, ' ', m->head.len);
	m->target = slice_of(target, (size_t)(space - target));
	(void)message_find_field(m, "host", &m->host);
	m->first_ns = 1732371667123456789;
	m->last_ns = m->first_ns + 1000;
	return m;
}

static inline struct message *
test_response(struct message_pool *pool, struct slice head, struct slice body) {
	struct message *m = test_message(pool, head, body);
	m->is_response = true;
	m->status = (uint16_t
	)((m->head.data[9] - '0') * 100 + (m->head.data[10] - '0') * 10 + m->head.data[11] - '0');
	m->first_ns = 1732371667124000000;
	m->last_ns = 1732371667125000999;
	return m;
}
