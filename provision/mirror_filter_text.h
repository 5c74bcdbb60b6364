#pragma once

// A rule of a filter as people write it on a command line:
//
//   [accept|reject] [ingress|egress] [PROTOCOL] [from CIDR|any [port PORTS]] [to CIDR|any [port PORTS]]
//
//   "accept tcp to any port 80-90"      "reject egress to 10.0.0.0/8"      "udp from any port 53"

#include "mirror_filter.h"
#include "strbuf.h"

// Texts live in 'arena'. -EINVAL with a message that says what is wrong, -ENOMEM.
int mirror_filter_rule_parse(
	const char *text,
	struct arena *arena,
	struct mirror_filter_rule *ret_rule,
	struct aws_error *error
);

// Appends the same text again, without the description.
void mirror_filter_rule_text(const struct mirror_filter_rule *rule, struct strbuf *buf);

// "tcp"; NULL for a number without a name.
const char *mirror_filter_protocol_name(int64_t number);
