#include "applier.h"

#include <stdatomic.h>

#define WORKERS_MAX 32

// Session steps are taken one by one, in order, by whoever is free.
struct crew {
	const struct applier *applier;
	bool is_delete;
	atomic_size_t next; // index into the plan; all workers: rw
	atomic_bool has_failed; // all workers: rw
	pthread_mutex_t failure_lock; // guards the two below
	int result;
	struct aws_error error;
};

static void fail_crew(struct crew *crew, int result, const struct aws_error *error) {
	pthread_mutex_lock(&crew->failure_lock);
	if (crew->result == 0) {
		crew->result = result;
		crew->error = *error;
	}
	pthread_mutex_unlock(&crew->failure_lock);
	atomic_store(&crew->has_failed, true);
}

static void work(struct crew *crew, struct client *client) {
	struct aws_error error;
	struct arena arena = arena_empty();
	struct applier applier = *crew->applier;
	const struct plan *plan = applier.plan;
	applier.client = client;
	applier.error = &error;
	applier.arena = &arena;
	while (!atomic_load(&crew->has_failed)) {
		size_t i = atomic_fetch_add(&crew->next, 1);
		if (i >= plan->n_steps)
			break;
		if (!applier_is_of(&plan->steps[i], PLAN_SESSION, crew->is_delete))
			continue;
		int result = applier_run_step(&applier, &plan->steps[i]);
		if (result < 0)
			fail_crew(crew, result, &error);
		arena_release(&arena);
	}
	arena_release(&arena);
}

static void *work_in_thread(void *ctx) {
	struct crew *crew = ctx;
	const struct apply_options *options = crew->applier->options;
	struct client *client = options->open_client(options->client_ctx);
	if (client != NULL) { // else the others do its share
		work(crew, client);
		options->close_client(options->client_ctx, client);
	}
	return NULL;
}

int applier_run_sessions(struct applier *applier, bool is_delete) {
	const struct apply_options *options = applier->options;
	struct crew crew = {
		.applier = applier,
		.is_delete = is_delete,
		.failure_lock = PTHREAD_MUTEX_INITIALIZER,
	};
	pthread_t threads[WORKERS_MAX];
	size_t n_steps = 0, n_threads = 0;
	for (size_t i = 0; i < applier->plan->n_steps; i++)
		n_steps += applier_is_of(&applier->plan->steps[i], PLAN_SESSION, is_delete);
	// This thread works as well; one more each for every few steps.
	size_t n_wanted = options->open_client == NULL ? 0 : options->n_workers;
	if (n_wanted > WORKERS_MAX)
		n_wanted = WORKERS_MAX;
	if (n_wanted > n_steps / 4)
		n_wanted = n_steps / 4;
	while (n_threads < n_wanted
	       && pthread_create(&threads[n_threads], NULL, work_in_thread, &crew) == 0)
		n_threads++;
	work(&crew, applier->client);
	for (size_t i = 0; i < n_threads; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&crew.failure_lock);
	if (crew.result < 0)
		*applier->error = crew.error;
	return crew.result;
}
