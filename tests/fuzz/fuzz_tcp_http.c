// Two byte streams of the fuzzer's choice, cut into segments by it, go through the reassembly and
// the parser: once in order, once late, repeated and split. Both must give the same traces. Then
// again with segments lost: the sums must close and nothing may be left behind.

#include "http.h"
#include "packet.h"
#include "tcp.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SEGMENTS 48
#define N_BLOCKS 2048

enum fate {
	FATE_PLAIN,
	FATE_LATE, // comes after the one behind it
	FATE_TWICE,
	FATE_SPLIT,
	FATE_LOST,
	N_FATES,
};

struct sent {
	struct slice bytes;
	uint32_t seq, ack;
	uint8_t side;
	uint8_t flags;
	enum fate fate;
};

struct script {
	struct sent sent[MAX_SEGMENTS + 4];
	size_t n;
	uint32_t next[2];
};

struct run {
	struct tcp tcp;
	struct tcp_conn conn;
	struct http http;
	struct http_conn http_conn;
	struct flow_key key;
	struct counters counters;
	bool is_started;
	uint64_t n_popped;
	char traces[65536];
	size_t traces_len;
};

static void
script_add(struct script *s, uint8_t side, uint8_t flags, struct slice bytes, enum fate fate) {
	s->sent[s->n++] = (struct sent) {
		.bytes = bytes,
		.seq = s->next[side],
		.ack = s->next[!side],
		.side = side,
		.flags = flags,
		.fate = fate,
	};
	s->next[side] += (uint32_t)bytes.len + ((flags & (PACKET_TCP_SYN | PACKET_TCP_FIN)) != 0);
}

// A byte for side and fate, one for the length, then as many bytes.
static void script_read(struct script *s, struct slice data) {
	*s = (struct script) {.next = {1000, 0xffffff00}};
	script_add(s, 0, PACKET_TCP_SYN, slice_of("", 0), FATE_PLAIN);
	script_add(s, 1, PACKET_TCP_SYN | PACKET_TCP_ACK, slice_of("", 0), FATE_PLAIN);
	while (data.len >= 2 && s->n < MAX_SEGMENTS) {
		struct slice bytes = slice_first(slice_from(data, 2), data.data[1]);
		enum fate fate = (enum fate)(data.data[0] >> 1) % N_FATES;
		if (bytes.len > 0)
			script_add(s, data.data[0] & 1, PACKET_TCP_ACK, bytes, fate);
		data = slice_from(data, 2 + bytes.len);
	}
	script_add(s, 0, PACKET_TCP_ACK | PACKET_TCP_FIN, slice_of("", 0), FATE_PLAIN);
	script_add(s, 1, PACKET_TCP_ACK | PACKET_TCP_FIN, slice_of("", 0), FATE_PLAIN);
}

static void feed(struct run *run, uint64_t now_ns) {
	struct tcp_event event;
	while (tcp_next(&run->tcp, &run->conn, now_ns, &event)) {
		struct http_origin origin = {
			.key = &run->key,
			.seq = event.seq,
			.ack = event.ack,
			.flags = event.is_midstream ? TRACE_FLAG_MIDSTREAM : 0,
		};
		if (!run->is_started)
			http_conn_init(&run->http_conn, tcp_conn_is_from_start(&run->conn));
		run->is_started = true;
		if (event.kind == TCP_DATA)
			http_data(&run->http, &run->http_conn, event.side, event.bytes, &origin);
		else if (event.kind == TCP_GAP)
			http_gap(
				&run->http,
				&run->http_conn,
				event.side,
				event.n_missing,
				TRACE_FLAG_GAP,
				&origin
			);
		else
			http_end(&run->http, &run->http_conn, event.side, &run->key);
	}
}

static void
send_part(struct run *run, const struct sent *sent, size_t from, size_t len, bool is_last) {
	struct slice bytes = slice_first(slice_from(sent->bytes, from), len);
	uint8_t *exact = malloc(bytes.len);
	assert(exact != NULL || bytes.len == 0);
	if (bytes.len > 0)
		memcpy(exact, bytes.data, bytes.len);
	struct tcp_segment segment = {
		.bytes = slice_of(exact, bytes.len),
		.len = (uint32_t)bytes.len,
		.seq = sent->seq + (uint32_t)from,
		.ack = sent->ack,
		.side = sent->side,
		.flags = is_last ? sent->flags : (uint8_t)(sent->flags & ~PACKET_TCP_FIN),
	};
	if (tcp_input(&run->tcp, &run->conn, &segment) == VERDICT_DELIVERED)
		feed(run, 0);
	free(exact);
}

static void send_whole(struct run *run, const struct sent *sent) {
	send_part(run, sent, 0, sent->bytes.len, true);
}

static void send_with_fate(struct run *run, const struct sent *sent, bool may_lose) {
	size_t half = sent->bytes.len / 2;
	switch (sent->fate) {
	case FATE_TWICE:
		send_whole(run, sent);
		send_whole(run, sent);
		break;
	case FATE_SPLIT:
		send_part(run, sent, half, sent->bytes.len - half, true);
		send_part(run, sent, 0, half, false);
		break;
	case FATE_LOST:
		if (!may_lose)
			send_whole(run, sent);
		break;
	case FATE_PLAIN:
	case FATE_LATE:
	case N_FATES:
		send_whole(run, sent);
		break;
	}
}

static void print_half(struct run *run, const struct message *m) {
	char *to = run->traces + run->traces_len;
	size_t room = sizeof(run->traces) - run->traces_len;
	int n = snprintf(
		to,
		room,
		"%.*s %.*s %u %zu+%lu/%u %x|",
		(int)m->method.len,
		(const char *)m->method.data,
		(int)m->target.len,
		(const char *)m->target.data,
		m->status,
		m->head.len,
		(unsigned long)m->body_bytes,
		m->body_kept,
		m->flags
	);
	run->traces_len += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

static void finish(struct run *run) {
	struct message *m;
	feed(run, TCP_FLUSH);
	tcp_conn_ignore(&run->tcp, &run->conn);
	if (run->is_started)
		http_close(&run->http, &run->http_conn, 0, &run->key);
	while ((m = message_queue_pop(&run->http.done)) != NULL) {
		run->n_popped++;
		print_half(run, m);
		if (m->response != NULL)
			print_half(run, m->response);
		message_free(run->tcp.pool, m);
	}
	assert(message_pool_n_free(run->tcp.pool) == N_BLOCKS);
	assert(run->counters.events[COUNTER_TRACES_MADE]
	       == run->n_popped + run->counters.trace_drops[TRACE_DROP_NO_MEMORY]);
}

static struct run *run_make(void) {
	struct run *run = calloc(1, sizeof(*run));
	assert(run != NULL);
	struct message_pool *pool = message_pool_create(N_BLOCKS, 256 << 10, 16384);
	assert(pool != NULL);
	run->tcp.limits = (struct tcp_limits) {.reorder_ns = 1, .gap_ns = 1, .n_held_max = 1024};
	run->tcp.pool = run->http.pool = pool;
	run->tcp.counters = run->http.counters = &run->counters;
	run->http.limits = (struct http_limits) {
		.head_size = 8192, .n_fields = 64, .n_pending = 8, .body_keep = 4096};
	return run;
}

static void run_free(struct run *run) {
	message_pool_free(run->tcp.pool);
	free(run);
}

static struct run *play(const struct script *script, bool has_fates, bool may_lose) {
	struct run *run = run_make();
	for (size_t i = 0; i < script->n; i++) {
		const struct sent *sent = &script->sent[i];
		bool is_late = has_fates && sent->fate == FATE_LATE && i + 1 < script->n;
		if (is_late)
			send_with_fate(run, &script->sent[i + 1], may_lose);
		if (has_fates)
			send_with_fate(run, sent, may_lose);
		else
			send_whole(run, sent);
		i += is_late;
	}
	finish(run);
	return run;
}

// Bytes that are no HTTP make the parser look for a message at the start of each segment, and where
// segments start is what differs.
static bool is_lost(const struct run *run) {
	return run->counters.events[COUNTER_HTTP_RESYNCS] > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct script script;
	script_read(&script, slice_of(data, size));
	struct run *plain = play(&script, false, false);
	struct run *shuffled = play(&script, true, false);
	if (!is_lost(plain) && !is_lost(shuffled))
		assert(strcmp(plain->traces, shuffled->traces) == 0);
	run_free(plain);
	run_free(shuffled);
	run_free(play(&script, true, true));
	return 0;
}
