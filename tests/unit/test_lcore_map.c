#include "lcore_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *what;
	const char *usable; // CPUs, '1' for each that may be used
	const char *config; // JSON, without its ports
	bool is_polled; // has a pci port
	const char *map; // NULL: refused
} cases[] = {
	{"they share all CPUs", "11", "{}", false, "0@(0-1),1@(0-1)"},
	{"also when there are more of them than CPUs",
	 "11",
	 "{\"lcores\": 3}",
	 false,
	 "0@(0-1),1@(0-1),2@(0-1),3@(0-1)"},
	{"holes are left out", "0110 1", "{}", false, "0@(1-2,5),1@(1-2,5)"},
	{"each has the CPU it was given",
	 "1111",
	 "{\"lcores\": 2, \"cpus\": [3, 1]}",
	 false,
	 "0@(0,2),1@3,2@1"},
	{"the control thread shares where none is left",
	 "1",
	 "{\"cpus\": [0]}",
	 false,
	 "0@(0),1@0"},
	{"a CPU that may not be used is refused", "101", "{\"cpus\": [1]}", false, NULL},
	{"polling takes the last CPUs", "111111", "{\"lcores\": 3}", true, "0@(0-2),1@3,2@4,3@5"},
	{"polling skips holes", "1101101", "{\"lcores\": 2}", true, "0@(0-1,3),1@4,2@6"},
	{"polling without a CPU to spare shares",
	 "11",
	 "{\"lcores\": 2}",
	 true,
	 "0@(0-1),1@(0-1),2@(0-1)"},
	{"polling with CPUs given", "111", "{\"cpus\": [1]}", true, "0@(0,2),1@1"},
};

static void maps_threads_to_cpus(void **) {
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cpu_set_t usable;
		CPU_ZERO(&usable);
		for (size_t cpu = 0; cases[i].usable[cpu] != '\0'; cpu++) {
			if (cases[i].usable[cpu] == '1')
				CPU_SET(cpu, &usable);
		}
		struct config config;
		struct failure failure = {};
		assert_int_equal(config_init(&config), 0);
		assert_int_equal(
			config_parse(&config, cases[i].config, strlen(cases[i].config), &failure), 0
		);
		const char *ports = cases[i].is_polled
			? "{\"ports\": [{\"name\": \"pci:0000:00:06.0\"}]}"
			: "{\"ports\": [{\"name\": \"pcap:x\"}]}";
		assert_int_equal(config_parse(&config, ports, strlen(ports), &failure), 0);
		char *map = lcore_map(&config, &usable, &failure);
		if (cases[i].map == NULL)
			assert_null(map);
		else if (map == NULL || strcmp(map, cases[i].map) != 0)
			fail_msg("%s: %s", cases[i].what, map == NULL ? failure.text : map);
		free(map);
		config_release(&config);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_threads_to_cpus),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
