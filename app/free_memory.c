#include "free_memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEM_AVAILABLE "MemAvailable:"

// The number that a text begins with; UINT64_MAX where it begins with none, such as "max".
static uint64_t number_of(const char *text) {
	char *end;
	uint64_t number = strtoull(text, &end, 10);
	return end == text ? UINT64_MAX : number;
}

static FILE *open_below(const char *root, const char *name) {
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s%s", root, name);
	return fopen(path, "re");
}

static uint64_t
read_limit(const char *root, const char *folder, const char *group, const char *name) {
	char path[PATH_MAX], text[64] = "";
	snprintf(path, sizeof(path), "%s%s/%s", folder, group, name);
	FILE *file = open_below(root, path);
	if (file == NULL)
		return UINT64_MAX;
	char *line = fgets(text, sizeof(text), file);
	fclose(file);
	return line == NULL ? UINT64_MAX : number_of(line);
}

// Of 'group' and all groups it is in. Shortens 'group'.
static uint64_t least_limit(const char *root, const char *folder, char *group, const char *name) {
	uint64_t least = UINT64_MAX;
	for (;;) {
		uint64_t limit = read_limit(root, folder, group, name);
		least = limit < least ? limit : least;
		char *slash = strrchr(group, '/');
		if (slash == NULL)
			return least;
		*slash = '\0';
	}
}

// "0::/system.slice/x.service" or "4:memory:/x" (cgroups(7)).
static uint64_t limit_of_line(const char *root, char *line) {
	line[strcspn(line, "\n")] = '\0';
	char *controllers = strchr(line, ':');
	char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
	if (group == NULL)
		return UINT64_MAX;
	*group++ = '\0';
	if (strcmp(controllers, ":") == 0)
		return least_limit(root, "/sys/fs/cgroup", group, "memory.max");
	if (strcmp(controllers, ":memory") == 0)
		return least_limit(root, "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
	return UINT64_MAX;
}

static uint64_t group_limit(const char *root) {
	char line[PATH_MAX];
	uint64_t least = UINT64_MAX;
	FILE *file = open_below(root, "/proc/self/cgroup");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		uint64_t limit = limit_of_line(root, line);
		least = limit < least ? limit : least;
	}
	if (file != NULL)
		fclose(file);
	return least;
}

static uint64_t available(const char *root) {
	char line[256];
	uint64_t bytes = UINT64_MAX;
	FILE *file = open_below(root, "/proc/meminfo");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, MEM_AVAILABLE, strlen(MEM_AVAILABLE)) == 0)
			bytes = number_of(line + strlen(MEM_AVAILABLE)) << 10;
	}
	if (file != NULL)
		fclose(file);
	return bytes;
}

uint64_t free_memory(const char *root) {
	uint64_t of_machine = available(root), of_groups = group_limit(root);
	return of_machine < of_groups ? of_machine : of_groups;
}
