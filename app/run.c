// metlo-appliance run: checks the command line and the configuration, then becomes the collector.

#include "command.h"
#include "config.h"
#include "console.h"
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLLECTOR "metlo-applianced"

static void print_help(void) {
	printf("Reads mirrored packets and writes API traces.\n\n"
	       "usage: metlo-appliance run --pcap FILE | --port NAME... [OPTION...]\n\noptions:\n");
	options_print(stdout);
	printf("\nA capture is read to its end. A live port is read until SIGTERM or SIGINT.\n");
}

// The collector is beside this program, or where it was installed. Returns only on failure.
static void exec_collector(char **argv) {
	char path[PATH_MAX + sizeof(COLLECTOR)];
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash = NULL;
	if (len > 0) {
		path[len] = '\0';
		slash = strrchr(path, '/');
	}
	if (slash != NULL) {
		memcpy(slash + 1, COLLECTOR, sizeof(COLLECTOR));
		execv(path, argv);
	}
	if (errno == ENOENT)
		execv(LIBEXEC_DIR "/" COLLECTOR, argv);
	console_say(
		"cannot start %s: %s; is it installed beside this program?",
		COLLECTOR,
		strerror(errno)
	);
}

// SIGHUP asks the collector for a new file: one that comes before it has begun would end it.
static void hold_hangup(void) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int run_main(int argc, char **argv) {
	struct config config;
	struct options options = {};
	struct failure failure;
	hold_hangup();
	if (config_init(&config) < 0) {
		config_release(&config);
		console_say("out of memory");
		return EXIT_FAILURE;
	}
	int r = options_parse(argc, argv, &config, &options, &failure);
	config_release(&config);
	if (r < 0) {
		console_say("%s", failure.text);
		return r == -EINVAL ? EXIT_USAGE : EXIT_FAILURE;
	}
	if (options.wants_help) {
		print_help();
		return EXIT_SUCCESS;
	}
	if (options.wants_version) {
		printf("metlo-appliance %s\n", PROJECT_VERSION);
		return EXIT_SUCCESS;
	}
	char name[] = COLLECTOR;
	argv[0] = name;
	exec_collector(argv);
	return EXIT_FAILURE;
}
