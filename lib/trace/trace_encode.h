#pragma once

// One finished trace as one line of JSON: Metlo's trace object with ours under "meta". The format
// is described in docs/traces.md and docs/trace.schema.json. The same trace gives the same bytes.

#include "content.h"
#include "message.h"

#include <stddef.h>
#include <stdint.h>

struct trace_limits {
	uint32_t head_bytes; // longest message head
	uint32_t body_bytes; // most bytes that a message keeps of its body
	struct content_limits content;
};

#define TRACE_LIMITS_DEFAULT                                                                       \
	(struct trace_limits) {                                                                    \
		.head_bytes = 65535, .body_bytes = 64 << 10, .content = CONTENT_LIMITS_DEFAULT,    \
	}

// Belongs to one thread.
struct trace_encoder;

// 'environment' goes into every trace as it is; at most 256 bytes. NULL with errno ENOMEM or EINVAL.
struct trace_encoder *
trace_encoder_create(const struct trace_limits *limits, const char *environment);
void trace_encoder_free(struct trace_encoder *encoder);

// Bytes that an encoder reserves, with what undoing content codings may take.
size_t trace_encoder_memory(const struct trace_limits *limits);

// Room that the line of any trace within the limits fits into.
size_t trace_line_max(const struct trace_limits *limits);

// Whether bodies with a content coding are left out, as shed; false at first.
void trace_encoder_set_shedding(struct trace_encoder *encoder, bool is_shedding);

// What the times of messages lag behind the time of day, as somebody has set the clock; 0 at first.
void trace_encoder_set_shift(struct trace_encoder *encoder, int64_t shift_ns);

// Writes the line, with its line feed, to 'to', which has room for trace_line_max() bytes.
// Returns its length. 'trace' is a request with or without ->response, or a response alone.
size_t trace_encode(struct trace_encoder *encoder, const struct message *trace, uint8_t *to);

// Asks ahead for the memory that encoding 'traces' will read, which another core has written: what a
// trace points to can only be asked for once the trace is there. To be called for 'step' 0 to
// n + TRACE_PREFETCH_STEPS - 1, each time before the trace of TRACE_PREFETCH_STEPS before is encoded.
#define TRACE_PREFETCH_STEPS 3u
void trace_prefetch(struct message *const traces[], uint32_t n, uint32_t step);
