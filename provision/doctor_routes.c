#include "doctor_view.h"

#include <string.h>

// How mirrored packets get from the sources' subnets to the load balancer's nodes, or to the interface that is
// the target: by the route table of the source's subnet.

#define LOOK                                                                                       \
	"ec2:DescribeRouteTables ec2:DescribeNetworkInterfaces "                                   \
	"ec2:DescribeTrafficMirrorSessions"
#define TRANSIT_GATEWAY_MTU 8500

static bool is(const char *text, const char *wanted) {
	return text != NULL && strcmp(text, wanted) == 0;
}

static const struct doctor_places *destinations(const struct doctor_view *view) {
	return doctor_has_balancer(view) ? &view->nodes : &view->appliances;
}

static const struct ec2_route_table *
table_of(const struct doctor_view *view, const struct ec2_network_interface *interface) {
	const struct ec2_route_table *table =
		index_find(&view->routes_by_subnet, interface->subnet_id);
	return table != NULL ? table : index_find(&view->main_routes, interface->vpc_id);
}

// Why a peering connection does not carry packets, or NULL.
static const char *peering_fault(struct doctor_view *view, const char *id) {
	const struct ec2_peering *peering = index_find(&view->peerings, id);
	if (peering == NULL)
		return doctor_text(view, "leads to peering connection '%s', which is gone", id);
	if (!is(peering->status, "active"))
		return doctor_text(
			view,
			"leads to peering connection '%s', which is %s",
			id,
			peering->status == NULL ? "not active" : peering->status
		);
	if (peering->accepter_region != NULL && peering->requester_region != NULL
	    && strcmp(peering->accepter_region, peering->requester_region) != 0)
		return doctor_text(
			view,
			"leads to peering connection '%s' between regions, which carries no "
			"mirrored traffic",
			id
		);
	return NULL;
}

// Why the route does not lead there, or NULL.
static const char *route_fault(struct doctor_view *view, const struct ec2_route *route) {
	if (route == NULL)
		return "has no route there";
	if (is(route->state, "blackhole"))
		return doctor_text(
			view, "has a route %s that leads to nothing any more", route->cidr
		);
	if (route->peering_id != NULL)
		return peering_fault(view, route->peering_id);
	if (is(route->gateway_id, "local") || route->transit_gateway_id != NULL)
		return NULL;
	const char *next = route->gateway_id != NULL ? route->gateway_id
		: route->nat_gateway_id != NULL	     ? route->nat_gateway_id
						     : route->network_interface_id;
	return doctor_text(
		view,
		"leads to '%s', which does not carry packets to a private address in another VPC",
		next == NULL ? "something that is not known here" : next
	);
}

static const char *
fix(struct doctor_view *view,
    const struct ec2_route_table *table,
    const struct doctor_place *place,
    const struct ec2_route *route) {
	const struct ec2_vpc *vpc = inventory_vpc(&view->inventory, place->interface->vpc_id);
	const char *cidr = vpc == NULL || vpc->cidr == NULL ? "CIDR-OF-THE-VPC" : vpc->cidr;
	bool is_same_vpc = is(place->interface->vpc_id, table->vpc_id);
	if (is_same_vpc)
		return doctor_text(
			view,
			"take out the route of '%s' that is more specific than the VPC's own: aws "
			"ec2 delete-route --region %s --route-table-id %s "
			"--destination-cidr-block %s",
			table->id,
			view->region,
			table->id,
			route == NULL ? cidr : route->cidr
		);
	return doctor_text(
		view,
		"connect the VPCs by peering or a transit gateway, then: aws ec2 %s --region %s "
		"--route-table-id %s --destination-cidr-block %s --vpc-peering-connection-id PCX",
		route != NULL && is(route->cidr, cidr) ? "replace-route" : "create-route",
		view->region,
		table->id,
		cidr
	);
}

// Whether some destinations are given by a prefix list, whose content is not known here.
static bool has_prefix_lists(const struct ec2_route_table *table) {
	for (size_t i = 0; i < table->routes.n; i++)
		if (table->routes.items[i].cidr == NULL && table->routes.items[i].ipv6_cidr == NULL)
			return true;
	return false;
}

// The first destination that cannot be reached from a subnet.
static void judge_subnet(
	struct doctor_view *view,
	const struct ec2_network_interface *interface,
	struct shape_strings *ret_bad
) {
	const struct ec2_route_table *table = table_of(view, interface);
	for (size_t i = 0; table != NULL && i < destinations(view)->n; i++) {
		const struct doctor_place *place = &destinations(view)->items[i];
		struct shape_strings subjects = {0};
		if (!place->has_address || place->interface == NULL)
			continue;
		const struct ec2_route *route = firewall_route(table, place->address);
		const char *fault = route_fault(view, route);
		if (fault == NULL)
			continue;
		doctor_add(view, &subjects, table->id);
		doctor_add(view, &subjects, interface->subnet_id);
		doctor_add(view, ret_bad, interface->subnet_id);
		doctor_find(
			view,
			DOCTOR_ROUTES,
			route == NULL && has_prefix_lists(table) ? DOCTOR_UNKNOWN : DOCTOR_PROBLEM,
			&subjects,
			fix(view, table, place, route),
			"from the sources in '%s' to %s: route table '%s' %s",
			interface->subnet_id,
			place->interface->private_ip,
			table->id,
			fault
		);
		return;
	}
}

int doctor_check_routes(struct doctor_view *view) {
	struct shape_strings seen = {0}, bad = {0};
	if (view->sources.n == 0 || destinations(view)->n == 0
	    || doctor_is_blind(view, DOCTOR_ROUTES, LOOK))
		return 0;
	if (doctor_is_blind(view, DOCTOR_ROUTES, "ec2:DescribeVpcPeeringConnections"))
		return 0;
	for (size_t i = 0; i < view->sources.n; i++) {
		const struct ec2_network_interface *interface =
			view->sources.items[i].candidate->interface;
		if (interface->subnet_id == NULL || doctor_has(&seen, interface->subnet_id))
			continue;
		doctor_add(view, &seen, interface->subnet_id);
		judge_subnet(view, interface, &bad);
	}
	if (bad.n == 0)
		doctor_find(
			view,
			DOCTOR_ROUTES,
			DOCTOR_OK,
			NULL,
			NULL,
			"%zu subnet%s with sources lead%s to %s",
			seen.n,
			doctor_s(seen.n),
			seen.n == 1 ? "s" : "",
			doctor_has_balancer(view) ? "the load balancer" : "the target"
		);
	return 0;
}

static bool goes_by_transit(const struct doctor_view *view, const struct candidate *candidate) {
	const struct ec2_route_table *table = table_of(view, candidate->interface);
	for (size_t i = 0; table != NULL && i < destinations(view)->n; i++) {
		const struct doctor_place *place = &destinations(view)->items[i];
		const struct ec2_route *route =
			place->has_address ? firewall_route(table, place->address) : NULL;
		if (route != NULL && route->transit_gateway_id != NULL)
			return true;
	}
	return false;
}

int doctor_check_mtu(struct doctor_view *view) {
	struct shape_strings cut = {0};
	int64_t room = TRANSIT_GATEWAY_MTU - DOCTOR_VXLAN_BYTES;
	if (view->sources.n == 0 || destinations(view)->n == 0
	    || doctor_is_blind(view, DOCTOR_MTU, LOOK))
		return 0;
	for (size_t i = 0; i < view->sources.n; i++) {
		const struct candidate *candidate = view->sources.items[i].candidate;
		const struct ec2_mirror_session *session = candidate->session;
		if (session == NULL || !goes_by_transit(view, candidate))
			continue;
		if (!session->packet_length.is_set || session->packet_length.value > room)
			doctor_add(view, &cut, session->id);
	}
	if (cut.n > 0)
		doctor_find(
			view,
			DOCTOR_MTU,
			DOCTOR_WARNING,
			&cut,
			doctor_text(
				view,
				"where sources send jumbo frames: aws ec2 "
				"modify-traffic-mirror-session --region %s "
				"--traffic-mirror-session-id %s --packet-length %lld",
				view->region,
				cut.items[0],
				(long long)room
			),
			"%zu session%s through a transit gateway, which carries %d bytes: packets "
			"of more than %lld bytes do not fit with what mirroring adds",
			cut.n,
			cut.n == 1 ? " goes" : "s go",
			TRANSIT_GATEWAY_MTU,
			(long long)room
		);
	else
		doctor_find(
			view,
			DOCTOR_MTU,
			DOCTOR_OK,
			NULL,
			NULL,
			"mirroring adds %d bytes to a packet: the appliances' interfaces need an "
			"MTU of %d, or of 9001 where sources send jumbo frames",
			DOCTOR_VXLAN_BYTES,
			1500 + DOCTOR_VXLAN_BYTES
		);
	return 0;
}
