#include "runtime.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_matches(glob_t *found, const char *folder) {
	char pattern[PATH_MAX + sizeof(RUNTIME_PREFIX) + 2];
	snprintf(pattern, sizeof(pattern), "%s/" RUNTIME_PREFIX "*", folder);
	glob(pattern, found->gl_pathv == NULL ? 0 : GLOB_APPEND, NULL, found);
}

static bool is_repeated(const glob_t *found, size_t i) {
	for (size_t j = 0; j < i; j++) {
		if (strcmp(found->gl_pathv[i], found->gl_pathv[j]) == 0)
			return true;
	}
	return false;
}

static void each_of(glob_t *found, runtime_each_fn *each, void *arg) {
	bool goes_on = true;
	for (size_t i = 0; i < found->gl_pathc && goes_on; i++) {
		const char *folder = found->gl_pathv[i];
		const char *number = strrchr(folder, '/') + sizeof(RUNTIME_PREFIX);
		char *end;
		long pid = strtol(number, &end, 10);
		bool is_pid = *number != '\0' && *end == '\0' && pid > 0 && pid <= INT_MAX;
		if (is_pid && !is_repeated(found, i))
			goes_on = each(arg, folder, (int)pid);
	}
}

void runtime_each(runtime_each_fn *each, void *arg) {
	// As EAL chooses them: root's folder, a service's RuntimeDirectory, a user's.
	glob_t found = {};
	add_matches(&found, RUNTIME_ROOT);
	add_matches(&found, "/run/*/dpdk");
	add_matches(&found, "/tmp/dpdk");
	const char *mine = getenv("XDG_RUNTIME_DIR");
	char folder[PATH_MAX];
	if (mine != NULL && snprintf(folder, sizeof(folder), "%s/dpdk", mine) < (int)sizeof(folder))
		add_matches(&found, folder);
	each_of(&found, each, arg);
	globfree(&found);
}

void runtime_remove(const char *folder) {
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/" RUNTIME_SOCKET, folder);
	unlink(path);
	rmdir(folder);
}

bool runtime_is_dead(int pid) {
	return kill(pid, 0) < 0 && errno == ESRCH;
}

static bool remove_dead(void *, const char *folder, int pid) {
	if (runtime_is_dead(pid))
		runtime_remove(folder);
	return true;
}

void runtime_clean(const char *folder) {
	glob_t found = {};
	char beside[PATH_MAX];
	snprintf(beside, sizeof(beside), "%s", folder);
	char *slash = strrchr(beside, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	add_matches(&found, beside);
	each_of(&found, remove_dead, NULL);
	globfree(&found);
}
