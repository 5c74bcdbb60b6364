// metlo-appliance status: the counters of the collectors that run on this machine.

#include "command.h"
#include "console.h"
#include "runtime.h"
#include "telemetry_client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX 256
#define N_LCORES_MAX 127 // of a configuration
#define N_PORTS_MAX 32
#define N_COLUMNS_MAX 8 // more lcores than that are shown as their total only

static const char *const words[] = {"--json", "--help", NULL};

struct search {
	json_t *collectors;
	int n_refused; // that may run, but that this user may not ask, or should not trust
};

// "kind" is "lcore" or "port". NULL when one does not answer.
static json_t *ask_each(int fd, const char *kind, json_int_t n) {
	json_t *answers = json_array();
	for (json_int_t i = 0; i < n; i++) {
		char command[64];
		snprintf(command, sizeof(command), "/metlo/%s,%" JSON_INTEGER_FORMAT, kind, i);
		json_t *answer = telemetry_client_ask(fd, command);
		if (json_array_append_new(answers, answer) < 0) {
			json_decref(answers);
			return NULL;
		}
	}
	return answers;
}

static void add_to(json_t *total, json_t *lcore) {
	const char *name;
	json_t *value;
	json_object_foreach (lcore, name, value) {
		uint64_t sum = (uint64_t)json_integer_value(json_object_get(total, name));
		sum += (uint64_t)json_integer_value(value);
		json_object_set_new(total, name, json_integer((json_int_t)sum));
	}
}

// NULL when the collector is about to end.
static json_t *ask_collector(int fd) {
	json_t *collector = telemetry_client_ask(fd, "/metlo/info");
	if (collector == NULL)
		return NULL;
	json_int_t n_lcores = json_integer_value(json_object_get(collector, "n_lcores"));
	json_int_t n_ports = json_integer_value(json_object_get(collector, "n_ports"));
	if (n_lcores < 1 || n_lcores > N_LCORES_MAX || n_ports < 0 || n_ports > N_PORTS_MAX) {
		json_decref(collector);
		return NULL;
	}
	json_t *lcores = ask_each(fd, "lcore", n_lcores);
	json_t *ports = ask_each(fd, "port", n_ports);
	json_t *total = json_object();
	for (size_t i = 0; i < json_array_size(lcores); i++)
		add_to(total, json_array_get(lcores, i));
	bool is_whole = lcores != NULL && ports != NULL;
	if (json_object_set_new(collector, "total", total) < 0
	    || json_object_set_new(collector, "lcores", lcores) < 0
	    || json_object_set_new(collector, "ports", ports) < 0 || !is_whole) {
		json_decref(collector);
		return NULL;
	}
	return collector;
}

static bool visit(void *arg, const char *folder, int) {
	struct search *search = arg;
	int fd = telemetry_client_open(folder);
	if (fd == -EACCES || fd == -EPERM)
		search->n_refused++;
	if (fd < 0)
		return true;
	json_t *collector = ask_collector(fd);
	close(fd);
	if (collector != NULL)
		json_array_append_new(search->collectors, collector);
	return true;
}

static json_int_t number(const json_t *object, const char *name) {
	return json_integer_value(json_object_get(object, name));
}

static const char *text(const json_t *object, const char *name) {
	return json_string_value(json_object_get(object, name));
}

// What is always shown; everything else only where it is not zero.
static bool is_headline(const char *name) {
	static const char *const names[] = {
		"packets.received",
		"packets.delivered",
		"traces.made",
		"traces.exported",
		"flows.now",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

// The caller's room for a text of someone else, made fit for a terminal.
static const char *clean(const char *text, char *ret, size_t ret_size) {
	snprintf(ret, ret_size, "%s", text == NULL ? "" : text);
	console_neutralise(ret);
	return ret;
}

static void print_table(const json_t *collector) {
	const json_t *lcores = json_object_get(collector, "lcores");
	size_t n = json_array_size(lcores);
	size_t n_columns = n > N_COLUMNS_MAX || n == 1 ? 0 : n;
	printf("%-32s %14s", "", "total");
	for (size_t i = 0; i < n_columns; i++)
		printf("      lcore %2zu", i);
	putchar('\n');
	const char *name;
	json_t *value;
	json_object_foreach (json_object_get(collector, "total"), name, value) {
		if (json_integer_value(value) == 0 && !is_headline(name))
			continue;
		char shown[TEXT_MAX];
		printf("%-32s %14" JSON_INTEGER_FORMAT,
		       clean(name, shown, sizeof(shown)),
		       json_integer_value(value));
		for (size_t i = 0; i < n_columns; i++)
			printf(" %13" JSON_INTEGER_FORMAT, number(json_array_get(lcores, i), name));
		putchar('\n');
	}
}

static void print_ports(const json_t *collector) {
	size_t i;
	json_t *port;
	json_array_foreach (json_object_get(collector, "ports"), i, port) {
		char name[TEXT_MAX], trouble[TEXT_MAX];
		clean(text(port, "name"), name, sizeof(name));
		clean(text(port, "trouble"), trouble, sizeof(trouble));
		printf("port %s: missed %" JSON_INTEGER_FORMAT ", errors %" JSON_INTEGER_FORMAT
		       ", no buffer %" JSON_INTEGER_FORMAT "\n",
		       name,
		       number(port, "missed"),
		       number(port, "errors"),
		       number(port, "no_mbuf"));
		if (trouble[0] != '\0')
			printf("port %s: %s\n", name, trouble);
	}
}

static void print_collectors(const json_t *collectors) {
	size_t i;
	json_t *collector;
	json_array_foreach (collectors, i, collector) {
		char version[TEXT_MAX];
		clean(text(collector, "version"), version, sizeof(version));
		printf("%scollector %s, process %" JSON_INTEGER_FORMAT ", running for %.1f s\n",
		       i == 0 ? "" : "\n",
		       version,
		       number(collector, "pid"),
		       (double)number(collector, "uptime_ms") / 1000);
		print_ports(collector);
		print_table(collector);
	}
}

static int show(bool is_json) {
	struct search search = {.collectors = json_array()};
	runtime_each(visit, &search);
	int code = EXIT_SUCCESS;
	if (json_array_size(search.collectors) == 0) {
		code = EXIT_FAILURE;
		if (access(RUNTIME_ROOT, F_OK) == 0 && access(RUNTIME_ROOT, R_OK | X_OK) < 0)
			search.n_refused++;
		if (search.n_refused > 0)
			console_say(
				"collectors of another user may run, but are not asked; run it as "
				"%stheir user",
				geteuid() == 0 ? "" : "root, or as "
			);
		else
			console_say("no collector is running here");
	} else if (is_json) {
		json_t *all = json_pack("{s:O}", "collectors", search.collectors);
		json_dumpf(all, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII);
		putchar('\n');
		json_decref(all);
	} else
		print_collectors(search.collectors);
	json_decref(search.collectors);
	return code;
}

int status_main(int argc, char **argv) {
	if (argc == 1)
		return show(false);
	if (argc == 2 && strcmp(argv[1], "--json") == 0)
		return show(true);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		printf("Shows the counters of the collectors that run on this machine.\n\n"
		       "usage: metlo-appliance status [--json]\n\noptions:\n"
		       "  --json                 all counters, as JSON\n"
		       "  --help                 show this help\n");
		return EXIT_SUCCESS;
	}
	return command_refuse("status", argv[argc - 1], words);
}
