#pragma once

// The values of a deployment that no type bounds: address ranges, rules, tags, descriptions and the appliances
// that are there already, by what AWS takes.

#include "deployment.h"

#define DEPLOYMENT_PLACE_MAX 192
#define DEPLOYMENT_DESCRIPTION_MAX 255 // characters
#define DEPLOYMENT_TAG_KEY_MAX 128
#define DEPLOYMENT_TAG_VALUE_MAX 256
#define DEPLOYMENT_TAGS_MAX 46 // AWS allows 50, and four are our own

// -EINVAL with the first that AWS would refuse, and in 'ret_place' where it stands in a file:
// "source_cidrs[0]"; the message can do without it. -ENOMEM.
int deployment_values_check(
	const struct deployment *deployment,
	char ret_place[DEPLOYMENT_PLACE_MAX],
	struct aws_error *error
);
