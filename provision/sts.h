#pragma once

// AWS Security Token Service: who we are, and other roles.

#include "client.h"

struct sts_identity {
	const char *user_id;
	const char *account;
	const char *arn;
};

struct sts_role {
	const char *role_arn;
	const char *session_name;
	const char *external_id;
	const char *serial_number; // of an MFA device
	const char *token_code;
	int64_t duration_s; // 0: the role's own
};

struct sts_web_identity {
	const char *role_arn;
	const char *session_name;
	const char *token;
	int64_t duration_s;
};

struct sts_credentials {
	const char *access_key_id;
	const char *secret_access_key;
	const char *session_token;
	int64_t expires_at_s;
	const char *assumed_role_arn;
};

// All as client_call().

int sts_get_caller_identity(
	struct client *client,
	struct arena *arena,
	struct sts_identity *ret_identity,
	struct aws_error *error
);

int sts_assume_role(
	struct client *client,
	const struct sts_role *role,
	struct arena *arena,
	struct sts_credentials *ret_credentials,
	struct aws_error *error
);

// Unsigned: the client needs no credentials.
int sts_assume_role_with_web_identity(
	struct client *client,
	const struct sts_web_identity *identity,
	struct arena *arena,
	struct sts_credentials *ret_credentials,
	struct aws_error *error
);

// What an encoded "UnauthorizedOperation" message says, as JSON.
int sts_decode_authorization_message(
	struct client *client,
	const char *encoded,
	struct arena *arena,
	const char **ret_json,
	struct aws_error *error
);
