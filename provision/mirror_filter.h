#pragma once

// What is mirrored: the rules of a traffic mirror filter. A rule sees packets from the source interface:
// ingress arrives there. A server on port P is ingress to P and egress from P. What no rule of a direction
// accepts is not mirrored; IPv6 needs rules of its own.

#include "ec2_mirror.h"
#include "error.h"

#include <stdbool.h>
#include <stdint.h>

struct mirror_filter_ports {
	uint16_t from; // 0: any
	uint16_t to;
};

// A rule as a user gives it: for both directions, both families and any protocol where left out.
struct mirror_filter_rule {
	const char *direction; // "ingress", "egress"; NULL: one rule for each
	const char *action; // "accept" (also NULL), "reject"
	struct shape_number protocol; // of IP; absent: all
	struct mirror_filter_ports source_ports; // need protocol 6 or 17
	struct mirror_filter_ports destination_ports;
	const char *source_cidr; // NULL: any, and one rule for each family
	const char *destination_cidr;
	const char *description;
};

struct mirror_filter_rules {
	struct mirror_filter_rule *items;
	size_t n;
};

// Rules for all TCP and all UDP.
int mirror_filter_default(struct arena *arena, struct mirror_filter_rules *ret_rules);

// Rules for servers on these ports, TCP. AWS allows ten rules in a direction, which is five ranges with
// IPv4 and IPv6: more ports are put into ranges, nearest first, and then some that nobody asked for
// are mirrored too; '*ret_n_extra' says how many.
int mirror_filter_for_servers(
	const uint16_t *ports, // ascending
	size_t n_ports,
	struct arena *arena,
	struct mirror_filter_rules *ret_rules,
	size_t *ret_n_extra
);

struct mirror_filter_fault {
	const char *member; // "source_cidr"; NULL: the rule as a whole
	const char *why;
};

// Whether AWS would take it; else what is wrong.
bool mirror_filter_rule_is_sound(
	const struct mirror_filter_rule *rule,
	struct mirror_filter_fault *ret_fault
);

// Both directions and families written out and numbered, in the order given; rejects keep their place.
struct mirror_filter_plan {
	struct ec2_mirror_rule *rules;
	size_t n;
};

// -EINVAL where a rule makes no sense, -E2BIG where a direction has more than ten.
int mirror_filter_compile(
	const struct mirror_filter_rules *rules,
	struct arena *arena,
	struct mirror_filter_plan *ret_plan,
	struct aws_error *error
);

// The same in all that AWS looks at.
bool mirror_filter_rule_equals(const struct ec2_mirror_rule *a, const struct ec2_mirror_rule *b);

// True where the filter accepts all TCP over IPv4 in both directions, so that a session with a higher
// number on the same interface gets nothing of it.
bool mirror_filter_takes_all(const struct ec2_mirror_filter *filter);
