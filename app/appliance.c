// metlo-appliance: what people type. Needs no DPDK, no root and no huge pages.

#include "command.h"
#include "console.h"
#include "process.h"
#include "suggest.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static command_fn help_main;

static const struct command {
	const char *name;
	command_fn *run;
	const char *help;
} commands[] = {
	{"run", run_main, "read mirrored packets and write API traces"},
	{"status", status_main, "show the counters of running collectors"},
	{"check-config", check_config_main, "validate a configuration, or print its JSON Schema"},
	{"setup-aws", setup_aws_main, "set up mirroring in AWS, by questions or options"},
	{"plan", plan_main, "show what 'apply' would do in AWS, and its cost"},
	{"apply", apply_main, "make in AWS what a file of deployments says"},
	{"refresh", refresh_main, "mirror what came since, and no longer what went"},
	{"destroy", destroy_main, "take away what was made in AWS"},
	{"doctor", doctor_main, "find out why mirrored traffic does not arrive"},
	{"iam-policy", iam_policy_main, "print the IAM permissions that are needed"},
	{"sessions", sessions_main, "list, remove, pause or resume mirror sessions"},
	{"estimate", estimate_main, "say what deployments cost"},
	{"help", help_main, "show this help, or that of a command"},
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *find_command(const char *name) {
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

static int refuse_command(const char *name) {
	const char *names[N_COMMANDS + 1];
	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i].name;
	names[N_COMMANDS] = NULL;
	const char *near = suggest(name, names);
	if (near != NULL)
		console_say("unknown command '%s'; did you mean '%s'?", name, near);
	else
		console_say("unknown command '%s'; see 'metlo-appliance help'", name);
	return EXIT_USAGE;
}

static void print_help(void) {
	printf("Turns mirrored network traffic into API traces.\n\n"
	       "usage: metlo-appliance COMMAND [OPTION...]\n\ncommands:\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %-14s %s\n", commands[i].name, commands[i].help);
	printf("\n'metlo-appliance COMMAND --help' shows the options of a command.\n");
}

static int help_main(int argc, char **argv) {
	if (argc < 2 || argv[1][0] == '-') {
		print_help();
		return EXIT_SUCCESS;
	}
	const struct command *command = find_command(argv[1]);
	if (command == NULL)
		return refuse_command(argv[1]);
	if (command->run == help_main) {
		print_help();
		return EXIT_SUCCESS;
	}
	char word[] = "--help";
	char *help[] = {argv[1], word, NULL};
	return command->run(2, help);
}

static int run_word(int argc, char **argv) {
	if (argc < 2) {
		console_say("a command is needed; see 'metlo-appliance help'");
		return EXIT_USAGE;
	}
	const char *word = argv[1];
	if (strcmp(word, "--version") == 0) {
		printf("metlo-appliance %s\n", PROJECT_VERSION);
		return EXIT_SUCCESS;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		word = "help";
	const struct command *command = find_command(word);
	if (command == NULL)
		return refuse_command(word);
	return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv) {
	process_begin();
	return process_end(run_word(argc, argv));
}
