#include "exporter.h"

#include <rte_cycles.h>

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Asleep, it looks after 100 us, 200 us, ... 6.4 ms.
#define SLEEP_FIRST_NS 100000u
#define SLEEP_DOUBLINGS 6u

#define GRACE_NS 1000000000u // for a thread to end that was told to drop what it has

enum {
	AWAKE,
	ASLEEP,
};

struct batch {
	uint8_t *data; // room for batch_bytes and a line more
	size_t size;
	size_t len;
	uint32_t n_lines;
	uint64_t since_ns; // when the first line came
};

struct exporter {
	struct counters counters; // exporter: wo, others: relaxed reads
	struct exporter_cost cost; // exporter: wo, others: relaxed reads

	_Atomic uint32_t sleep; // AWAKE or ASLEEP; a futex. exporter: rw, others: ASLEEP to AWAKE
	atomic_bool is_stopping; // exporter: ro, exporter_stop: wo
	atomic_bool is_giving_up; // exporter: ro, exporter_stop: wo

	struct exporter_config config;
	struct exporter_lane *lanes;
	struct sink **sinks;
	struct trace_encoder *encoder;
	struct batch batch;
	pthread_t thread;
	cpu_set_t cpus;
	bool is_started;
};

static uint64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct timespec timespec_of(uint64_t ns) {
	return (struct timespec) {
		.tv_sec = (time_t)(ns / 1000000000u),
		.tv_nsec = (long)(ns % 1000000000u),
	};
}

// A batch that is empty but for the last line that filled it: its pages beyond what lines reach are
// never touched.
static int batch_init(struct batch *batch, size_t size) {
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (data == MAP_FAILED)
		return -ENOMEM;
	batch->data = data;
	batch->size = size;
	return 0;
}

static void *copy_of(const void *array, size_t size) {
	void *copy = malloc(size + 1);
	if (copy != NULL && size > 0)
		memcpy(copy, array, size);
	return copy;
}

static int exporter_init(struct exporter *exporter, const struct exporter_config *config) {
	exporter->config = *config;
	exporter->lanes = copy_of(config->lanes, config->n_lanes * sizeof(*config->lanes));
	exporter->sinks = copy_of(config->sinks, config->n_sinks * sizeof(void *));
	if (exporter->lanes == NULL || exporter->sinks == NULL)
		return -ENOMEM;
	if (config->cpus != NULL)
		exporter->cpus = *config->cpus;
	exporter->encoder = trace_encoder_create(&config->limits, config->environment);
	if (exporter->encoder == NULL)
		return -errno;
	return batch_init(&exporter->batch, config->batch_bytes + trace_line_max(&config->limits));
}

size_t exporter_memory(const struct exporter_config *config) {
	return sizeof(struct exporter) + trace_encoder_memory(&config->limits) + config->batch_bytes
		+ trace_line_max(&config->limits);
}

struct exporter *exporter_create(const struct exporter_config *config) {
	struct exporter *exporter = aligned_alloc(64, RTE_ALIGN(sizeof(*exporter), 64));
	if (exporter == NULL)
		return NULL;
	memset(exporter, 0, sizeof(*exporter));
	int rc = exporter_init(exporter, config);
	if (rc < 0) {
		exporter_free(exporter);
		errno = -rc;
		return NULL;
	}
	return exporter;
}

void exporter_free(struct exporter *exporter) {
	if (exporter == NULL)
		return;
	trace_encoder_free(exporter->encoder);
	if (exporter->batch.data != NULL)
		munmap(exporter->batch.data, exporter->batch.size);
	free(exporter->lanes);
	free(exporter->sinks);
	free(exporter);
}

static void flush(struct exporter *exporter) {
	struct batch *batch = &exporter->batch;
	if (batch->n_lines == 0)
		return;
	uint64_t start = rte_rdtsc();
	uint32_t n_taken = batch->n_lines;
	for (uint32_t i = 0; i < exporter->config.n_sinks; i++) {
		struct slice lines = slice_of(batch->data, batch->len);
		uint32_t n = sink_write(exporter->sinks[i], lines, batch->n_lines);
		n_taken = n < n_taken ? n : n_taken;
	}
	counters_add(&exporter->counters, COUNTER_TRACES_EXPORTED, n_taken);
	counters_trace_drop(&exporter->counters, TRACE_DROP_SINK_FAILED, batch->n_lines - n_taken);
	exporter->cost.bytes += batch->len;
	exporter->cost.write_cycles += rte_rdtsc() - start;
	batch->len = 0;
	batch->n_lines = 0;
}

static void encode(struct exporter *exporter, const struct message *trace) {
	struct batch *batch = &exporter->batch;
	if (exporter->config.observe != NULL)
		exporter->config.observe(exporter->config.observe_arg, trace);
	batch->len += trace_encode(exporter->encoder, trace, batch->data + batch->len);
	batch->n_lines++;
	if (batch->len >= exporter->config.batch_bytes)
		flush(exporter);
}

// Undoing content codings is what costs most, and who sends a body decides how much.
static bool is_behind(const struct exporter *exporter, const struct exporter_lane *lane) {
	return exporter->config.may_shed
		&& rte_ring_count(lane->finished) > rte_ring_get_capacity(lane->finished) / 2;
}

static void encode_burst(struct exporter *exporter, struct message *const traces[], uint32_t n) {
	uint64_t start = rte_rdtsc() - exporter->cost.write_cycles;
	const atomic_int_least64_t *shift_ns = exporter->config.clock_shift_ns;
	if (shift_ns != NULL)
		trace_encoder_set_shift(
			exporter->encoder, atomic_load_explicit(shift_ns, memory_order_relaxed)
		);
	for (uint32_t step = 0; step < n + TRACE_PREFETCH_STEPS; step++) {
		trace_prefetch(traces, n, step);
		if (step >= TRACE_PREFETCH_STEPS)
			encode(exporter, traces[step - TRACE_PREFETCH_STEPS]);
	}
	exporter->cost.encode_cycles += rte_rdtsc() - exporter->cost.write_cycles - start;
}

// One burst; returns how many traces it had.
static uint32_t export_lane(struct exporter *exporter, const struct exporter_lane *lane) {
	struct message *traces[EXPORTER_BURST];
	trace_encoder_set_shedding(exporter->encoder, is_behind(exporter, lane));
	uint32_t n =
		rte_ring_sc_dequeue_burst(lane->finished, (void **)traces, EXPORTER_BURST, NULL);
	if (n == 0)
		return 0;
	if (atomic_load_explicit(&exporter->is_giving_up, memory_order_relaxed))
		counters_trace_drop(&exporter->counters, TRACE_DROP_SINK_FAILED, n);
	else
		encode_burst(exporter, traces, n);
	uint32_t n_back = rte_ring_sp_enqueue_bulk(lane->done, (void **)traces, n, NULL);
	assert(n_back == n);
	return n_back;
}

static uint32_t export_lanes(struct exporter *exporter) {
	uint32_t n = 0;
	for (uint32_t i = 0; i < exporter->config.n_lanes; i++)
		n += export_lane(exporter, &exporter->lanes[i]);
	return n;
}

// How long the batch may still wait; 0 when it is due. It counts from the round after its first
// line, which spares a look at the clock for every trace.
static uint64_t flush_wait_ns(struct exporter *exporter) {
	struct batch *batch = &exporter->batch;
	if (batch->n_lines == 0) {
		batch->since_ns = 0;
		return UINT64_MAX;
	}
	uint64_t now = now_ns();
	if (batch->since_ns == 0)
		batch->since_ns = now;
	uint64_t due = batch->since_ns + exporter->config.flush_ns;
	return now >= due ? 0 : due - now;
}

static bool has_work(const struct exporter *exporter) {
	for (uint32_t i = 0; i < exporter->config.n_lanes; i++) {
		if (!rte_ring_empty(exporter->lanes[i].finished))
			return true;
	}
	return atomic_load(&exporter->is_stopping);
}

static void futex_wait(_Atomic uint32_t *word, uint32_t value, uint64_t timeout_ns) {
	struct timespec timeout = timespec_of(timeout_ns);
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &timeout, NULL, 0);
}

static void sleep_for(struct exporter *exporter, uint64_t timeout_ns) {
	atomic_store(&exporter->sleep, ASLEEP);
	if (!has_work(exporter))
		futex_wait(&exporter->sleep, ASLEEP, timeout_ns);
	atomic_store(&exporter->sleep, AWAKE);
}

void exporter_wake(struct exporter *exporter) {
	if (atomic_load_explicit(&exporter->sleep, memory_order_relaxed) == AWAKE)
		return;
	atomic_store(&exporter->sleep, AWAKE);
	syscall(SYS_futex, &exporter->sleep, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *exporter_main(void *arg) {
	struct exporter *exporter = arg;
	unsigned n_idle = 0;
	for (;;) {
		// Looked at before the rings: what was queued before the stop is then found.
		bool is_stopping = atomic_load(&exporter->is_stopping);
		uint32_t n = export_lanes(exporter);
		uint64_t wait_ns = flush_wait_ns(exporter);
		if (wait_ns == 0)
			flush(exporter);
		if (n > 0) {
			n_idle = 0;
			continue;
		}
		if (is_stopping)
			break;
		uint64_t sleep_ns = (uint64_t)SLEEP_FIRST_NS << n_idle;
		sleep_for(exporter, sleep_ns < wait_ns ? sleep_ns : wait_ns);
		n_idle += n_idle < SLEEP_DOUBLINGS;
	}
	flush(exporter);
	return NULL;
}

int exporter_start(struct exporter *exporter) {
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_attr_init(&attr);
	if (exporter->config.cpus != NULL)
		pthread_attr_setaffinity_np(&attr, sizeof(exporter->cpus), &exporter->cpus);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&exporter->thread, &attr, exporter_main, exporter);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (rc != 0)
		return -rc;
	pthread_setname_np(exporter->thread, "exporter");
	exporter->is_started = true;
	return 0;
}

static bool join_until(struct exporter *exporter, uint64_t deadline_ns) {
	struct timespec deadline = timespec_of(deadline_ns);
	return pthread_clockjoin_np(exporter->thread, NULL, CLOCK_MONOTONIC, &deadline) == 0;
}

int exporter_stop(struct exporter *exporter, uint64_t timeout_ns) {
	uint64_t deadline_ns = now_ns() + timeout_ns;
	if (!exporter->is_started)
		return 0;
	atomic_store(&exporter->is_stopping, true);
	exporter_wake(exporter);
	bool has_ended = join_until(exporter, deadline_ns);
	if (!has_ended) {
		atomic_store(&exporter->is_giving_up, true);
		for (uint32_t i = 0; i < exporter->config.n_sinks; i++)
			atomic_store(&exporter->sinks[i]->is_giving_up, true);
		has_ended = join_until(exporter, now_ns() + GRACE_NS);
	}
	exporter->is_started = !has_ended;
	return has_ended ? 0 : -ETIMEDOUT;
}

const struct counters *exporter_counters(const struct exporter *exporter) {
	return &exporter->counters;
}

const struct exporter_cost *exporter_cost(const struct exporter *exporter) {
	return &exporter->cost;
}
