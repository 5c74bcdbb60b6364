#pragma once

// What the parts of resolve.c share.

#include "resolve.h"

struct resolver_want {
	const struct ec2_network_interface *interface;
	size_t source; // its place among the sources
	bool is_named;
};

struct resolver {
	struct client *client;
	struct inventory *inventory;
	const struct source *sources;
	size_t n_sources;
	const char **keys; // of the sources
	struct resolution *resolution;
	struct resolver_want *wants;
	size_t n_wants;
	struct aws_error *error;
};

// All of these return 0 or an error with 'resolver->error' set. 'at' is a source's place.

int resolver_no_memory(struct resolver *resolver);
int resolver_want(
	struct resolver *resolver,
	size_t at,
	const struct ec2_network_interface *interface,
	bool is_named
);

// The interfaces of an instance: all of type "interface" that are not a container's, or the first.
int resolver_want_instance(
	struct resolver *resolver,
	size_t at,
	const char *instance_id,
	bool is_primary_only,
	bool is_named
);
int resolver_problem(struct resolver *resolver, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int resolver_add_port(struct resolver *resolver, int64_t port);

// Appends to a list in the resolution's arena.
int resolver_add_text(struct resolver *resolver, struct shape_strings *list, const char *text);

int resolver_ecs_service(struct resolver *resolver, size_t at);
int resolver_load_balancer(struct resolver *resolver, size_t at);
int resolver_scaling_group(struct resolver *resolver, size_t at);
