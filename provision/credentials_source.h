#pragma once

// The sources of credentials.c, one file each.

#include "credentials.h"
#include "node.h"

#include <stddef.h>

// What a source returns where it is not configured: the next one is asked.
#define CREDENTIALS_ABSENT 1

struct credentials_context {
	const struct outside *outside;
	const struct settings *settings;
	const struct credentials_flags *flags;
	const struct profile *profile; // may be NULL
	const char *profile_name;
	const struct credentials_context *parent; // the profile that names this one as its source
};

// 0, CREDENTIALS_ABSENT or an error. '*ret' is written only with 0.
typedef int credentials_load(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
);

credentials_load credentials_from_flags;
credentials_load credentials_from_environment;
credentials_load credentials_from_assume_role;
credentials_load credentials_from_web_identity;
credentials_load credentials_from_sso;
credentials_load credentials_from_credentials_file;
credentials_load credentials_from_process;
credentials_load credentials_from_config_file;
credentials_load credentials_from_login;
credentials_load credentials_from_container;
credentials_load credentials_from_imds;

// Of the sources above those that a profile can hold, in their order.
int credentials_from_profile(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
);

// Refuses keys that cannot stand in a header as they are, a line break before all. They are released and cleared
// then. 'source' is said, the keys are not. -EBADMSG.
int credentials_check(struct credentials *credentials, const char *source, struct aws_error *error);

// Region for calls to STS: that of the settings, of the profile, or the first there was.
const char *credentials_sts_region(const struct credentials_context *context);

// Reads {"AccessKeyId", "SecretAccessKey", <token_name>, "Expiration"}.
int credentials_from_node(
	const struct node *node,
	const char *token_name,
	struct credentials *ret,
	struct aws_error *error
);
