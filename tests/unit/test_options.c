#include "options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX_WORDS 16

// Parses a command line, split at its spaces.
static int
parse(const char *line, struct config *config, struct options *ret, struct failure *failure) {
	char *copy = strdup(line), *rest = copy;
	char *argv[MAX_WORDS + 1] = {};
	int argc = 0;
	for (char *word; (word = strsep(&rest, " ")) != NULL && argc < MAX_WORDS;)
		argv[argc++] = strdup(word);
	assert_int_equal(config_init(config), 0);
	int r = options_parse(argc, argv, config, ret, failure);
	while (argc > 0)
		free(argv[--argc]);
	free(copy);
	return r;
}

static void options_set_the_keys_of_the_configuration(void **) {
	struct config config;
	struct options options;
	struct failure failure;
	const char *line =
		"run --pcap a --port=af_packet:eth1 --encap none --vxlan-port 1 --vxlan-port=2 "
		"--traces - --lcores 4 --body-keep 0 --quiet";
	assert_int_equal(parse(line, &config, &options, &failure), 0);
	assert_int_equal(config.ports.n, 2);
	assert_string_equal(config.ports.items[0].name, "pcap:a");
	assert_string_equal(config.ports.items[1].name, "af_packet:eth1");
	assert_int_equal(config.ports.items[1].encap, CONFIG_ENCAP_NONE);
	assert_int_equal(config.ports.items[1].queues, 1);
	assert_int_equal(config.vxlan_ports.n, 2);
	assert_int_equal(config.vxlan_ports.items[1], 2);
	assert_string_equal(config.traces.file, "-");
	assert_int_equal(config.lcores, 4);
	assert_int_equal(config.http.body_keep, 0);
	assert_true(config.quiet);
	assert_false(config.verbose);
	config_release(&config);
}

static void what_is_not_given_has_its_preset(void **) {
	struct config config;
	struct options options;
	struct failure failure;
	assert_int_equal(parse("run --pcap a", &config, &options, &failure), 0);
	assert_int_equal(config.ports.items[0].encap, CONFIG_ENCAP_DEFAULT);
	assert_int_equal(config.vxlan_ports.n, 1);
	assert_int_equal(config.vxlan_ports.items[0], 4789);
	assert_int_equal(config.http.body_keep, 65536);
	assert_null(config.traces.file);
	assert_false(config.quiet);
	config_release(&config);
}

static void help_is_given_whatever_else_is_wrong(void **) {
	struct config config;
	struct options options;
	struct failure failure;
	assert_int_equal(
		parse("run --lcores 0 --config /nowhere --help", &config, &options, &failure), 0
	);
	assert_true(options.wants_help);
	config_release(&config);
	assert_int_equal(parse("run -h", &config, &options, &failure), 0);
	assert_true(options.wants_help);
	config_release(&config);
}

static void a_file_of_configuration_gives_way_to_options(void **) {
	struct config config;
	struct options options;
	struct failure failure;
	char path[] = "/tmp/metlo-options-XXXXXX";
	int fd = mkstemp(path);
	const char *text = "{\"lcores\": 3, \"ports\": [{\"name\": \"pcap:b\", \"queues\": 1}], "
			   "\"vxlan_ports\": [9, 8]}";
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	char line[128];
	snprintf(line, sizeof(line), "run --vxlan-port 7 --config %s", path);
	assert_int_equal(parse(line, &config, &options, &failure), 0);
	assert_int_equal(config.lcores, 3);
	assert_string_equal(config.ports.items[0].name, "pcap:b");
	assert_int_equal(config.vxlan_ports.n, 1);
	assert_int_equal(config.vxlan_ports.items[0], 7);
	config_release(&config);
	snprintf(line, sizeof(line), "run --config %s --encap vxlan --lcores 2", path);
	assert_int_equal(parse(line, &config, &options, &failure), 0);
	assert_int_equal(config.ports.items[0].encap, CONFIG_ENCAP_VXLAN);
	assert_int_equal(config.lcores, 2);
	config_release(&config);
	unlink(path);
}

static const struct {
	const char *line;
	int code;
	const char *text;
} refused[] = {
	{"run", -EINVAL, "nothing to read: use --pcap FILE, --port NAME or --config FILE"},
	{"run --pcap", -EINVAL, "option '--pcap' needs FILE"},
	{"run --pcap=", -EINVAL, "--pcap: expected a FILE, found nothing"},
	{"run --pcap a --environment \xff", -EINVAL, "--environment: '\xff' is not UTF-8"},
	{"run --pcap a --encap \xff", -EINVAL, "--encap: '\xff' is not UTF-8"},
	{"run pcap", -EINVAL, "unexpected argument 'pcap'; options begin with --, see --help"},
	{"run -x", -EINVAL, "unexpected argument '-x'; options begin with --, see --help"},
	{"run --", -EINVAL, "unknown option '--'; see --help"},
	{"run --verbos", -EINVAL, "unknown option '--verbos'; did you mean '--verbose'?"},
	{"run --pcap a --verbose=1", -EINVAL, "option '--verbose' takes no argument"},
	{"run --pcap a --lcores 0x2",
	 -EINVAL,
	 "--lcores: expected an integer from 1 to 127, found \"0x2\""},
	{"run --pcap a --vxlan-port 1 --vxlan-port 0",
	 -EINVAL,
	 "--vxlan-port: expected an integer from 1 to 65535, found 0"},
	{"run --pcap a --encap x",
	 -EINVAL,
	 "--encap: expected one of \"default\", \"auto\", \"vxlan\", \"none\", found \"x\""},
	{"run --config /nowhere/x",
	 -EBADMSG,
	 "cannot open config '/nowhere/x': No such file or directory"},
	{"run --pcap a --pcap b --pcap a", -EINVAL, "--pcap: 'a' is given twice"},
	{"run --pcap a --port pcap:a", -EINVAL, "--port: 'pcap:a' is given twice"},
	{"run --port eth0",
	 -EINVAL,
	 "--port: expected pci:ADDRESS, af_packet:INTERFACE, af_xdp:INTERFACE or pcap:FILE, "
	 "found \"eth0\""},
	{"run --port pcap:",
	 -EINVAL,
	 "--port: expected pci:ADDRESS, af_packet:INTERFACE, af_xdp:INTERFACE or pcap:FILE, "
	 "found \"pcap:\""},
};

static void a_name_of_a_file_may_be_any_bytes(void **) {
	struct config config;
	struct options options;
	struct failure failure;
	const char *line = "run --pcap \xff --port pcap:\xfe --traces \xfd --stats \xfc";
	assert_int_equal(parse(line, &config, &options, &failure), 0);
	assert_string_equal(config.ports.items[0].name, "pcap:\xff");
	assert_string_equal(config.ports.items[1].name, "pcap:\xfe");
	assert_string_equal(config.traces.file, "\xfd");
	assert_string_equal(config.stats.file, "\xfc");
	config_release(&config);
}

static void a_wrong_command_line_is_told_from_a_wrong_configuration(void **) {
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct config config;
		struct options options;
		struct failure failure = {};
		assert_int_equal(
			parse(refused[i].line, &config, &options, &failure), refused[i].code
		);
		assert_string_equal(failure.text, refused[i].text);
		config_release(&config);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_set_the_keys_of_the_configuration),
		cmocka_unit_test(what_is_not_given_has_its_preset),
		cmocka_unit_test(help_is_given_whatever_else_is_wrong),
		cmocka_unit_test(a_file_of_configuration_gives_way_to_options),
		cmocka_unit_test(a_name_of_a_file_may_be_any_bytes),
		cmocka_unit_test(a_wrong_command_line_is_told_from_a_wrong_configuration),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
