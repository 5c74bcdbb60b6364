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
	json_t *unanswered; // process ids of those whose sockets take a question, and no answer comes
	int n_refused; // that may run, but that this user may not ask, or should not trust
};

// "kind" is "lcore" or "port".
static int ask_each(int fd, const char *kind, json_int_t n, json_t *to) {
	for (json_int_t i = 0; i < n; i++) {
		char command[64];
		snprintf(command, sizeof(command), "/metlo/%s,%" JSON_INTEGER_FORMAT, kind, i);
		json_t *answer = telemetry_client_ask(fd, command);
		if (answer == NULL)
			return -errno;
		if (json_array_append_new(to, answer) < 0)
			return -ENOMEM;
	}
	return 0;
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

// As "run --stats" has them. What DPDK's telemetry answers has no booleans, and does not
// say which lcore it is of.
static void finish_entries(json_t *total, json_t *lcores, json_t *ports) {
	size_t i;
	json_t *each;
	json_array_foreach (lcores, i, each) {
		add_to(total, each);
		json_object_set_new(each, "lcore", json_integer((json_int_t)i));
	}
	static const char is_complete[] = "is_missed_complete";
	json_array_foreach (ports, i, each) {
		bool value = json_integer_value(json_object_get(each, is_complete)) != 0;
		json_object_set_new(each, is_complete, json_boolean(value));
	}
}

// -EAGAIN: no answer came in time; -EPROTO: it is about to end, or is no collector.
static int ask_collector(int fd, json_t **ret) {
	json_t *collector = telemetry_client_ask(fd, "/metlo/info");
	if (collector == NULL)
		return -errno;
	json_int_t n_lcores = json_integer_value(json_object_get(collector, "n_lcores"));
	json_int_t n_ports = json_integer_value(json_object_get(collector, "n_ports"));
	json_t *total = json_object(), *lcores = json_array(), *ports = json_array();
	int r = 0;
	if (n_lcores < 1 || n_lcores > N_LCORES_MAX || n_ports < 0 || n_ports > N_PORTS_MAX)
		r = -EPROTO;
	if (r == 0)
		r = ask_each(fd, "lcore", n_lcores, lcores);
	if (r == 0)
		r = ask_each(fd, "port", n_ports, ports);
	finish_entries(total, lcores, ports);
	if (json_object_update(collector, total) < 0
	    || json_object_set_new(collector, "total", total) < 0
	    || json_object_set_new(collector, "lcores", lcores) < 0
	    || json_object_set_new(collector, "ports", ports) < 0)
		r = -ENOMEM;
	if (r < 0)
		json_decref(collector);
	else
		*ret = collector;
	return r;
}

static bool visit(void *arg, const char *folder, int pid) {
	struct search *search = arg;
	json_t *collector = NULL;
	int fd = telemetry_client_open(folder);
	int r = fd < 0 ? fd : ask_collector(fd, &collector);
	if (fd >= 0)
		close(fd);
	if (r == 0)
		json_array_append_new(search->collectors, collector);
	else if (r == -EAGAIN)
		json_array_append_new(search->unanswered, json_integer(pid));
	else if ((r == -EACCES || r == -EPERM) && !runtime_is_dead(pid))
		search->n_refused++;
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
		char trouble[TEXT_MAX];
		clean(text(collector, "traces_trouble"), trouble, sizeof(trouble));
		if (trouble[0] != '\0')
			printf("traces: %s\n", trouble);
		print_table(collector);
	}
}

static void print_json(const struct search *search) {
	json_t *all = json_pack(
		"{s:O, s:O}", "collectors", search->collectors, "unanswered", search->unanswered
	);
	json_dumpf(all, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(all);
}

static void say_none(const struct search *search) {
	bool is_hidden = access(RUNTIME_ROOT, F_OK) == 0 && access(RUNTIME_ROOT, R_OK | X_OK) < 0;
	if (search->n_refused > 0 || is_hidden)
		console_say(
			"collectors of another user may run, but are not asked; run it as "
			"%stheir user",
			geteuid() == 0 ? "" : "root, or as "
		);
	else
		console_say("no collector is running here");
}

static void say_unanswered(const json_t *unanswered) {
	size_t i;
	json_t *each;
	json_array_foreach (unanswered, i, each) {
		int pid = (int)json_integer_value(each);
		console_say(
			"collector process %d does not answer; if it was stopped, 'kill -CONT %d' "
			"lets it go on; else ask again, or restart it",
			pid,
			pid
		);
	}
}

static int show(bool is_json) {
	struct search search = {.collectors = json_array(), .unanswered = json_array()};
	runtime_each(visit, &search);
	size_t n_running = json_array_size(search.collectors);
	size_t n_unanswered = json_array_size(search.unanswered);
	if (n_running + n_unanswered == 0)
		say_none(&search);
	else if (is_json)
		print_json(&search);
	else
		print_collectors(search.collectors);
	say_unanswered(search.unanswered);
	json_decref(search.collectors);
	json_decref(search.unanswered);
	return n_running > 0 && n_unanswered == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
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
