#pragma once

// Elastic Load Balancing, the classic load balancers: only what finding sources needs.

#include "client.h"

struct elb_query {
	struct shape_strings names;
};

struct elb_instance {
	const char *id;
};

struct elb_listener {
	int64_t port;
	int64_t instance_port;
	const char *instance_protocol;
};

struct elb_load_balancer {
	const char *name;
	const char *dns_name;
	const char *vpc_id; // absent outside of a VPC
	struct {
		struct elb_instance *items;
		size_t n;
	} instances;
	struct {
		struct elb_listener *items;
		size_t n;
	} listeners;
};

struct elb_load_balancers {
	struct {
		struct elb_load_balancer *items;
		size_t n;
	} load_balancers;
};

CLIENT_CALL_DECLARE(elb_describe_load_balancers, struct elb_query, struct elb_load_balancers);
