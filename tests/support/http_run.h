#pragma once

// Plays a conversation, written as data, through lib/http and tells the traces as text.

#include "http.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum step_kind {
	STEP_NONE,
	STEP_DATA,
	STEP_GAP,
	STEP_END,
	STEP_UNSEEN
};

// One segment, as it went over the wire, or what the capture made of it.
struct step {
	enum step_kind kind;
	uint8_t side; // 0 is the client here
	const char *text;
	size_t len;
	uint32_t flag; // of a gap
	bool is_late; // delivered after the step that follows
	bool is_crossing; // sent before the step before it was received
};

// clang-format off
#define DATA(which, bytes) .kind = STEP_DATA, .side = which, .text = bytes, .len = sizeof(bytes) - 1
#define GAP(which, n) .kind = STEP_GAP, .side = which, .len = n
#define CLIENT(bytes) {DATA(0, bytes)}
#define SERVER(bytes) {DATA(1, bytes)}
#define LATE_CLIENT(bytes) {DATA(0, bytes), .is_late = true}
#define CROSSING_SERVER(bytes) {DATA(1, bytes), .is_crossing = true}
#define CLIENT_GAP(n) {GAP(0, n), .flag = TRACE_FLAG_GAP}
#define SERVER_GAP(n) {GAP(1, n), .flag = TRACE_FLAG_GAP}
// Passed over because the other side went on: nothing of this one was ever seen.
#define CLIENT_ABSENT(n) {GAP(0, n)}
#define LATE_SERVER_GAP(n) {GAP(1, n), .flag = TRACE_FLAG_GAP, .is_late = true}
#define SERVER_TRUNCATED(n) {GAP(1, n), .flag = TRACE_FLAG_TRUNCATED}
// Bytes that no capture of this direction has, and that the reassembly says nothing of.
#define CLIENT_UNSEEN(n) {.kind = STEP_UNSEEN, .side = 0, .len = n}
#define SERVER_UNSEEN(n) {.kind = STEP_UNSEEN, .side = 1, .len = n}
#define CLIENT_END {.kind = STEP_END, .side = 0}
#define SERVER_END {.kind = STEP_END, .side = 1}
// clang-format on

#define MAX_STEPS 24

struct conversation {
	const char *name;
	bool is_midstream;
	bool is_client_whole; // ... but the client's SYN was seen
	bool is_by_segment; // where segments begin makes a difference
	uint32_t close_flag;
	struct step steps[MAX_STEPS];
	const char *traces; // one line each
};

// How to cut the segments of a conversation.
struct cut {
	size_t step, at; // that step after 'at' bytes
	bool is_bytewise; // or all of them after every byte
};

struct run {
	struct http http;
	struct http_conn conn;
	struct counters counters;
	struct flow_key key;
	uint32_t n_blocks, n_large; // of the pool, when all are free
	uint64_t now_ns;
	char text[65536];
	size_t text_len;
};

static const struct http_limits run_limits = {
	.head_size = 4096,
	.n_fields = 64,
	.n_pending = 8,
	.body_keep = 65536,
};

#define RUN_MAX_LARGE 64

static inline uint32_t run_n_large(const struct run *run) {
	uint32_t n = 0;
	uint8_t *large[RUN_MAX_LARGE];
	while (n < RUN_MAX_LARGE && (large[n] = message_large_alloc(run->http.pool, 1)) != NULL)
		n++;
	for (uint32_t i = 0; i < n; i++)
		message_large_free(run->http.pool, large[i]);
	return n;
}

// Large buffers of 4 and 8 KiB.
static inline struct run *
run_create(const struct http_limits *limits, uint32_t n_blocks, size_t large_bytes) {
	struct run *run = calloc(1, sizeof(*run));
	run->http.limits = *limits;
	run->http.pool = message_pool_create(n_blocks, large_bytes, 8192);
	run->http.counters = &run->counters;
	run->n_blocks = n_blocks;
	run->n_large = run_n_large(run);
	run->now_ns = 1000;
	return run;
}

__attribute__((format(printf, 2, 3))) static inline void
run_print(struct run *run, const char *format, ...) {
	va_list args;
	va_start(args, format);
	int len = vsnprintf(
		run->text + run->text_len, sizeof(run->text) - run->text_len, format, args
	);
	va_end(args);
	run->text_len += (size_t)len;
	assert(run->text_len < sizeof(run->text));
}

static inline void run_print_slice(struct run *run, struct slice s) {
	for (size_t i = 0; i < s.len; i++)
		run_print(run, s.data[i] < ' ' || s.data[i] > '~' ? "\\x%02x" : "%c", s.data[i]);
}

static inline void run_print_body(struct run *run, const struct message *m) {
	uint8_t *scratch = malloc(m->body_kept + 1);
	struct slice body = message_body(m, scratch);
	if (m->body_bytes > 0) {
		run_print(run, " %zu'", (size_t)m->body_bytes);
		run_print_slice(run, slice_first(body, 24));
		run_print(run, body.len > 24 ? "'.." : "'");
		if (body.len != m->body_bytes)
			run_print(run, "%zu", body.len);
	}
	free(scratch);
}

static inline void run_print_flags(struct run *run, uint32_t flags) {
	static const char *const names[] = {
#define X(id, name, help) name,
		TRACE_FLAGS(X)
#undef X
	};
	for (size_t i = 0; i < N_TRACE_FLAGS; i++) {
		if ((flags >> i & 1) != 0)
			run_print(run, " %s", names[i]);
	}
}

static inline void run_print_response(struct run *run, const struct message *m) {
	run_print(run, "%u", m->status);
	if (m->n_interim > 0)
		run_print(run, " after %u", m->n_interim);
	run_print_body(run, m);
}

static inline void run_print_trace(struct run *run, const struct message *m) {
	const struct message *response = m->is_response ? m : m->response;
	uint32_t flags = m->flags;
	if (!m->is_response) {
		run_print_slice(run, m->method);
		run_print(run, " ");
		run_print_slice(run, m->host);
		run_print(run, m->target.len > 0 && m->target.data[0] != '/' ? " " : "");
		run_print_slice(run, m->target);
		run_print_body(run, m);
		run_print(run, " > ");
	} else {
		run_print(run, "? > ");
	}
	if (response != NULL) {
		run_print_response(run, response);
		flags |= response->flags;
	} else {
		run_print(run, "?");
	}
	if (flags != 0)
		run_print(run, " |");
	run_print_flags(run, flags);
	run_print(run, "\n");
}

// Takes the finished traces; their text is added to run->text.
static inline uint32_t run_pop(struct run *run) {
	struct message *m;
	uint32_t n = 0;
	while ((m = message_queue_pop(&run->http.done)) != NULL) {
		run_print_trace(run, m);
		message_free(run->http.pool, m);
		counters_inc(&run->counters, COUNTER_TRACES_EXPORTED);
		n++;
	}
	return n;
}

static inline void run_data(
	struct run *run,
	uint8_t side,
	struct slice bytes,
	uint32_t seq,
	uint32_t ack,
	uint32_t flags
) {
	struct http_origin origin = {
		.key = &run->key,
		.vni = 7,
		.seq = seq,
		.ack = ack,
		.time_ns = run->now_ns++,
		.flags = flags,
	};
	uint8_t *copy = malloc(bytes.len); // of exact size, gone when the call returns
	memcpy(copy, bytes.data, bytes.len);
	http_data(&run->http, &run->conn, side, slice_of(copy, bytes.len), &origin);
	free(copy);
}

struct wire {
	uint32_t seq[MAX_STEPS], ack[MAX_STEPS];
	bool is_first[MAX_STEPS];
};

// Sequence numbers as the endpoints gave them; the client's wrap around early.
static inline void run_number(const struct conversation *talk, struct wire *wire) {
	uint32_t next[2] = {0xffffffe0, 7000};
	bool has_sent[2] = {false, false};
	for (size_t i = 0; i < MAX_STEPS && talk->steps[i].kind != STEP_NONE; i++) {
		const struct step *step = &talk->steps[i];
		wire->seq[i] = next[step->side];
		wire->ack[i] = next[1 - step->side];
		if (step->is_crossing)
			wire->ack[i] -= (uint32_t)step[-1].len;
		wire->is_first[i] = step->kind == STEP_DATA && !has_sent[step->side];
		has_sent[step->side] |= step->kind == STEP_DATA;
		next[step->side] += (uint32_t)step->len;
	}
}

static inline void run_step_data(
	struct run *run,
	const struct conversation *talk,
	size_t i,
	const struct wire *wire,
	const struct cut *cut
) {
	const struct step *step = &talk->steps[i];
	struct slice rest = slice_of(step->text, step->len);
	uint32_t seq = wire->seq[i];
	bool is_late = talk->is_midstream && !(talk->is_client_whole && step->side == 0);
	uint32_t flags = is_late && wire->is_first[i] ? TRACE_FLAG_MIDSTREAM : 0;
	while (rest.len > 0) {
		size_t len = rest.len;
		if (cut != NULL && cut->is_bytewise)
			len = 1;
		else if (cut != NULL && cut->step == i && seq == wire->seq[i] && cut->at < rest.len)
			len = cut->at;
		run_data(run, step->side, slice_first(rest, len), seq, wire->ack[i], flags);
		rest = slice_from(rest, len);
		seq += (uint32_t)len;
		flags = 0;
	}
}

static inline void run_step(
	struct run *run,
	const struct conversation *talk,
	size_t i,
	const struct wire *wire,
	const struct cut *cut
) {
	const struct step *step = &talk->steps[i];
	struct http_origin origin = {
		.key = &run->key,
		.seq = wire->seq[i],
		.ack = wire->ack[i],
		.time_ns = run->now_ns++};
	if (step->kind == STEP_DATA)
		run_step_data(run, talk, i, wire, cut);
	else if (step->kind == STEP_GAP)
		http_gap(
			&run->http, &run->conn, step->side, (uint32_t)step->len, step->flag, &origin
		);
	else if (step->kind == STEP_END)
		http_end(&run->http, &run->conn, step->side, &run->key);
}

// Plays it to its end, closes, and pops what came out.
static inline void
run_talk(struct run *run, const struct conversation *talk, const struct cut *cut) {
	struct wire wire;
	run_number(talk, &wire);
	run->text_len = 0;
	run->text[0] = 0;
	memset(&run->conn, 0, sizeof(run->conn));
	http_conn_init(&run->conn, !talk->is_midstream);
	for (size_t i = 0; i < MAX_STEPS && talk->steps[i].kind != STEP_NONE; i++) {
		bool is_late = talk->steps[i].is_late;
		if (is_late)
			run_step(run, talk, i + 1, &wire, cut);
		run_step(run, talk, i, &wire, cut);
		i += is_late;
	}
	http_close(&run->http, &run->conn, talk->close_flag, &run->key);
	run_pop(run);
}

static inline bool run_has_leak(const struct run *run) {
	return message_pool_n_free(run->http.pool) != run->n_blocks
		|| run_n_large(run) != run->n_large || http_conn_is_open(&run->conn);
}

static inline void run_free(struct run *run) {
	message_pool_free(run->http.pool);
	free(run);
}
