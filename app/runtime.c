#include "runtime.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_matches(glob_t *found, const char *base) {
	char pattern[PATH_MAX];
	if (base == NULL)
		return;
	snprintf(pattern, sizeof(pattern), "%s/dpdk/" RUNTIME_PREFIX "*", base);
	glob(pattern, found->gl_pathv == NULL ? 0 : GLOB_APPEND, NULL, found);
}

static bool is_repeated(const glob_t *found, size_t i) {
	for (size_t j = 0; j < i; j++) {
		if (strcmp(found->gl_pathv[i], found->gl_pathv[j]) == 0)
			return true;
	}
	return false;
}

void runtime_each(runtime_each_fn *each, void *arg) {
	// As EAL chooses them: root's folder, a service's RuntimeDirectory, a user's.
	glob_t found = {};
	add_matches(&found, "/run");
	add_matches(&found, "/run/*");
	add_matches(&found, getenv("XDG_RUNTIME_DIR"));
	add_matches(&found, "/tmp");
	bool goes_on = true;
	for (size_t i = 0; i < found.gl_pathc && goes_on; i++) {
		const char *folder = found.gl_pathv[i];
		const char *number = strrchr(folder, '/') + sizeof(RUNTIME_PREFIX);
		char *end;
		long pid = strtol(number, &end, 10);
		if (*number != '\0' && *end == '\0' && pid > 0 && pid <= INT_MAX
		    && !is_repeated(&found, i))
			goes_on = each(arg, folder, (int)pid);
	}
	globfree(&found);
}

void runtime_remove(const char *folder) {
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/" RUNTIME_SOCKET, folder);
	unlink(path);
	rmdir(folder);
}

static bool remove_dead(void *, const char *folder, int pid) {
	if (kill(pid, 0) < 0 && errno == ESRCH)
		runtime_remove(folder);
	return true;
}

void runtime_clean(void) {
	runtime_each(remove_dead, NULL);
}
