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

CLIENT_CALL_DECLARE(sso_get_role_credentials, struct sso_role, struct sso_role_credentials);
CLIENT_CALL_DECLARE(sso_refresh_token, struct sso_refresh, struct sso_token);
