#include "outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CAPTURE "pcap:"
#define WAIT_MS 50

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

// Pipes, terminals and devices may be named twice.
static bool is_same_file(struct named a, struct named b) {
	struct stat of_a, of_b;
	return find(a, &of_a) && find(b, &of_b) && S_ISREG(of_a.st_mode)
		&& of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static int check_captures(
	const struct config *config,
	const char *option,
	const char *path,
	struct failure *ret_failure
) {
	for (size_t i = 0; i < config->ports.n; i++) {
		const char *name = config->ports.items[i].name;
		if (strncmp(name, CAPTURE, strlen(CAPTURE)) != 0)
			continue;
		struct named output = {path, STDOUT_FILENO};
		struct named capture = {name + strlen(CAPTURE), STDIN_FILENO};
		if (!is_same_file(output, capture))
			continue;
		failure_set(
			ret_failure,
			"%s '%s' is the capture to be read, and would destroy it; choose another "
			"file",
			option,
			path
		);
		return -EINVAL;
	}
	return 0;
}

static int check_outputs(const char *traces, const char *stats, struct failure *ret_failure) {
	struct named a = {traces, STDOUT_FILENO}, b = {stats, STDOUT_FILENO};
	bool are_both_stdout = strcmp(traces, "-") == 0 && strcmp(stats, "-") == 0;
	if (!are_both_stdout && !is_same_file(a, b))
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
		r = check_captures(config, "the file for traces", traces, ret_failure);
	if (r == 0 && stats != NULL)
		r = check_captures(config, "the file for counters", stats, ret_failure);
	if (r == 0 && traces != NULL && stats != NULL)
		r = check_outputs(traces, stats, ret_failure);
	return r;
}

int outputs_await_reader(const char *path, const atomic_bool *is_stopped) {
	struct stat info;
	if (stat(path, &info) < 0 || !S_ISFIFO(info.st_mode))
		return -ENOENT;
	for (;;) {
		int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 || errno != ENXIO)
			return fd < 0 ? -errno : fd;
		if (atomic_load(is_stopped))
			return -EINTR;
		poll(NULL, 0, WAIT_MS);
	}
}
