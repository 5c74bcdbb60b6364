#pragma once

// The command lines of the AWS commands, as tables: a command has its own rows, and all have those of
// struct aws_options. What is understood, the help and the messages come from the rows.
//
//   struct plan_options {
//           struct aws_options common; // first
//           const char *config;
//   };
//   static const struct aws_option rows[] = {
//           AWS_OPTION_TEXT(struct plan_options, config, "config", "FILE", "the deployments"),
//   };
//   static const struct aws_command command = {.name = "plan", AWS_COMMAND_ROWS(rows), ...};

#include "arena.h"
#include "failure.h"
#include "shape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum aws_output {
	AWS_OUTPUT_TABLE,
	AWS_OUTPUT_JSON,
};

// What every AWS command is told. A command's own struct begins with it.
struct aws_options {
	const char *region;
	const char *profile;
	const char *endpoint_url;
	const char *ca_bundle;
	int output; // enum aws_output
	bool wants_help;
};

enum aws_option_type {
	AWS_OPTION_TYPE_FLAG, // bool
	AWS_OPTION_TYPE_TEXT, // const char *
	AWS_OPTION_TYPE_TEXTS, // struct shape_strings: given again and again
	AWS_OPTION_TYPE_NUMBER, // int64_t, from 'min' to 'max'
	AWS_OPTION_TYPE_DECIMAL, // double, not negative
	AWS_OPTION_TYPE_SECONDS, // int64_t: 90, 90s, 30m, 2h, 1d
	AWS_OPTION_TYPE_CHOICE, // int, an index of 'choices'
};

struct aws_option {
	const char *name; // without the dashes
	char letter; // of "-f"; 0: none
	enum aws_option_type type;
	size_t at; // where the value goes in the command's struct
	const char *value; // what the help calls it; of a choice NULL: the choices
	int64_t min, max; // of a number
	const char *const *choices; // ends with NULL
	const char *help; // a phrase
};

#define AWS_OPTION_(T, member, name_, type_, ctype, ...)                                           \
	{                                                                                          \
		.name = (name_), .type = AWS_OPTION_TYPE_##type_,                                  \
		.at = SHAPE_OFFSET_(T, member, ctype), __VA_ARGS__                                 \
	}
#define AWS_OPTION_FLAG(T, member, name, help_)                                                    \
	AWS_OPTION_(T, member, name, FLAG, bool, .help = (help_))
#define AWS_OPTION_TEXT(T, member, name, value_, help_)                                            \
	AWS_OPTION_(T, member, name, TEXT, const char *, .value = (value_), .help = (help_))
#define AWS_OPTION_LETTER(T, member, name, letter_, value_, help_)                                 \
	AWS_OPTION_(                                                                               \
		T,                                                                                 \
		member,                                                                            \
		name,                                                                              \
		TEXT,                                                                              \
		const char *,                                                                      \
		.letter = (letter_),                                                               \
		.value = (value_),                                                                 \
		.help = (help_)                                                                    \
	)
#define AWS_OPTION_TEXTS(T, member, name, value_, help_)                                           \
	AWS_OPTION_(                                                                               \
		T, member, name, TEXTS, struct shape_strings, .value = (value_), .help = (help_)   \
	)
#define AWS_OPTION_NUMBER(T, member, name, value_, min_, max_, help_)                              \
	AWS_OPTION_(                                                                               \
		T,                                                                                 \
		member,                                                                            \
		name,                                                                              \
		NUMBER,                                                                            \
		int64_t,                                                                           \
		.value = (value_),                                                                 \
		.min = (min_),                                                                     \
		.max = (max_),                                                                     \
		.help = (help_)                                                                    \
	)
#define AWS_OPTION_DECIMAL(T, member, name, value_, help_)                                         \
	AWS_OPTION_(T, member, name, DECIMAL, double, .value = (value_), .help = (help_))
#define AWS_OPTION_SECONDS(T, member, name, value_, help_)                                         \
	AWS_OPTION_(T, member, name, SECONDS, int64_t, .value = (value_), .help = (help_))
#define AWS_OPTION_CHOICE(T, member, name, choices_, help_)                                        \
	AWS_OPTION_(T, member, name, CHOICE, int, .choices = (choices_), .help = (help_))

struct aws_command {
	const char *name; // as it is typed: "plan", "sessions list"
	const char *help; // sentences about what it does
	const char *usage; // what follows the name: "-f FILE [OPTION...]"
	const struct aws_option *options;
	size_t n_options;
	bool has_output; // takes --output
	const char *argument; // what else may stand there, any number of times: "ID"; NULL: nothing
	size_t arguments_at; // struct shape_strings
	const char *notes; // at the end of the help; NULL: none
};

#define AWS_COMMAND_ROWS(rows) .options = (rows), .n_options = sizeof(rows) / sizeof((rows)[0])

// Reads what follows argv[0]. '*options' begins with a struct aws_options and holds its presets; what is
// not given stays. Texts are borrowed from 'argv', lists live in 'arena'. -EINVAL or -ENOMEM with
// '*ret_failure' filled. With --help nothing else needs to be right.
[[nodiscard]] int aws_options_parse(
	const struct aws_command *command,
	int argc,
	char *const *argv,
	struct arena *arena,
	void *options,
	struct failure *ret_failure
);

void aws_options_print_help(const struct aws_command *command, FILE *to);

// Parses, and does what every command does first: prepares for texts of UTF-8 (display.h), lets standard output and
// error keep their order where both go to one file, prints the help that was asked for, or says what is wrong.
// True where the command shall go on; else '*ret_code' is the exit code.
[[nodiscard]] bool aws_options_read(
	const struct aws_command *command,
	int argc,
	char *const *argv,
	struct arena *arena,
	void *options,
	int *ret_code
);
