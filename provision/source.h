#pragma once

// What the user wants mirrored.

#include "error.h"
#include "tags.h"

#include <stdbool.h>

// X(name, text): the text is the key's first part, in tags, configs and on the command line.
#define SOURCE_KINDS(X)                                                                            \
	X(INSTANCE, "instance")                                                                    \
	X(INTERFACE, "eni")                                                                        \
	X(ECS_SERVICE, "ecs")                                                                      \
	X(LOAD_BALANCER, "lb")                                                                     \
	X(TAGS, "tag")                                                                             \
	X(SUBNET, "subnet")                                                                        \
	X(VPC, "vpc")                                                                              \
	X(SCALING_GROUP, "asg")

enum source_kind {
#define X(name, text) SOURCE_##name,
	SOURCE_KINDS(X)
#undef X
};

const char *source_kind_text(enum source_kind kind);

enum source_lb_mode {
	SOURCE_LB_TARGETS, // the interfaces of what the load balancer sends to
	SOURCE_LB_ENIS, // its own: application and classic ones only
	SOURCE_LB_AUTO, // the targets; where there are none, its own
};

struct source {
	enum source_kind kind;
	const char *
		id; // "i-...", "eni-...", "CLUSTER/SERVICE", a load balancer's name or ARN, "subnet-...",
	// "vpc-...", a group's name; NULL for tags
	struct aws_tags tags; // of SOURCE_TAGS: all of them must match
	bool is_primary_only; // of an instance's interfaces only the first
	enum source_lb_mode lb_mode;
};

// Reads "instance/i-0123", "tag/env=prod,tier=api", "ecs/shop/cart". The texts live in 'arena'.
// -EINVAL with a message that says what is wrong, -ENOMEM.
int source_parse(
	const char *text,
	struct arena *arena,
	struct source *ret_source,
	struct aws_error *error
);

// The same text again, which names the source in tags and tables. NULL without memory.
const char *source_key(const struct source *source, struct arena *arena);
