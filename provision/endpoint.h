#pragma once

// Where a service is, and for what region and name its requests are signed.

#include "arena.h"
#include "error.h"
#include "operation.h"
#include "settings.h"

struct endpoint {
	const char *url; // without a slash at the end
	const char *host; // as the Host header says it
	const char *signing_region;
};

struct endpoint_question {
	const struct outside *outside;
	const struct settings *settings;
	const struct service *service;
	const char *region; // not NULL
};

// The address given by flag, AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL or the profile, else the
// public one of the region, with FIPS and dual stack as the settings say. -EINVAL where there is none
// (the price list in GovCloud, dual stack where AWS has none) or an address is bad, -ENOMEM.
int endpoint_resolve(
	const struct endpoint_question *question,
	struct arena *arena,
	struct endpoint *ret_endpoint,
	struct aws_error *error
);
