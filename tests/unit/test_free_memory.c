#include "free_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (1ull << 20)

struct file {
	const char *path; // below the root
	const char *text;
};

static void make_file(const char *root, const struct file *file) {
	char path[256];
	snprintf(path, sizeof(path), "%s%s", root, file->path);
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	FILE *stream = fopen(path, "w");
	assert_non_null(stream);
	fputs(file->text, stream);
	fclose(stream);
}

static void remove_all(const char *root) {
	char command[300];
	snprintf(command, sizeof(command), "rm -r '%s'", root);
	assert_int_equal(system(command), 0);
}

static void takes_the_least_of_what_there_is_and_what_is_allowed(void **) {
	static const struct {
		struct file files[5];
		uint64_t want;
	} cases[] = {
		{{{"/proc/meminfo", "MemTotal: 9 kB\nMemFree: 8 kB\nMemAvailable:    2048 kB\n"}},
		 2 * MIB},
		{{{"/proc/other", ""}}, UINT64_MAX},
		{{{"/proc/meminfo", "MemAvailable: 8192 kB\n"},
		  {"/proc/self/cgroup", "0::/a.slice/b.service\n"},
		  {"/sys/fs/cgroup/a.slice/b.service/memory.max", "max\n"},
		  {"/sys/fs/cgroup/a.slice/memory.max", "3145728\n"}},
		 3 * MIB},
		{{{"/proc/meminfo", "MemAvailable: 8192 kB\n"},
		  {"/proc/self/cgroup", "0::/\n"},
		  {"/sys/fs/cgroup/memory.max", "4194304\n"}},
		 4 * MIB},
		{{{"/proc/meminfo", "MemAvailable: 8192 kB\n"},
		  {"/proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/1\n0::/\n"},
		  {"/sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", "1048576\n"},
		  {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"}},
		 1 * MIB},
		{{{"/proc/meminfo", "MemAvailable: 8192 kB\n"},
		  {"/proc/self/cgroup", "nonsense\n0:\n0::/no/such/group\n"}},
		 8 * MIB},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char root[] = "/tmp/test_free_memory.XXXXXX";
		assert_non_null(mkdtemp(root));
		for (size_t k = 0; k < 5 && cases[i].files[k].path != NULL; k++)
			make_file(root, &cases[i].files[k]);
		assert_int_equal(free_memory(root), cases[i].want);
		remove_all(root);
	}
}

static void knows_this_machine(void **) {
	uint64_t free = free_memory("");
	assert_true(free > MIB && free < 1ull << 50);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_least_of_what_there_is_and_what_is_allowed),
		cmocka_unit_test(knows_this_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
