#pragma once

// AWS's partitions: islands of regions with their own accounts, host names and ARNs.

#include <stdbool.h>

struct partition {
	const char *name; // "aws-cn", as in "arn:aws-cn:..."
	const char *region_prefix; // "cn-"
	const char *dns_suffix;
	const char *dual_stack_suffix; // NULL: has none
	const char *global_host; // of IAM
	const char *global_fips_host; // NULL: has none
	const char *global_region; // that its requests are signed for
};

// Never NULL: a region that no other partition claims is in "aws".
const struct partition *partition_of_region(const char *region);

// Lower-case letters, digits and hyphens, as a region goes into a host name.
bool partition_is_region_name(const char *region);
