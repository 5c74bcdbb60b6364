#include "doctor_flow.h"

#include <netinet/in.h>
#include <string.h>

static bool is(const char *text, const char *wanted) {
	return text != NULL && wanted != NULL && strcmp(text, wanted) == 0;
}

static struct doctor_peer *peers_alloc(struct doctor_view *view, size_t n) {
	struct doctor_peer *items = arena_alloc_array(view->arena, n, sizeof(*items));
	if (items == NULL)
		view->is_out_of_memory = true;
	return items;
}

struct doctor_peers doctor_flow_sources(struct doctor_view *view) {
	struct doctor_peers peers = {
		.what = "the sources", .items = peers_alloc(view, view->sources.n)};
	for (size_t i = 0; peers.items != NULL && i < view->sources.n; i++) {
		const struct doctor_source *source = &view->sources.items[i];
		const struct ec2_network_interface *interface = source->candidate->interface;
		if (source->has_address)
			peers.items[peers.n++] = (struct doctor_peer) {
				.name = doctor_source_name(view, source->candidate),
				.vpc_id = interface->vpc_id,
				.subnet_id = interface->subnet_id,
				.address = source->address,
				.groups = &source->groups,
			};
	}
	return peers;
}

struct doctor_peers
doctor_flow_places(struct doctor_view *view, const struct doctor_places *places, const char *what) {
	struct doctor_peers peers = {.what = what, .items = peers_alloc(view, places->n)};
	for (size_t i = 0; peers.items != NULL && i < places->n; i++) {
		const struct doctor_place *place = &places->items[i];
		if (place->has_address && place->interface != NULL)
			peers.items[peers.n++] = (struct doctor_peer) {
				.name = place->id,
				.vpc_id = place->interface->vpc_id,
				.subnet_id = place->interface->subnet_id,
				.address = place->address,
				.groups = &place->groups,
			};
	}
	return peers;
}

struct firewall_traffic
doctor_flow_traffic(const struct doctor_flow *flow, const struct doctor_peer *peer) {
	return (struct firewall_traffic) {
		.is_egress = flow->is_egress,
		.protocol = flow->protocol,
		.from_port = flow->from_port,
		.to_port = flow->to_port,
		.peer = peer->address,
		.peer_groups = *peer->groups,
	};
}

static const char *address_text(struct doctor_view *view, struct firewall_range address) {
	uint32_t a = address.first;
	return doctor_text(view, "%u.%u.%u.%u", a >> 24, (a >> 16) & 255, (a >> 8) & 255, a & 255);
}

// The block of the peer's VPC that it is in.
const char *doctor_flow_cidr(struct doctor_view *view, const struct doctor_peer *peer) {
	const struct ec2_vpc *vpc = inventory_vpc(&view->inventory, peer->vpc_id);
	struct firewall_range range;
	for (size_t i = 0; vpc != NULL && i < vpc->cidrs.n; i++)
		if (firewall_range_read(vpc->cidrs.items[i].cidr, &range)
		    && firewall_range_covers(range, peer->address))
			return vpc->cidrs.items[i].cidr;
	return doctor_text(view, "%s/32", address_text(view, peer->address));
}

void doctor_flow_well(
	struct doctor_view *view,
	enum doctor_check check,
	size_t n_before,
	const char *text
) {
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

struct doctor_flow doctor_flow_vxlan(enum doctor_check check, bool is_egress) {
	return (struct doctor_flow) {
		.check = check,
		.is_egress = is_egress,
		.protocol = IPPROTO_UDP,
		.from_port = DEPLOYMENT_VXLAN_PORT,
		.to_port = DEPLOYMENT_VXLAN_PORT,
		.what = "mirrored packets (UDP 4789)",
	};
}

struct doctor_flow
doctor_flow_health(struct doctor_view *view, enum doctor_check check, bool is_egress) {
	uint16_t port = health_port(view);
	return (struct doctor_flow) {
		.check = check,
		.is_egress = is_egress,
		.protocol = IPPROTO_TCP,
		.from_port = port,
		.to_port = port,
		.what = health_text(view, port),
	};
}

struct doctor_flow doctor_flow_answers(enum doctor_check check, bool is_egress) {
	return (struct doctor_flow) {
		.check = check,
		.is_egress = is_egress,
		.protocol = IPPROTO_TCP,
		.from_port = DOCTOR_HEALTH_PORTS_FROM,
		.to_port = UINT16_MAX,
		.what = "answers to health checks (TCP 1024-65535)",
	};
}
