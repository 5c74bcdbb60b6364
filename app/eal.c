#include "eal.h"

#include "free_memory.h"
#include "lcore_map.h"
#include "port.h"
#include "runtime.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define N_ARGS_MAX 160
#define LAST_WORDS_MAX 256

struct eal {
	int n_args;
	bool is_short; // an argument did not fit, or there was no memory for it
	char *args[N_ARGS_MAX + 1];
	char *given[N_ARGS_MAX + 1]; // the same, for EAL, which moves them about
	bool has_huge_pages;
	FILE *nowhere; // where DPDK's log goes once it has started
	char runtime_dir[256];
};

static void __attribute__((format(printf, 2, 3)))
add_arg(struct eal *eal, const char *format, ...) {
	char *text = NULL;
	va_list args;
	va_start(args, format);
	if (eal->n_args == N_ARGS_MAX || vasprintf(&text, format, args) < 0)
		eal->is_short = true;
	else
		eal->args[eal->n_args++] = text;
	va_end(args);
}

static void eal_free(struct eal *eal) {
	for (int i = 0; i < eal->n_args; i++)
		free(eal->args[i]);
	free(eal);
}

// All of it is used at once: where it is not there the kernel would end the program, or another.
static int check_memory(size_t memory, struct failure *ret_failure) {
	uint64_t n_free = free_memory("");
	if (memory <= n_free)
		return 0;
	failure_set(
		ret_failure,
		"no memory for packet buffers: %zu MiB are asked for and %" PRIu64
		" MiB are there; ask for less in \"memory\" (\"frames\") or use fewer queues",
		memory >> 20,
		n_free >> 20
	);
	return -ENOMEM;
}

// Devices are allowed one by one, and huge pages are used only where a device needs them.
static int add_devices(
	struct eal *eal,
	const struct config *config,
	size_t memory,
	struct failure *ret_failure
) {
	const char **names = calloc(config->ports.n + 1, sizeof(*names));
	if (names == NULL) {
		failure_set(ret_failure, "out of memory");
		return -1;
	}
	for (size_t i = 0; i < config->ports.n; i++)
		names[i] = config->ports.items[i].name;
	struct port_eal_args ports;
	struct port_error error;
	int r = port_eal_args(names, config->ports.n, &ports, &error);
	free(names);
	if (r < 0) {
		failure_set(ret_failure, "%s", error.text);
		return r;
	}
	for (uint32_t i = 0; i < ports.n_args; i++)
		add_arg(eal, "%s", ports.args[i]);
	eal->has_huge_pages = ports.needs_huge_pages;
	if (eal->has_huge_pages) {
		add_arg(eal, "--in-memory");
		return 0;
	}
	if (check_memory(memory, ret_failure) < 0)
		return -1;
	add_arg(eal, "--no-huge");
	add_arg(eal, "--no-shconf"); // what --in-memory is with huge pages
	add_arg(eal, "-m");
	add_arg(eal, "%zu", (memory >> 20) + 1);
	return 0;
}

static int make_args(
	struct eal *eal,
	const struct config *config,
	size_t memory,
	struct failure *ret_failure
) {
	cpu_set_t usable;
	if (sched_getaffinity(0, sizeof(usable), &usable) < 0) {
		CPU_ZERO(&usable);
		CPU_SET(0, &usable);
	}
	char *map = lcore_map(config, &usable, ret_failure);
	if (map == NULL)
		return -1;
	add_arg(eal, "%s", program_invocation_short_name);
	add_arg(eal, "--lcores");
	add_arg(eal, "%s", map);
	free(map);
	add_arg(eal, "--main-lcore");
	add_arg(eal, "0");
	add_arg(eal, "--file-prefix");
	add_arg(eal, RUNTIME_PREFIX "%d", getpid());
	if (add_devices(eal, config, memory, ret_failure) < 0)
		return -1;
	for (size_t i = 0; i < config->eal_args.n; i++)
		add_arg(eal, "%s", config->eal_args.items[i]);
	if (eal->is_short) {
		failure_set(ret_failure, "too many arguments for DPDK: see \"eal_args\"");
		return -1;
	}
	memcpy(eal->given, eal->args, sizeof(eal->given));
	return 0;
}

// The last line that says something, without DPDK's "EAL: " and full stop. Closes 'fd'.
static void last_words(int fd, char *ret, size_t ret_size) {
	char *line = NULL;
	size_t size = 0;
	snprintf(ret, ret_size, "it said nothing");
	FILE *said = fdopen(fd, "r");
	if (said == NULL) {
		close(fd);
		return;
	}
	rewind(said);
	while (getline(&line, &size, said) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "EAL: ", 5) == 0)
			snprintf(ret, ret_size, "%s", line + 5);
	}
	free(line);
	fclose(said);
	size_t len = strlen(ret);
	if (len > 0 && ret[len - 1] == '.')
		ret[len - 1] = '\0';
}

// Runs rte_eal_init() with standard error in a file of memory, and without standard output: EAL prints
// its usage there, and drivers print where they like.
static int init_in_silence(struct eal *eal, char *ret_words, size_t ret_size) {
	fflush(stdout);
	fflush(stderr);
	int file = memfd_create("eal", MFD_CLOEXEC),
	    nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	bool is_silent = file >= 0 && nowhere >= 0 && out >= 0 && err >= 0;
	if (is_silent) {
		dup2(nowhere, STDOUT_FILENO);
		dup2(file, STDERR_FILENO);
	}
	int r = rte_eal_init(eal->n_args, eal->given);
	fflush(stdout);
	fflush(stderr);
	if (is_silent) {
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
	}
	last_words(file, ret_words, ret_size);
	close(nowhere);
	close(out);
	close(err);
	return r;
}

struct eal *eal_start(const struct config *config, size_t memory, struct failure *ret_failure) {
	struct eal *eal = calloc(1, sizeof(*eal));
	if (eal == NULL) {
		failure_set(ret_failure, "out of memory");
		return NULL;
	}
	if (make_args(eal, config, memory, ret_failure) < 0) {
		eal_free(eal);
		return NULL;
	}
	char words[LAST_WORDS_MAX] = "see above";
	int r = config->verbose ? rte_eal_init(eal->n_args, eal->given)
				: init_in_silence(eal, words, sizeof(words));
	if (r < 0) {
		failure_set(
			ret_failure,
			"cannot start DPDK (with %zu MiB of %s): %s: %s%s%s; --verbose shows more",
			(memory >> 20) + 1,
			eal->has_huge_pages ? "huge pages" : "memory",
			rte_strerror(rte_errno),
			words,
			eal->has_huge_pages ? "; a pci port needs root and huge pages" : "",
			config->eal_args.n > 0 ? "; see \"eal_args\" of the configuration" : ""
		);
		eal_free(eal);
		return NULL;
	}
	snprintf(eal->runtime_dir, sizeof(eal->runtime_dir), "%s", rte_eal_get_runtime_dir());
	runtime_clean(eal->runtime_dir);
	if (!config->verbose) {
		eal->nowhere = fopen("/dev/null", "we");
		if (eal->nowhere != NULL)
			rte_openlog_stream(eal->nowhere);
	}
	return eal;
}

void eal_stop(struct eal *eal) {
	if (eal == NULL)
		return;
	rte_eal_cleanup();
	runtime_remove(eal->runtime_dir); // EAL leaves it behind
	if (eal->nowhere != NULL) {
		rte_openlog_stream(NULL);
		fclose(eal->nowhere);
	}
	eal_free(eal);
}
