#include "room.h"

#include "sizing.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define STACK_BYTES ((size_t)128 << 10) // so that memory is not what is short
#define GONE_MS 200 // for threads that have ended, until the kernel does not count them any more

int room_for_files(const struct config *config, struct failure *ret_failure) {
	struct rlimit limit;
	rlim_t n_files = sizing_files(config);
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= n_files)
		return 0;
	limit.rlim_cur = n_files;
	if (n_files <= limit.rlim_max && setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return 0;
	failure_set(
		ret_failure,
		"too few files may be open at a time ('ulimit -n'): at least %ju are needed",
		(uintmax_t)n_files
	);
	return -EMFILE;
}

static void *wait_for_end(void *gate) {
	pthread_mutex_lock(gate);
	pthread_mutex_unlock(gate);
	return NULL;
}

// Each thread of a process is a folder there. 0: unknown.
static nlink_t n_tasks(void) {
	struct stat tasks;
	return stat("/proc/self/task", &tasks) < 0 ? 0 : tasks.st_nlink;
}

// A thread that was joined may still be on its way out, and counts until then.
static void await_n_tasks(nlink_t n) {
	for (int ms = 0; ms < GONE_MS && n_tasks() > n; ms++)
		poll(NULL, 0, 1);
}

// Starts as many as it can of 'n' threads, all alive at once; returns how many those were.
static uint32_t try_threads(pthread_t *threads, uint32_t n) {
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	pthread_attr_t attr;
	nlink_t n_before = n_tasks();
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_mutex_lock(&gate);
	uint32_t n_started = 0;
	while (n_started < n && pthread_create(&threads[n_started], &attr, wait_for_end, &gate) == 0
	)
		n_started++;
	pthread_mutex_unlock(&gate);
	for (uint32_t i = 0; i < n_started; i++)
		pthread_join(threads[i], NULL);
	pthread_attr_destroy(&attr);
	pthread_mutex_destroy(&gate);
	await_n_tasks(n_before);
	return n_started;
}

int room_for_threads(const struct config *config, struct failure *ret_failure) {
	uint32_t n = sizing_threads(config);
	pthread_t *threads = calloc(n, sizeof(*threads));
	if (threads == NULL) {
		failure_set(ret_failure, "out of memory");
		return -ENOMEM;
	}
	uint32_t n_started = 1 + try_threads(threads, n - 1); // with this one
	free(threads);
	if (n_started >= n)
		return 0;
	failure_set(
		ret_failure,
		"too few threads may run: %u are needed, and only %u can be had; raise the limit "
		"of the user ('ulimit -u'), of the service (TasksMax= of systemd) or of the "
		"container (pids.max of the cgroup), or use fewer lcores",
		n,
		n_started
	);
	return -EAGAIN;
}
