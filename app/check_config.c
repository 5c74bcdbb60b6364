// metlo-appliance check-config: says whether a configuration would be accepted.

#include "command.h"
#include "config.h"
#include "console.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {"--schema", "--help", NULL};

static int print_schema(void) {
	char *schema = config_schema();
	if (schema == NULL) {
		console_say("out of memory");
		return EXIT_FAILURE;
	}
	fputs(schema, stdout);
	free(schema);
	return EXIT_SUCCESS;
}

static int check(const char *path) {
	struct config config;
	struct failure failure = {.text = "out of memory"};
	int r = config_init(&config);
	if (r == 0)
		r = config_load(&config, path, &failure);
	if (r == 0) {
		r = config_check(&config, &failure);
		if (r < 0)
			console_say("config '%s': %s", path, failure.text);
	} else
		console_say("%s", failure.text);
	config_release(&config);
	if (r < 0)
		return EXIT_FAILURE;
	printf("config '%s' is valid\n", path);
	return EXIT_SUCCESS;
}

int check_config_main(int argc, char **argv) {
	if (argc != 2) {
		console_say("check-config needs one FILE, or --schema");
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--schema") == 0)
		return print_schema();
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		printf("Says whether a configuration would be accepted, and if not why.\n\n"
		       "usage: metlo-appliance check-config FILE\n"
		       "       metlo-appliance check-config --schema\n\noptions:\n"
		       "  --schema               print the JSON Schema of the configuration\n"
		       "  --help                 show this help\n");
		return EXIT_SUCCESS;
	}
	if (argv[1][0] == '-')
		return command_refuse("check-config", argv[1], words);
	return check(argv[1]);
}
