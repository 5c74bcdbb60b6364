#pragma once

// From sources to network interfaces. Each interface comes once, with all the sources that want it: several
// services on one host, or an instance that is in a group and behind a load balancer, share a session.

#include "client.h"
#include "inventory.h"
#include "source.h"

#include <stdbool.h>
#include <stdint.h>

struct resolve_want {
	const struct ec2_network_interface *interface;
	struct shape_strings sources; // their keys, in the order in which they were given
	bool is_named; // by an id in the sources, not only found by a selector
};

// A source that leads to nothing, and why.
struct resolve_problem {
	const char *source;
	const char *text;
};

struct resolution {
	struct arena arena;
	struct resolve_want *wants; // by the interface's id
	size_t n_wants;
	struct resolve_problem *problems;
	size_t n_problems;
	uint16_t *
		ports; // that load balancers and containers are known to use there, each once, ascending
	size_t n_ports;
};

// The inventory gets what it lacks. A source that does not exist is a problem, not an error.
int resolve_sources(
	struct client *client,
	struct inventory *inventory,
	const struct source *sources,
	size_t n_sources,
	struct resolution *ret_resolution,
	struct aws_error *error
);
void resolution_release(struct resolution *resolution);
