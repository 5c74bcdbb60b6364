#include "doctor_view.h"

#include <stdlib.h>
#include <string.h>

// Settings of the load balancer and the target group, of which AWS's defaults are not what mirroring needs.

#define ATTRIBUTES                                                                                 \
	"elasticloadbalancing:DescribeLoadBalancers "                                              \
	"elasticloadbalancing:DescribeListeners "                                                  \
	"elasticloadbalancing:DescribeTargetGroups "                                               \
	"elasticloadbalancing:DescribeTargetGroupAttributes"
#define ATTRIBUTES_OF_BOTH ATTRIBUTES " elasticloadbalancing:DescribeLoadBalancerAttributes"
#define DEREGISTRATION_FAST_S 10 // up to here: gone at once, which mirrors bear
#define DEREGISTRATION_MIN_S 120 // from here: as AWS advises for UDP
#define DEREGISTRATION_MAX_S 300

static bool is(const char *text, const char *wanted) {
	return text != NULL && strcmp(text, wanted) == 0;
}

static const char *of_group(const struct doctor_view *view, const char *key) {
	return found_attribute(&view->target_group_attributes, key);
}

// Without a load balancer or a target group another check says so.
static bool has_both(const struct doctor_view *view) {
	return doctor_has_balancer(view) && view->target_group != NULL;
}

static const char *set_on_group(struct doctor_view *view, const char *attributes) {
	return doctor_text(
		view,
		"aws elbv2 modify-target-group-attributes --region %s --target-group-arn %s "
		"--attributes %s",
		view->region,
		view->target_group->arn,
		attributes
	);
}

static bool is_in_balancer(const struct doctor_view *view, const char *zone) {
	const struct elbv2_load_balancer *balancer = view->found.balancer;
	for (size_t i = 0; i < balancer->zones.n; i++)
		if (is(balancer->zones.items[i].name, zone))
			return true;
	return false;
}

static const char *zone_of(const struct doctor_place *place) {
	return place->interface == NULL ? NULL : place->interface->zone;
}

static bool is_healthy(const struct doctor_place *place) {
	return place->health != NULL && is(place->health->state, "healthy");
}

// The target group may override the load balancer.
static bool crosses_zones(const struct doctor_view *view) {
	const char *key = "load_balancing.cross_zone.enabled";
	const char *value = of_group(view, key);
	if (is(value, "true") || is(value, "false"))
		return is(value, "true");
	return is(found_attribute(&view->found.balancer_attributes, key), "true");
}

static struct shape_strings zones_of_balancer(struct doctor_view *view) {
	struct shape_strings zones = {0};
	for (size_t i = 0; i < view->found.balancer->zones.n; i++)
		doctor_add_once(view, &zones, view->found.balancer->zones.items[i].name);
	return zones;
}

// Zones of the load balancer's VPC in which it could be.
static struct shape_strings zones_of_vpc(struct doctor_view *view) {
	struct shape_strings zones = {0};
	for (size_t i = 0; i < view->inventory.subnets.subnets.n; i++) {
		const struct ec2_subnet *subnet = &view->inventory.subnets.subnets.items[i];
		if (is(subnet->vpc_id, view->found.balancer->vpc_id) && !subnet->is_ipv6_only)
			doctor_add_once(view, &zones, subnet->zone);
	}
	return zones;
}

int doctor_check_zones(struct doctor_view *view) {
	struct shape_strings outside = {0};
	if (!has_both(view)
	    || doctor_is_blind(
		    view,
		    DOCTOR_ZONES,
		    ATTRIBUTES_OF_BOTH " elasticloadbalancing:DescribeTargetHealth "
				       "ec2:DescribeNetworkInterfaces ec2:DescribeSubnets"
	    ))
		return 0;
	for (size_t i = 0; i < view->appliances.n; i++) {
		const struct doctor_place *appliance = &view->appliances.items[i];
		const char *zone = zone_of(appliance);
		if (zone != NULL && !is_in_balancer(view, zone))
			doctor_add(view, &outside, appliance->id);
	}
	struct shape_strings zones = zones_of_balancer(view), possible = zones_of_vpc(view);
	doctor_sort(view, &zones);
	const char *fix = "add a subnet of that zone: aws elbv2 set-subnets, with all its subnets; "
			  "then make a new mirror target, for AWS fixes the nodes of an old one";
	if (outside.n > 0 && !crosses_zones(view))
		doctor_find(
			view,
			DOCTOR_ZONES,
			DOCTOR_PROBLEM,
			&outside,
			fix,
			"appliance%s %s in a zone that the load balancer does not cover",
			doctor_s(outside.n),
			doctor_names(view, &outside)
		);
	else if (zones.n < 2 && possible.n > 1)
		doctor_find(
			view,
			DOCTOR_ZONES,
			DOCTOR_WARNING,
			&zones,
			fix,
			"the load balancer is only in %s; when that zone fails, nothing arrives",
			doctor_names(view, &zones)
		);
	else
		doctor_find(
			view,
			DOCTOR_ZONES,
			DOCTOR_OK,
			&zones,
			NULL,
			"the load balancer is in %s",
			doctor_names(view, &zones)
		);
	return 0;
}

static bool has_healthy_appliance(const struct doctor_view *view, const char *zone) {
	for (size_t i = 0; i < view->appliances.n; i++)
		if (is_healthy(&view->appliances.items[i])
		    && is(zone_of(&view->appliances.items[i]), zone))
			return true;
	return false;
}

static const char *cross_zone_fix(struct doctor_view *view) {
	const char *key = "load_balancing.cross_zone.enabled";
	if (is(of_group(view, key), "false"))
		return set_on_group(
			view,
			"Key=load_balancing.cross_zone.enabled,"
			"Value=use_load_balancer_configuration"
		);
	return doctor_text(
		view,
		"aws elbv2 modify-load-balancer-attributes --region %s --load-balancer-arn %s "
		"--attributes Key=%s,Value=true",
		view->region,
		view->found.balancer->arn,
		key
	);
}

int doctor_check_cross_zone(struct doctor_view *view) {
	struct shape_strings lost = {0};
	if (!has_both(view)
	    || doctor_is_blind(
		    view,
		    DOCTOR_CROSS_ZONE,
		    ATTRIBUTES_OF_BOTH " elasticloadbalancing:DescribeTargetHealth "
				       "ec2:DescribeNetworkInterfaces"
	    ))
		return 0;
	bool is_on = crosses_zones(view);
	for (size_t i = 0; !is_on && i < view->sources.n; i++) {
		const char *zone = view->sources.items[i].candidate->interface->zone;
		if (!has_healthy_appliance(view, zone) || !is_in_balancer(view, zone))
			doctor_add_once(view, &lost, zone);
	}
	doctor_sort(view, &lost);
	if (lost.n > 0)
		doctor_find(
			view,
			DOCTOR_CROSS_ZONE,
			DOCTOR_PROBLEM,
			&lost,
			cross_zone_fix(view),
			"cross-zone load balancing is off, and sources in %s have no healthy "
			"appliance in their zone: all of theirs is lost",
			doctor_names(view, &lost)
		);
	else
		doctor_find(
			view,
			DOCTOR_CROSS_ZONE,
			is_on ? DOCTOR_OK : DOCTOR_WARNING,
			NULL,
			is_on ? NULL : cross_zone_fix(view),
			"cross-zone load balancing is %s",
			is_on ? "on" : "off: a zone whose appliance fails loses everything"
		);
	return 0;
}

int doctor_check_stickiness(struct doctor_view *view) {
	if (!has_both(view) || doctor_is_blind(view, DOCTOR_STICKINESS, ATTRIBUTES))
		return 0;
	bool is_on = is(of_group(view, "stickiness.enabled"), "true")
		&& is(of_group(view, "stickiness.type"), "source_ip");
	bool matters = view->health.targets.n > 1;
	doctor_find(
		view,
		DOCTOR_STICKINESS,
		is_on		  ? DOCTOR_OK
			: matters ? DOCTOR_PROBLEM
				  : DOCTOR_WARNING,
		NULL,
		is_on ? NULL
		      : set_on_group(
			      view,
			      "Key=stickiness.enabled,Value=true "
			      "Key=stickiness.type,Value=source_ip"
		      ),
		"%s",
		is_on ? "packets of one source stay with one appliance"
			: matters
			? "stickiness by source_ip is off: the two directions of a connection can "
			  "reach different appliances, which then see half of it"
			: "stickiness by source_ip is off, which will matter with a second "
			  "appliance"
	);
	return 0;
}

int doctor_check_client_address(struct doctor_view *view) {
	if (!has_both(view) || doctor_is_blind(view, DOCTOR_CLIENT_ADDRESS, ATTRIBUTES))
		return 0;
	if (is(of_group(view, "proxy_protocol_v2.enabled"), "true"))
		doctor_find(
			view,
			DOCTOR_CLIENT_ADDRESS,
			DOCTOR_PROBLEM,
			NULL,
			set_on_group(view, "Key=proxy_protocol_v2.enabled,Value=false"),
			"the target group puts a proxy protocol header before every packet, which "
			"is no VXLAN then"
		);
	else if (is(of_group(view, "preserve_client_ip.enabled"), "false"))
		doctor_find(
			view,
			DOCTOR_CLIENT_ADDRESS,
			DOCTOR_WARNING,
			NULL,
			set_on_group(view, "Key=preserve_client_ip.enabled,Value=true"),
			"the target group hides the address of the source, by which the load "
			"balancer keeps its packets together"
		);
	else
		doctor_find(
			view,
			DOCTOR_CLIENT_ADDRESS,
			DOCTOR_OK,
			NULL,
			NULL,
			"packets arrive with their source's address, as they were sent"
		);
	return 0;
}

int doctor_check_deregistration(struct doctor_view *view) {
	if (!has_both(view) || doctor_is_blind(view, DOCTOR_DEREGISTRATION, ATTRIBUTES))
		return 0;
	const char *delay = of_group(view, "deregistration_delay.timeout_seconds");
	const char *ends = of_group(view, "deregistration_delay.connection_termination.enabled");
	long seconds = delay == NULL ? DEREGISTRATION_MAX_S : strtol(delay, NULL, 10);
	bool is_good = seconds <= DEREGISTRATION_FAST_S
		|| (seconds >= DEREGISTRATION_MIN_S && seconds <= DEREGISTRATION_MAX_S);
	if (is(ends, "false"))
		doctor_find(
			view,
			DOCTOR_DEREGISTRATION,
			DOCTOR_WARNING,
			NULL,
			set_on_group(
				view,
				"Key=deregistration_delay.connection_termination.enabled,Value=true"
			),
			"flows are not ended when an appliance is taken out, so that they go on to "
			"one that is gone"
		);
	else if (!is_good)
		doctor_find(
			view,
			DOCTOR_DEREGISTRATION,
			DOCTOR_WARNING,
			NULL,
			set_on_group(view, "Key=deregistration_delay.timeout_seconds,Value=120"),
			"an appliance is taken out within %ld seconds; AWS advises at least %d "
			"for UDP, and more than %d only delays",
			seconds,
			DEREGISTRATION_MIN_S,
			DEREGISTRATION_MAX_S
		);
	else
		doctor_find(
			view,
			DOCTOR_DEREGISTRATION,
			DOCTOR_OK,
			NULL,
			NULL,
			"an appliance is taken out within %ld seconds, and its flows are ended",
			seconds
		);
	return 0;
}
