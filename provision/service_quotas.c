#include "service_quotas.h"

#include <errno.h>

static const struct service service_quotas = {
	.id = "servicequotas",
	.endpoint = "servicequotas",
	.signing_name = "servicequotas",
	.protocol = PROTOCOL_JSON,
	.target = "ServiceQuotasV20190624.",
	.variable = "SERVICE_QUOTAS",
	.has_fips_in_gov = true,
};

static const struct shape_field key_fields[] = {
	SHAPE_STRING(struct service_quotas_key, service_code, "ServiceCode"),
	SHAPE_STRING(struct service_quotas_key, quota_code, "QuotaCode"),
};
static const struct shape key_shape = SHAPE(struct service_quotas_key, key_fields);

#define QUOTA struct service_quotas_quota
static const struct shape_field quota_fields[] = {
	SHAPE_STRING(QUOTA, name, "Quota/QuotaName"),
	SHAPE_STRING(QUOTA, quota_code, "Quota/QuotaCode"),
	SHAPE_DOUBLE(QUOTA, value, "Quota/Value"),
	SHAPE_BOOL(QUOTA, is_adjustable, "Quota/Adjustable"),
};
static const struct shape quota_shape = SHAPE(QUOTA, quota_fields);

CLIENT_CALL_DEFINE(
	service_quotas_get,
	struct service_quotas_key,
	struct service_quotas_quota,
	.service = &service_quotas,
	.name = "GetServiceQuota",
	.input = &key_shape,
	.output = &quota_shape
);

CLIENT_CALL_DEFINE(
	service_quotas_get_default,
	struct service_quotas_key,
	struct service_quotas_quota,
	.service = &service_quotas,
	.name = "GetAWSDefaultServiceQuota",
	.input = &key_shape,
	.output = &quota_shape
);

int service_quotas_effective(
	struct client *client,
	const struct service_quotas_key *key,
	struct arena *arena,
	struct service_quotas_quota *ret_quota,
	struct aws_error *error
) {
	int result = service_quotas_get(client, key, arena, ret_quota, error);
	if (result == -EREMOTEIO && aws_error_is(error, "NoSuchResourceException"))
		result = service_quotas_get_default(client, key, arena, ret_quota, error);
	return result;
}
