// Any bytes as a configuration: either it is valid and within its bounds, or one line says why not.

#include "config.h"
#include "console.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true) {
	if (!is_true)
		abort();
}

static void check_bounds(const struct config *config) {
	check(config->lcores >= 1 && config->lcores <= 127);
	check(config->http.head_size >= 1024 && config->http.head_size <= 65535);
	check(config->vxlan_ports.n >= 1 && config->vxlan_ports.n <= 16);
	check(config->ports.n <= 32);
	for (size_t i = 0; i < config->ports.n; i++)
		check(config->ports.items[i].name != NULL && config->ports.items[i].name[0] != '\0'
		);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct config config;
	struct failure failure = {};
	check(config_init(&config) == 0);
	int r = config_parse(&config, (const char *)data, size, &failure);
	if (r == 0) {
		check_bounds(&config);
		r = config_check(&config, &failure);
	}
	check(r == 0 || (r == -EINVAL && failure.text[0] != '\0'));
	console_neutralise(failure.text); // as it is shown
	check(strpbrk(failure.text, "\r\n\x1b") == NULL);
	config_release(&config);
	return 0;
}
