#include "ssm.h"

static const struct service service_ssm = {
	.id = "ssm",
	.endpoint = "ssm",
	.signing_name = "ssm",
	.protocol = PROTOCOL_JSON,
	.target = "AmazonSSM.",
	.variable = "SSM",
	.has_fips_in_gov = true,
};

static const struct shape_field name_fields[] = {
	SHAPE_STRING(struct ssm_parameter_name, name, "Name"),
	SHAPE_BOOL(struct ssm_parameter_name, is_decrypted, "WithDecryption"),
};
static const struct shape name_shape = SHAPE(struct ssm_parameter_name, name_fields);

static const struct shape_field parameter_fields[] = {
	SHAPE_STRING(struct ssm_parameter, name, "Parameter/Name"),
	SHAPE_STRING(struct ssm_parameter, type, "Parameter/Type"),
	SHAPE_STRING(struct ssm_parameter, value, "Parameter/Value"),
	SHAPE_STRING(struct ssm_parameter, data_type, "Parameter/DataType"),
};
static const struct shape parameter_shape = SHAPE(struct ssm_parameter, parameter_fields);

static const struct shape_field new_parameter_fields[] = {
	SHAPE_STRING(struct ssm_new_parameter, name, "Name"),
	SHAPE_STRING(struct ssm_new_parameter, description, "Description"),
	SHAPE_STRING(struct ssm_new_parameter, value, "Value"),
	SHAPE_STRING(struct ssm_new_parameter, type, "Type"),
	SHAPE_STRING(struct ssm_new_parameter, data_type, "DataType"),
	SHAPE_BOOL(struct ssm_new_parameter, overwrites, "Overwrite"),
};
static const struct shape new_parameter_shape =
	SHAPE(struct ssm_new_parameter, new_parameter_fields);

CLIENT_CALL_DEFINE(
	ssm_get_parameter,
	struct ssm_parameter_name,
	struct ssm_parameter,
	.service = &service_ssm,
	.name = "GetParameter",
	.input = &name_shape,
	.output = &parameter_shape
);

CLIENT_CALL_DEFINE(
	ssm_put_parameter,
	struct ssm_new_parameter,
	struct client_nothing,
	.service = &service_ssm,
	.name = "PutParameter",
	.input = &new_parameter_shape
);
