#pragma once

// Starts EAL for a test: no huge pages, no devices, no root, nothing left behind.

#include <rte_eal.h>

#include <assert.h>

static inline void test_eal_init(void) {
	char *args[] = {
		(char[]) {"test"},
		(char[]) {"--no-huge"},
		(char[]) {"--no-pci"},
		(char[]) {"--no-shconf"},
		(char[]) {"--no-telemetry"},
		(char[]) {"--log-level=*:error"},
		(char[]) {"-m"},
		(char[]) {"128"},
		(char[]) {"-l"},
		(char[]) {"0"},
	};
	int n_used = rte_eal_init(sizeof(args) / sizeof(args[0]), args);
	assert(n_used >= 0);
	(void)n_used;
}
