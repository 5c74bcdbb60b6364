#pragma once

// The region to work in: flag, AWS_REGION, AWS_DEFAULT_REGION, profile, and on an instance its own.

#include "arena.h"
#include "error.h"
#include "outside.h"
#include "settings.h"

// -ENOENT where nothing says one.
int region_resolve(
	const struct outside *outside,
	const struct settings *settings,
	struct arena *arena,
	const char **ret_region,
	struct aws_error *error
);
