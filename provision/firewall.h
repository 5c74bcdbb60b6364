#pragma once

// Whether security groups and network ACLs let traffic pass, and where a route table sends it: judgements on
// what EC2 answered, IPv4. No call is made.

#include "ec2_network.h"

#include <stdbool.h>
#include <stdint.h>

struct firewall_range {
	uint32_t first; // addresses, host byte order
	uint32_t last;
};

// "10.0.0.0/16", or an address alone. False where the text is neither. NULL is refused.
bool firewall_range_read(const char *text, struct firewall_range *ret_range);

// Whether all of 'inner' lies in 'outer'.
bool firewall_range_covers(struct firewall_range outer, struct firewall_range inner);

// One kind of traffic, seen from the side that is judged.
struct firewall_traffic {
	bool is_egress;
	int protocol; // of IP: 6, 17
	uint16_t from_port; // of the destination
	uint16_t to_port;
	struct firewall_range peer; // the other side
	struct shape_strings peer_groups; // its security groups
};

enum firewall_verdict {
	FIREWALL_PASSES,
	FIREWALL_MAY_PASS, // by a prefix list, whose content is not known here
	FIREWALL_PASSES_PARTLY, // some of the ports
	FIREWALL_REFUSES,
};

// Groups add up: what any of them lets through passes. They are stateful, so answers need no rule. None at
// all: all passes, as with a load balancer that has no groups.
enum firewall_verdict firewall_judge_groups(
	const struct ec2_security_group *const *groups,
	size_t n_groups,
	const struct firewall_traffic *traffic
);

// Entries are tried by their number, and the first that matches decides; what none matches is refused. They
// are stateless. NULL passes all.
enum firewall_verdict
firewall_judge_acl(const struct ec2_acl *acl, const struct firewall_traffic *traffic);

// The route that a packet to 'address' takes: the longest prefix. NULL where there is none.
const struct ec2_route *
firewall_route(const struct ec2_route_table *table, struct firewall_range address);
