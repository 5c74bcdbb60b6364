#include "doctor_flow.h"

#include <errno.h>
#include <netinet/in.h>

// Security groups of the load balancer and of the appliances.

static const char *protocol_name(const struct doctor_flow *flow) {
	return flow->protocol == IPPROTO_UDP ? "udp" : "tcp";
}

static const char *groups_fix(
	struct doctor_view *view,
	const struct doctor_flow *flow,
	const struct shape_strings *group_ids,
	const struct doctor_peer *peer
) {
	return doctor_text(
		view,
		"aws ec2 authorize-security-group-%s --region %s --group-id %s --ip-permissions "
		"'IpProtocol=%s,FromPort=%u,ToPort=%u,IpRanges=[{CidrIp=%s}]'",
		flow->is_egress ? "egress" : "ingress",
		view->region,
		group_ids->items[0],
		protocol_name(flow),
		flow->from_port,
		flow->to_port,
		doctor_flow_cidr(view, peer)
	);
}

static void find_by_groups(
	struct doctor_view *view,
	const struct doctor_flow *flow,
	const char *owner,
	const struct shape_strings *group_ids,
	const struct doctor_peers *peers
) {
	const struct ec2_security_group **groups =
		arena_alloc_array(view->arena, group_ids->n, sizeof(*groups));
	struct shape_strings refused = {0};
	const struct doctor_peer *first = NULL;
	size_t n = 0;
	bool is_certain = true;
	for (size_t i = 0; groups != NULL && i < group_ids->n; i++) {
		groups[n] = index_find(&view->groups, group_ids->items[i]);
		n += groups[n] != NULL;
	}
	if (groups == NULL || group_ids->n == 0)
		return;
	for (size_t i = 0; i < peers->n; i++) {
		struct firewall_traffic one = doctor_flow_traffic(flow, &peers->items[i]);
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

int doctor_check_balancer_groups(struct doctor_view *view) {
	size_t n_before = view->doctor->n_findings;
	if (!doctor_has_balancer(view)
	    || doctor_is_blind(view, DOCTOR_BALANCER_GROUPS, DOCTOR_LOOK_AT_GROUPS))
		return 0;
	const struct shape_strings *ids = &view->found.balancer->security_groups;
	struct doctor_peers sources = doctor_flow_sources(view);
	struct doctor_peers appliances =
		doctor_flow_places(view, &view->appliances, "the appliances");
	struct doctor_flow flows[] = {
		doctor_flow_vxlan(DOCTOR_BALANCER_GROUPS, true),
		doctor_flow_health(view, DOCTOR_BALANCER_GROUPS, true),
	};
	struct doctor_flow in = doctor_flow_vxlan(DOCTOR_BALANCER_GROUPS, false);
	find_by_groups(view, &in, "the load balancer", ids, &sources);
	for (size_t i = 0; i < 2; i++)
		find_by_groups(view, &flows[i], "the load balancer", ids, &appliances);
	doctor_flow_well(
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
	    || doctor_is_blind(view, DOCTOR_APPLIANCE_GROUPS, DOCTOR_LOOK_AT_GROUPS))
		return 0;
	struct doctor_peers sources = doctor_flow_sources(view);
	struct doctor_peers nodes = doctor_flow_places(view, &view->nodes, "the load balancer");
	struct doctor_flow in = doctor_flow_vxlan(DOCTOR_APPLIANCE_GROUPS, false);
	struct doctor_flow check = doctor_flow_health(view, DOCTOR_APPLIANCE_GROUPS, false);
	struct shape_strings groups_of_nodes = {0};
	for (size_t i = 0; doctor_has_balancer(view) && i < view->found.balancer->security_groups.n;
	     i++)
		doctor_add(view, &groups_of_nodes, view->found.balancer->security_groups.items[i]);
	// What comes through the load balancer counts as coming from its groups too.
	for (size_t i = 0; i < sources.n && groups_of_nodes.n > 0; i++) {
		struct shape_strings *both = arena_alloc(view->arena, sizeof(*both));
		if (both == NULL)
			return -ENOMEM;
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
	doctor_flow_well(
		view,
		DOCTOR_APPLIANCE_GROUPS,
		n_before,
		"the appliances take mirrored packets and health checks"
	);
	return 0;
}
