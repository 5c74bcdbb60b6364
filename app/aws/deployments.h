#pragma once

// Which deployments a command is about: those of a file (-f FILE), some of them (--deployment ID), or one that is
// there already, by its tags (--id ID).

#include "aws_connection.h"
#include "deployment.h"
#include "fleet.h"

#include <stdbool.h>
#include <stddef.h>

struct deployments_options {
	const char *config;
	const char *deployment;
	const char *id;
};

// Rows for a command's table; 'member' is its struct deployments_options.
#define DEPLOYMENTS_ROWS_FILE(T, member)                                                           \
	AWS_OPTION_LETTER(                                                                         \
		T, member.config, "config", 'f', "FILE", "read the deployments from it"            \
	),                                                                                         \
		AWS_OPTION_TEXT(                                                                   \
			T,                                                                         \
			member.deployment,                                                         \
			"deployment",                                                              \
			"ID",                                                                      \
			"only this one of the file; with --region those there"                     \
		)
#define DEPLOYMENTS_ROW_ID(T, member)                                                              \
	AWS_OPTION_TEXT(T, member.id, "id", "ID", "the deployment of this id, without a file")

struct deployments {
	struct arena arena;
	struct fleet fleet;
	const struct deployment **items;
	size_t n;
};

// Whether exactly one of the two ways was given; else it says so, and the exit code is EXIT_USAGE. A
// command that has no --id never has one here.
bool deployments_are_named(const char *command, const struct deployments_options *options);

// With --region only those of the file that are there. One by --id has its id and its region, nothing else.
// What is wrong is said; false, and the exit code is 1.
bool deployments_load(
	const struct deployments_options *options,
	const char *region, // as the flag says
	struct aws_connection *connection,
	struct deployments *ret_deployments
);
void deployments_release(struct deployments *deployments);
