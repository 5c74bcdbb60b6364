#pragma once

// AWS Systems Manager: parameters.

#include "client.h"

struct ssm_parameter_name {
	const char *name;
	bool is_decrypted; // where it is a SecureString
};

struct ssm_parameter {
	const char *name;
	const char *type;
	const char *value;
	const char *data_type; // "text", "aws:ec2:image"
};

struct ssm_new_parameter {
	const char *name;
	const char *description;
	const char *value;
	const char *type; // "String"
	const char *data_type;
	bool overwrites;
};

CLIENT_CALL_DECLARE(ssm_get_parameter, struct ssm_parameter_name, struct ssm_parameter);
CLIENT_CALL_DECLARE(ssm_put_parameter, struct ssm_new_parameter, struct client_nothing);
