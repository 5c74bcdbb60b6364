#include "outputs.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#define CAPTURE "pcap:"

// Pipes, terminals and devices may be named twice; "-" is a standard stream.
static bool is_same_file(const char *a, const char *b) {
	struct stat of_a, of_b;
	if (strcmp(a, "-") == 0 || strcmp(b, "-") == 0)
		return false;
	bool has_a = stat(a, &of_a) == 0, has_b = stat(b, &of_b) == 0;
	if (!has_a && !has_b)
		return strcmp(a, b) == 0;
	return has_a && has_b && S_ISREG(of_a.st_mode) && of_a.st_dev == of_b.st_dev
		&& of_a.st_ino == of_b.st_ino;
}

static int check_captures(
	const struct config *config,
	const char *option,
	const char *path,
	struct failure *ret_failure
) {
	for (size_t i = 0; i < config->ports.n; i++) {
		const char *name = config->ports.items[i].name;
		if (strncmp(name, CAPTURE, strlen(CAPTURE)) != 0
		    || !is_same_file(path, name + strlen(CAPTURE)))
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

int outputs_check(const struct config *config, struct failure *ret_failure) {
	const char *traces = config->traces.file, *stats = config->stats.file;
	int r = 0;
	if (traces != NULL)
		r = check_captures(config, "the file for traces", traces, ret_failure);
	if (r == 0 && stats != NULL)
		r = check_captures(config, "the file for counters", stats, ret_failure);
	if (r == 0 && traces != NULL && stats != NULL && is_same_file(traces, stats)) {
		failure_set(
			ret_failure,
			"traces and counters would both go to '%s'; choose two files",
			traces
		);
		r = -EINVAL;
	}
	return r;
}
