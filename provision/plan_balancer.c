#include "ownership.h"
#include "planner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FREE_ADDRESSES_MIN 8 // that a load balancer wants in a subnet

// What mirroring needs and AWS's defaults are not: without the first, a source in a zone without a healthy
// appliance loses everything; without the others the two directions of a connection part ways.
static const struct elbv2_attribute balancer_attributes[] = {
	{"load_balancing.cross_zone.enabled", "true"},
};
static const struct elbv2_attribute target_group_attributes[] = {
	{"stickiness.enabled", "true"},
	{"stickiness.type", "source_ip"},
	{"deregistration_delay.timeout_seconds", "120"},
};

static const char *name_of(struct planner *planner, const char *part) {
	return deployment_name(planner->deployment, part, &planner->plan->arena);
}

static bool has(const struct shape_strings *list, const char *text) {
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static int add_cidrs_of_vpc(struct planner *planner, const char *vpc_id) {
	struct shape_strings *cidrs = &planner->plan->source_cidrs;
	const struct ec2_vpc *vpc = inventory_vpc(planner->inventory, vpc_id);
	int result = 0;
	for (size_t i = 0; vpc != NULL && result == 0 && i < vpc->cidrs.n; i++)
		if (!has(cidrs, vpc->cidrs.items[i].cidr))
			result = planner_add_text(planner, cidrs, vpc->cidrs.items[i].cidr);
	return result;
}

static int choose_cidrs(struct planner *planner) {
	if (planner->deployment->source_cidrs.n > 0) {
		planner->plan->source_cidrs = planner->deployment->source_cidrs;
		return 0;
	}
	int result = add_cidrs_of_vpc(planner, planner->deployment->vpc_id);
	for (size_t i = 0; result == 0 && i < planner->candidates->n; i++)
		if (planner->candidates->items[i].verdict != CANDIDATE_REFUSED)
			result = add_cidrs_of_vpc(
				planner, planner->candidates->items[i].interface->vpc_id
			);
	return result;
}

static bool same_port(struct shape_number port, int64_t wanted) {
	return port.is_set && port.value == wanted;
}

static bool
allows(const struct ec2_security_group *group, const char *protocol, int64_t port, const char *cidr
) {
	for (size_t i = 0; group != NULL && i < group->ingress.n; i++) {
		const struct ec2_permission *permission = &group->ingress.items[i];
		if (permission->protocol == NULL || strcmp(permission->protocol, protocol) != 0
		    || !same_port(permission->from_port, port)
		    || !same_port(permission->to_port, port))
			continue;
		for (size_t j = 0; j < permission->ranges.n; j++)
			if (permission->ranges.items[j].cidr != NULL
			    && strcmp(permission->ranges.items[j].cidr, cidr) == 0)
				return true;
	}
	return false;
}

static bool
allows_group(const struct ec2_security_group *group, int64_t port, const char *other_id) {
	for (size_t i = 0; group != NULL && i < group->ingress.n; i++) {
		const struct ec2_permission *permission = &group->ingress.items[i];
		if (!same_port(permission->from_port, port))
			continue;
		for (size_t j = 0; j < permission->groups.n; j++)
			if (permission->groups.items[j].group_id != NULL
			    && strcmp(permission->groups.items[j].group_id, other_id) == 0)
				return true;
	}
	return false;
}

// The permission for VXLAN from those of the source CIDRs that the group lacks; its ranges may be none.
static int missing_vxlan(
	struct planner *planner,
	const struct ec2_security_group *group,
	struct ec2_permission *ret_permission
) {
	const struct shape_strings *cidrs = &planner->plan->source_cidrs;
	struct ec2_ip_range *ranges =
		arena_alloc_array(&planner->plan->arena, cidrs->n, sizeof(*ranges));
	size_t n = 0;
	if (ranges == NULL)
		return planner_no_memory(planner);
	for (size_t i = 0; i < cidrs->n; i++)
		if (!allows(group, "udp", DEPLOYMENT_VXLAN_PORT, cidrs->items[i]))
			ranges[n++] = (struct ec2_ip_range) {
				.cidr = cidrs->items[i],
				.description = "mirrored traffic",
			};
	*ret_permission = (struct ec2_permission) {
		.protocol = "udp",
		.from_port = SHAPE_NUMBER_OF(DEPLOYMENT_VXLAN_PORT),
		.to_port = SHAPE_NUMBER_OF(DEPLOYMENT_VXLAN_PORT),
		.ranges = {.items = ranges, .n = n},
	};
	return 0;
}

// Of a new group or one that lacks rules. The health check's rule names the load balancer's group, whose
// id is known only when it is made: an empty pair stands for it.
static int plan_group(
	struct planner *planner,
	enum plan_kind kind,
	const char *part,
	const struct ec2_security_group *group,
	bool needs_health
) {
	const struct ec2_security_group *balancer_group = planner->found->balancer_group;
	struct ec2_permission *permissions =
		arena_alloc_array(&planner->plan->arena, 2, sizeof(*permissions));
	struct ec2_group_pair *pair = arena_alloc(&planner->plan->arena, sizeof(*pair));
	size_t n = 0;
	if (permissions == NULL || pair == NULL)
		return planner_no_memory(planner);
	int result = missing_vxlan(planner, group, &permissions[0]);
	if (result < 0)
		return result;
	n += permissions[0].ranges.n > 0;
	int64_t port = deployment_health_port(planner->deployment);
	bool has_health = balancer_group != NULL && allows_group(group, port, balancer_group->id);
	if (needs_health && !has_health) {
		pair->description = "health check";
		permissions[n++] = (struct ec2_permission) {
			.protocol = "tcp",
			.from_port = SHAPE_NUMBER_OF(port),
			.to_port = SHAPE_NUMBER_OF(port),
			.groups = {.items = pair, .n = 1},
		};
	}
	enum plan_action action = group == NULL ? PLAN_CREATE : n > 0 ? PLAN_CHANGE : PLAN_KEEP;
	struct plan_step *step = planner_add(
		planner,
		action,
		kind,
		name_of(planner, part),
		group == NULL ? NULL : group->id,
		"%s",
		group == NULL	? "lets the mirrored traffic in"
			: n > 0 ? "rules are missing"
				: "as it should be"
	);
	if (step == NULL)
		return -ENOMEM;
	step->permissions = (struct ec2_permissions) {.items = permissions, .n = n};
	return 0;
}

static int
drop_group(struct planner *planner, enum plan_kind kind, const struct ec2_security_group *group) {
	if (group == NULL)
		return 0;
	return planner_add(
		       planner, PLAN_DELETE, kind, group->name, group->id, "not needed any more"
	       ) == NULL
		? -ENOMEM
		: 0;
}

int planner_groups(struct planner *planner) {
	const struct found *found = planner->found;
	int result = 0;
	bool launches =
		planner->candidates != NULL && deployment_has_appliances(planner->deployment);
	if (planner->candidates != NULL)
		result = choose_cidrs(planner);
	if (result == 0)
		result = planner_makes_balancer(planner)
			? plan_group(
				planner, PLAN_BALANCER_GROUP, "nlb", found->balancer_group, false
			)
			: drop_group(planner, PLAN_BALANCER_GROUP, found->balancer_group);
	if (result < 0)
		return result;
	bool has_balancer_group = planner_makes_balancer(planner);
	return launches ? plan_group(
		       planner,
		       PLAN_APPLIANCE_GROUP,
		       "appliance",
		       found->appliance_group,
		       has_balancer_group
	       )
			: drop_group(planner, PLAN_APPLIANCE_GROUP, found->appliance_group);
}

static int compare_subnets(const void *a, const void *b) {
	const struct ec2_subnet *left = *(const struct ec2_subnet *const *)a;
	const struct ec2_subnet *right = *(const struct ec2_subnet *const *)b;
	int difference = strcmp(left->zone, right->zone);
	return difference != 0 ? difference : strcmp(left->id, right->id);
}

// One subnet in each zone: the first by id that has room, so that every run chooses the same.
static int choose_subnets(struct planner *planner) {
	const struct deployment *deployment = planner->deployment;
	const struct ec2_subnets *all = &planner->inventory->subnets;
	const struct ec2_subnet **found =
		arena_alloc_array(&planner->plan->arena, all->subnets.n, sizeof(*found));
	size_t n = 0;
	if (deployment->subnet_ids.n > 0) {
		planner->plan->subnet_ids = deployment->subnet_ids;
		return 0;
	}
	if (found == NULL)
		return planner_no_memory(planner);
	for (size_t i = 0; i < all->subnets.n; i++) {
		const struct ec2_subnet *subnet = &all->subnets.items[i];
		bool is_usable = subnet->vpc_id != NULL && subnet->zone != NULL
			&& !subnet->is_ipv6_only && subnet->n_free_addresses >= FREE_ADDRESSES_MIN;
		if (is_usable && strcmp(subnet->vpc_id, deployment->vpc_id) == 0)
			found[n++] = subnet;
	}
	if (n > 0)
		qsort(found, n, sizeof(*found), compare_subnets);
	int result = 0;
	for (size_t i = 0; result == 0 && i < n; i++)
		if (i == 0 || strcmp(found[i]->zone, found[i - 1]->zone) != 0)
			result =
				planner_add_text(planner, &planner->plan->subnet_ids, found[i]->id);
	if (result == 0 && planner->plan->subnet_ids.n == 0)
		return aws_error_set(
			planner->error,
			-EINVAL,
			"NoSubnet",
			"VPC '%s' has no subnet with IPv4 and %d free addresses for the load "
			"balancer",
			deployment->vpc_id,
			FREE_ADDRESSES_MIN
		);
	if (result == 0 && planner->plan->subnet_ids.n == 1)
		result = planner_note(
			planner,
			"the load balancer is in one zone only, because the VPC has subnets in no "
			"other"
		);
	return result;
}

// Those of the wanted attributes that are not so yet; all of them where nothing exists.
static int missing_attributes(
	struct planner *planner,
	const struct elbv2_attribute *wanted,
	size_t n_wanted,
	const struct elbv2_attributes *found,
	struct plan_step *step
) {
	struct elbv2_attribute *items =
		arena_alloc_array(&planner->plan->arena, n_wanted, sizeof(*items));
	size_t n = 0;
	if (items == NULL)
		return planner_no_memory(planner);
	for (size_t i = 0; i < n_wanted; i++) {
		const char *value = found_attribute(found, wanted[i].key);
		if (value == NULL || strcmp(value, wanted[i].value) != 0)
			items[n++] = wanted[i];
	}
	step->attributes.items = items;
	step->attributes.n = n;
	if (n > 0 && step->action == PLAN_KEEP) {
		step->action = PLAN_CHANGE;
		step->reason = arena_printf(
			&planner->plan->arena, "%s should be %s", items[0].key, items[0].value
		);
	}
	return step->reason == NULL ? planner_no_memory(planner) : 0;
}

#define N_OF(table) (sizeof(table) / sizeof((table)[0]))

static bool
has_other_health(const struct deployment *deployment, const struct elbv2_target_group *group) {
	char port[8];
	const char *protocol = deployment->health.protocol;
	snprintf(port, sizeof(port), "%u", deployment_health_port(deployment));
	return group->health_port == NULL || strcmp(group->health_port, port) != 0
		|| group->health_protocol == NULL
		|| strcmp(group->health_protocol, protocol == NULL ? "TCP" : protocol) != 0;
}

static int plan_target_group(struct planner *planner) {
	const struct elbv2_target_group *group = planner->found->target_group;
	const char *wanted_type = planner->deployment->mode == DEPLOYMENT_DPDK ? "ip" : "instance";
	if (group != NULL && group->target_type != NULL
	    && strcmp(group->target_type, wanted_type) != 0)
		return aws_error_set(
			planner->error,
			-EINVAL,
			"CaptureModeFixed",
			"target group '%s' takes targets of type '%s', and that cannot be changed; "
			"destroy the deployment first, or give this one another id",
			group->name,
			group->target_type
		);
	struct plan_step *step = planner_add(
		planner,
		group == NULL ? PLAN_CREATE : PLAN_KEEP,
		PLAN_TARGET_GROUP,
		name_of(planner, NULL),
		group == NULL ? NULL : group->arn,
		"%s",
		group == NULL ? "holds the appliances" : "as it should be"
	);
	if (step == NULL)
		return -ENOMEM;
	if (group != NULL && has_other_health(planner->deployment, group)) {
		step->action = PLAN_CHANGE;
		step->sets_health = true;
		step->reason = "the health check is another";
	}
	return missing_attributes(
		planner,
		target_group_attributes,
		N_OF(target_group_attributes),
		&planner->found->target_group_attributes,
		step
	);
}

static int plan_balancer(struct planner *planner) {
	const struct found *found = planner->found;
	const struct elbv2_load_balancer *balancer = found->balancer;
	if (balancer != NULL && balancer->vpc_id != NULL
	    && strcmp(balancer->vpc_id, planner->deployment->vpc_id) != 0)
		return aws_error_set(
			planner->error,
			-EINVAL,
			"OtherVpc",
			"deployment '%s' is in VPC '%s'; destroy it first, or give this one "
			"another id",
			planner->deployment->id,
			balancer->vpc_id
		);
	int result = choose_subnets(planner);
	if (result < 0)
		return result;
	struct plan_step *step = planner_add(
		planner,
		balancer == NULL ? PLAN_CREATE : PLAN_KEEP,
		PLAN_BALANCER,
		name_of(planner, NULL),
		balancer == NULL ? NULL : balancer->arn,
		"%s",
		balancer == NULL ? "spreads the mirrored traffic" : "as it should be"
	);
	if (step == NULL)
		return -ENOMEM;
	return missing_attributes(
		planner,
		balancer_attributes,
		N_OF(balancer_attributes),
		&found->balancer_attributes,
		step
	);
}

static int plan_existing_balancer(struct planner *planner) {
	const struct found *found = planner->found;
	const char *cross_zone =
		found_attribute(&found->balancer_attributes, balancer_attributes[0].key);
	if (found->balancer == NULL)
		return aws_error_set(
			planner->error,
			-EINVAL,
			"NoSuchLoadBalancer",
			"there is no load balancer '%s'",
			planner->deployment->existing_load_balancer
		);
	if (cross_zone == NULL || strcmp(cross_zone, "true") != 0)
		return planner_note(
			planner,
			"cross-zone load balancing is off on '%s': a source in a zone without a "
			"healthy "
			"appliance loses everything",
			found->balancer->name
		);
	return 0;
}

static const struct elbv2_action *forward(const struct elbv2_listener *listener) {
	return listener->actions.n == 0 ? NULL : &listener->actions.items[0];
}

// "UDP 4789" is what it is known by; load balancers have one.
static int plan_listener(struct planner *planner) {
	const struct elbv2_listener *listener = planner->found->listener;
	const struct elbv2_target_group *group = planner->found->target_group;
	enum plan_action action = PLAN_KEEP;
	const char *reason = "as it should be";
	if (listener == NULL) {
		action = PLAN_CREATE;
		reason = "without it mirroring fails silently";
	} else if (forward(listener) == NULL || group == NULL
		   || forward(listener)->target_group_arn == NULL
		   || strcmp(forward(listener)->target_group_arn, group->arn) != 0) {
		action = PLAN_CHANGE;
		reason = "it forwards elsewhere";
	}
	const char *id = listener == NULL ? NULL : listener->arn;
	return planner_add(planner, action, PLAN_LISTENER, "UDP 4789", id, "%s", reason) == NULL
		? -ENOMEM
		: 0;
}

static int drop(struct planner *planner, enum plan_kind kind, const char *name, const char *id) {
	return planner_add(planner, PLAN_DELETE, kind, name, id, "not needed any more") == NULL
		? -ENOMEM
		: 0;
}

// A listener goes with its load balancer; one that forwards to our group from another's goes by itself.
static int drop_balancer(struct planner *planner) {
	const struct found *found = planner->found;
	const struct elbv2_target_group *group = found->target_group;
	int result = 0;
	bool is_listener_ours = found->listener != NULL && group != NULL
		&& forward(found->listener) != NULL
		&& forward(found->listener)->target_group_arn != NULL
		&& strcmp(forward(found->listener)->target_group_arn, group->arn) == 0;
	if (!planner_makes_target_group(planner)) {
		if (is_listener_ours)
			result = drop(planner, PLAN_LISTENER, "UDP 4789", found->listener->arn);
		if (result == 0 && group != NULL)
			result = drop(planner, PLAN_TARGET_GROUP, group->name, group->arn);
	}
	if (result == 0 && found->is_balancer_ours && !planner_makes_balancer(planner))
		result = drop(planner, PLAN_BALANCER, found->balancer->name, found->balancer->arn);
	return result;
}

int planner_balancer(struct planner *planner) {
	int result = 0;
	if (planner_makes_target_group(planner))
		result = plan_target_group(planner);
	if (result == 0 && planner_makes_balancer(planner))
		result = plan_balancer(planner);
	else if (result == 0 && planner->candidates != NULL && planner->deployment->existing_load_balancer != NULL)
		result = plan_existing_balancer(planner);
	if (result == 0 && planner_makes_target_group(planner))
		result = plan_listener(planner);
	return result < 0 ? result : drop_balancer(planner);
}
