#pragma once

// What is ours is known by its tags, on every run anew; nothing else is ever touched.

#include "tags.h"

#include <stdbool.h>

#define OWNERSHIP_TAG_MANAGED "metlo:managed"
#define OWNERSHIP_TAG_DEPLOYMENT "metlo:deployment"
#define OWNERSHIP_TAG_SOURCE "metlo:source"

// Longer ids would not fit into the names of load balancers.
#define OWNERSHIP_ID_MAX 20

// Lower-case letters, digits and hyphens, not at the ends.
bool ownership_is_id(const char *id);

// Made by this tool, for whichever deployment.
bool ownership_is_managed(const struct aws_tags *tags);

// Made for this deployment.
bool ownership_is_ours(const struct aws_tags *tags, const char *deployment);

// Whether the tag for the source says this, as far as it fits into a tag.
bool ownership_has_source(const struct aws_tags *tags, const char *source);

// The tags of a thing that is made: managed, deployment, Name, and the source where it has one; then
// 'extra'. NULL items without memory.
int ownership_tags(
	const char *deployment,
	const char *name,
	const char *source,
	const struct aws_tags *extra,
	struct arena *arena,
	struct aws_tags *ret_tags
);
