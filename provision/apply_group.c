#include "applier.h"

#include <errno.h>
#include <string.h>

static int find_by_name(struct applier *applier, const char *name, const char **ret_id) {
	struct ec2_filter filters[] = {
		{.name = "group-name", .values = {.items = &name, .n = 1}},
		{.name = "vpc-id", .values = {.items = &applier->deployment->vpc_id, .n = 1}},
	};
	struct ec2_query query = {.filters = {.items = filters, .n = 2}};
	struct applier_wait wait = {.for_what = "security group"};
	for (;;) {
		struct ec2_security_groups found;
		int result = ec2_describe_security_groups(
			applier->client, &query, applier->arena, &found, applier->error
		);
		if (result < 0)
			return result;
		if (found.groups.n > 0) {
			*ret_id = found.groups.items[0].id;
			return 0;
		}
		if (!applier_polls(applier, &wait, 30))
			return -ETIMEDOUT;
	}
}

// An earlier run that did not get further has made it already: the name says so, and the next plan sees
// whether it is right.
static int
create(struct applier *applier, const char *name, const char *description, const char **ret_id) {
	struct ec2_new_security_group group = {
		.name = name,
		.description = description,
		.vpc_id = applier->deployment->vpc_id,
	};
	struct ec2_id made;
	int result = applier_tags(applier, name, NULL, &group.tags);
	if (result < 0)
		return result;
	result = ec2_create_security_group(
		applier->client, &group, applier->arena, &made, applier->error
	);
	if (result == -EREMOTEIO && aws_error_is(applier->error, "InvalidGroup.Duplicate"))
		return find_by_name(applier, name, ret_id);
	if (result == 0)
		*ret_id = made.id;
	return result;
}

// One permission in a call, so that one that exists does not keep the others out.
static int
authorize(struct applier *applier, const char *group_id, const struct ec2_permission *permission) {
	struct ec2_permission one = *permission;
	struct ec2_group_pair pair;
	struct applier_wait wait = {.for_what = "security group"};
	int result;
	if (one.groups.n > 0) {
		pair = one.groups.items[0];
		pair.group_id = applier->balancer_group_id;
		one.groups.items = &pair;
	}
	struct ec2_rules rules = {
		.group_id = group_id,
		.permissions = {.items = &one, .n = 1},
	};
	do
		result = ec2_authorize_ingress(
			applier->client, &rules, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	if (result == -EREMOTEIO && aws_error_is(applier->error, "InvalidPermission.Duplicate"))
		return 0;
	return result;
}

static int authorize_all(
	struct applier *applier,
	const char *group_id,
	const struct ec2_permissions *permissions
) {
	int result = 0;
	for (size_t i = 0; result == 0 && i < permissions->n; i++) {
		const struct ec2_permission *permission = &permissions->items[i];
		struct ec2_permission one = *permission;
		if (permission->ranges.n == 0)
			result = authorize(applier, group_id, permission);
		for (size_t j = 0; result == 0 && j < permission->ranges.n; j++) {
			one.ranges.items = &permission->ranges.items[j];
			one.ranges.n = 1;
			result = authorize(applier, group_id, &one);
		}
	}
	return result;
}

int applier_create_balancer_group(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	int result =
		create(applier, step->name, "metlo-appliance: who may send mirrored traffic", ret_id
		);
	if (result < 0)
		return result;
	applier->balancer_group_id = *ret_id;
	return authorize_all(applier, *ret_id, &step->permissions);
}

int applier_create_appliance_group(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	int result = create(applier, step->name, "metlo-appliance: the appliances", ret_id);
	if (result < 0)
		return result;
	applier->appliance_group_id = *ret_id;
	return authorize_all(applier, *ret_id, &step->permissions);
}

int applier_change_group(struct applier *applier, const struct plan_step *step, const char **) {
	return authorize_all(applier, step->id, &step->permissions);
}

// The interfaces of a load balancer outlive it by some minutes and hold on to the group.
int applier_delete_group(struct applier *applier, const struct plan_step *step, const char **) {
	struct ec2_id id = {.id = step->id};
	struct applier_wait wait = {
		.for_what = "interfaces of the load balancer to go",
		.is_for_release = true,
	};
	int result;
	do
		result = ec2_delete_security_group(
			applier->client, &id, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return applier_gone(applier, result);
}
