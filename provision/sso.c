#include "sso.h"

static const struct service service_portal = {
	.id = "sso",
	.endpoint = "portal.sso",
	.signing_name = "awsssoportal",
	.protocol = PROTOCOL_REST_JSON,
	.variable = "SSO",
};

static const struct service service_oidc = {
	.id = "sso-oidc",
	.endpoint = "oidc",
	.signing_name = "awsssooidc",
	.protocol = PROTOCOL_REST_JSON,
	.variable = "SSO_OIDC",
};

static const struct shape_field role_fields[] = {
	SHAPE_STRING(struct sso_role, role_name, "query:role_name"),
	SHAPE_STRING(struct sso_role, account_id, "query:account_id"),
	SHAPE_STRING(struct sso_role, access_token, "header:x-amz-sso_bearer_token"),
};
static const struct shape role_shape = SHAPE(struct sso_role, role_fields);

#define OUT(member, wire) SHAPE_STRING(struct sso_role_credentials, member, "roleCredentials/" wire)
static const struct shape_field credentials_fields[] = {
	OUT(access_key_id, "accessKeyId"),
	OUT(secret_access_key, "secretAccessKey"),
	OUT(session_token, "sessionToken"),
	SHAPE_INTEGER(struct sso_role_credentials, expires_at_ms, "roleCredentials/expiration"),
};
static const struct shape credentials_shape =
	SHAPE(struct sso_role_credentials, credentials_fields);

static const struct shape_field refresh_fields[] = {
	SHAPE_STRING(struct sso_refresh, client_id, "clientId"),
	SHAPE_STRING(struct sso_refresh, client_secret, "clientSecret"),
	SHAPE_STRING(struct sso_refresh, refresh_token, "refreshToken"),
	SHAPE_CONSTANT("grantType", "refresh_token"),
};
static const struct shape refresh_shape = SHAPE(struct sso_refresh, refresh_fields);

static const struct shape_field token_fields[] = {
	SHAPE_STRING(struct sso_token, access_token, "accessToken"),
	SHAPE_STRING(struct sso_token, refresh_token, "refreshToken"),
	SHAPE_INTEGER(struct sso_token, expires_in_s, "expiresIn"),
};
static const struct shape token_shape = SHAPE(struct sso_token, token_fields);

CLIENT_CALL_DEFINE(
	sso_get_role_credentials,
	struct sso_role,
	struct sso_role_credentials,
	.service = &service_portal,
	.name = "GetRoleCredentials",
	.input = &role_shape,
	.output = &credentials_shape,
	.signing = OPERATION_UNSIGNED,
	.method = "GET",
	.path = "/federation/credentials"
);

CLIENT_CALL_DEFINE(
	sso_refresh_token,
	struct sso_refresh,
	struct sso_token,
	.service = &service_oidc,
	.name = "CreateToken",
	.input = &refresh_shape,
	.output = &token_shape,
	.signing = OPERATION_UNSIGNED,
	.method = "POST",
	.path = "/token"
);
