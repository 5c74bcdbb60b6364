#pragma once

// Which instance types AWS can mirror from. AWS publishes a list and offers no call to ask, so the list is
// data here, with its date; it concerns sources only, an appliance may be of any type.
// https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-limits.html

#include "shape.h"

// When AWS's list was read.
#define INSTANCE_TYPES_DATE "2026-02"

enum instance_types_support {
	INSTANCE_TYPES_SUPPORTED,
	INSTANCE_TYPES_UNSUPPORTED,
	INSTANCE_TYPES_UNKNOWN, // newer than the list, or a slip: worth a try
};

// 'type' as EC2 names it: "m7i-flex.large", "c5.metal". 'extra' holds families ("m9g") or whole types that
// the user knows to work; they come first.
enum instance_types_support
instance_types_support(const char *type, const struct shape_strings *extra);
