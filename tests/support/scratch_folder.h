#pragma once

// A folder for a test's files, removed with all that is in it.

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch_folder {
	char path[256];
};

static inline void scratch_folder_make(struct scratch_folder *folder) {
	const char *base = getenv("TMPDIR");
	snprintf(
		folder->path, sizeof(folder->path), "%s/test-XXXXXX", base == NULL ? "/tmp" : base
	);
	if (mkdtemp(folder->path) == NULL)
		abort();
}

static inline int scratch_remove(const char *path, const struct stat *, int, struct FTW *) {
	return remove(path);
}

static inline void scratch_folder_remove(struct scratch_folder *folder) {
	nftw(folder->path, scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
}

// Writes 'text' to 'name' below the folder, making the folders in between; the path comes back in
// 'path'.
static inline void scratch_folder_write(
	const struct scratch_folder *folder,
	const char *name,
	const char *text,
	char path[512]
) {
	snprintf(path, 512, "%s/%s", folder->path, name);
	for (char *at = path + strlen(folder->path) + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = 0;
		mkdir(path, 0700);
		*at = '/';
	}
	FILE *file = fopen(path, "w");
	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}
