#pragma once

// What an appliance is launched with.

#include "deployment.h"
#include "ec2_instance.h"

// On instances: the digest of what they were launched with.
#define LAUNCH_TAG_HASH "metlo:launch"

// A digest of all that a launch is made of but ids that are known only later. NULL without memory.
const char *
launch_hash(const struct deployment *deployment, const char *image_id, struct arena *arena);

// 'group_id' is our own security group; 'subnet_id' NULL where a scaling group chooses. With DPDK there is
// a second interface, which the data path takes for itself. -ENOMEM.
int launch_make(
	const struct deployment *deployment,
	const char *image_id,
	const char *group_id,
	const char *subnet_id,
	struct arena *arena,
	struct ec2_launch *ret_launch
);
