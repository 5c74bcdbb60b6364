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

#define N_LINKS_MAX 40 // as the kernel follows
#define NEW_FLAGS (O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC)

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

static const char *advice_on(int error) {
	if (error == ENOENT)
		return "; make its folder first";
	return error == EACCES ? "; run as a user who may write there" : "";
}

static int fail(const char *path, int error, struct failure *ret_failure) {
	failure_set(
		ret_failure,
		"cannot write counters to '%s': %s%s",
		path,
		strerror(error),
		advice_on(error)
	);
	return -error;
}

static bool is_writable(int fd) {
	int flags = fcntl(fd, F_GETFL);
	return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

// The standard stream that the file is: "-", or what is open as one under another name, such as
// /dev/stdout; replaced, it would be lost to who writes and reads it. -1: none.
static int stream_of(const char *path) {
	struct stat named, stream;
	if (strcmp(path, "-") == 0)
		return STDOUT_FILENO;
	if (stat(path, &named) < 0)
		return -1;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		if (is_writable(fd) && fstat(fd, &stream) == 0 && stream.st_dev == named.st_dev
		    && stream.st_ino == named.st_ino)
			return fd;
	}
	return -1;
}

// The name at the end of links, which need not be there yet.
static int follow_links(const char *path, char ret[static PATH_MAX]) {
	if (snprintf(ret, PATH_MAX, "%s", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	for (int i = 0; i < N_LINKS_MAX; i++) {
		char link[PATH_MAX];
		ssize_t len = readlink(ret, link, sizeof(link));
		if (len < 0)
			return 0;
		const char *slash = link[0] == '/' ? NULL : strrchr(ret, '/');
		size_t folder_len = slash == NULL ? 0 : (size_t)(slash + 1 - ret);
		if (folder_len + (size_t)len >= PATH_MAX)
			return -ENAMETOOLONG;
		memcpy(ret + folder_len, link, (size_t)len);
		ret[folder_len + (size_t)len] = '\0';
	}
	return -ELOOP;
}

// Whether there can be a new file in the place of the old one.
static int probe_folder(const char *path) {
	char folder[PATH_MAX];
	int r = follow_links(path, folder);
	if (r < 0)
		return r;
	char *slash = strrchr(folder, '/');
	if (slash == NULL)
		snprintf(folder, sizeof(folder), ".");
	else
		slash[slash == folder ? 1 : 0] = '\0';
	return access(folder, W_OK) < 0 ? -errno : 0;
}

int stats_probe(const char *path, struct failure *ret_failure) {
	int stream = stream_of(path);
	struct stat info;
	int r = 0;
	if (stream >= 0)
		r = is_writable(stream) ? 0 : -EBADF;
	else if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		r = -EISDIR;
	else if (is_regular(path))
		r = probe_folder(path);
	else
		r = access(path, W_OK) < 0 ? -errno : 0;
	return r < 0 ? fail(path, -r, ret_failure) : 0;
}

// Closes 'fd'.
static int write_text(int fd, const char *text) {
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
	char target[PATH_MAX], beside[PATH_MAX];
	int r = follow_links(path, target);
	if (r < 0)
		return r;
	if (snprintf(beside, sizeof(beside), "%s.%d", target, getpid()) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	r = write_text(open(beside, NEW_FLAGS, 0644), text);
	if (r == 0 && rename(beside, target) < 0)
		r = -errno;
	if (r < 0)
		unlink(beside);
	return r;
}

static int write_file(const char *path, const char *text) {
	int stream = stream_of(path);
	if (stream >= 0)
		return write_text(fcntl(stream, F_DUPFD_CLOEXEC, 0), text);
	if (is_regular(path))
		return replace(path, text);
	return write_text(open(path, O_WRONLY | O_CLOEXEC), text);
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
	int r = text == NULL ? -ENOMEM : write_file(path, text);
	free(text);
	return r < 0 ? fail(path, -r, ret_failure) : 0;
}
