#include "config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG_SIZE_MAX (1u << 20)

int config_init(struct config *ret) {
	memset(ret, 0, sizeof(*ret));
	return setting_preset(config_settings(), ret);
}

void config_release(struct config *config) {
	if (config != NULL)
		setting_release(config_settings(), config);
}

static int
fail_json(const char *text, size_t len, const json_error_t *error, struct failure *ret_failure) {
	enum json_error_code code = json_error_code(error);
	const char *why = error->text;
	if (memchr(text, '\0', len) != NULL)
		why = "the file has a byte 0, and is no text in UTF-8";
	else if (code == json_error_null_character || code == json_error_null_byte_in_key)
		why = "\\u0000 is not allowed";
	failure_set(ret_failure, "line %d, column %d: %s", error->line, error->column, why);
	return -EINVAL;
}

int config_parse(struct config *config, const char *text, size_t len, struct failure *ret_failure) {
	json_error_t json_error;
	json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &json_error);
	if (value == NULL)
		return fail_json(text, len, &json_error, ret_failure);
	struct setting_error error = {};
	int r = setting_apply(config_settings(), config, value, "$", &error);
	json_decref(value);
	if (r < 0)
		failure_set(ret_failure, "%s", r == -ENOMEM ? "out of memory" : error.text);
	return r;
}

// The whole of a small file. The caller frees it.
static int read_file(int fd, char **ret, size_t *ret_len) {
	char *text = malloc(CONFIG_SIZE_MAX + 1);
	if (text == NULL)
		return -ENOMEM;
	size_t len = 0;
	while (len <= CONFIG_SIZE_MAX) {
		ssize_t n = read(fd, text + len, CONFIG_SIZE_MAX + 1 - len);
		if (n < 0) {
			int error = errno;
			free(text);
			return -error;
		}
		if (n == 0)
			break;
		len += (size_t)n;
	}
	if (len > CONFIG_SIZE_MAX) {
		free(text);
		return -EFBIG;
	}
	*ret = text;
	*ret_len = len;
	return 0;
}

int config_load(struct config *config, const char *path, struct failure *ret_failure) {
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		int error = errno;
		failure_set(ret_failure, "cannot open config '%s': %s", path, strerror(error));
		return -error;
	}
	config->path = path;
	char *text = NULL;
	size_t len = 0;
	int r = read_file(fd, &text, &len);
	close(fd);
	if (r < 0) {
		const char *why = r == -EFBIG ? "larger than 1 MiB" : strerror(-r);
		failure_set(ret_failure, "cannot read config '%s': %s", path, why);
		return r;
	}
	assert(text != NULL);
	r = config_parse(config, text, len, ret_failure);
	free(text);
	if (r < 0)
		config_name_file(config, ret_failure);
	return r;
}

void config_name_file(const struct config *config, struct failure *failure) {
	struct failure inner = *failure;
	if (config->path != NULL)
		failure_set(failure, "config '%s': %s", config->path, inner.text);
}

static bool is_scheme(const char *name, const char *scheme) {
	size_t len = strlen(scheme);
	return strncmp(name, scheme, len) == 0 && name[len] != '\0';
}

bool config_is_port_name(const char *name) {
	static const char *const schemes[] = {"pci:", "af_packet:", "af_xdp:", "pcap:", "vdev:"};
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (is_scheme(name, schemes[i]))
			return true;
	}
	return false;
}

static int check_port(const struct config *config, size_t i, struct failure *ret_failure) {
	const struct config_port *port = &config->ports.items[i];
	if (!config_is_port_name(port->name)) {
		failure_set(
			ret_failure,
			"$.ports[%zu].name: expected " CONFIG_PORT_NAMES ", found \"%s\"",
			i,
			port->name
		);
		return -EINVAL;
	}
	if (is_scheme(port->name, "pcap:") && port->queues > 1) {
		failure_set(ret_failure, "$.ports[%zu].queues: a capture has 1 queue", i);
		return -EINVAL;
	}
	for (size_t k = 0; k < i; k++) {
		if (strcmp(config->ports.items[k].name, port->name) != 0)
			continue;
		failure_set(
			ret_failure,
			"$.ports[%zu].name: \"%s\" is listed already, as $.ports[%zu]",
			i,
			port->name,
			k
		);
		return -EINVAL;
	}
	return 0;
}

static int check_ports(const struct config *config, struct failure *ret_failure) {
	int r = 0;
	for (size_t i = 0; i < config->ports.n && r == 0; i++)
		r = check_port(config, i, ret_failure);
	return r;
}

static int compare_u32(const void *a, const void *b) {
	uint32_t x, y;
	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

// A VNI can be of one group only.
static int check_groups(const struct config_tenancy *tenancy, struct failure *ret_failure) {
	size_t n = 0;
	for (size_t i = 0; i < tenancy->groups.n; i++)
		n += tenancy->groups.items[i].n;
	if (n == 0)
		return 0;
	if (tenancy->mode != CONFIG_TENANCY_ISOLATE) {
		failure_set(ret_failure, "$.tenancy.groups: only with \"mode\": \"isolate\"");
		return -EINVAL;
	}
	uint32_t *vnis = calloc(n, sizeof(*vnis));
	if (vnis == NULL) {
		failure_set(ret_failure, "out of memory");
		return -ENOMEM;
	}
	n = 0;
	for (size_t i = 0; i < tenancy->groups.n; i++) {
		const struct config_vnis *group = &tenancy->groups.items[i];
		memcpy(vnis + n, group->items, group->n * sizeof(*vnis));
		n += group->n;
	}
	qsort(vnis, n, sizeof(*vnis), compare_u32);
	int r = 0;
	for (size_t i = 1; i < n && r == 0; i++) {
		if (vnis[i] == vnis[i - 1]) {
			failure_set(
				ret_failure, "$.tenancy.groups: the VNI %u is listed twice", vnis[i]
			);
			r = -EINVAL;
		}
	}
	free(vnis);
	return r;
}

int config_check(const struct config *config, struct failure *ret_failure) {
	int r = check_ports(config, ret_failure);
	if (r == 0)
		r = check_groups(&config->tenancy, ret_failure);
	if (r < 0)
		return r;
	if (config->cpus.n > 0 && config->cpus.n != config->lcores) {
		failure_set(
			ret_failure,
			"$.cpus: expected as many entries as lcores (%u), found %zu",
			config->lcores,
			config->cpus.n
		);
		return -EINVAL;
	}
	return 0;
}

char *config_schema(void) {
	json_t *schema = json_object();
	json_t *body = setting_schema(config_settings());
	char *text = NULL;
	if (json_object_set_new(
		    schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema")
	    ) == 0
	    && json_object_update(schema, body) == 0)
		text = json_dumps(schema, JSON_INDENT(2));
	json_decref(body);
	json_decref(schema);
	if (text == NULL)
		return NULL;
	char *line = NULL;
	if (asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}
