#include "credentials_source.h"

#include <errno.h>

static int from_keys(
	const struct credentials_context *context,
	bool from_credentials,
	struct credentials *ret,
	struct aws_error *error
) {
	const struct profile *profile = context->profile;
	const char *id = profile_get_from(profile, "aws_access_key_id", from_credentials);
	const char *secret = profile_get_from(profile, "aws_secret_access_key", from_credentials);
	const char *token = profile_get_from(profile, "aws_session_token", from_credentials);
	if (id == NULL)
		return CREDENTIALS_ABSENT;
	if (secret == NULL)
		return aws_error_set(
			error,
			-EINVAL,
			"PartialCredentials",
			"profile '%s' has aws_access_key_id but no aws_secret_access_key",
			context->profile_name
		);
	if (token == NULL)
		token = profile_get_from(profile, "aws_security_token", from_credentials);
	return credentials_set(ret, id, secret, token, 0);
}

int credentials_from_credentials_file(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	return from_keys(context, true, ret, error);
}

int credentials_from_config_file(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	return from_keys(context, false, ret, error);
}

// 'aws login' keeps its keys in a form of its own, bound to a key pair.
int credentials_from_login(
	const struct credentials_context *context,
	struct credentials *,
	struct aws_error *error
) {
	if (profile_get(context->profile, "login_session") == NULL)
		return CREDENTIALS_ABSENT;
	return aws_error_set(
		error,
		-EINVAL,
		"LoginSessionUnsupported",
		"profile '%s' uses 'aws login', whose keys only the aws command can read; run "
		"'eval \"$(aws configure export-credentials --profile %s --format env)\"' first",
		context->profile_name,
		context->profile_name
	);
}
