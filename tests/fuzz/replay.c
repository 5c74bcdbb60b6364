// Runs a fuzz harness over the files of its corpus folders, in the place of libFuzzer.

#include <assert.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(const char *path) {
	FILE *file = fopen(path, "rb");
	assert(file != NULL);
	assert(fseek(file, 0, SEEK_END) == 0);
	long size = ftell(file);
	assert(size >= 0);
	rewind(file);
	// Exactly as large as the input, so that a sanitizer sees an over-read.
	uint8_t *data = malloc((size_t)size);
	assert(data != NULL || size == 0);
	size_t n_read = fread(data, 1, (size_t)size, file);
	assert(n_read == (size_t)size);
	fclose(file);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
}

static int replay_folder(const char *path) {
	DIR *dir = opendir(path);
	if (dir == NULL)
		return -1;
	int n_files = 0;
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		char name[4096];
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		replay_file(name);
		n_files++;
	}
	closedir(dir);
	return n_files;
}

int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++) {
		int n_files = replay_folder(argv[i]);
		if (n_files <= 0) {
			fprintf(stderr, "no corpus in '%s'\n", argv[i]);
			return 1;
		}
		printf("replayed %d inputs of %s\n", n_files, argv[i]);
	}
	return 0;
}
