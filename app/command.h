#pragma once

// The subcommands of metlo-appliance: one file each, one row each in the table of appliance.c.

#define EXIT_USAGE 2
#define EXIT_HAS_CHANGES 3 // 'plan --detailed-exitcode'

// 'argv[0]' is the subcommand's name. Returns the program's exit code.
typedef int command_fn(int argc, char **argv);

command_fn apply_main;
command_fn check_config_main;
command_fn destroy_main;
command_fn doctor_main;
command_fn estimate_main;
command_fn iam_policy_main;
command_fn plan_main;
command_fn refresh_main;
command_fn run_main;
command_fn sessions_main;
command_fn setup_aws_main;
command_fn status_main;

// Says that 'word' is not understood by 'command', with the closest of 'words' (ends with NULL).
int command_refuse(const char *command, const char *word, const char *const *words);
