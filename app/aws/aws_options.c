#include "aws_options.h"

#include "command.h"
#include "console.h"
#include "display.h"
#include "suggest.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64
#define HELP_COLUMN 28

static const char *const outputs[] = {
	[AWS_OUTPUT_TABLE] = "table",
	[AWS_OUTPUT_JSON] = "json",
	NULL,
};

#define T struct aws_options
static const struct aws_option common[] = {
	AWS_OPTION_CHOICE(T, output, "output", outputs, "how to show it"),
	AWS_OPTION_TEXT(T, region, "region", "REGION", "else of the environment or the profile"),
	AWS_OPTION_TEXT(T, profile, "profile", "NAME", "a profile of ~/.aws/config"),
	AWS_OPTION_TEXT(T, endpoint_url, "endpoint-url", "URL", "another address of all services"),
	AWS_OPTION_TEXT(T, ca_bundle, "ca-bundle", "FILE", "certificates to trust"),
	AWS_OPTION_FLAG(T, wants_help, "help", "show this help"),
};
#define N_COMMON (sizeof(common) / sizeof(common[0]))

struct parse {
	const struct aws_command *command;
	struct arena *arena;
	char *target;
	struct failure *failure;
};

static int __attribute__((format(printf, 2, 3)))
fail(struct parse *parse, const char *format, ...) {
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	failure_set(parse->failure, "%s: %s", parse->command->name, text);
	return -EINVAL;
}

static int fail_memory(struct parse *parse) {
	fail(parse, "out of memory");
	return -ENOMEM;
}

static size_t n_rows(const struct aws_command *command) {
	return command->n_options + N_COMMON;
}

// The rows of a command, its own first. NULL for one that it does not have.
static const struct aws_option *row(const struct aws_command *command, size_t i) {
	if (i < command->n_options)
		return &command->options[i];
	const struct aws_option *option = &common[i - command->n_options];
	bool is_output = option->choices == outputs;
	return is_output && !command->has_output ? NULL : option;
}

static bool is_named(const struct aws_option *option, const char *word) {
	if (word[1] != '-')
		return option->letter != 0 && option->letter == word[1] && word[2] == '\0';
	size_t len = strcspn(word + 2, "=");
	return strlen(option->name) == len && strncmp(option->name, word + 2, len) == 0;
}

static const struct aws_option *find_row(const struct aws_command *command, const char *word) {
	const char *full = strcmp(word, "-h") == 0 ? "--help" : word;
	for (size_t i = 0; i < n_rows(command); i++) {
		const struct aws_option *option = row(command, i);
		if (option != NULL && is_named(option, full))
			return option;
	}
	return NULL;
}

static int fail_unknown(struct parse *parse, const char *word) {
	const char *names[WORDS_MAX + 1];
	char name[WORDS_MAX];
	size_t n = 0;
	for (size_t i = 0; n < WORDS_MAX && i < n_rows(parse->command); i++) {
		const struct aws_option *option = row(parse->command, i);
		if (option != NULL)
			names[n++] = option->name;
	}
	names[n] = NULL;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	const char *near = suggest(name + strspn(name, "-"), names);
	if (near != NULL)
		return fail(parse, "unknown option '%s'; did you mean '--%s'?", name, near);
	return fail(parse, "unknown option '%s'; see --help", name);
}

static int take_texts(struct parse *parse, struct shape_strings *list, const char *text) {
	const char **items = arena_grow(parse->arena, list->items, list->n, sizeof(*items));
	if (items == NULL)
		return fail_memory(parse);
	items[list->n++] = text;
	list->items = items;
	return 0;
}

static int
take_number(struct parse *parse, const struct aws_option *option, const char *text, int64_t *ret) {
	char *end;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || isspace((unsigned char)*text)
	    || number < option->min || number > option->max)
		return fail(
			parse,
			"--%s: expected a number from %" PRId64 " to %" PRId64 ", found '%s'",
			option->name,
			option->min,
			option->max,
			text
		);
	*ret = number;
	return 0;
}

static int
take_decimal(struct parse *parse, const struct aws_option *option, const char *text, double *ret) {
	char *end;
	double number = strtod(text, &end);
	bool is_number =
		end != text && *end == '\0' && (isdigit((unsigned char)*text) || *text == '.');
	if (!is_number || !isfinite(number) || number < 0)
		return fail(
			parse, "--%s: expected a number such as 2.5, found '%s'", option->name, text
		);
	*ret = number;
	return 0;
}

static int
take_seconds(struct parse *parse, const struct aws_option *option, const char *text, int64_t *ret) {
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	char *end = NULL;
	errno = 0;
	long long number = isdigit((unsigned char)*text) ? strtoll(text, &end, 10) : 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (end == NULL || errno != 0 || number < 1 || strcmp(end, units[i].unit) != 0
		    || number > INT32_MAX / units[i].seconds)
			continue;
		*ret = number * units[i].seconds;
		return 0;
	}
	return fail(
		parse,
		"--%s: expected a time such as 90s, 30m, 2h or 1d, found '%s'",
		option->name,
		text
	);
}

static int
take_choice(struct parse *parse, const struct aws_option *option, const char *text, int *ret) {
	char all[256] = "";
	for (int i = 0; option->choices[i] != NULL; i++) {
		size_t len = strlen(all);
		if (strcmp(option->choices[i], text) == 0) {
			*ret = i;
			return 0;
		}
		snprintf(
			all + len, sizeof(all) - len, "%s%s", i > 0 ? ", " : "", option->choices[i]
		);
	}
	return fail(parse, "--%s: expected one of %s, found '%s'", option->name, all, text);
}

// The value at its place. Every case's type was checked where its row was made.
static int take(struct parse *parse, const struct aws_option *option, const char *text) {
	void *at = parse->target + option->at;
	switch (option->type) {
	case AWS_OPTION_TYPE_FLAG:
		*(bool *)at = true;
		return 0;
	case AWS_OPTION_TYPE_TEXT:
		*(const char **)at = text;
		return 0;
	case AWS_OPTION_TYPE_TEXTS:
		return take_texts(parse, at, text);
	case AWS_OPTION_TYPE_NUMBER:
		return take_number(parse, option, text, at);
	case AWS_OPTION_TYPE_DECIMAL:
		return take_decimal(parse, option, text, at);
	case AWS_OPTION_TYPE_SECONDS:
		return take_seconds(parse, option, text, at);
	case AWS_OPTION_TYPE_CHOICE:
		return take_choice(parse, option, text, at);
	}
	return 0;
}

static void name_value(const struct aws_option *option, char *ret, size_t ret_size) {
	snprintf(ret, ret_size, "%s", option->value != NULL ? option->value : "");
	for (size_t i = 0; option->value == NULL && option->choices[i] != NULL; i++) {
		size_t len = strlen(ret);
		snprintf(ret + len, ret_size - len, "%s%s", i > 0 ? "|" : "", option->choices[i]);
	}
}

// The option at argv[*at] and its value, which may be the next word.
static int take_option(struct parse *parse, char *const *argv, int *at) {
	const char *word = argv[*at];
	const struct aws_option *option = find_row(parse->command, word);
	if (option == NULL)
		return fail_unknown(parse, word);
	const char *equals = word[1] == '-' ? strchr(word, '=') : NULL;
	if (option->type == AWS_OPTION_TYPE_FLAG) {
		if (equals != NULL)
			return fail(parse, "option '--%s' takes no value", option->name);
		return take(parse, option, NULL);
	}
	const char *text = equals != NULL ? equals + 1 : argv[++*at];
	if (text == NULL || *text == '\0') {
		char value[128];
		name_value(option, value, sizeof(value));
		return fail(parse, "option '--%s' needs %s", option->name, value);
	}
	return take(parse, option, text);
}

static int take_argument(struct parse *parse, const char *word) {
	if (parse->command->argument == NULL)
		return fail(parse, "unexpected argument '%s'; see --help", word);
	return take_texts(
		parse,
		(struct shape_strings *)(void *)(parse->target + parse->command->arguments_at),
		word
	);
}

static bool asks_for_help(int argc, char *const *argv) {
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

int aws_options_parse(
	const struct aws_command *command,
	int argc,
	char *const *argv,
	struct arena *arena,
	void *options,
	struct failure *ret_failure
) {
	struct parse parse = {
		.command = command,
		.arena = arena,
		.target = options,
		.failure = ret_failure,
	};
	struct aws_options *shared = options;
	bool is_past_options = false;
	int result = 0;
	shared->wants_help = asks_for_help(argc, argv);
	for (int i = 1; result == 0 && !shared->wants_help && i < argc; i++) {
		const char *word = argv[i];
		if (is_past_options || word[0] != '-' || word[1] == '\0')
			result = take_argument(&parse, word);
		else if (strcmp(word, "--") == 0)
			is_past_options = true;
		else
			result = take_option(&parse, argv, &i);
	}
	return result;
}

static void print_row(const struct aws_option *option, FILE *to) {
	char left[128], value[96] = "";
	if (option->type != AWS_OPTION_TYPE_FLAG)
		name_value(option, value, sizeof(value));
	int len = option->letter != 0 ? snprintf(left, sizeof(left), "-%c, ", option->letter) : 0;
	snprintf(
		left + len,
		sizeof(left) - (size_t)len,
		"--%s%s%s",
		option->name,
		value[0] != 0 ? " " : "",
		value
	);
	if (strlen(left) > HELP_COLUMN)
		fprintf(to, "  %s\n  %-*s %s\n", left, HELP_COLUMN, "", option->help);
	else
		fprintf(to, "  %-*s %s\n", HELP_COLUMN, left, option->help);
}

void aws_options_print_help(const struct aws_command *command, FILE *to) {
	fprintf(to,
		"%s\n\nusage: metlo-appliance %s %s\n\noptions:\n",
		command->help,
		command->name,
		command->usage);
	for (size_t i = 0; i < n_rows(command); i++) {
		const struct aws_option *option = row(command, i);
		if (option != NULL)
			print_row(option, to);
	}
	if (command->notes != NULL)
		fprintf(to, "\n%s\n", command->notes);
}

bool aws_options_read(
	const struct aws_command *command,
	int argc,
	char *const *argv,
	struct arena *arena,
	void *options,
	int *ret_code
) {
	struct failure failure;
	const struct aws_options *shared = options;
	display_prepare();
	setvbuf(stdout, NULL, _IOLBF, 0);
	int result = aws_options_parse(command, argc, argv, arena, options, &failure);
	if (result < 0) {
		console_say("%s", failure.text);
		*ret_code = result == -ENOMEM ? EXIT_FAILURE : EXIT_USAGE;
		return false;
	}
	if (!shared->wants_help)
		return true;
	aws_options_print_help(command, stdout);
	*ret_code = EXIT_SUCCESS;
	return false;
}
