#include "partition.h"

#include <stddef.h>
#include <string.h>

static const struct partition partitions[] = {
	{
		.name = "aws-cn",
		.region_prefix = "cn-",
		.dns_suffix = "amazonaws.com.cn",
		.dual_stack_suffix = "api.amazonwebservices.com.cn",
		.global_host = "iam.cn-north-1.amazonaws.com.cn",
		.global_region = "cn-north-1",
	},
	{
		.name = "aws-us-gov",
		.region_prefix = "us-gov-",
		.dns_suffix = "amazonaws.com",
		.dual_stack_suffix = "api.aws",
		.global_host = "iam.us-gov.amazonaws.com",
		.global_fips_host = "iam.us-gov.amazonaws.com",
		.global_region = "us-gov-west-1",
	},
	{
		.name = "aws-iso",
		.region_prefix = "us-iso-",
		.dns_suffix = "c2s.ic.gov",
		.global_host = "iam.us-iso-east-1.c2s.ic.gov",
		.global_region = "us-iso-east-1",
	},
	{
		.name = "aws-iso-b",
		.region_prefix = "us-isob-",
		.dns_suffix = "sc2s.sgov.gov",
		.global_host = "iam.us-isob-east-1.sc2s.sgov.gov",
		.global_region = "us-isob-east-1",
	},
	{
		.name = "aws",
		.region_prefix = "",
		.dns_suffix = "amazonaws.com",
		.dual_stack_suffix = "api.aws",
		.global_host = "iam.amazonaws.com",
		.global_fips_host = "iam-fips.amazonaws.com",
		.global_region = "us-east-1",
	},
};

const struct partition *partition_of_region(const char *region) {
	const struct partition *p = partitions;
	while (strncmp(region, p->region_prefix, strlen(p->region_prefix)) != 0)
		p++;
	return p;
}

bool partition_is_region_name(const char *region) {
	size_t len = strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return len > 0 && len <= 40 && region[len] == 0 && region[0] != '-'
		&& region[len - 1] != '-';
}
