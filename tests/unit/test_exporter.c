#include "compress.h"
#include "exporter.h"
#include "trace_message.h"

#include <rte_ring.h>

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define N_LANES 3
#define RING_SIZE 64
#define MAX_LINES 4096

// Keeps what it is given; takes no more lines than it is told to.
struct sink_memory {
	struct sink sink; // first
	uint32_t n_wanted;
	_Atomic uint32_t n_lines;
	atomic_bool is_stuck; // waits until it may give up
	uint32_t n_batches;
	size_t len;
	char *text;
};

static uint32_t memory_write(struct sink *sink, struct slice lines, uint32_t n_lines) {
	struct sink_memory *memory = (struct sink_memory *)(void *)sink;
	while (atomic_load(&memory->is_stuck)) {
		if (atomic_load(&sink->is_giving_up))
			return 0;
		sched_yield();
	}
	uint32_t n = 0;
	size_t end = 0;
	for (size_t i = 0; i < lines.len && memory->n_lines + n < memory->n_wanted; i++) {
		n += lines.data[i] == '\n';
		end = lines.data[i] == '\n' ? i + 1 : end;
	}
	memory->text = realloc(memory->text, memory->len + end + 1);
	memcpy(memory->text + memory->len, lines.data, end);
	memory->len += end;
	memory->text[memory->len] = '\0';
	memory->n_batches++;
	atomic_fetch_add(&memory->n_lines, n);
	assert_true(n <= n_lines);
	return n;
}

static enum sink_state memory_status(struct sink *, char *ret, size_t) {
	ret[0] = '\0';
	return SINK_WORKS;
}

static void memory_close(struct sink *sink) {
	free(((struct sink_memory *)(void *)sink)->text);
}

static int memory_restore(struct sink *) {
	return 0;
}

static int memory_reopen(struct sink *) {
	return 0;
}

static const struct sink_type memory_type =
	{"memory", memory_write, memory_status, memory_reopen, memory_restore, memory_close};

struct fixture {
	struct message_pool *pool;
	struct exporter_lane lanes[N_LANES];
	struct sink_memory sinks[2];
	struct exporter *exporter;
};

static struct rte_ring *make_ring(unsigned size) {
	struct rte_ring *ring = NULL;
	assert_int_equal(posix_memalign((void **)&ring, 64, (size_t)rte_ring_get_memsize(size)), 0);
	assert_int_equal(rte_ring_init(ring, "test", size, RING_F_SP_ENQ | RING_F_SC_DEQ), 0);
	return ring;
}

static void set_up_shedding(
	struct fixture *f,
	uint32_t n_sinks,
	uint32_t batch_bytes,
	uint64_t flush_ns,
	bool may_shed
) {
	struct sink *sinks[2] = {&f->sinks[0].sink, &f->sinks[1].sink};
	f->pool = message_pool_create(MAX_LINES * 2, 0, 0);
	for (int i = 0; i < N_LANES; i++)
		f->lanes[i] =
			(struct exporter_lane) {make_ring(RING_SIZE), make_ring(RING_SIZE * 4)};
	for (int i = 0; i < 2; i++)
		f->sinks[i] = (struct sink_memory) {
			.sink = {.type = &memory_type},
			.n_wanted = UINT32_MAX,
		};
	const struct exporter_config config = {
		.limits = TRACE_LIMITS_DEFAULT,
		.environment = "test",
		.lanes = f->lanes,
		.n_lanes = N_LANES,
		.sinks = sinks,
		.n_sinks = n_sinks,
		.batch_bytes = batch_bytes,
		.flush_ns = flush_ns,
		.may_shed = may_shed,
	};
	f->exporter = exporter_create(&config);
	assert_non_null(f->exporter);
}

static void set_up(struct fixture *f, uint32_t n_sinks, uint32_t batch_bytes, uint64_t flush_ns) {
	set_up_shedding(f, n_sinks, batch_bytes, flush_ns, false);
}

static uint32_t take_back(struct fixture *f) {
	struct message *traces[RING_SIZE];
	uint32_t n = 0;
	for (int i = 0; i < N_LANES; i++) {
		uint32_t got = rte_ring_sc_dequeue_burst(
			f->lanes[i].done, (void **)traces, RING_SIZE, NULL
		);
		for (uint32_t j = 0; j < got; j++)
			message_free(f->pool, traces[j]);
		n += got;
	}
	return n;
}

static void tear_down(struct fixture *f) {
	while (take_back(f) > 0)
		;
	exporter_free(f->exporter);
	assert_int_equal(message_pool_n_free(f->pool), message_pool_n_blocks(f->pool));
	for (int i = 0; i < N_LANES; i++) {
		free(f->lanes[i].finished);
		free(f->lanes[i].done);
	}
	for (int i = 0; i < 2; i++)
		sink_close(&f->sinks[i].sink);
	message_pool_free(f->pool);
}

static struct message *make_trace(struct fixture *f, uint32_t nth) {
	char head[64];
	snprintf(head, sizeof(head), "GET /%u HTTP/1.1\r\n\r\n", nth);
	struct message *trace = test_request(f->pool, slice_of_string(head), slice_of("", 0));
	trace->response = test_response(
		f->pool, slice_of_string("HTTP/1.1 200 OK\r\n\r\n"), slice_of("{}", 2)
	);
	return trace;
}

// Hands over 'n' traces in turn to the lanes, and takes back what is done with, like an lcore.
static void feed(struct fixture *f, uint32_t n) {
	for (uint32_t i = 0; i < n; i++) {
		struct message *trace = make_trace(f, i);
		struct rte_ring *ring = f->lanes[i % N_LANES].finished;
		(void)take_back(f);
		while (rte_ring_sp_enqueue(ring, trace) != 0) {
			exporter_wake(f->exporter);
			sched_yield();
			(void)take_back(f);
		}
	}
}

static uint64_t exported(const struct fixture *f) {
	return exporter_counters(f->exporter)->events[COUNTER_TRACES_EXPORTED];
}

static uint64_t dropped(const struct fixture *f) {
	return exporter_counters(f->exporter)->trace_drops[TRACE_DROP_SINK_FAILED];
}

#define SECOND 1000000000u

static void exports_everything_that_was_queued_before_the_stop(void **) {
	struct fixture f;
	set_up(&f, 1, 64 << 10, 10ull * SECOND);
	assert_int_equal(exporter_start(f.exporter), 0);
	feed(&f, 3000);
	assert_int_equal(exporter_stop(f.exporter, 60ull * SECOND), 0);
	assert_int_equal(f.sinks[0].n_lines, 3000);
	assert_int_equal(exported(&f), 3000);
	assert_int_equal(dropped(&f), 0);
	// Every trace once, and those of a lane in order.
	uint32_t next[N_LANES] = {0, 1, 2};
	for (char *line = f.sinks[0].text; *line != '\0'; line = strchr(line, '\n') + 1) {
		uint32_t nth = (uint32_t)strtoul(strstr(line, "\"path\":\"/") + 9, NULL, 10);
		assert_int_equal(nth, next[nth % N_LANES]);
		next[nth % N_LANES] += N_LANES;
	}
	assert_int_equal(exporter_cost(f.exporter)->bytes, f.sinks[0].len);
	assert_true(exporter_cost(f.exporter)->encode_cycles > 0);
	assert_true(f.sinks[0].n_batches < 100);
	tear_down(&f);
}

static void hands_a_part_of_a_batch_over_when_it_is_due(void **) {
	struct fixture f;
	set_up(&f, 1, 64 << 10, 1000);
	assert_int_equal(exporter_start(f.exporter), 0);
	feed(&f, 5);
	while (atomic_load(&f.sinks[0].n_lines) < 5)
		sched_yield();
	assert_int_equal(exporter_stop(f.exporter, 60ull * SECOND), 0);
	assert_int_equal(exported(&f), 5);
	tear_down(&f);
}

static void counts_what_a_sink_does_not_take(void **) {
	struct fixture f;
	set_up(&f, 2, 1000, 10ull * SECOND);
	f.sinks[1].n_wanted = 100;
	assert_int_equal(exporter_start(f.exporter), 0);
	feed(&f, 300);
	assert_int_equal(exporter_stop(f.exporter, 60ull * SECOND), 0);
	assert_int_equal(f.sinks[0].n_lines, 300);
	assert_int_equal(f.sinks[1].n_lines, 100);
	assert_int_equal(exported(&f), 100);
	assert_int_equal(dropped(&f), 200);
	tear_down(&f);
}

static void drops_and_counts_when_the_time_to_stop_is_over(void **) {
	struct fixture f;
	set_up(&f, 1, 1000, 10ull * SECOND);
	f.sinks[0].is_stuck = true;
	assert_int_equal(exporter_start(f.exporter), 0);
	feed(&f, 50);
	assert_int_equal(exporter_stop(f.exporter, SECOND / 100), 0);
	assert_int_equal(exported(&f), 0);
	assert_int_equal(dropped(&f), 50);
	tear_down(&f);
}

static void works_without_a_sink(void **) {
	struct fixture f;
	set_up(&f, 0, 1000, 10ull * SECOND);
	assert_int_equal(exporter_start(f.exporter), 0);
	feed(&f, 50);
	assert_int_equal(exporter_stop(f.exporter, 60ull * SECOND), 0);
	assert_int_equal(exported(&f), 50);
	tear_down(&f);
}

static void wakes_when_it_is_asked_to(void **) {
	struct fixture f;
	set_up(&f, 1, 1, 10ull * SECOND);
	assert_int_equal(exporter_start(f.exporter), 0);
	for (uint32_t i = 1; i <= 20; i++) {
		feed(&f, 1);
		exporter_wake(f.exporter);
		while (atomic_load(&f.sinks[0].n_lines) < i)
			sched_yield();
	}
	assert_int_equal(exporter_stop(f.exporter, 60ull * SECOND), 0);
	assert_int_equal(f.sinks[0].n_batches, 20);
	tear_down(&f);
}

static uint32_t count(const char *text, const char *what) {
	uint32_t n = 0;
	for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what))
		n++;
	return n;
}

static struct message *make_coded_trace(struct fixture *f) {
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
	struct message *trace = make_trace(f, 0);
	struct coded body = test_gzip("text", 4);
	message_free(f->pool, trace->response);
	trace->response =
		test_response(f->pool, slice_of_string(head), slice_of(body.data, body.len));
	free(body.data);
	return trace;
}

// A burst of a lane that is more than half full, and then the rest.
static void does_not_decode_while_a_lane_fills_up(void **) {
	for (int may_shed = 0; may_shed < 2; may_shed++) {
		struct fixture f = {};
		const uint32_t n = EXPORTER_BURST + 8;
		set_up_shedding(&f, 1, 1 << 20, 1000000000, may_shed);
		for (uint32_t i = 0; i < n; i++)
			assert_int_equal(
				rte_ring_sp_enqueue(f.lanes[0].finished, make_coded_trace(&f)), 0
			);
		assert_int_equal(exporter_start(f.exporter), 0);
		assert_int_equal(exporter_stop(f.exporter, 10000000000), 0);
		const char *text = f.sinks[0].text;
		uint32_t n_shed = may_shed ? EXPORTER_BURST : 0;
		assert_int_equal(count(text, "\"flags\":[\"body_shed\"]"), n_shed);
		assert_int_equal(count(text, "\"responseBody\":{\"omitted\":\"shed\""), n_shed);
		assert_int_equal(count(text, "\"body\":\"text\""), n - n_shed);
		tear_down(&f);
	}
}

static void may_be_freed_without_a_start(void **) {
	struct fixture f;
	set_up(&f, 1, 1000, SECOND);
	assert_int_equal(exporter_stop(f.exporter, SECOND), 0);
	tear_down(&f);
	exporter_free(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exports_everything_that_was_queued_before_the_stop),
		cmocka_unit_test(hands_a_part_of_a_batch_over_when_it_is_due),
		cmocka_unit_test(counts_what_a_sink_does_not_take),
		cmocka_unit_test(drops_and_counts_when_the_time_to_stop_is_over),
		cmocka_unit_test(works_without_a_sink),
		cmocka_unit_test(wakes_when_it_is_asked_to),
		cmocka_unit_test(does_not_decode_while_a_lane_fills_up),
		cmocka_unit_test(may_be_freed_without_a_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
