#include "doctor_flow.h"

#include <string.h>

// Network ACLs of the subnets of load balancer, appliances and sources.

static bool is(const char *text, const char *wanted) {
	return text != NULL && wanted != NULL && strcmp(text, wanted) == 0;
}

// A number for an entry before all others of its direction, which no other fix has; 0 where there is no room.
static int64_t free_number(struct doctor_view *view, const struct ec2_acl *acl, bool is_egress) {
	int64_t first = INT16_MAX;
	for (size_t i = 0; i < acl->entries.n; i++)
		if (acl->entries.items[i].is_egress == is_egress
		    && acl->entries.items[i].number < first)
			first = acl->entries.items[i].number;
	for (size_t i = 0; i < view->n_acl_numbers; i++)
		if (view->acl_numbers[i].acl == acl && view->acl_numbers[i].is_egress == is_egress)
			first--;
	struct doctor_acl_number *numbers =
		arena_grow(view->arena, view->acl_numbers, view->n_acl_numbers, sizeof(*numbers));
	if (numbers == NULL) {
		view->is_out_of_memory = true;
		return 0;
	}
	numbers[view->n_acl_numbers++] =
		(struct doctor_acl_number) {.acl = acl, .is_egress = is_egress};
	view->acl_numbers = numbers;
	return first > 1 ? first - 1 : 0;
}

static const char *
fix(struct doctor_view *view,
    const struct doctor_flow *flow,
    const struct ec2_acl *acl,
    const struct doctor_peer *peer) {
	int64_t number = free_number(view, acl, flow->is_egress);
	if (number < 1)
		return doctor_text(
			view,
			"make room in '%s' for an entry before the one that refuses it: give that "
			"a higher number, in the VPC console (Network ACLs)",
			acl->id
		);
	return doctor_text(
		view,
		"aws ec2 create-network-acl-entry --region %s --network-acl-id %s --%s "
		"--rule-number %lld --rule-action allow --protocol %d "
		"--port-range From=%u,To=%u --cidr-block %s",
		view->region,
		acl->id,
		flow->is_egress ? "egress" : "ingress",
		(long long)number,
		flow->protocol,
		flow->from_port,
		flow->to_port,
		doctor_flow_cidr(view, peer)
	);
}

// Those of the peers that are outside of the subnet and that its ACL does not let pass. An ACL is asked only
// about what leaves the subnet or comes in.
static const struct doctor_peer *refused_by_acl(
	struct doctor_view *view,
	const struct doctor_flow *flow,
	const char *subnet_id,
	const struct doctor_peers *peers,
	struct shape_strings *ret_names,
	bool *ret_is_partly
) {
	const struct ec2_acl *acl = index_find(&view->acls, subnet_id);
	const struct doctor_peer *first = NULL;
	for (size_t i = 0; i < peers->n; i++) {
		struct firewall_traffic one = doctor_flow_traffic(flow, &peers->items[i]);
		if (is(peers->items[i].subnet_id, subnet_id))
			continue;
		enum firewall_verdict verdict = firewall_judge_acl(acl, &one);
		if (verdict == FIREWALL_PASSES)
			continue;
		*ret_is_partly = *ret_is_partly && verdict == FIREWALL_PASSES_PARTLY;
		first = first == NULL ? &peers->items[i] : first;
		doctor_add_once(view, ret_names, peers->items[i].name);
	}
	return first;
}

// One finding for an ACL, however many of the subnets have it.
static void find_by_acl(
	struct doctor_view *view,
	const struct doctor_flow *flow,
	const struct ec2_acl *acl,
	const struct shape_strings *subnets,
	const struct doctor_peers *peers,
	enum doctor_state worst
) {
	struct shape_strings refused = {0}, bad = {0}, subjects = {0};
	const struct doctor_peer *first = NULL;
	bool is_partly = true;
	for (size_t i = 0; i < subnets->n; i++) {
		if (index_find(&view->acls, subnets->items[i]) != acl)
			continue;
		const struct doctor_peer *peer =
			refused_by_acl(view, flow, subnets->items[i], peers, &refused, &is_partly);
		first = first == NULL ? peer : first;
		if (peer != NULL)
			doctor_add(view, &bad, subnets->items[i]);
	}
	if (first == NULL)
		return;
	doctor_add(view, &subjects, acl->id);
	for (size_t i = 0; i < bad.n; i++)
		doctor_add(view, &subjects, bad.items[i]);
	doctor_find(
		view,
		flow->check,
		is_partly ? DOCTOR_WARNING : worst,
		&subjects,
		fix(view, flow, acl, first),
		"network ACL '%s' of %s does not let %s%s %s %s: %s",
		acl->id,
		doctor_names(view, &bad),
		is_partly ? "all " : "",
		flow->what,
		flow->is_egress ? "out to" : "in from",
		peers->what,
		doctor_names(view, &refused)
	);
}

static void find_by_acls(
	struct doctor_view *view,
	const struct doctor_flow *flow,
	const struct shape_strings *subnets,
	const struct doctor_peers *peers,
	enum doctor_state worst
) {
	for (size_t i = 0; i < subnets->n; i++) {
		const struct ec2_acl *acl = index_find(&view->acls, subnets->items[i]);
		bool is_new = acl != NULL;
		for (size_t j = 0; is_new && j < i; j++)
			is_new = index_find(&view->acls, subnets->items[j]) != acl;
		if (is_new)
			find_by_acl(view, flow, acl, subnets, peers, worst);
	}
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
	if (view->nodes.n == 0 || doctor_is_blind(view, DOCTOR_BALANCER_ACLS, DOCTOR_LOOK_AT_ACLS))
		return 0;
	struct doctor_peers sources = doctor_flow_sources(view);
	struct doctor_peers appliances =
		doctor_flow_places(view, &view->appliances, "the appliances");
	struct shape_strings subnets = subnets_of(view, &view->nodes);
	struct doctor_flow in = doctor_flow_vxlan(DOCTOR_BALANCER_ACLS, false);
	struct doctor_flow flows[] = {
		doctor_flow_vxlan(DOCTOR_BALANCER_ACLS, true),
		doctor_flow_health(view, DOCTOR_BALANCER_ACLS, true),
		doctor_flow_answers(DOCTOR_BALANCER_ACLS, false),
	};
	find_by_acls(view, &in, &subnets, &sources, DOCTOR_PROBLEM);
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
		find_by_acls(view, &flows[i], &subnets, &appliances, DOCTOR_PROBLEM);
	doctor_flow_well(
		view,
		DOCTOR_BALANCER_ACLS,
		n_before,
		"the load balancer's subnets let mirrored packets and health checks pass"
	);
	return 0;
}

int doctor_check_appliance_acls(struct doctor_view *view) {
	size_t n_before = view->doctor->n_findings;
	if (view->appliances.n == 0
	    || doctor_is_blind(view, DOCTOR_APPLIANCE_ACLS, DOCTOR_LOOK_AT_ACLS))
		return 0;
	struct doctor_peers sources = doctor_flow_sources(view);
	struct doctor_peers nodes = doctor_flow_places(view, &view->nodes, "the load balancer");
	struct shape_strings subnets = subnets_of(view, &view->appliances);
	struct doctor_flow in = doctor_flow_vxlan(DOCTOR_APPLIANCE_ACLS, false);
	struct doctor_flow flows[] = {
		doctor_flow_health(view, DOCTOR_APPLIANCE_ACLS, false),
		doctor_flow_answers(DOCTOR_APPLIANCE_ACLS, true),
	};
	find_by_acls(view, &in, &subnets, &sources, DOCTOR_PROBLEM);
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
		find_by_acls(view, &flows[i], &subnets, &nodes, DOCTOR_PROBLEM);
	doctor_flow_well(
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
	if (view->sources.n == 0 || doctor_is_blind(view, DOCTOR_SOURCE_ACLS, DOCTOR_LOOK_AT_ACLS))
		return 0;
	struct doctor_peers there = doctor_has_balancer(view)
		? doctor_flow_places(view, &view->nodes, "the load balancer")
		: doctor_flow_places(view, &view->appliances, "the target");
	struct doctor_flow out = doctor_flow_vxlan(DOCTOR_SOURCE_ACLS, true);
	for (size_t i = 0; i < view->sources.n; i++)
		doctor_add_once(
			view, &subnets, view->sources.items[i].candidate->interface->subnet_id
		);
	find_by_acls(view, &out, &subnets, &there, DOCTOR_WARNING);
	doctor_flow_well(
		view, DOCTOR_SOURCE_ACLS, n_before, "the sources' subnets let mirrored packets out"
	);
	return 0;
}
