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

struct sts_encoded_message {
	const char *encoded;
};

struct sts_decoded_message {
	const char *json;
};

CLIENT_CALL_DECLARE(sts_get_caller_identity, struct client_nothing, struct sts_identity);
CLIENT_CALL_DECLARE(sts_assume_role, struct sts_role, struct sts_credentials);

// Unsigned: the client needs no credentials.
CLIENT_CALL_DECLARE(
	sts_assume_role_with_web_identity,
	struct sts_web_identity,
	struct sts_credentials
);

// What an encoded "UnauthorizedOperation" message says.
CLIENT_CALL_DECLARE(
	sts_decode_authorization_message,
	struct sts_encoded_message,
	struct sts_decoded_message
);
