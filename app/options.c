#include "options.h"

#include "suggest.h"
#include "utf8.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum option_kind {
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_CONFIG,
	OPTION_PORT, // adds a port; 'key' is what its name begins with
	OPTION_ENCAP, // of all ports
	OPTION_SETTING, // 'key' is its dotted name in the configuration; a list's options add up
	OPTION_FILE, // the same; the value is a file's name, which may be any bytes
};

// name, kind, key, argument, meaning
#define OPTIONS(X)                                                                                 \
	X("config", CONFIG, "", "FILE", "read the configuration from a JSON file first")           \
	X("pcap", PORT, "pcap:", "FILE", "read a capture (pcap, pcapng; - is standard input)")     \
	X("port", PORT, "", "NAME", "read a port: pci:, af_packet:, af_xdp: or pcap:; repeatable") \
	X("encap", ENCAP, "", "KIND", "auto, vxlan or none; for captures auto, else vxlan")        \
	X("vxlan-port", SETTING, "vxlan_ports", "N", "UDP port that carries VXLAN; repeatable")    \
	X("traces", FILE, "traces.file", "FILE", "write traces as JSON lines; - is stdout")        \
	X("stats", FILE, "stats.file", "FILE", "write all counters as JSON at the end")            \
	X("lcores", SETTING, "lcores", "N", "threads that read packets")                           \
	X("body-keep", SETTING, "http.body_keep", "BYTES", "keep so much of each body")            \
	X("flows", SETTING, "memory.flows", "N", "follow so many TCP connections at a time")       \
	X("environment", SETTING, "environment", "NAME", "tell this environment in every trace")   \
	X("profile", SETTING, "profile", NULL, "measure stages and show their costs at the end")   \
	X("quiet", SETTING, "quiet", NULL, "no progress and no summary")                           \
	X("verbose", SETTING, "verbose", NULL, "let DPDK's own log through")                       \
	X("help", HELP, "", NULL, "show this help")                                                \
	X("version", VERSION, "", NULL, "show the version")

static const struct option {
	const char *name; // without the dashes
	enum option_kind kind;
	const char *key;
	const char *argument; // NULL: takes none
	const char *help;
} options[] = {
#define X(option_name, option_kind, option_key, option_argument, option_help)                      \
	{.name = (option_name),                                                                    \
	 .kind = OPTION_##option_kind,                                                             \
	 .key = (option_key),                                                                      \
	 .argument = (option_argument),                                                            \
	 .help = (option_help)},
	OPTIONS(X)
#undef X
};
#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

// A command line being read.
struct parse {
	struct config *config;
	struct failure *failure;
	json_t *lists[N_OPTIONS]; // what options of lists have added up to
	json_t *ports;
	const char *encap;
	bool is_given[N_OPTIONS];
	bool wants_help, wants_version;
};

static int __attribute__((format(printf, 2, 3)))
fail(struct parse *parse, const char *format, ...) {
	va_list args;
	va_start(args, format);
	vsnprintf(parse->failure->text, sizeof(parse->failure->text), format, args);
	va_end(args);
	return -EINVAL;
}

static int fail_memory(struct parse *parse) {
	fail(parse, "out of memory");
	return -ENOMEM;
}

static int fail_unknown(struct parse *parse, const char *word) {
	const char *names[N_OPTIONS + 1];
	for (size_t i = 0; i < N_OPTIONS; i++)
		names[i] = options[i].name;
	names[N_OPTIONS] = NULL;

	char name[64];
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	const char *near = suggest(name, names);
	if (near != NULL)
		return fail(parse, "unknown option '--%s'; did you mean '--%s'?", name, near);
	return fail(parse, "unknown option '--%s'; see --help", name);
}

static const struct option *find_option(const char *word) {
	size_t len = strcspn(word, "=");
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (strlen(options[i].name) == len && strncmp(options[i].name, word, len) == 0)
			return &options[i];
	}
	return NULL;
}

// The text as the JSON value that the setting wants. Text that is no number stays text, so that the
// validator's own message shows it. NULL when out of memory.
static json_t *value_of(const struct setting *setting, const char *text) {
	if (setting->type == SETTING_BOOL)
		return json_true();
	if (setting->type == SETTING_NUMBER && *text >= '0' && *text <= '9') {
		char *end;
		errno = 0;
		long long number = strtoll(text, &end, 10);
		if (errno == 0 && *end == '\0')
			return json_integer(number);
	}
	return json_stringn_nocheck(text, strlen(text));
}

static int
apply(struct parse *parse,
      const struct setting *setting,
      void *target,
      json_t *value,
      const char *name) {
	if (value == NULL)
		return fail_memory(parse);
	char path[64];
	snprintf(path, sizeof(path), "--%s", name);
	struct setting_error error = {};
	int r = setting_apply(setting, target, value, path, &error);
	if (r == -ENOMEM)
		return fail_memory(parse);
	if (r < 0)
		return fail(parse, "%s", error.text);
	return 0;
}

static bool is_utf8(const char *text) {
	const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
	uint32_t code;
	for (size_t n = 1; n > 0 && at < end; at += n)
		n = utf8_decode(at, (size_t)(end - at), &code);
	return at == end;
}

static int fail_utf8(struct parse *parse, const struct option *option, const char *text) {
	return fail(parse, "--%s: '%s' is not UTF-8", option->name, text);
}

// An entry by itself: of an option, its place in the list would say nothing.
static int
check_entry(struct parse *parse, const struct setting *list, const char *text, const char *name) {
	void *entry = calloc(1, list->item_size);
	if (entry == NULL)
		return fail_memory(parse);
	json_t *value = value_of(list->item, text);
	int r = apply(parse, list->item, entry, value, name);
	json_decref(value);
	setting_release(list->item, entry);
	free(entry);
	return r;
}

static int take_setting(struct parse *parse, const struct option *option, const char *text) {
	if (option->kind != OPTION_FILE && !is_utf8(text))
		return fail_utf8(parse, option, text);
	void *target = NULL;
	const struct setting *setting =
		setting_find(config_settings(), option->key, parse->config, &target);
	assert(setting != NULL);
	if (setting->type == SETTING_LIST) {
		int r = check_entry(parse, setting, text, option->name);
		if (r < 0)
			return r;
		json_t **list = &parse->lists[option - options];
		if (*list == NULL)
			*list = json_array();
		if (json_array_append_new(*list, value_of(setting->item, text)) < 0)
			return fail_memory(parse);
		return apply(parse, setting, target, *list, option->name);
	}
	json_t *value = value_of(setting, text);
	int r = apply(parse, setting, target, value, option->name);
	json_decref(value);
	return r;
}

static bool has_port(const json_t *ports, const char *name) {
	size_t i;
	json_t *port;
	json_array_foreach (ports, i, port) {
		if (strcmp(json_string_value(json_object_get(port, "name")), name) == 0)
			return true;
	}
	return false;
}

static int take_port(struct parse *parse, const struct option *option, const char *text) {
	if (*text == '\0')
		return fail(
			parse, "--%s: expected a %s, found nothing", option->name, option->argument
		);
	char *name = NULL;
	if (asprintf(&name, "%s%s", option->key, text) < 0)
		return fail_memory(parse);
	if (!config_is_port_name(name)) {
		fail(parse, "--%s: expected " CONFIG_PORT_NAMES ", found \"%s\"", option->name, name
		);
		free(name);
		return -EINVAL;
	}
	if (has_port(parse->ports, name)) {
		free(name);
		return fail(parse, "--%s: '%s' is given twice", option->name, text);
	}
	if (parse->ports == NULL)
		parse->ports = json_array();
	json_t *port = json_pack("{s:o}", "name", json_stringn_nocheck(name, strlen(name)));
	free(name);
	if (json_array_append_new(parse->ports, port) < 0)
		return fail_memory(parse);
	void *target = NULL;
	const struct setting *setting =
		setting_find(config_settings(), "ports", parse->config, &target);
	return apply(parse, setting, target, parse->ports, option->name);
}

typedef int take_fn(struct parse *parse, const struct option *option, const char *text);

static int take_help(struct parse *parse, const struct option *option, const char *) {
	parse->wants_help = parse->wants_help || option->kind == OPTION_HELP;
	parse->wants_version = parse->wants_version || option->kind == OPTION_VERSION;
	return 0;
}

// A port is told apart by its name, and a flag may be said again.
static bool is_repeatable(const struct option *option) {
	if (option->kind == OPTION_PORT || option->argument == NULL)
		return true;
	if (option->kind != OPTION_SETTING)
		return false;
	struct config config;
	void *target = NULL;
	return setting_find(config_settings(), option->key, &config, &target)->type == SETTING_LIST;
}

static int take_once(struct parse *parse, const struct option *option, const char *) {
	bool *is_given = &parse->is_given[option - options];
	if (*is_given && !is_repeatable(option))
		return fail(parse, "--%s is given twice", option->name);
	*is_given = true;
	return 0;
}

static int take_config(struct parse *parse, const struct option *option, const char *text) {
	if (option->kind != OPTION_CONFIG)
		return 0;
	int r = config_load(parse->config, text, parse->failure);
	return r == 0 || r == -ENOMEM ? r : -EBADMSG;
}

static int take_value(struct parse *parse, const struct option *option, const char *text) {
	if (option->kind == OPTION_PORT)
		return take_port(parse, option, text);
	if (option->kind == OPTION_SETTING || option->kind == OPTION_FILE)
		return take_setting(parse, option, text);
	if (option->kind == OPTION_ENCAP && !is_utf8(text))
		return fail_utf8(parse, option, text);
	if (option->kind == OPTION_ENCAP)
		parse->encap = text;
	return 0;
}

// The option at argv[*at] and its argument; '*at' moves on to the last word that was read. NULL when
// it is wrong.
static const struct option *
next_option(struct parse *parse, char *const *argv, int *at, const char **ret_text) {
	const char *word = argv[*at];
	if (strcmp(word, "-h") == 0)
		word = "--help";
	if (strncmp(word, "--", 2) != 0) {
		fail(parse, "unexpected argument '%s'; options begin with --, see --help", word);
		return NULL;
	}
	const struct option *option = find_option(word + 2);
	if (option == NULL) {
		fail_unknown(parse, word);
		return NULL;
	}
	const char *equals = strchr(word, '=');
	if (option->argument == NULL) {
		*ret_text = "";
		if (equals == NULL)
			return option;
		fail(parse, "option '--%s' takes no argument", option->name);
		return NULL;
	}
	*ret_text = equals != NULL ? equals + 1 : argv[++*at];
	if (*ret_text != NULL)
		return option;
	fail(parse, "option '--%s' needs %s", option->name, option->argument);
	return NULL;
}

static int each_option(struct parse *parse, int argc, char *const *argv, take_fn *take) {
	for (int i = 1; i < argc; i++) {
		const char *text = NULL;
		const struct option *option = next_option(parse, argv, &i, &text);
		int r = option == NULL ? -EINVAL : take(parse, option, text);
		if (r < 0)
			return r;
	}
	return 0;
}

static int apply_encap(struct parse *parse) {
	for (size_t i = 0; parse->encap != NULL && i < parse->config->ports.n; i++) {
		struct config_port *port = &parse->config->ports.items[i];
		void *ports = NULL, *target = NULL;
		const struct setting *list =
			setting_find(config_settings(), "ports", parse->config, &ports);
		const struct setting *setting = setting_find(list->item, "encap", port, &target);
		json_t *value = value_of(setting, parse->encap);
		int r = apply(parse, setting, target, value, "encap");
		json_decref(value);
		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_all(struct parse *parse, int argc, char *const *argv) {
	int r = each_option(parse, argc, argv, take_help);
	if (r < 0 || parse->wants_help || parse->wants_version)
		return r;
	r = each_option(parse, argc, argv, take_once);
	if (r == 0)
		r = each_option(parse, argc, argv, take_config);
	if (r == 0)
		r = each_option(parse, argc, argv, take_value);
	if (r == 0)
		r = apply_encap(parse);
	if (r < 0)
		return r;
	if (parse->config->ports.n == 0)
		return fail(
			parse, "nothing to read: use --pcap FILE, --port NAME or --config FILE"
		);
	r = config_check(parse->config, parse->failure);
	if (r != -EINVAL)
		return r;
	config_name_file(parse->config, parse->failure);
	return -EBADMSG;
}

int options_parse(
	int argc,
	char *const *argv,
	struct config *config,
	struct options *ret,
	struct failure *ret_failure
) {
	struct parse parse = {.config = config, .failure = ret_failure};
	int r = parse_all(&parse, argc, argv);
	for (size_t i = 0; i < N_OPTIONS; i++)
		json_decref(parse.lists[i]);
	json_decref(parse.ports);
	ret->wants_help = parse.wants_help;
	ret->wants_version = parse.wants_version;
	return r;
}

void options_print(FILE *to) {
	for (size_t i = 0; i < N_OPTIONS; i++) {
		char left[64];
		snprintf(
			left,
			sizeof(left),
			"--%s %s",
			options[i].name,
			options[i].argument != NULL ? options[i].argument : ""
		);
		fprintf(to, "  %-22s %s\n", left, options[i].help);
	}
}
