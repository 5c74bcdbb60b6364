#include "applier.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ACTIVE_TRIES_MAX 300 // ten minutes; three are usual

static int set_target_group_attributes(
	struct applier *applier,
	const char *arn,
	const struct plan_step *step
) {
	struct elbv2_attributes attributes = {
		.arn = arn,
		.attributes = {.items = step->attributes.items, .n = step->attributes.n},
	};
	struct applier_wait wait = {.for_what = "target group"};
	int result;
	if (attributes.attributes.n == 0)
		return 0;
	do
		result = elbv2_modify_target_group_attributes(
			applier->client, &attributes, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return result;
}

static const char *health_protocol(const struct deployment *deployment) {
	return deployment->health.protocol == NULL ? "TCP" : deployment->health.protocol;
}

static int64_t health_interval(const struct deployment *deployment) {
	return deployment->health.interval_s == 0 ? 10 : deployment->health.interval_s;
}

// AWS wants it below the interval and not below 2.
static int64_t health_timeout(const struct deployment *deployment) {
	return health_interval(deployment) / 2;
}

int applier_create_target_group(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	const struct deployment *deployment = applier->deployment;
	char port[8];
	struct elbv2_new_target_group group = {
		.name = step->name,
		.protocol = "UDP",
		.port = DEPLOYMENT_VXLAN_PORT,
		.vpc_id = deployment->vpc_id,
		.target_type = deployment->mode == DEPLOYMENT_DPDK ? "ip" : "instance",
		.health_protocol = health_protocol(deployment),
		.health_port = port,
		.health_path = deployment->health.path,
		.health_interval_s = health_interval(deployment),
		.health_timeout_s = health_timeout(deployment),
		.healthy_threshold = 2,
		.unhealthy_threshold = 2,
	};
	struct elbv2_target_groups made = {0};
	snprintf(port, sizeof(port), "%u", deployment_health_port(deployment));
	int result = applier_tags(applier, step->name, NULL, &group.tags);
	if (result == 0)
		result = elbv2_create_target_group(
			applier->client, &group, applier->arena, &made, applier->error
		);
	if (result < 0)
		return result;
	if (made.groups.n == 0)
		return aws_error_set(
			applier->error,
			-EBADMSG,
			"UnreadableAnswer",
			"no target group in the answer"
		);
	*ret_id = made.groups.items[0].arn;
	applier->target_group_arn = *ret_id;
	return set_target_group_attributes(applier, *ret_id, step);
}

int applier_change_target_group(struct applier *applier, const struct plan_step *step, const char **) {
	const struct deployment *deployment = applier->deployment;
	char port[8];
	struct elbv2_health_check check = {
		.target_group_arn = step->id,
		.protocol = health_protocol(deployment),
		.port = port,
		.path = deployment->health.path,
		.interval_s = health_interval(deployment),
		.timeout_s = health_timeout(deployment),
	};
	int result = 0;
	snprintf(port, sizeof(port), "%u", deployment_health_port(deployment));
	if (step->sets_health)
		result = elbv2_modify_target_group(
			applier->client, &check, applier->arena, NULL, applier->error
		);
	return result < 0 ? result : set_target_group_attributes(applier, step->id, step);
}

int applier_delete_target_group(struct applier *applier, const struct plan_step *step, const char **) {
	struct elbv2_arn arn = {.arn = step->id};
	struct applier_wait wait = {
		.for_what = "target group's users to go", .is_for_release = true};
	int result;
	do
		result = elbv2_delete_target_group(
			applier->client, &arn, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return applier_gone(applier, result);
}

static int
set_balancer_attributes(struct applier *applier, const char *arn, const struct plan_step *step) {
	struct elbv2_attributes attributes = {
		.arn = arn,
		.attributes = {.items = step->attributes.items, .n = step->attributes.n},
	};
	struct applier_wait wait = {.for_what = "load balancer"};
	int result;
	if (attributes.attributes.n == 0)
		return 0;
	do
		result = elbv2_modify_load_balancer_attributes(
			applier->client, &attributes, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return result;
}

// As it is now; '*ret' stays as it was while AWS does not show it yet.
static int
look_at_balancer(struct applier *applier, const char *arn, struct elbv2_load_balancer *ret) {
	struct elbv2_query query = {.arns = {.items = &arn, .n = 1}};
	struct elbv2_load_balancers found = {0};
	int result = elbv2_describe_load_balancers(
		applier->client, &query, applier->arena, &found, applier->error
	);
	if (result == -EREMOTEIO && aws_error_is_not_found(applier->error))
		return 0;
	if (result == 0 && found.load_balancers.n > 0)
		*ret = found.load_balancers.items[0];
	return result;
}

// Its nodes are fixed when it becomes a mirror target, and only an active one may become that.
static int wait_until_active(struct applier *applier, const char *arn) {
	struct applier_wait wait = {.for_what = "load balancer to become active"};
	for (;;) {
		struct elbv2_load_balancer balancer = {0};
		int result = look_at_balancer(applier, arn, &balancer);
		if (result < 0)
			return result;
		const char *state = balancer.state == NULL ? "" : balancer.state;
		if (strncmp(state, "active", 6) == 0) // or active_impaired
			return 0;
		if (strcmp(state, "failed") == 0)
			return aws_error_set(
				applier->error,
				-EIO,
				"LoadBalancerFailed",
				"AWS could not set the load balancer up: %s",
				balancer.state_reason == NULL ? "no reason given"
							      : balancer.state_reason
			);
		if (!applier_polls(applier, &wait, ACTIVE_TRIES_MAX))
			return outside_is_cancelled(client_outside(applier->client)) ? -ECANCELED
										     : -ETIMEDOUT;
	}
}

int applier_create_balancer(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	struct elbv2_new_load_balancer balancer = {
		.name = step->name,
		.subnets = applier->plan->subnet_ids,
		.security_groups = {.items = &applier->balancer_group_id, .n = 1},
	};
	struct elbv2_load_balancers made;
	struct applier_wait wait = {.for_what = "security group"};
	int result = applier_tags(applier, step->name, NULL, &balancer.tags);
	if (result < 0)
		return result;
	do
		result = elbv2_create_load_balancer(
			applier->client, &balancer, applier->arena, &made, applier->error
		);
	while (applier_waits(applier, result, &wait));
	if (result < 0)
		return result;
	if (made.load_balancers.n == 0)
		return aws_error_set(
			applier->error,
			-EBADMSG,
			"UnreadableAnswer",
			"no load balancer in the answer"
		);
	*ret_id = made.load_balancers.items[0].arn;
	applier->balancer_arn = *ret_id;
	return set_balancer_attributes(applier, *ret_id, step);
}

int applier_change_balancer(struct applier *applier, const struct plan_step *step, const char **) {
	return set_balancer_attributes(applier, step->id, step);
}

int applier_delete_balancer(struct applier *applier, const struct plan_step *step, const char **) {
	struct elbv2_arn arn = {.arn = step->id};
	struct applier_wait wait = {
		.for_what = "load balancer's users to go", .is_for_release = true};
	int result;
	do
		result = elbv2_delete_load_balancer(
			applier->client, &arn, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return applier_gone(applier, result);
}

int applier_create_listener(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	struct elbv2_new_listener listener = {
		.load_balancer_arn = applier->balancer_arn,
		.protocol = "UDP",
		.port = DEPLOYMENT_VXLAN_PORT,
		.target_group_arn = applier->target_group_arn,
	};
	struct elbv2_listeners made;
	struct applier_wait wait = {.for_what = "load balancer and target group"};
	int result = applier_tags(applier, step->name, NULL, &listener.tags);
	if (result < 0)
		return result;
	do
		result = elbv2_create_listener(
			applier->client, &listener, applier->arena, &made, applier->error
		);
	while (applier_waits(applier, result, &wait));
	if (result == 0 && made.listeners.n > 0)
		*ret_id = made.listeners.items[0].arn;
	return result;
}

int applier_change_listener(struct applier *applier, const struct plan_step *step, const char **) {
	struct elbv2_listener_change change = {
		.arn = step->id,
		.target_group_arn = applier->target_group_arn,
	};
	struct applier_wait wait = {.for_what = "target group"};
	int result;
	do
		result = elbv2_modify_listener(
			applier->client, &change, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return result;
}

int applier_delete_listener(struct applier *applier, const struct plan_step *step, const char **) {
	struct elbv2_arn arn = {.arn = step->id};
	struct applier_wait wait = {.for_what = "listener to go", .is_for_release = true};
	int result;
	do
		result = elbv2_delete_listener(
			applier->client, &arn, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return applier_gone(applier, result);
}

int applier_create_registration(struct applier *applier, const struct plan_step *step, const char **) {
	struct elbv2_target target = {.id = step->target};
	struct elbv2_targets targets = {
		.target_group_arn = applier->target_group_arn,
		.targets = {.items = &target, .n = 1},
	};
	struct applier_wait wait = {.for_what = "target group"};
	int result;
	do
		result = elbv2_register_targets(
			applier->client, &targets, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return result;
}

// Here and not with the balancer, so that all else can be made while AWS sets it up.
int applier_create_target(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	int result = wait_until_active(applier, applier->balancer_arn);
	return result < 0 ? result : applier_create_target_of(applier, step, ret_id);
}
