#include "lcore_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// "(0-3,6)"
static void print_cpus(FILE *to, const cpu_set_t *cpus) {
	const char *mark = "(";
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, cpus))
			continue;
		int last = cpu;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cpus))
			last++;
		fprintf(to, last == cpu ? "%s%d" : "%s%d-%d", mark, cpu, last);
		mark = ",";
		cpu = last;
	}
	fputc(')', to);
}

static bool has_polled_port(const struct config *config) {
	for (size_t i = 0; i < config->ports.n; i++) {
		if (strncmp(config->ports.items[i].name, "pci:", 4) == 0)
			return true;
	}
	return false;
}

// The CPU of each worker, or -1 where they share. The others are left in '*ret_rest'.
static int choose(
	const struct config *config,
	const cpu_set_t *usable,
	int *ret_cpus,
	cpu_set_t *ret_rest,
	struct failure *ret_failure
) {
	*ret_rest = *usable;
	for (uint32_t i = 0; i < config->lcores; i++)
		ret_cpus[i] = -1;
	for (size_t i = 0; i < config->cpus.n; i++) {
		int cpu = (int)config->cpus.items[i];
		if (!CPU_ISSET(cpu, usable)) {
			failure_set(
				ret_failure,
				"$.cpus[%zu]: CPU %d is not there, or not allowed to this process",
				i,
				cpu
			);
			return -1;
		}
		ret_cpus[i] = cpu;
		CPU_CLR(cpu, ret_rest);
	}
	bool is_enough = config->lcores < (uint32_t)CPU_COUNT(usable);
	if (config->cpus.n == 0 && has_polled_port(config) && is_enough) {
		int cpu = CPU_SETSIZE - 1;
		for (uint32_t i = config->lcores; i > 0; cpu--) {
			if (!CPU_ISSET(cpu, usable))
				continue;
			ret_cpus[--i] = cpu;
			CPU_CLR(cpu, ret_rest);
		}
	}
	if (CPU_COUNT(ret_rest) == 0)
		*ret_rest = *usable;
	return 0;
}

char *
lcore_map(const struct config *config, const cpu_set_t *usable, struct failure *ret_failure) {
	char *text = NULL;
	size_t len = 0;
	int *cpus = calloc(config->lcores, sizeof(*cpus));
	FILE *to = cpus == NULL ? NULL : open_memstream(&text, &len);
	if (to == NULL) {
		free(cpus);
		failure_set(ret_failure, "out of memory");
		return NULL;
	}
	cpu_set_t rest;
	int r = choose(config, usable, cpus, &rest, ret_failure);
	if (r == 0) {
		fputs("0@", to);
		print_cpus(to, &rest);
		for (uint32_t i = 0; i < config->lcores; i++) {
			fprintf(to, ",%u@", i + 1);
			if (cpus[i] < 0)
				print_cpus(to, &rest);
			else
				fprintf(to, "%d", cpus[i]);
		}
	}
	free(cpus);
	if (fclose(to) != 0 && r == 0) {
		failure_set(ret_failure, "out of memory");
		r = -1;
	}
	if (r == 0)
		return text;
	free(text);
	return NULL;
}
