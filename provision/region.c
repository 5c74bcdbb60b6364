#include "region.h"

#include "imds.h"
#include "partition.h"

#include <errno.h>
#include <string.h>

int region_resolve(
	const struct outside *outside,
	const struct settings *settings,
	struct arena *arena,
	const char **ret_region,
	struct aws_error *error
) {
	const char *path = "/latest/meta-data/placement/region";
	const char *region = settings->region;
	struct strbuf text;
	strbuf_init(&text, 4096);
	if (region == NULL && imds_get(outside, settings->profile, path, &text, error) == 0
	    && partition_is_region_name(text.data))
		region = text.data;
	int result = 0;
	if (region == NULL)
		result = aws_error_set(
			error,
			-ENOENT,
			"NoRegion",
			"no region is given: use --region, AWS_REGION or 'region' in profile '%s'",
			settings->profile_name
		);
	else if ((*ret_region = arena_strdup(arena, region)) == NULL)
		result = aws_error_set(error, -ENOMEM, "OutOfMemory", "reading the region");
	strbuf_release(&text);
	return result;
}
