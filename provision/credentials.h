#pragma once

// Who we are to AWS. The keys come from the first of these that is configured, as AWS's own command
// line looks for them; an id without a secret is an error, not a reason to go on:
//
//   flags, environment, assume role, web identity, SSO, credentials file, process, config file,
//   container, instance metadata
//
// A provider keeps what it got and gets anew before it expires, from the same source.

#include "error.h"
#include "outside.h"
#include "settings.h"

#include <stdbool.h>
#include <stdint.h>

// Owned; released by credentials_release(), which wipes them.
struct credentials {
	char *access_key_id;
	char *secret_access_key;
	char *session_token; // NULL: none
	int64_t expires_at_s; // since 1970; 0: never
};

void credentials_release(struct credentials *credentials);

// Copies the texts. 'session_token' may be NULL. -ENOMEM.
int credentials_set(
	struct credentials *ret_credentials,
	const char *access_key_id,
	const char *secret_access_key,
	const char *session_token,
	int64_t expires_at_s
);

int credentials_copy(const struct credentials *from, struct credentials *ret_credentials);

// Keys given by flag; both NULL where they were not.
struct credentials_flags {
	const char *access_key_id;
	const char *secret_access_key;
	const char *session_token;
	// Asked for the code of an MFA device; NULL: cannot ask. Writes up to 'room' bytes, NUL included.
	int (*ask_mfa_code)(void *ctx, const char *serial, char *ret_code, size_t room);
	void *ask_ctx;
};

struct credentials_provider;

// 'outside', 'settings' and 'flags' must outlive the provider. NULL with errno.
struct credentials_provider *credentials_provider_create(
	const struct outside *outside,
	const struct settings *settings,
	const struct credentials_flags *flags
);

// One that always answers with a copy of 'credentials'.
struct credentials_provider *credentials_provider_create_fixed(const struct credentials *credentials
);

void credentials_provider_free(struct credentials_provider *provider);

// A copy of the current keys. May be called by several threads. -ENOENT where no source has any, with a
// message that says where was looked; otherwise what the source said.
int credentials_provider_get(
	struct credentials_provider *provider,
	struct credentials *ret_credentials,
	struct aws_error *error
);

// AWS says that 'used' has expired: the next get asks the source again, unless another thread already
// did.
void credentials_provider_expire(
	struct credentials_provider *provider,
	const struct credentials *used
);

// "environment", "assume-role", "instance-metadata"...; NULL before the first get.
const char *credentials_provider_source(struct credentials_provider *provider);
