#pragma once

// Service Quotas.

#include "client.h"

struct service_quotas_key {
	const char *service_code; // "elasticloadbalancing"
	const char *quota_code; // "L-69A177A2"
};

struct service_quotas_quota {
	const char *name;
	const char *quota_code;
	double value;
	bool is_adjustable;
};

// NoSuchResourceException where the account has only the default.
CLIENT_CALL_DECLARE(service_quotas_get, struct service_quotas_key, struct service_quotas_quota);
CLIENT_CALL_DECLARE(
	service_quotas_get_default,
	struct service_quotas_key,
	struct service_quotas_quota
);

// The account's, or the default where it has no other.
int service_quotas_effective(
	struct client *client,
	const struct service_quotas_key *key,
	struct arena *arena,
	struct service_quotas_quota *ret_quota,
	struct aws_error *error
);
