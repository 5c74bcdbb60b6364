#include "ec2.h"

const struct service ec2_service = {
	.id = "ec2",
	.endpoint = "ec2",
	.signing_name = "ec2",
	.protocol = PROTOCOL_EC2,
	.version = "2016-11-15",
	.variable = "EC2",
	.has_fips_in_gov = true,
};

static const struct shape_field filter_fields[] = {
	SHAPE_STRING(struct ec2_filter, name, "Name"),
	SHAPE_STRINGS(struct ec2_filter, values, "Value"),
};
const struct shape ec2_filter_shape = SHAPE(struct ec2_filter, filter_fields);
