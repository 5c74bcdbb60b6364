#include "mirror_filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TCP 6
#define UDP 17
#define ANY_IPV4 "0.0.0.0/0"
#define ANY_IPV6 "::/0"
#define RANGES_MAX (EC2_MIRROR_RULES_PER_DIRECTION / 2)
#define NUMBER_STEP 100
#define N_DIRECTIONS 2

static const char *const directions[N_DIRECTIONS] = {"ingress", "egress"};

int mirror_filter_default(struct arena *arena, struct mirror_filter_rules *ret_rules) {
	struct mirror_filter_rule *rules = arena_alloc_array(arena, 2, sizeof(*rules));
	if (rules == NULL)
		return -ENOMEM;
	rules[0] = (struct mirror_filter_rule) {
		.protocol = SHAPE_NUMBER_OF(TCP),
		.description = "all TCP",
	};
	rules[1] = (struct mirror_filter_rule) {
		.protocol = SHAPE_NUMBER_OF(UDP),
		.description = "all UDP",
	};
	*ret_rules = (struct mirror_filter_rules) {.items = rules, .n = 2};
	return 0;
}

// Joins the two neighbours with the fewest ports between them until there are few enough.
static size_t merge_ranges(struct mirror_filter_ports *ranges, size_t n) {
	while (n > RANGES_MAX) {
		size_t best = 0;
		for (size_t i = 1; i + 1 < n; i++)
			if (ranges[i + 1].from - ranges[i].to
			    < ranges[best + 1].from - ranges[best].to)
				best = i;
		ranges[best].to = ranges[best + 1].to;
		memmove(&ranges[best + 1], &ranges[best + 2], (n - best - 2) * sizeof(*ranges));
		n--;
	}
	return n;
}

static size_t
ranges_of_ports(const uint16_t *ports, size_t n_ports, struct mirror_filter_ports *ranges) {
	size_t n = 0;
	for (size_t i = 0; i < n_ports; i++) {
		if (n > 0 && ports[i] <= ranges[n - 1].to + 1)
			ranges[n - 1].to = ports[i];
		else
			ranges[n++] =
				(struct mirror_filter_ports) {.from = ports[i], .to = ports[i]};
	}
	return merge_ranges(ranges, n);
}

int mirror_filter_for_servers(
	const uint16_t *ports,
	size_t n_ports,
	struct arena *arena,
	struct mirror_filter_rules *ret_rules,
	size_t *ret_n_extra
) {
	struct mirror_filter_ports *ranges = arena_alloc_array(arena, n_ports, sizeof(*ranges));
	struct mirror_filter_rule *rules =
		arena_alloc_array(arena, N_DIRECTIONS * RANGES_MAX, sizeof(*rules));
	size_t n_covered = 0, n_asked = 0;
	if (ranges == NULL || rules == NULL)
		return -ENOMEM;
	size_t n = ranges_of_ports(ports, n_ports, ranges);
	for (size_t i = 0; i < n_ports; i++)
		n_asked += i == 0 || ports[i] != ports[i - 1];
	for (size_t i = 0; i < n; i++) {
		struct mirror_filter_rule rule = {
			.protocol = SHAPE_NUMBER_OF(TCP),
			.description = "server ports",
		};
		rule.direction = "ingress";
		rule.destination_ports = ranges[i];
		rules[2 * i] = rule;
		rule.direction = "egress";
		rule.destination_ports = (struct mirror_filter_ports) {0};
		rule.source_ports = ranges[i];
		rules[2 * i + 1] = rule;
		n_covered += (size_t)(ranges[i].to - ranges[i].from) + 1;
	}
	*ret_rules = (struct mirror_filter_rules) {.items = rules, .n = 2 * n};
	*ret_n_extra = n_covered - n_asked;
	return 0;
}

// 4 or 6; 0 where it is no CIDR.
static int family_of(const char *cidr) {
	char address[64];
	unsigned char bits[16];
	char *end;
	const char *slash = strchr(cidr, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - cidr);
	if (slash == NULL || len >= sizeof(address))
		return 0;
	memcpy(address, cidr, len);
	address[len] = 0;
	if (slash[1] < '0' || slash[1] > '9')
		return 0;
	long prefix = strtol(slash + 1, &end, 10);
	if (*end != 0)
		return 0;
	if (inet_pton(AF_INET, address, bits) == 1 && prefix <= 32)
		return 4;
	return inet_pton(AF_INET6, address, bits) == 1 && prefix <= 128 ? 6 : 0;
}

static bool are_bad_ports(const struct mirror_filter_ports *ports) {
	return ports->to < ports->from || (ports->from == 0 && ports->to != 0);
}

static bool find_fault(struct mirror_filter_fault *ret_fault, const char *member, const char *why) {
	*ret_fault = (struct mirror_filter_fault) {.member = member, .why = why};
	return false;
}

bool mirror_filter_rule_is_sound(
	const struct mirror_filter_rule *rule,
	struct mirror_filter_fault *ret_fault
) {
	static const char range[] = "an address range must be like 10.0.0.0/8 or fd00::/8";
	static const char ports[] = "a port range must go from 1 to 65535, upwards";
	int source = rule->source_cidr == NULL ? 0 : family_of(rule->source_cidr);
	int destination = rule->destination_cidr == NULL ? 0 : family_of(rule->destination_cidr);
	bool has_ports = rule->source_ports.from != 0 || rule->destination_ports.from != 0;
	int64_t protocol = rule->protocol.is_set ? rule->protocol.value : -1;
	if (rule->source_cidr != NULL && source == 0)
		return find_fault(ret_fault, "source_cidr", range);
	if (rule->destination_cidr != NULL && destination == 0)
		return find_fault(ret_fault, "destination_cidr", range);
	if (source != 0 && destination != 0 && source != destination)
		return find_fault(ret_fault, NULL, "both address ranges must be IPv4 or both IPv6");
	if (has_ports && protocol != TCP && protocol != UDP)
		return find_fault(ret_fault, NULL, "ports need protocol tcp or udp");
	if (are_bad_ports(&rule->source_ports))
		return find_fault(ret_fault, "source_ports", ports);
	if (are_bad_ports(&rule->destination_ports))
		return find_fault(ret_fault, "destination_ports", ports);
	if (rule->protocol.is_set && (protocol < 0 || protocol > 255))
		return find_fault(ret_fault, "protocol", "a protocol is a number from 0 to 255");
	return true;
}

// The family that the addresses of a sound rule ask for, 0 for both.
static int family_of_rule(const struct mirror_filter_rule *rule) {
	if (rule->source_cidr != NULL)
		return family_of(rule->source_cidr);
	return rule->destination_cidr == NULL ? 0 : family_of(rule->destination_cidr);
}

static void set_ports(
	const struct mirror_filter_ports *ports,
	struct shape_number *from,
	struct shape_number *to
) {
	if (ports->from == 0)
		return;
	*from = SHAPE_NUMBER_OF(ports->from);
	*to = SHAPE_NUMBER_OF(ports->to);
}

static struct ec2_mirror_rule written_out(
	const struct mirror_filter_rule *rule,
	const char *direction,
	int family,
	int64_t number
) {
	const char *any = family == 4 ? ANY_IPV4 : ANY_IPV6;
	struct ec2_mirror_rule out = {
		.direction = direction,
		.number = number,
		.action = rule->action == NULL ? "accept" : rule->action,
		.protocol = rule->protocol,
		.source_cidr = rule->source_cidr == NULL ? any : rule->source_cidr,
		.destination_cidr = rule->destination_cidr == NULL ? any : rule->destination_cidr,
		.description = rule->description,
	};
	set_ports(&rule->source_ports, &out.source_from, &out.source_to);
	set_ports(&rule->destination_ports, &out.destination_from, &out.destination_to);
	return out;
}

static int compile_rule(
	const struct mirror_filter_rule *rule,
	size_t at,
	struct mirror_filter_plan *plan,
	size_t n_in_direction[N_DIRECTIONS],
	struct aws_error *error
) {
	struct mirror_filter_fault fault;
	if (!mirror_filter_rule_is_sound(rule, &fault))
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidFilterRule",
			"filter rule %zu: %s",
			at + 1,
			fault.why
		);
	int family = family_of_rule(rule);
	for (size_t d = 0; d < N_DIRECTIONS; d++) {
		if (rule->direction != NULL && strcmp(rule->direction, directions[d]) != 0)
			continue;
		for (int f = 4; f <= 6; f += 2) {
			if (family != 0 && family != f)
				continue;
			if (n_in_direction[d] == EC2_MIRROR_RULES_PER_DIRECTION)
				return aws_error_set(
					error,
					-E2BIG,
					"TooManyFilterRules",
					"more than %d %s rules, with IPv4 and IPv6 counted apart; "
					"give "
					"ranges of ports, or one family",
					EC2_MIRROR_RULES_PER_DIRECTION,
					directions[d]
				);
			int64_t number = (int64_t)(++n_in_direction[d]) * NUMBER_STEP;
			plan->rules[plan->n++] = written_out(rule, directions[d], f, number);
		}
	}
	return 0;
}

int mirror_filter_compile(
	const struct mirror_filter_rules *rules,
	struct arena *arena,
	struct mirror_filter_plan *ret_plan,
	struct aws_error *error
) {
	size_t n_in_direction[N_DIRECTIONS] = {0};
	struct mirror_filter_plan plan = {
		.rules = arena_alloc_array(
			arena, N_DIRECTIONS * EC2_MIRROR_RULES_PER_DIRECTION, sizeof(*plan.rules)
		),
	};
	if (plan.rules == NULL)
		return aws_error_set(error, -ENOMEM, "OutOfMemory", "making the filter");
	for (size_t i = 0; i < rules->n; i++) {
		int result = compile_rule(&rules->items[i], i, &plan, n_in_direction, error);
		if (result < 0)
			return result;
	}
	*ret_plan = plan;
	return 0;
}

static bool same_text(const char *a, const char *b) {
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

static bool same_number(struct shape_number a, struct shape_number b) {
	return a.is_set == b.is_set && (!a.is_set || a.value == b.value);
}

bool mirror_filter_rule_equals(const struct ec2_mirror_rule *a, const struct ec2_mirror_rule *b) {
	return same_text(a->direction, b->direction) && a->number == b->number
		&& same_text(a->action, b->action) && same_number(a->protocol, b->protocol)
		&& same_number(a->source_from, b->source_from)
		&& same_number(a->source_to, b->source_to)
		&& same_number(a->destination_from, b->destination_from)
		&& same_number(a->destination_to, b->destination_to)
		&& same_text(a->source_cidr, b->source_cidr)
		&& same_text(a->destination_cidr, b->destination_cidr);
}

static bool covers_tcp(const struct ec2_mirror_rule *rule) {
	return (!rule->protocol.is_set || rule->protocol.value == TCP) && !rule->source_from.is_set
		&& !rule->destination_from.is_set && same_text(rule->source_cidr, ANY_IPV4)
		&& same_text(rule->destination_cidr, ANY_IPV4);
}

// Whether some rule accepts all before any rejects some.
static bool direction_takes_all(const struct ec2_mirror_rules *rules) {
	int64_t first_reject = INT64_MAX;
	for (size_t i = 0; i < rules->n; i++)
		if (same_text(rules->items[i].action, "reject")
		    && rules->items[i].number < first_reject)
			first_reject = rules->items[i].number;
	for (size_t i = 0; i < rules->n; i++) {
		const struct ec2_mirror_rule *rule = &rules->items[i];
		if (same_text(rule->action, "accept") && rule->number < first_reject
		    && covers_tcp(rule))
			return true;
	}
	return false;
}

bool mirror_filter_takes_all(const struct ec2_mirror_filter *filter) {
	return direction_takes_all(&filter->ingress) && direction_takes_all(&filter->egress);
}
