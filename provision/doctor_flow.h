#pragma once

// Traffic that firewalls on the way must let pass, for the checks of security groups and network ACLs:
//
//   source  --UDP 4789-->  node of the load balancer  --UDP 4789-->   appliance
//                                                     --TCP health--> appliance
//                                                     <--TCP answers--
//
// The load balancer keeps the source's address, so that the appliance's side sees it too. A target that is an
// interface has no node in between.

#include "doctor_view.h"

#define DOCTOR_LOOK_AT_PLACES                                                                      \
	"ec2:DescribeNetworkInterfaces ec2:DescribeTrafficMirrorSessions "                         \
	"elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTargetHealth"
#define DOCTOR_LOOK_AT_GROUPS "ec2:DescribeSecurityGroups " DOCTOR_LOOK_AT_PLACES
#define DOCTOR_LOOK_AT_ACLS "ec2:DescribeNetworkAcls " DOCTOR_LOOK_AT_PLACES

struct doctor_peer {
	const char *name;
	const char *vpc_id;
	const char *subnet_id;
	struct firewall_range address;
	const struct shape_strings *groups;
};

struct doctor_peers {
	struct doctor_peer *items;
	size_t n;
	const char *what; // "the sources"
};

struct doctor_flow {
	enum doctor_check check;
	bool is_egress;
	int protocol;
	uint16_t from_port;
	uint16_t to_port;
	const char *what; // "mirrored packets (UDP 4789)"
};

struct doctor_peers doctor_flow_sources(struct doctor_view *view);
struct doctor_peers
doctor_flow_places(struct doctor_view *view, const struct doctor_places *places, const char *what);

// Mirrored packets, health checks, and the answers to those.
struct doctor_flow doctor_flow_vxlan(enum doctor_check check, bool is_egress);
struct doctor_flow
doctor_flow_health(struct doctor_view *view, enum doctor_check check, bool is_egress);
struct doctor_flow doctor_flow_answers(enum doctor_check check, bool is_egress);

struct firewall_traffic
doctor_flow_traffic(const struct doctor_flow *flow, const struct doctor_peer *peer);

// The block of the peer's VPC that it is in.
const char *doctor_flow_cidr(struct doctor_view *view, const struct doctor_peer *peer);

// Where the check has found nothing since: that all is well.
void doctor_flow_well(
	struct doctor_view *view,
	enum doctor_check check,
	size_t n_before,
	const char *text
);
