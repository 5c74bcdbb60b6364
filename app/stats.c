#include "stats.h"

#include "console.h"

#include <jansson.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

double stats_cpu_seconds(void) {
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec
		+ (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void put_counter(void *arg, const char *name, uint64_t value, const char *) {
	json_t *object = arg;
	json_object_set_new(object, name, json_integer((json_int_t)value));
}

static json_t *object_of(const struct counters *counters) {
	json_t *object = json_object();
	counters_visit(counters, put_counter, object);
	return object;
}

static json_t *ports_of(struct collector *collector) {
	json_t *ports = json_array();
	for (uint32_t i = 0; i < collector_n_ports(collector); i++) {
		struct collector_port port;
		collector_port(collector, i, &port);
		char name[PATH_MAX + 64];
		snprintf(name, sizeof(name), "%s", collector_port_name(collector, i));
		console_neutralise(name); // a file's name may be no UTF-8, which JSON is
		json_array_append_new(
			ports,
			json_pack(
				"{s:s, s:s, s:I, s:I, s:I, s:b}",
				"name",
				name,
				"trouble",
				port.trouble,
				"missed",
				(json_int_t)port.stats.n_missed,
				"errors",
				(json_int_t)port.stats.n_errors,
				"no_mbuf",
				(json_int_t)port.stats.n_no_mbuf,
				"is_missed_complete",
				port.stats.is_missed_complete
			)
		);
	}
	return ports;
}

// Exporters measure theirs always, which without the stages of lcores would be half of a profile.
static json_t *profile_of(struct collector *collector, bool is_profiled) {
	struct collector_cost costs[COLLECTOR_N_STAGES];
	collector_cost(collector, costs);
	json_t *profile = json_object();
	for (int i = 0; i < COLLECTOR_N_STAGES; i++) {
		double ns = is_profiled ? costs[i].ns_per_packet : 0;
		json_object_set_new(profile, costs[i].stage, json_real(ns));
	}
	return profile;
}

// Totals stand at the top, for those who want one number, and again under "total".
static json_t *stats_of(struct collector *collector, const struct stats_run *run) {
	struct counters total = {};
	json_t *lcores = json_array();
	for (uint32_t i = 0; i < collector_n_lcores(collector); i++) {
		struct counters counters;
		collector_counters(collector, i, &counters);
		counters_merge(&total, &counters);
		json_t *lcore = object_of(&counters);
		json_object_set_new(lcore, "lcore", json_integer(i));
		json_array_append_new(lcores, lcore);
	}
	json_t *stats = object_of(&total);
	json_object_set_new(stats, "version", json_string(PROJECT_VERSION));
	json_object_set_new(
		stats, "seconds", json_real((double)(run->ended_ns - run->started_ns) / 1e9)
	);
	json_object_set_new(stats, "cpu_seconds", json_real(stats_cpu_seconds()));
	json_object_set_new(stats, "memory.reserved", json_integer((json_int_t)run->memory));
	json_object_set_new(stats, "total", object_of(&total));
	json_object_set_new(stats, "lcores", lcores);
	json_object_set_new(stats, "ports", ports_of(collector));
	json_object_set_new(
		stats, "profile_ns_per_packet", profile_of(collector, run->is_profiled)
	);
	return stats;
}

static bool is_regular(const char *path) {
	struct stat info;
	return stat(path, &info) < 0 || S_ISREG(info.st_mode);
}

static int fail(const char *path, int error, struct failure *ret_failure) {
	failure_set(ret_failure, "cannot write counters to '%s': %s", path, strerror(error));
	return -error;
}

static bool is_stdout(const char *path) {
	return strcmp(path, "-") == 0;
}

int stats_probe(const char *path, struct failure *ret_failure) {
	if (is_stdout(path)) {
		int flags = fcntl(STDOUT_FILENO, F_GETFL);
		bool is_open = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
		return is_open ? 0 : fail(path, EBADF, ret_failure);
	}
	char folder[PATH_MAX];
	snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');
	if (slash == NULL)
		snprintf(folder, sizeof(folder), ".");
	else
		slash[slash == folder ? 1 : 0] = '\0';
	struct stat info;
	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		return fail(path, EISDIR, ret_failure);
	if (access(is_regular(path) ? folder : path, W_OK) < 0)
		return fail(path, errno, ret_failure);
	return 0;
}

static int write_text(const char *path, int flags, const char *text) {
	int fd = is_stdout(path) ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
				 : open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
	if (fd < 0)
		return -errno;
	FILE *file = fdopen(fd, "w");
	if (file == NULL) {
		int error = errno;
		close(fd);
		return -error;
	}
	int r = fprintf(file, "%s\n", text) < 0 ? -errno : 0;
	if (fclose(file) != 0 && r == 0)
		r = -errno;
	return r;
}

static int replace(const char *path, const char *text) {
	char beside[PATH_MAX];
	if (snprintf(beside, sizeof(beside), "%s.%d", path, getpid()) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	int r = write_text(beside, O_CREAT | O_TRUNC | O_NOFOLLOW, text);
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(beside);
	return r;
}

int stats_write(
	const char *path,
	struct collector *collector,
	const struct stats_run *run,
	struct failure *ret_failure
) {
	json_t *stats = stats_of(collector, run);
	char *text = json_dumps(stats, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	json_decref(stats);
	int r = -ENOMEM;
	if (text != NULL)
		r = is_regular(path) && !is_stdout(path) ? replace(path, text)
							 : write_text(path, 0, text);
	free(text);
	return r < 0 ? fail(path, -r, ret_failure) : 0;
}
