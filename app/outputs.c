#include "outputs.h"

#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CAPTURE "pcap:"
#define WAIT_MS 50
#define MEMORY_DEVICES 1 // their major number

// A file that is read or written; "-" is a standard stream.
struct named {
	const char *path;
	int stream;
};

static bool find(struct named file, struct stat *ret) {
	if (strcmp(file.path, "-") == 0)
		return fstat(file.stream, ret) == 0;
	return stat(file.path, ret) == 0;
}

static bool is_same(struct named a, struct named b, struct stat *ret) {
	struct stat of_b;
	return find(a, ret) && find(b, &of_b) && ret->st_dev == of_b.st_dev
		&& ret->st_ino == of_b.st_ino;
}

// Pipes, terminals and devices may be named twice.
static bool is_same_file(struct named a, struct named b) {
	struct stat info;
	return is_same(a, b, &info) && S_ISREG(info.st_mode);
}

// Not only for files: in a pipe or on a terminal too, lines of both would be mixed. /dev/null and its
// like may be named twice.
static bool is_same_output(struct named a, struct named b) {
	struct stat info;
	return is_same(a, b, &info)
		&& (!S_ISCHR(info.st_mode) || major(info.st_rdev) != MEMORY_DEVICES);
}

// Whether two files that are not there yet would be one: the same name in the same folder.
static bool will_be_same_file(const char *a, const char *b) {
	const char *of_a = strrchr(a, '/'), *of_b = strrchr(b, '/');
	if (strcmp(of_a == NULL ? a : of_a + 1, of_b == NULL ? b : of_b + 1) != 0)
		return false;
	struct stat a_info, b_info;
	if (lstat(a, &a_info) == 0 || lstat(b, &b_info) == 0)
		return false;
	char folder_a[PATH_MAX] = ".", folder_b[PATH_MAX] = ".";
	if (of_a != NULL)
		snprintf(folder_a, sizeof(folder_a), "%.*s", (int)(of_a + 1 - a), a);
	if (of_b != NULL)
		snprintf(folder_b, sizeof(folder_b), "%.*s", (int)(of_b + 1 - b), b);
	if (stat(folder_a, &a_info) < 0 || stat(folder_b, &b_info) < 0)
		return strcmp(folder_a, folder_b) == 0;
	return a_info.st_dev == b_info.st_dev && a_info.st_ino == b_info.st_ino;
}

static int check_inputs(
	const struct config *config,
	const char *option,
	const char *path,
	struct failure *ret_failure
) {
	struct named output = {path, STDOUT_FILENO};
	struct named read = {config->path, -1};
	const char *what = NULL;
	if (config->path != NULL && is_same_file(output, read))
		what = "the configuration";
	for (size_t i = 0; i < config->ports.n && what == NULL; i++) {
		const char *name = config->ports.items[i].name;
		struct named capture = {name + strlen(CAPTURE), STDIN_FILENO};
		if (strncmp(name, CAPTURE, strlen(CAPTURE)) == 0 && is_same_file(output, capture))
			what = "the capture to be read";
	}
	if (what == NULL)
		return 0;
	failure_set(
		ret_failure,
		"%s '%s' is %s, and would destroy it; choose another file",
		option,
		path,
		what
	);
	return -EINVAL;
}

static int check_outputs(const char *traces, const char *stats, struct failure *ret_failure) {
	struct named a = {traces, STDOUT_FILENO}, b = {stats, STDOUT_FILENO};
	bool are_both_stdout = strcmp(traces, "-") == 0 && strcmp(stats, "-") == 0;
	if (!are_both_stdout && !is_same_output(a, b) && !will_be_same_file(traces, stats))
		return 0;
	failure_set(
		ret_failure, "traces and counters would both go to '%s'; choose two files", traces
	);
	return -EINVAL;
}

int outputs_check(const struct config *config, struct failure *ret_failure) {
	const char *traces = config->traces.file, *stats = config->stats.file;
	int r = 0;
	if (traces != NULL)
		r = check_inputs(config, "the file for traces", traces, ret_failure);
	if (r == 0 && stats != NULL)
		r = check_inputs(config, "the file for counters", stats, ret_failure);
	if (r == 0 && traces != NULL && stats != NULL)
		r = check_outputs(traces, stats, ret_failure);
	return r;
}

int outputs_await_reader(const struct config *config, const atomic_bool *is_stopped) {
	const char *path = config->traces.file;
	bool is_said = config->quiet;
	struct stat info;
	if (stat(path, &info) < 0 || !S_ISFIFO(info.st_mode))
		return -ENOENT;
	for (;;) {
		int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 || errno != ENXIO)
			return fd < 0 ? -errno : fd;
		if (atomic_load(is_stopped))
			return -EINTR;
		if (!is_said)
			console_say("waiting for a reader of '%s'", path);
		is_said = true;
		poll(NULL, 0, WAIT_MS);
	}
}
