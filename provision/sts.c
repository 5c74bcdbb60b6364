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

static const struct shape_field encoded_fields[] = {
	SHAPE_STRING(struct sts_encoded_message, encoded, "EncodedMessage"),
};
static const struct shape encoded_shape = SHAPE(struct sts_encoded_message, encoded_fields);

static const struct shape_field decoded_fields[] = {
	SHAPE_STRING(struct sts_decoded_message, json, "DecodedMessage"),
};
static const struct shape decoded_shape = SHAPE(struct sts_decoded_message, decoded_fields);

CLIENT_CALL_DEFINE(
	sts_get_caller_identity,
	struct client_nothing,
	struct sts_identity,
	.service = &service_sts,
	.name = "GetCallerIdentity",
	.output = &identity_shape
);

CLIENT_CALL_DEFINE(
	sts_assume_role,
	struct sts_role,
	struct sts_credentials,
	.service = &service_sts,
	.name = "AssumeRole",
	.input = &role_shape,
	.output = &credentials_shape
);

CLIENT_CALL_DEFINE(
	sts_assume_role_with_web_identity,
	struct sts_web_identity,
	struct sts_credentials,
	.service = &service_sts,
	.name = "AssumeRoleWithWebIdentity",
	.input = &web_identity_shape,
	.output = &credentials_shape,
	.signing = OPERATION_UNSIGNED
);

CLIENT_CALL_DEFINE(
	sts_decode_authorization_message,
	struct sts_encoded_message,
	struct sts_decoded_message,
	.service = &service_sts,
	.name = "DecodeAuthorizationMessage",
	.input = &encoded_shape,
	.output = &decoded_shape
);
