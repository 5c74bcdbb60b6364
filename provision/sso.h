#pragma once

// IAM Identity Center: its portal, which gives keys for a token, and its token service. Both unsigned;
// the client's region is that of the identity centre.

#include "client.h"

struct sso_role {
	const char *role_name;
	const char *account_id;
	const char *access_token;
};

struct sso_role_credentials {
	const char *access_key_id;
	const char *secret_access_key;
	const char *session_token;
	int64_t expires_at_ms;
};

struct sso_refresh {
	const char *client_id;
	const char *client_secret;
	const char *refresh_token;
};

struct sso_token {
	const char *access_token;
	const char *refresh_token; // NULL: the old one goes on
	int64_t expires_in_s;
};

int sso_get_role_credentials(
	struct client *client,
	const struct sso_role *role,
	struct arena *arena,
	struct sso_role_credentials *ret_credentials,
	struct aws_error *error
);

int sso_refresh_token(
	struct client *client,
	const struct sso_refresh *refresh,
	struct arena *arena,
	struct sso_token *ret_token,
	struct aws_error *error
);
