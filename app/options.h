#pragma once

// The command line of 'metlo-appliance run' and of metlo-applianced, which is the same: a table
// of options, most of them names for keys of the configuration.

#include "config.h"

#include <stdbool.h>
#include <stdio.h>

struct options {
	bool wants_help;
	bool wants_version;
};

// Reads the options behind 'argv[0]' into 'config', which holds its presets: first the file of
// --config, then what the other options say, whatever their order. The result has passed
// config_check(), unless help or the version is wanted.
// -EINVAL: the command line is wrong; -EBADMSG: the configuration is; -ENOMEM. '*ret_failure' is
// filled with one line.
[[nodiscard]] int options_parse(
	int argc,
	char *const *argv,
	struct config *config,
	struct options *ret,
	struct failure *ret_failure
);

// One line an option.
void options_print(FILE *to);
