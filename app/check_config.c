// metlo-appliance check-config: says whether a configuration would be accepted. Calls nothing.

#include "command.h"
#include "config.h"
#include "console.h"
#include "fleet.h"
#include "outputs.h"
#include "suggest.h"

#include <jansson.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {"--schema", "--fleet", "--help", NULL};

// What a file may be.
enum form {
	FORM_COLLECTOR,
	FORM_FLEET,
};

static const char *const forms[] = {
	[FORM_COLLECTOR] = "collector",
	[FORM_FLEET] = "fleet",
	NULL,
};

static int print_help(void) {
	printf("Says whether a configuration would be accepted, and if not why. Calls nothing of "
	       "AWS.\n\n"
	       "usage: metlo-appliance check-config FILE\n"
	       "       metlo-appliance check-config --fleet FILE\n"
	       "       metlo-appliance check-config --schema [collector|fleet]\n\noptions:\n"
	       "  --fleet                the file is of deployments for AWS; a file with the key\n"
	       "                         \"deployments\" is taken for one without it too\n"
	       "  --schema               print the JSON Schema of the collector's configuration, "
	       "or\n"
	       "                         that of a file of deployments\n"
	       "  --help                 show this help\n");
	return EXIT_SUCCESS;
}

static int print_schema(enum form form) {
	char *schema = form == FORM_FLEET ? fleet_schema() : config_schema();
	if (schema == NULL) {
		console_say("out of memory");
		return EXIT_FAILURE;
	}
	fputs(schema, stdout);
	free(schema);
	return EXIT_SUCCESS;
}

static int schema_main(const char *name) {
	for (size_t i = 0; name != NULL && forms[i] != NULL; i++)
		if (strcmp(name, forms[i]) == 0)
			return print_schema((enum form)i);
	if (name == NULL)
		return print_schema(FORM_COLLECTOR);
	const char *near = suggest(name, forms);
	console_say(
		"check-config: there is no schema '%s'; did you mean '%s'?",
		name,
		near == NULL ? forms[FORM_FLEET] : near
	);
	return EXIT_USAGE;
}

static bool is_fleet(const char *path) {
	json_t *root = json_load_file(path, 0, NULL);
	bool result = json_object_get(root, "deployments") != NULL;
	json_decref(root);
	return result;
}

static int check_fleet(const char *path) {
	struct fleet fleet;
	struct aws_error error;
	int r = fleet_load(path, &fleet, &error);
	if (r == -EINVAL)
		console_say("config '%s': %s", path, error.message);
	else if (r < 0)
		console_say("%s", error.message);
	if (r < 0)
		return EXIT_FAILURE;
	printf("config '%s' is valid: %zu deployment%s\n",
	       path,
	       fleet.n_deployments,
	       fleet.n_deployments == 1 ? "" : "s");
	fleet_release(&fleet);
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
		if (r == 0)
			r = outputs_check(&config, &failure);
		if (r < 0)
			config_name_file(&config, &failure);
	}
	if (r < 0)
		console_say("%s", failure.text);
	bool has_ports = config.ports.n > 0;
	config_release(&config);
	if (r < 0)
		return EXIT_FAILURE;
	const char *note = has_ports ? "" : "; no ports: give --port or --pcap";
	printf("config '%s' is valid%s\n", path, note);
	return EXIT_SUCCESS;
}

int check_config_main(int argc, char **argv) {
	const char *word = argc > 1 ? argv[1] : "";
	const char *next = argc > 2 ? argv[2] : NULL;
	bool is_help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
	if (is_help && argc == 2)
		return print_help();
	if (strcmp(word, "--schema") == 0 && argc <= 3)
		return schema_main(next);
	if (strcmp(word, "--fleet") == 0 && argc == 3)
		return check_fleet(next);
	if (argc != 2 || strcmp(word, "--fleet") == 0) {
		console_say("check-config needs one FILE, or --schema");
		return EXIT_USAGE;
	}
	if (word[0] == '-')
		return command_refuse("check-config", word, words);
	return is_fleet(word) ? check_fleet(word) : check(word);
}
