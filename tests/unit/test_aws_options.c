#include "aws_options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_WORDS 32

struct test_options {
	struct aws_options common;
	const char *config;
	bool is_sure;
	int64_t n, pause_s;
	double gbps;
	int mode;
	struct shape_strings sources, ids;
};

static const char *const modes[] = {"dpdk", "kernel", NULL};

#define T struct test_options
static const struct aws_option rows[] = {
	AWS_OPTION_LETTER(T, config, "config", 'f', "FILE", "the deployments"),
	AWS_OPTION_FLAG(T, is_sure, "yes", "ask nothing"),
	AWS_OPTION_NUMBER(T, n, "count", "N", 1, 10, "how many"),
	AWS_OPTION_SECONDS(T, pause_s, "for", "TIME", "how long"),
	AWS_OPTION_DECIMAL(T, gbps, "gbps", "GBPS", "how much"),
	AWS_OPTION_CHOICE(T, mode, "mode", modes, "how"),
	AWS_OPTION_TEXTS(T, sources, "source", "SOURCE", "what; repeatable"),
};

static const struct aws_command command = {
	.name = "test",
	.help = "Tests.",
	.usage = "-f FILE",
	AWS_COMMAND_ROWS(rows),
	.has_output = true,
	.argument = "ID",
	.arguments_at = offsetof(T, ids),
};

struct line {
	struct arena arena;
	T options;
	struct failure failure;
	char *copy;
	int result;
};

// Parses a command line, split at its spaces.
static struct line parse_as(const struct aws_command *of, const char *text) {
	struct line line = {.copy = strdup(text)};
	char *argv[MAX_WORDS + 1] = {}, *rest = line.copy;
	int argc = 0;
	for (char *word; (word = strsep(&rest, " ")) != NULL && argc < MAX_WORDS;)
		argv[argc++] = word;
	line.result = aws_options_parse(of, argc, argv, &line.arena, &line.options, &line.failure);
	return line;
}

static struct line parse(const char *text) {
	return parse_as(&command, text);
}

static void release(struct line *line) {
	arena_release(&line->arena);
	free(line->copy);
}

static void every_type_of_option_finds_its_place(void **) {
	struct line line =
		parse("test -f a --yes --count=3 --for 2h --gbps 2.5 --mode kernel --source x i-1 "
		      "--source=y --output json --region eu-west-1");
	assert_int_equal(line.result, 0);
	assert_string_equal(line.options.config, "a");
	assert_true(line.options.is_sure);
	assert_int_equal(line.options.n, 3);
	assert_int_equal(line.options.pause_s, 7200);
	assert_true(line.options.gbps > 2.4 && line.options.gbps < 2.6);
	assert_int_equal(line.options.mode, 1);
	assert_int_equal(line.options.sources.n, 2);
	assert_string_equal(line.options.sources.items[1], "y");
	assert_int_equal(line.options.ids.n, 1);
	assert_string_equal(line.options.ids.items[0], "i-1");
	assert_int_equal(line.options.common.output, AWS_OUTPUT_JSON);
	assert_string_equal(line.options.common.region, "eu-west-1");
	release(&line);
}

static void what_follows_two_dashes_is_no_option(void **) {
	struct line line = parse("test -- --yes");
	assert_int_equal(line.result, 0);
	assert_false(line.options.is_sure);
	assert_string_equal(line.options.ids.items[0], "--yes");
	release(&line);
}

static void help_is_given_whatever_else_is_wrong(void **) {
	struct line line = parse("test --nonsense --count 99 -h");
	assert_int_equal(line.result, 0);
	assert_true(line.options.common.wants_help);
	release(&line);
}

static void what_is_wrong_is_named(void **) {
	static const struct {
		const char *line, *message;
	} cases[] = {
		{"test --cont 3", "test: unknown option '--cont'; did you mean '--count'?"},
		{"test --zzzzzz=1", "test: unknown option '--zzzzzz'; see --help"},
		{"test -x", "test: unknown option '-x'; see --help"},
		{"test --count 11", "test: --count: expected a number from 1 to 10, found '11'"},
		{"test --count 3x", "test: --count: expected a number from 1 to 10, found '3x'"},
		{"test --for 2w",
		 "test: --for: expected a time such as 90s, 30m, 2h or 1d, found '2w'"},
		{"test --for 0",
		 "test: --for: expected a time such as 90s, 30m, 2h or 1d, found '0'"},
		{"test --for 99999999d",
		 "test: --for: expected a time such as 90s, 30m, 2h or 1d, found '99999999d'"},
		{"test --gbps nan", "test: --gbps: expected a number such as 2.5, found 'nan'"},
		{"test --mode xdp", "test: --mode: expected one of dpdk, kernel, found 'xdp'"},
		{"test --mode", "test: option '--mode' needs dpdk|kernel"},
		{"test --region=", "test: option '--region' needs REGION"},
		{"test --yes=1", "test: option '--yes' takes no value"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct line line = parse(cases[i].line);
		assert_int_equal(line.result, -EINVAL);
		assert_string_equal(line.failure.text, cases[i].message);
		release(&line);
	}
}

static void a_command_takes_only_what_it_has(void **) {
	struct aws_command bare = command;
	bare.argument = NULL;
	bare.has_output = false;
	struct line line = parse_as(&bare, "test i-1");
	assert_int_equal(line.result, -EINVAL);
	assert_string_equal(line.failure.text, "test: unexpected argument 'i-1'; see --help");
	release(&line);
	line = parse_as(&bare, "test --output json");
	assert_int_equal(line.result, -EINVAL);
	release(&line);
}

static void the_help_has_every_option(void **) {
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	aws_options_print_help(&command, to);
	fclose(to);
	assert_non_null(strstr(text, "usage: metlo-appliance test -f FILE\n"));
	assert_non_null(strstr(text, "  -f, --config FILE "));
	assert_non_null(strstr(text, "  --mode dpdk|kernel "));
	assert_non_null(strstr(text, "  --output table|json "));
	assert_non_null(strstr(text, "  --profile NAME "));
	free(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_of_option_finds_its_place),
		cmocka_unit_test(what_follows_two_dashes_is_no_option),
		cmocka_unit_test(help_is_given_whatever_else_is_wrong),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(a_command_takes_only_what_it_has),
		cmocka_unit_test(the_help_has_every_option),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
