#pragma once

// What flags, environment and profile say, in this order, about how to talk to AWS.

#include "arena.h"
#include "error.h"
#include "outside.h"
#include "profile.h"

#include <stdbool.h>

// From the command line; NULL or 0 where not given.
struct settings_flags {
	const char *profile;
	const char *region;
	const char *endpoint_url;
	const char *ca_bundle;
	int max_attempts;
};

struct settings {
	struct arena arena;
	struct profile_set profiles;
	const char *profile_name; // "default" where nothing names one
	const struct profile *profile; // NULL where the files lack it
	bool is_profile_explicit; // by flag, which switches the keys of the environment off
	const char *region; // NULL: not configured, see region.h
	const char *endpoint_url; // by flag
	const char *ca_bundle;
	bool uses_fips;
	bool uses_dual_stack;
	bool ignores_endpoint_urls; // AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
	int max_attempts;
};

// -EINVAL where a value is bad or a profile that was asked for is missing; -ENOMEM. The flags need
// not outlive the call.
int settings_load(
	const struct outside *outside,
	const struct settings_flags *flags,
	struct settings *ret_settings,
	struct aws_error *error
);
void settings_release(struct settings *settings);
