// One connection through lib/http. The first byte chooses limits and how the connection begins; the
// rest is bytes of the two directions, cut where 0xff is followed by a letter:
//
//	c s   a segment of the client, of the server; in capitals it acknowledges nothing new
//	g h   a gap in the client's, the server's bytes, its size by the next byte
//	e f   the end of the client's, the server's bytes
//
// Whatever comes: no memory is lost, every trace is counted, what a message says about itself
// holds, and bytes that are read without a loss give the same traces one by one.

#include "http_run.h"

#include <stdlib.h>

struct options {
	bool is_midstream, is_short_of_memory;
	uint32_t close_flag;
	struct http_limits limits;
};

struct wire_state {
	uint32_t next[2]; // sequence numbers
	uint32_t ack[2]; // as last sent
	bool has_sent[2];
};

static struct options options_of(uint8_t byte) {
	static const uint32_t close_flags[] = {0, TRACE_FLAG_INCOMPLETE, TRACE_FLAG_DRAINED, 0};
	struct options options = {
		.is_midstream = byte & 1,
		.is_short_of_memory = byte & 2,
		.close_flag = close_flags[byte >> 2 & 3],
		.limits = run_limits,
	};
	if (byte & 16)
		options.limits = (struct http_limits) {
			.head_size = 64,
			.n_fields = 3,
			.n_pending = 2,
			.body_keep = 7,
		};
	return options;
}

static void check(bool is_so) {
	if (!is_so)
		abort();
}

static void check_message(const struct run *run, const struct message *m) {
	check(m->body_kept <= run->http.limits.body_keep);
	check(m->body_kept <= m->body_bytes);
	check(m->n_fields <= run->http.limits.n_fields);
	check(m->head.len <= run->http.limits.head_size);
	check(m->first_ns <= m->last_ns);
	for (size_t i = 0; i < m->n_fields; i++) {
		check((size_t)m->fields[i].name_at + m->fields[i].name_len <= m->head.len);
		check((size_t)m->fields[i].value_at + m->fields[i].value_len <= m->head.len);
	}
}

static void check_done(struct run *run) {
	for (const struct message *m = run->http.done.first; m != NULL; m = m->next) {
		bool is_alone = m->response == NULL;
		check_message(run, m);
		check(((m->flags & TRACE_FLAG_NO_RESPONSE) != 0) == (!m->is_response && is_alone));
		check(((m->flags & TRACE_FLAG_NO_REQUEST) != 0) == m->is_response);
		if (is_alone)
			continue;
		check(!m->is_response && m->response->is_response && m->response->response == NULL);
		check(m->client_side == m->response->client_side);
		check_message(run, m->response);
	}
}

static void
feed(struct run *run,
     const struct options *options,
     struct wire_state *wire,
     uint8_t side,
     struct slice bytes,
     bool is_bytewise) {
	uint32_t flags = options->is_midstream && !wire->has_sent[side] ? TRACE_FLAG_MIDSTREAM : 0;
	while (bytes.len > 0) {
		size_t len = is_bytewise ? 1 : bytes.len;
		run_data(
			run, side, slice_first(bytes, len), wire->next[side], wire->ack[side], flags
		);
		wire->has_sent[side] = true;
		wire->next[side] += (uint32_t)len;
		bytes = slice_from(bytes, len);
		flags = 0;
	}
}

static void lose(struct run *run, struct wire_state *wire, uint8_t side, uint32_t n_bytes) {
	struct http_origin origin = {
		.key = &run->key,
		.seq = wire->next[side],
		.ack = wire->next[1 - side],
		.time_ns = run->now_ns++,
	};
	uint32_t flag = n_bytes % 2 == 0 ? TRACE_FLAG_TRUNCATED : TRACE_FLAG_GAP;
	http_gap(&run->http, &run->conn, side, n_bytes, flag, &origin);
	wire->next[side] += n_bytes;
}

// The bytes up to the next command, or to the end.
static struct slice take_text(struct slice *input) {
	size_t len = 0;
	while (len < input->len
	       && !(input->data[len] == 0xff && len + 1 < input->len
		    && memchr("csCSghef", input->data[len + 1], 8) != NULL))
		len++;
	struct slice text = slice_first(*input, len);
	*input = slice_from(*input, len);
	return text;
}

static void
play(struct run *run, const struct options *options, struct slice input, bool is_bytewise) {
	struct wire_state wire = {.next = {0xfffffff0, 0x7fffff00}};
	uint8_t side = 0;
	wire.ack[0] = wire.next[1];
	wire.ack[1] = wire.next[0];
	http_conn_init(&run->conn, !options->is_midstream);
	feed(run, options, &wire, side, take_text(&input), is_bytewise);
	while (input.len >= 2) {
		uint8_t command = input.data[1];
		input = slice_from(input, 2);
		if (memchr("csCS", command, 4) != NULL) {
			side = (command | 0x20) == 's';
			if (command >= 'a')
				wire.ack[side] = wire.next[1 - side];
		} else if (command == 'g' || command == 'h') {
			uint32_t size = input.len > 0 ? input.data[0] : 0;
			input = slice_from(input, 1);
			lose(run, &wire, command == 'h', size * size);
		} else {
			http_end(&run->http, &run->conn, command == 'f', &run->key);
		}
		feed(run, options, &wire, side, take_text(&input), is_bytewise);
		if (run->http.done.n > 8 && !options->is_short_of_memory) {
			check_done(run);
			run_pop(run);
		}
	}
	http_close(&run->http, &run->conn, options->close_flag, &run->key);
	check_done(run);
	run_pop(run);
	check(!run_has_leak(run));
	check(counters_traces_closed(&run->counters));
}

static int compare_lines(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

// The order in which traces leave may differ: a segment that ends one message may end a wait too.
static void sort_lines(struct run *run) {
	char *lines[4096];
	size_t n = 0;
	for (char *line = strtok(run->text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		lines[n++] = line;
	qsort(lines, n, sizeof(*lines), compare_lines);
	char *sorted = malloc(sizeof(run->text));
	size_t len = 0;
	sorted[0] = 0;
	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(sorted + len, "%s\n", lines[i]);
	memcpy(run->text, sorted, len + 1);
	free(sorted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size < 1 || size > 4096)
		return 0;
	struct options options = options_of(data[0]);
	struct slice input = slice_of(data + 1, size - 1);
	uint32_t n_blocks = options.is_short_of_memory ? 5 : 512;
	size_t large_bytes = options.is_short_of_memory ? 1 : 65536;
	struct run *whole = run_create(&options.limits, n_blocks, large_bytes);
	struct run *bytewise = run_create(&options.limits, n_blocks, large_bytes);
	play(whole, &options, input, false);
	play(bytewise, &options, input, true);
	// Lost ways are found again at the start of a segment, so there they may differ.
	bool is_lost = options.is_midstream || options.is_short_of_memory
		|| whole->counters.events[COUNTER_HTTP_RESYNCS] > 0
		|| bytewise->counters.events[COUNTER_HTTP_RESYNCS] > 0;
	sort_lines(whole);
	sort_lines(bytewise);
	check(is_lost || strcmp(whole->text, bytewise->text) == 0);
	run_free(whole);
	run_free(bytewise);
	return 0;
}
