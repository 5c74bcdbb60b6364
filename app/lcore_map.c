#include "lcore_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHARED SIZE_MAX

// "(0-3,6)"
static void print_cpus(FILE *to, const cpu_set_t *cpus) {
	const char *mark = "(";
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, cpus))
			continue;
		size_t last = cpu;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cpus))
			last++;
		fprintf(to, last == cpu ? "%s%zu" : "%s%zu-%zu", mark, cpu, last);
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

static int take_given(
	const struct config *config,
	size_t *ret_cpus,
	cpu_set_t *rest,
	struct failure *ret_failure
) {
	cpu_set_t usable = *rest;
	for (size_t i = 0; i < config->cpus.n; i++) {
		size_t cpu = config->cpus.items[i];
		if (!CPU_ISSET(cpu, &usable)) {
			failure_set(
				ret_failure,
				"$.cpus[%zu]: CPU %zu is not there, or not allowed to this process",
				i,
				cpu
			);
			config_name_file(config, ret_failure);
			return -1;
		}
		ret_cpus[i] = cpu;
		CPU_CLR(cpu, rest);
	}
	return 0;
}

static void take_last(uint32_t n, size_t *ret_cpus, cpu_set_t *rest) {
	for (size_t cpu = CPU_SETSIZE; cpu-- > 0 && n > 0;) {
		if (!CPU_ISSET(cpu, rest))
			continue;
		ret_cpus[--n] = cpu;
		CPU_CLR(cpu, rest);
	}
}

// The CPU of each worker, or SHARED. The others are left in '*ret_rest'.
static int
choose(const struct config *config,
       const cpu_set_t *usable,
       size_t *ret_cpus,
       cpu_set_t *ret_rest,
       struct failure *ret_failure) {
	*ret_rest = *usable;
	for (uint32_t i = 0; i < config->lcores; i++)
		ret_cpus[i] = SHARED;
	bool is_enough = config->lcores < (uint32_t)CPU_COUNT(usable);
	if (take_given(config, ret_cpus, ret_rest, ret_failure) < 0)
		return -1;
	if (config->cpus.n == 0 && has_polled_port(config) && is_enough)
		take_last(config->lcores, ret_cpus, ret_rest);
	if (CPU_COUNT(ret_rest) == 0)
		*ret_rest = *usable;
	return 0;
}

char *lcore_map(const struct config *config, const cpu_set_t *usable, struct failure *ret_failure) {
	char *text = NULL;
	size_t len = 0;
	size_t *cpus = calloc(config->lcores, sizeof(*cpus));
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
			if (cpus[i] == SHARED)
				print_cpus(to, &rest);
			else
				fprintf(to, "%zu", cpus[i]);
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
