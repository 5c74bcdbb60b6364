#pragma once

// What there is of a deployment already: found by name and tags on every run.

#include "autoscaling.h"
#include "deployment.h"
#include "ec2_instance.h"
#include "ec2_network.h"
#include "elbv2.h"
#include "inventory.h"

struct found {
	struct arena arena;
	// NULL where there is none.
	const struct ec2_security_group *balancer_group;
	const struct ec2_security_group *appliance_group;
	const struct elbv2_load_balancer *balancer; // ours, or the existing one that is used
	bool is_balancer_ours;
	const struct elbv2_target_group *target_group; // ours
	const struct elbv2_listener *listener; // UDP on the VXLAN port
	const struct ec2_launch_template *template;
	const char *template_hash; // of what its newest version launches
	const struct autoscaling_group *group;
	const char *image_id; // of the appliances: given, or read from the parameter

	struct elbv2_attributes balancer_attributes;
	struct elbv2_attributes target_group_attributes;
	struct elbv2_targets_health health;
	struct ec2_instances instances; // tagged as ours, terminated ones included
	struct shape_strings
		appliances; // ids of instances and addresses that collect, for candidate.h
};

// -EEXIST where something of our name is not ours. As client_call() otherwise.
int found_load(
	struct client *client,
	const struct deployment *deployment,
	struct found *ret_found,
	struct aws_error *error
);
void found_release(struct found *found);

// True where nothing of the deployment exists, sessions, targets and filters included.
bool found_is_nothing(
	const struct found *found,
	const struct inventory *inventory,
	const struct deployment *deployment
);

const char *found_attribute(const struct elbv2_attributes *attributes, const char *key);

// Whether an instance counts: not shutting down, not terminated.
bool found_is_alive(const struct ec2_instance *instance);
