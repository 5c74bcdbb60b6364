#include "worker_priv.h"

#include <time.h>

// With a live port, time is the clock's. Else it is the captures': what expires is decided by the one
// that is furthest behind, whichever lcore reads it, so that every frame still to come is later and
// the traces are the same however the work is divided. What a worker has read up to is told to
// another once all frames before it are in the ring between them; it counts there when those frames
// are done with.

#define TELL_NS 1000000u // no more often
#define QUIET_ROUNDS 1000 // after which a pipe without bytes holds nobody up
#define FOR_EVER UINT64_MAX // no frames will come

static uint64_t clock_ns(clockid_t clock) {
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void worker_time_init(struct worker *w) {
	w->clock_offset_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
}

uint64_t worker_time_of_day(const struct worker *w) {
	return clock_ns(CLOCK_MONOTONIC) + w->clock_offset_ns;
}

// Silent for so long, and nobody knows when it goes on.
static bool is_quiet_pipe(const struct worker *w, uint16_t i) {
	return w->n_silent[i] > QUIET_ROUNDS && port_progress(w->config.queues[i].port) < 0;
}

// Every frame that this worker still receives is later.
static uint64_t own_time(const struct worker *w) {
	uint64_t time_ns = FOR_EVER;
	for (uint16_t i = 0; i < w->config.n_queues; i++) {
		if (w->clocks[i].now_ns < time_ns && !port_is_done(w->config.queues[i].port)
		    && !is_quiet_pipe(w, i))
			time_ns = w->clocks[i].now_ns;
	}
	return time_ns;
}

void worker_time_tell(struct worker *w) {
	const struct worker_group_config *group = &w->group->config;
	uint64_t own_ns = own_time(w);
	for (uint16_t to = 0; group->is_lossless && to < group->n_workers; to++) {
		uint64_t told_ns = atomic_load_explicit(&w->told_ns[to], memory_order_relaxed);
		if (w->outboxes[to].n == 0 && own_ns != told_ns && own_ns - told_ns >= TELL_NS)
			atomic_store_explicit(&w->told_ns[to], own_ns, memory_order_release);
	}
}

void worker_time_ask(struct worker *w, uint16_t from) {
	struct worker_hearsay *hearsay = &w->hearsay[from];
	const struct worker *other = w->group->workers[from];
	if (!w->group->config.is_lossless || hearsay->n_before > 0)
		return;
	hearsay->time_ns = hearsay->next_ns;
	hearsay->next_ns =
		atomic_load_explicit(&other->told_ns[w->config.index], memory_order_acquire);
	hearsay->n_before = shard_count(w->group->config.mesh, from, w->config.index);
}

static bool has_live_port(const struct worker *w) {
	for (uint16_t i = 0; i < w->config.n_queues; i++) {
		if (port_is_live(w->config.queues[i].port))
			return true;
	}
	return false;
}

void worker_time_update(struct worker *w) {
	const struct worker_group_config *group = &w->group->config;
	if (!group->is_lossless) {
		if (!has_live_port(w)) // else it was read before frames were received
			w->now_ns = worker_time_of_day(w);
		return;
	}
	uint64_t time_ns = own_time(w);
	for (uint16_t from = 0; from < group->n_workers; from++) {
		if (from != w->config.index && w->hearsay[from].time_ns < time_ns)
			time_ns = w->hearsay[from].time_ns;
	}
	if (time_ns != FOR_EVER && time_ns > w->now_ns)
		w->now_ns = time_ns;
}

void worker_time_end_source(struct worker *w) {
	uint64_t end_ns = 0;
	for (uint16_t i = 0; i < w->config.n_queues; i++)
		end_ns = RTE_MAX(end_ns, w->clocks[i].now_ns);
	atomic_store(&w->end_ns, end_ns);
}

void worker_time_end(struct worker *w) {
	for (uint16_t i = 0; i < w->group->config.n_workers; i++)
		w->now_ns = RTE_MAX(w->now_ns, atomic_load(&w->group->workers[i]->end_ns));
}
