#include "credentials_source.h"
#include "timestamps.h"

#include <errno.h>

int credentials_from_flags(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	const struct credentials_flags *flags = context->flags;
	if (flags == NULL || (flags->access_key_id == NULL && flags->secret_access_key == NULL))
		return CREDENTIALS_ABSENT;
	if (flags->access_key_id == NULL || flags->secret_access_key == NULL)
		return aws_error_set(
			error,
			-EINVAL,
			"PartialCredentials",
			"an access key id and a secret access key are needed, one of them was given"
		);
	return credentials_set(
		ret, flags->access_key_id, flags->secret_access_key, flags->session_token, 0
	);
}

// The names of our own come first: users of the older command line have them set.
static const struct names {
	const char *id;
	const char *secret;
	const char *token;
	const char *older_token;
	const char *expiration;
} names[] = {
	{
		.id = "METLO_AWS_ACCESS_KEY_ID",
		.secret = "METLO_AWS_SECRET_ACCESS_KEY",
		.token = "METLO_AWS_SESSION_TOKEN",
		.older_token = "METLO_AWS_SESSION_TOKEN",
		.expiration = "METLO_AWS_CREDENTIAL_EXPIRATION",
	},
	{
		.id = "AWS_ACCESS_KEY_ID",
		.secret = "AWS_SECRET_ACCESS_KEY",
		.token = "AWS_SESSION_TOKEN",
		.older_token = "AWS_SECURITY_TOKEN",
		.expiration = "AWS_CREDENTIAL_EXPIRATION",
	},
};

static int from_names(
	const struct outside *outside,
	const struct names *n,
	struct credentials *ret,
	struct aws_error *error
) {
	const char *id = outside_getenv(outside, n->id);
	const char *secret = outside_getenv(outside, n->secret);
	const char *token = outside_getenv(outside, n->token);
	const char *expiration = outside_getenv(outside, n->expiration);
	int64_t expires_at_s = 0;
	if (id == NULL)
		return CREDENTIALS_ABSENT;
	if (secret == NULL)
		return aws_error_set(
			error,
			-EINVAL,
			"PartialCredentials",
			"%s is set but %s is not",
			n->id,
			n->secret
		);
	if (expiration != NULL && timestamp_from_iso(expiration, &expires_at_s) < 0)
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidCredentials",
			"%s is not a time such as 2030-01-31T00:00:00Z",
			n->expiration
		);
	if (token == NULL)
		token = outside_getenv(outside, n->older_token);
	return credentials_set(ret, id, secret, token, expires_at_s);
}

// A profile named by flag switches the keys of the environment off; as the credential_source of a
// profile they are read all the same.
int credentials_from_environment(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	int result = CREDENTIALS_ABSENT;
	if (context->settings->is_profile_explicit && context->parent == NULL)
		return CREDENTIALS_ABSENT;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && result == CREDENTIALS_ABSENT;
	     i++)
		result = from_names(context->outside, &names[i], ret, error);
	return result;
}
