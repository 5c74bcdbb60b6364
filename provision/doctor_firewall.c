#include "doctor_view.h"

#include <netinet/in.h>
#include <string.h>

// Security groups and network ACLs on the way of the mirrored packets and of the health checks:
//
//   source  --UDP 4789-->  node of the load balancer  --UDP 4789-->   appliance
//                                                     --TCP health--> appliance
//                                                     <--TCP answers--
//
// The load balancer keeps the source's address, so that the appliance's side sees it too. A target that is an
// interface has no node in between.

#define LOOK_AT_PLACES                                                                             \
	"ec2:DescribeNetworkInterfaces ec2:DescribeTrafficMirrorSessions "                         \
	"elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTargetHealth"
#define LOOK_AT_GROUPS "ec2:DescribeSecurityGroups " LOOK_AT_PLACES
#define LOOK_AT_ACLS "ec2:DescribeNetworkAcls " LOOK_AT_PLACES

struct peer {
	const char *name;
	const char *vpc_id;
	const char *subnet_id;
	struct firewall_range address;
	const struct shape_strings *groups;
};

struct peers {
	struct peer *items;
	size_t n;
	const char *what; // "the sources"
};

struct flow {
	enum doctor_check check;
	bool is_egress;
	int protocol;
	uint16_t from_port;
	uint16_t to_port;
	const char *what; // "mirrored packets (UDP 4789)"
};

static bool is(const char *text, const char *wanted) {
	return text != NULL && wanted != NULL && strcmp(text, wanted) == 0;
}

static struct peer *peers_alloc(struct doctor_view *view, size_t n) {
	struct peer *items = arena_alloc_array(view->arena, n, sizeof(*items));
	if (items == NULL)
		view->is_out_of_memory = true;
	return items;
}

static struct peers peers_of_sources(struct doctor_view *view) {
	struct peers peers = {.what = "the sources", .items = peers_alloc(view, view->sources.n)};
	for (size_t i = 0; peers.items != NULL && i < view->sources.n; i++) {
		const struct doctor_source *source = &view->sources.items[i];
		const struct ec2_network_interface *interface = source->candidate->interface;
		if (source->has_address)
			peers.items[peers.n++] = (struct peer) {
				.name = doctor_source_name(view, source->candidate),
				.vpc_id = interface->vpc_id,
				.subnet_id = interface->subnet_id,
				.address = source->address,
				.groups = &source->groups,
			};
	}
	return peers;
}

static struct peers
peers_of_places(struct doctor_view *view, const struct doctor_places *places, const char *what) {
	struct peers peers = {.what = what, .items = peers_alloc(view, places->n)};
	for (size_t i = 0; peers.items != NULL && i < places->n; i++) {
		const struct doctor_place *place = &places->items[i];
		if (place->has_address && place->interface != NULL)
			peers.items[peers.n++] = (struct peer) {
				.name = place->id,
				.vpc_id = place->interface->vpc_id,
				.subnet_id = place->interface->subnet_id,
				.address = place->address,
				.groups = &place->groups,
			};
	}
	return peers;
}

static struct firewall_traffic traffic(const struct flow *flow, const struct peer *peer) {
	return (struct firewall_traffic) {
		.is_egress = flow->is_egress,
		.protocol = flow->protocol,
		.from_port = flow->from_port,
		.to_port = flow->to_port,
		.peer = peer->address,
		.peer_groups = *peer->groups,
	};
}

static const char *protocol_name(const struct flow *flow) {
	return flow->protocol == IPPROTO_UDP ? "udp" : "tcp";
}

static const char *address_text(struct doctor_view *view, struct firewall_range address) {
	uint32_t a = address.first;
	return doctor_text(view, "%u.%u.%u.%u", a >> 24, (a >> 16) & 255, (a >> 8) & 255, a & 255);
}

// The block of the peer's VPC that it is in.
static const char *cidr_of(struct doctor_view *view, const struct peer *peer) {
	const struct ec2_vpc *vpc = inventory_vpc(&view->inventory, peer->vpc_id);
	struct firewall_range range;
	for (size_t i = 0; vpc != NULL && i < vpc->cidrs.n; i++)
		if (firewall_range_read(vpc->cidrs.items[i].cidr, &range)
		    && firewall_range_covers(range, peer->address))
			return vpc->cidrs.items[i].cidr;
	return doctor_text(view, "%s/32", address_text(view, peer->address));
}

// --- Security groups

static const char *groups_fix(
	struct doctor_view *view,
	const struct flow *flow,
	const struct shape_strings *group_ids,
	const struct peer *peer
) {
	return doctor_text(
		view,
		"aws ec2 authorize-security-group-%s --region %s --group-id %s --ip-permissions "
		"IpProtocol=%s,FromPort=%u,ToPort=%u,IpRanges=[{CidrIp=%s}]",
		flow->is_egress ? "egress" : "ingress",
		view->region,
		group_ids->items[0],
		protocol_name(flow),
		flow->from_port,
		flow->to_port,
		cidr_of(view, peer)
	);
}

static void find_by_groups(
	struct doctor_view *view,
	const struct flow *flow,
	const char *owner,
	const struct shape_strings *group_ids,
	const struct peers *peers
) {
	const struct ec2_security_group **groups =
		arena_alloc_array(view->arena, group_ids->n, sizeof(*groups));
	struct shape_strings refused = {0};
	const struct peer *first = NULL;
	size_t n = 0;
	bool is_certain = true;
	for (size_t i = 0; groups != NULL && i < group_ids->n; i++) {
		groups[n] = index_find(&view->groups, group_ids->items[i]);
		n += groups[n] != NULL;
	}
	if (groups == NULL || group_ids->n == 0)
		return;
	for (size_t i = 0; i < peers->n; i++) {
		struct firewall_traffic one = traffic(flow, &peers->items[i]);
		enum firewall_verdict verdict = firewall_judge_groups(groups, n, &one);
		if (n > 0 && verdict == FIREWALL_PASSES)
			continue;
		is_certain = is_certain && verdict != FIREWALL_MAY_PASS && n == group_ids->n;
		first = first == NULL ? &peers->items[i] : first;
		doctor_add(view, &refused, peers->items[i].name);
	}
	if (first != NULL)
		doctor_find(
			view,
			flow->check,
			is_certain ? DOCTOR_PROBLEM : DOCTOR_UNKNOWN,
			group_ids,
			groups_fix(view, flow, group_ids, first),
			"security group %s of %s %s %s %s %s: %s",
			doctor_names(view, group_ids),
			owner,
			is_certain ? "does not let" : "may or may not let",
			flow->what,
			flow->is_egress ? "out to" : "in from",
			peers->what,
			doctor_names(view, &refused)
		);
}

static void
find_well(struct doctor_view *view, enum doctor_check check, size_t n_before, const char *text) {
	if (view->doctor->n_findings == n_before)
		doctor_find(view, check, DOCTOR_OK, NULL, NULL, "%s", text);
}

static const char *health_text(struct doctor_view *view, uint16_t port) {
	return doctor_text(view, "the health check (TCP %u)", port);
}

// That of the target group as it is, whatever was asked for.
static uint16_t health_port(const struct doctor_view *view) {
	const struct elbv2_target_group *group = view->target_group;
	unsigned long port = 0;
	if (group != NULL && group->health_port != NULL)
		for (const char *at = group->health_port; *at >= '0' && *at <= '9'; at++)
			port = port * 10 + (unsigned long)(*at - '0');
	if (group != NULL && is(group->health_port, "traffic-port"))
		port = DEPLOYMENT_VXLAN_PORT;
	return port > 0 && port <= UINT16_MAX ? (uint16_t)port
					      : deployment_health_port(&view->deployment);
}

static struct flow vxlan(enum doctor_check check, bool is_egress) {
	return (struct flow) {
		.check = check,
		.is_egress = is_egress,
		.protocol = IPPROTO_UDP,
		.from_port = DEPLOYMENT_VXLAN_PORT,
		.to_port = DEPLOYMENT_VXLAN_PORT,
		.what = "mirrored packets (UDP 4789)",
	};
}

static struct flow health(struct doctor_view *view, enum doctor_check check, bool is_egress) {
	uint16_t port = health_port(view);
	return (struct flow) {
		.check = check,
		.is_egress = is_egress,
		.protocol = IPPROTO_TCP,
		.from_port = port,
		.to_port = port,
		.what = health_text(view, port),
	};
}

static struct flow answers(enum doctor_check check, bool is_egress) {
	return (struct flow) {
		.check = check,
		.is_egress = is_egress,
		.protocol = IPPROTO_TCP,
		.from_port = DOCTOR_HEALTH_PORTS_FROM,
		.to_port = UINT16_MAX,
		.what = "answers to health checks (TCP 1024-65535)",
	};
}

int doctor_check_balancer_groups(struct doctor_view *view) {
	size_t n_before = view->doctor->n_findings;
	if (!doctor_has_balancer(view)
	    || doctor_is_blind(view, DOCTOR_BALANCER_GROUPS, LOOK_AT_GROUPS))
		return 0;
	const struct shape_strings *ids = &view->found.balancer->security_groups;
	struct peers sources = peers_of_sources(view);
	struct peers appliances = peers_of_places(view, &view->appliances, "the appliances");
	struct flow flows[] = {
		vxlan(DOCTOR_BALANCER_GROUPS, true),
		health(view, DOCTOR_BALANCER_GROUPS, true),
	};
	struct flow in = vxlan(DOCTOR_BALANCER_GROUPS, false);
	find_by_groups(view, &in, "the load balancer", ids, &sources);
	for (size_t i = 0; i < 2; i++)
		find_by_groups(view, &flows[i], "the load balancer", ids, &appliances);
	find_well(
		view,
		DOCTOR_BALANCER_GROUPS,
		n_before,
		ids->n == 0 ? "the load balancer has no security group, and lets all in"
			    : "the load balancer takes packets from all sources"
	);
	return 0;
}

int doctor_check_appliance_groups(struct doctor_view *view) {
	size_t n_before = view->doctor->n_findings;
	if (view->appliances.n == 0
	    || doctor_is_blind(view, DOCTOR_APPLIANCE_GROUPS, LOOK_AT_GROUPS))
		return 0;
	struct peers sources = peers_of_sources(view);
	struct peers nodes = peers_of_places(view, &view->nodes, "the load balancer");
	struct flow in = vxlan(DOCTOR_APPLIANCE_GROUPS, false);
	struct flow check = health(view, DOCTOR_APPLIANCE_GROUPS, false);
	struct shape_strings groups_of_nodes = {0};
	for (size_t i = 0; doctor_has_balancer(view) && i < view->found.balancer->security_groups.n;
	     i++)
		doctor_add(view, &groups_of_nodes, view->found.balancer->security_groups.items[i]);
	// What comes through the load balancer counts as coming from its groups too.
	for (size_t i = 0; i < sources.n && groups_of_nodes.n > 0; i++) {
		struct shape_strings *both = arena_alloc(view->arena, sizeof(*both));
		if (both == NULL)
			return -1;
		for (size_t j = 0; j < sources.items[i].groups->n; j++)
			doctor_add(view, both, sources.items[i].groups->items[j]);
		for (size_t j = 0; j < groups_of_nodes.n; j++)
			doctor_add(view, both, groups_of_nodes.items[j]);
		sources.items[i].groups = both;
	}
	for (size_t i = 0; i < view->appliances.n; i++) {
		const struct doctor_place *place = &view->appliances.items[i];
		const char *owner = doctor_text(view, "appliance '%s'", place->id);
		find_by_groups(view, &in, owner, &place->groups, &sources);
		find_by_groups(view, &check, owner, &place->groups, &nodes);
	}
	find_well(
		view,
		DOCTOR_APPLIANCE_GROUPS,
		n_before,
		"the appliances take mirrored packets and health checks"
	);
	return 0;
}

// --- Network ACLs

// A number for an entry before all others of its direction.
static int64_t first_number(const struct ec2_acl *acl, bool is_egress) {
	int64_t first = INT16_MAX;
	for (size_t i = 0; i < acl->entries.n; i++)
		if (acl->entries.items[i].is_egress == is_egress
		    && acl->entries.items[i].number < first)
			first = acl->entries.items[i].number;
	return first > 1 ? first - 1 : 1;
}

static const char *
acl_fix(struct doctor_view *view,
	const struct flow *flow,
	const struct ec2_acl *acl,
	const struct peer *peer) {
	return doctor_text(
		view,
		"aws ec2 create-network-acl-entry --region %s --network-acl-id %s --%s "
		"--rule-number %lld --rule-action allow --protocol %s "
		"--port-range From=%u,To=%u --cidr-block %s",
		view->region,
		acl->id,
		flow->is_egress ? "egress" : "ingress",
		(long long)first_number(acl, flow->is_egress),
		protocol_name(flow),
		flow->from_port,
		flow->to_port,
		cidr_of(view, peer)
	);
}

// An ACL is asked only about what leaves the subnet or comes from outside.
static void find_by_acl(
	struct doctor_view *view,
	const struct flow *flow,
	const char *subnet_id,
	const struct peers *peers,
	enum doctor_state worst
) {
	const struct ec2_acl *acl = index_find(&view->acls, subnet_id);
	struct shape_strings refused = {0}, subjects = {0};
	const struct peer *first = NULL;
	bool is_partly = true;
	for (size_t i = 0; acl != NULL && i < peers->n; i++) {
		struct firewall_traffic one = traffic(flow, &peers->items[i]);
		if (is(peers->items[i].subnet_id, subnet_id))
			continue;
		enum firewall_verdict verdict = firewall_judge_acl(acl, &one);
		if (verdict == FIREWALL_PASSES)
			continue;
		is_partly = is_partly && verdict == FIREWALL_PASSES_PARTLY;
		first = first == NULL ? &peers->items[i] : first;
		doctor_add(view, &refused, peers->items[i].name);
	}
	if (first == NULL)
		return;
	doctor_add(view, &subjects, acl->id);
	doctor_add(view, &subjects, subnet_id);
	doctor_find(
		view,
		flow->check,
		is_partly ? DOCTOR_WARNING : worst,
		&subjects,
		acl_fix(view, flow, acl, first),
		"network ACL '%s' of subnet '%s' does not let %s%s %s %s: %s",
		acl->id,
		subnet_id,
		is_partly ? "all " : "",
		flow->what,
		flow->is_egress ? "out to" : "in from",
		peers->what,
		doctor_names(view, &refused)
	);
}

static struct shape_strings
subnets_of(struct doctor_view *view, const struct doctor_places *places) {
	struct shape_strings subnets = {0};
	for (size_t i = 0; i < places->n; i++)
		if (places->items[i].interface != NULL)
			doctor_add_once(view, &subnets, places->items[i].interface->subnet_id);
	return subnets;
}

int doctor_check_balancer_acls(struct doctor_view *view) {
	size_t n_before = view->doctor->n_findings;
	if (view->nodes.n == 0 || doctor_is_blind(view, DOCTOR_BALANCER_ACLS, LOOK_AT_ACLS))
		return 0;
	struct peers sources = peers_of_sources(view);
	struct peers appliances = peers_of_places(view, &view->appliances, "the appliances");
	struct shape_strings subnets = subnets_of(view, &view->nodes);
	struct flow in = vxlan(DOCTOR_BALANCER_ACLS, false);
	struct flow flows[] = {
		vxlan(DOCTOR_BALANCER_ACLS, true),
		health(view, DOCTOR_BALANCER_ACLS, true),
		answers(DOCTOR_BALANCER_ACLS, false),
	};
	for (size_t i = 0; i < subnets.n; i++) {
		find_by_acl(view, &in, subnets.items[i], &sources, DOCTOR_PROBLEM);
		for (size_t j = 0; j < sizeof(flows) / sizeof(flows[0]); j++)
			find_by_acl(view, &flows[j], subnets.items[i], &appliances, DOCTOR_PROBLEM);
	}
	find_well(
		view,
		DOCTOR_BALANCER_ACLS,
		n_before,
		"the load balancer's subnets let mirrored packets and health checks pass"
	);
	return 0;
}

int doctor_check_appliance_acls(struct doctor_view *view) {
	size_t n_before = view->doctor->n_findings;
	if (view->appliances.n == 0 || doctor_is_blind(view, DOCTOR_APPLIANCE_ACLS, LOOK_AT_ACLS))
		return 0;
	struct peers sources = peers_of_sources(view);
	struct peers nodes = peers_of_places(view, &view->nodes, "the load balancer");
	struct shape_strings subnets = subnets_of(view, &view->appliances);
	struct flow in = vxlan(DOCTOR_APPLIANCE_ACLS, false);
	struct flow flows[] = {
		health(view, DOCTOR_APPLIANCE_ACLS, false),
		answers(DOCTOR_APPLIANCE_ACLS, true),
	};
	for (size_t i = 0; i < subnets.n; i++) {
		find_by_acl(view, &in, subnets.items[i], &sources, DOCTOR_PROBLEM);
		for (size_t j = 0; j < sizeof(flows) / sizeof(flows[0]); j++)
			find_by_acl(view, &flows[j], subnets.items[i], &nodes, DOCTOR_PROBLEM);
	}
	find_well(
		view,
		DOCTOR_APPLIANCE_ACLS,
		n_before,
		"the appliances' subnets let mirrored packets and health checks pass"
	);
	return 0;
}

// AWS does not say whether mirrored packets pass the ACL of the source's own subnet; it costs nothing to let them.
int doctor_check_source_acls(struct doctor_view *view) {
	size_t n_before = view->doctor->n_findings;
	struct shape_strings subnets = {0};
	if (view->sources.n == 0 || doctor_is_blind(view, DOCTOR_SOURCE_ACLS, LOOK_AT_ACLS))
		return 0;
	struct peers there = doctor_has_balancer(view)
		? peers_of_places(view, &view->nodes, "the load balancer")
		: peers_of_places(view, &view->appliances, "the target");
	struct flow out = vxlan(DOCTOR_SOURCE_ACLS, true);
	for (size_t i = 0; i < view->sources.n; i++)
		doctor_add_once(
			view, &subnets, view->sources.items[i].candidate->interface->subnet_id
		);
	for (size_t i = 0; i < subnets.n; i++)
		find_by_acl(view, &out, subnets.items[i], &there, DOCTOR_WARNING);
	find_well(
		view, DOCTOR_SOURCE_ACLS, n_before, "the sources' subnets let mirrored packets out"
	);
	return 0;
}
