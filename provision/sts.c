#include "sts.h"

static const struct service service_sts = {
	.id = "sts",
	.endpoint = "sts",
	.signing_name = "sts",
	.protocol = PROTOCOL_QUERY,
	.version = "2011-06-15",
	.variable = "STS",
	.has_fips_in_gov = true,
};

static const struct shape_field identity_fields[] = {
	SHAPE_STRING(struct sts_identity, user_id, "UserId"),
	SHAPE_STRING(struct sts_identity, account, "Account"),
	SHAPE_STRING(struct sts_identity, arn, "Arn"),
};
static const struct shape identity_shape = SHAPE(struct sts_identity, identity_fields);

static const struct shape_field role_fields[] = {
	SHAPE_STRING(struct sts_role, role_arn, "RoleArn"),
	SHAPE_STRING(struct sts_role, session_name, "RoleSessionName"),
	SHAPE_INTEGER(struct sts_role, duration_s, "DurationSeconds"),
	SHAPE_STRING(struct sts_role, external_id, "ExternalId"),
	SHAPE_STRING(struct sts_role, serial_number, "SerialNumber"),
	SHAPE_STRING(struct sts_role, token_code, "TokenCode"),
};
static const struct shape role_shape = SHAPE(struct sts_role, role_fields);

static const struct shape_field web_identity_fields[] = {
	SHAPE_STRING(struct sts_web_identity, role_arn, "RoleArn"),
	SHAPE_STRING(struct sts_web_identity, session_name, "RoleSessionName"),
	SHAPE_STRING(struct sts_web_identity, token, "WebIdentityToken"),
	SHAPE_INTEGER(struct sts_web_identity, duration_s, "DurationSeconds"),
};
static const struct shape web_identity_shape = SHAPE(struct sts_web_identity, web_identity_fields);

static const struct shape_field credentials_fields[] = {
	SHAPE_STRING(struct sts_credentials, access_key_id, "Credentials/AccessKeyId"),
	SHAPE_STRING(struct sts_credentials, secret_access_key, "Credentials/SecretAccessKey"),
	SHAPE_STRING(struct sts_credentials, session_token, "Credentials/SessionToken"),
	SHAPE_TIME(struct sts_credentials, expires_at_s, "Credentials/Expiration"),
	SHAPE_STRING(struct sts_credentials, assumed_role_arn, "AssumedRoleUser/Arn"),
};
static const struct shape credentials_shape = SHAPE(struct sts_credentials, credentials_fields);

struct encoded {
	const char *message;
};

static const struct shape_field encoded_fields[] = {
	SHAPE_STRING(struct encoded, message, "EncodedMessage"),
};
static const struct shape encoded_shape = SHAPE(struct encoded, encoded_fields);

static const struct shape_field decoded_fields[] = {
	SHAPE_STRING(struct encoded, message, "DecodedMessage"),
};
static const struct shape decoded_shape = SHAPE(struct encoded, decoded_fields);

int sts_get_caller_identity(
	struct client *client,
	struct arena *arena,
	struct sts_identity *ret_identity,
	struct aws_error *error
) {
	static const struct operation operation = {
		.service = &service_sts,
		.name = "GetCallerIdentity",
		.output = &identity_shape,
	};
	return client_call(client, &operation, NULL, arena, ret_identity, error);
}

int sts_assume_role(
	struct client *client,
	const struct sts_role *role,
	struct arena *arena,
	struct sts_credentials *ret_credentials,
	struct aws_error *error
) {
	static const struct operation operation = {
		.service = &service_sts,
		.name = "AssumeRole",
		.input = &role_shape,
		.output = &credentials_shape,
	};
	return client_call(client, &operation, role, arena, ret_credentials, error);
}

int sts_assume_role_with_web_identity(
	struct client *client,
	const struct sts_web_identity *identity,
	struct arena *arena,
	struct sts_credentials *ret_credentials,
	struct aws_error *error
) {
	static const struct operation operation = {
		.service = &service_sts,
		.name = "AssumeRoleWithWebIdentity",
		.input = &web_identity_shape,
		.output = &credentials_shape,
		.signing = OPERATION_UNSIGNED,
	};
	return client_call(client, &operation, identity, arena, ret_credentials, error);
}

int sts_decode_authorization_message(
	struct client *client,
	const char *encoded,
	struct arena *arena,
	const char **ret_json,
	struct aws_error *error
) {
	static const struct operation operation = {
		.service = &service_sts,
		.name = "DecodeAuthorizationMessage",
		.input = &encoded_shape,
		.output = &decoded_shape,
	};
	struct encoded input = {.message = encoded};
	struct encoded output;
	int result = client_call(client, &operation, &input, arena, &output, error);
	if (result == 0)
		*ret_json = output.message == NULL ? "" : output.message;
	return result;
}
