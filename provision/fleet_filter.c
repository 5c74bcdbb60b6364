#include "fleet_table.h"

#include <stdlib.h>
#include <string.h>

typedef const struct json_table_reader reader_t;
typedef const struct json_table_path path_t;

// "8000-8080": digits alone.
static bool parse_range(const char *text, unsigned long *ret_from, unsigned long *ret_to) {
	char *end;
	if (text[0] < '0' || text[0] > '9')
		return false;
	*ret_from = strtoul(text, &end, 10);
	if (end[0] != '-' || end[1] < '0' || end[1] > '9')
		return false;
	*ret_to = strtoul(end + 1, &end, 10);
	return *end == 0;
}

// 443 or "8000-8080".
static int
read_ports(reader_t *reader, path_t *path, json_t *value, struct mirror_filter_ports *ports) {
	unsigned long from = 0, to = 0;
	if (json_is_integer(value)) {
		json_int_t port = json_integer_value(value);
		from = to = port < 1 || port > UINT16_MAX ? 0 : (unsigned long)port;
	} else if (json_is_string(value) && !parse_range(json_string_value(value), &from, &to)) {
		from = 0;
	}
	if (from == 0 || to < from || to > UINT16_MAX)
		return json_table_fail(
			reader,
			path,
			"ports are a number from 1 to 65535, or two such as \"8000-8080\""
		);
	*ports = (struct mirror_filter_ports) {.from = (uint16_t)from, .to = (uint16_t)to};
	return 0;
}

static int read_source_ports(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct mirror_filter_rule *rule = object;
	return read_ports(reader, path, value, &rule->source_ports);
}

static int read_destination_ports(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct mirror_filter_rule *rule = object;
	return read_ports(reader, path, value, &rule->destination_ports);
}

static int read_protocol(reader_t *reader, path_t *path, json_t *value, void *object) {
	static const struct {
		const char *name;
		int64_t number;
	} names[] = {{"tcp", 6}, {"udp", 17}, {"icmp", 1}, {"icmpv6", 58}};
	struct mirror_filter_rule *rule = object;
	if (json_is_integer(value) && json_integer_value(value) >= 0
	    && json_integer_value(value) <= 255) {
		rule->protocol = SHAPE_NUMBER_OF(json_integer_value(value));
		return 0;
	}
	for (size_t i = 0; json_is_string(value) && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(json_string_value(value), names[i].name) != 0)
			continue;
		rule->protocol = SHAPE_NUMBER_OF(names[i].number);
		return 0;
	}
	return json_table_fail(
		reader, path, "a protocol is \"tcp\", \"udp\", \"icmp\", \"icmpv6\" or a number"
	);
}

static int read_direction(reader_t *reader, path_t *path, json_t *value, void *object) {
	static const char *const choices[] = {"ingress", "egress"};
	struct mirror_filter_rule *rule = object;
	return fleet_read_choice(reader, path, value, choices, &rule->direction);
}

static int read_action(reader_t *reader, path_t *path, json_t *value, void *object) {
	static const char *const choices[] = {"accept", "reject"};
	struct mirror_filter_rule *rule = object;
	return fleet_read_choice(reader, path, value, choices, &rule->action);
}

#define PORTS                                                                                      \
	"{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535},"                \
	" {\"type\": \"string\", \"pattern\": \"^[0-9]{1,5}-[0-9]{1,5}$\"}]}"
#define RULE struct mirror_filter_rule
static const struct json_table_field rule_fields[] = {
	FLEET_CUSTOM(
		"direction",
		read_direction,
		"of the packets, seen from the source; both where it is left out",
		"{\"enum\": [\"ingress\", \"egress\"]}"
	),
	FLEET_CUSTOM(
		"action",
		read_action,
		"what becomes of them; the first rule that fits decides",
		"{\"enum\": [\"accept\", \"reject\"], \"default\": \"accept\"}"
	),
	FLEET_CUSTOM(
		"protocol",
		read_protocol,
		"of IP, by name or number; all where it is left out",
		"{\"anyOf\": [{\"enum\": [\"tcp\", \"udp\", \"icmp\", \"icmpv6\"]},"
		" {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 255}]}"
	),
	FLEET_CUSTOM(
		"source_ports",
		read_source_ports,
		"one or a range such as \"8000-8080\", of TCP or UDP",
		PORTS
	),
	FLEET_CUSTOM("destination_ports", read_destination_ports, "likewise", PORTS),
	FLEET_TEXT(RULE, source_cidr, "source_cidr", "IPv4 or IPv6; any where it is left out"),
	FLEET_TEXT(RULE, destination_cidr, "destination_cidr", "likewise"),
	FLEET_TEXT(
		RULE,
		description,
		"description",
		"shown in AWS",
		.form = "{\"maxLength\": 255}"
	),
};
static const struct json_table rule_table = JSON_TABLE(rule_fields);

static int read_rules(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct deployment *deployment = object;
	size_t n = json_array_size(value);
	struct mirror_filter_rule *rules = arena_alloc_array(reader->arena, n, sizeof(*rules));
	int result = fleet_check_list(reader, path, value);
	if (deployment->rules.n > 0)
		return json_table_fail(reader, path, "there are server_ports already");
	if (rules == NULL)
		return fleet_no_memory(reader);
	for (size_t i = 0; result == 0 && i < n; i++) {
		struct json_table_path item = {.parent = path, .index = i};
		result = json_table_read(
			reader, &rule_table, &item, json_array_get(value, i), &rules[i]
		);
	}
	deployment->rules = (struct mirror_filter_rules) {.items = rules, .n = n};
	return result;
}

static int compare_ports(const void *a, const void *b) {
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static int read_server_ports(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct deployment *deployment = object;
	size_t n = json_array_size(value), n_extra;
	uint16_t *ports = arena_alloc_array(reader->arena, n + 1, sizeof(*ports));
	int result = fleet_check_list(reader, path, value);
	if (deployment->rules.n > 0)
		return json_table_fail(reader, path, "there are rules already");
	if (ports == NULL)
		return fleet_no_memory(reader);
	for (size_t i = 0; result == 0 && i < n; i++) {
		struct json_table_path item = {.parent = path, .index = i};
		struct mirror_filter_ports one = {0};
		result = read_ports(reader, &item, json_array_get(value, i), &one);
		if (result == 0 && one.from != one.to)
			result =
				json_table_fail(reader, &item, "one port is expected, not a range");
		ports[i] = one.from;
	}
	if (result < 0)
		return result;
	qsort(ports, n, sizeof(*ports), compare_ports);
	result = mirror_filter_for_servers(ports, n, reader->arena, &deployment->rules, &n_extra);
	return result < 0 ? fleet_no_memory(reader) : 0;
}

static const struct json_table_field filter_fields[] = {
	FLEET_CUSTOM(
		"server_ports",
		read_server_ports,
		"TCP ports of servers: what goes to and comes from them is mirrored",
		"{\"type\": \"array\", \"items\": {\"type\": \"integer\", \"minimum\": 1, "
		"\"maximum\": 65535}}"
	),
	FLEET_CUSTOM(
		"rules",
		read_rules,
		"in order, instead of server_ports; all TCP and UDP where there are neither",
		"{\"type\": \"array\"}",
		.table = &rule_table
	),
	FLEET_FLAG(struct deployment, mirrors_dns, "dns", "queries to Amazon's DNS server too"),
};
const struct json_table fleet_filter_table = JSON_TABLE(filter_fields);
