#pragma once

// Elastic Load Balancing: network and application load balancers (version 2), and what is needed of
// classic ones. None of its calls has a client token; what is created by name with the same settings is
// handed out again, with other settings refused (DuplicateLoadBalancerName, DuplicateTargetGroupName,
// DuplicateListener).

#include "client.h"
#include "tags.h"

#define ELBV2_TAGS_RESOURCES_MAX 20
#define ELBV2_NAME_MAX 32

struct elbv2_query {
	struct shape_strings arns;
	struct shape_strings names;
};

struct elbv2_zone {
	const char *name;
	const char *subnet_id;
};

struct elbv2_load_balancer {
	const char *arn;
	const char *name;
	const char *dns_name;
	const char *type; // "network", "application", "gateway"
	const char *scheme; // "internal", "internet-facing"
	const char *vpc_id;
	const char *state; // "provisioning", "active", "active_impaired", "failed"
	const char *state_reason;
	const char *address_type; // "ipv4", "dualstack"
	struct {
		struct elbv2_zone *items;
		size_t n;
	} zones;
	struct shape_strings security_groups;
};

struct elbv2_load_balancers {
	struct {
		struct elbv2_load_balancer *items;
		size_t n;
	} load_balancers;
};

// A network load balancer, internal, IPv4.
struct elbv2_new_load_balancer {
	const char *name;
	struct shape_strings subnets;
	struct shape_strings
		security_groups; // at least one, for a load balancer without can never get one
	struct aws_tags tags;
};

struct elbv2_arn {
	const char *arn;
};

struct elbv2_attribute {
	const char *key;
	const char *value;
};

struct elbv2_attributes {
	const char *arn; // of what they belong to; NULL in answers
	struct {
		struct elbv2_attribute *items;
		size_t n;
	} attributes;
};

struct elbv2_target_group {
	const char *arn;
	const char *name;
	const char *protocol;
	int64_t port;
	const char *vpc_id;
	const char *target_type; // "instance", "ip", "lambda", "alb"
	const char *health_protocol;
	const char *health_port; // "traffic-port" or a number
	const char *health_path;
	int64_t health_interval_s;
	int64_t health_timeout_s;
	int64_t healthy_threshold;
	int64_t unhealthy_threshold;
	struct shape_strings load_balancer_arns;
};

struct elbv2_target_groups {
	struct {
		struct elbv2_target_group *items;
		size_t n;
	} groups;
};

struct elbv2_target_group_query {
	struct shape_strings arns;
	struct shape_strings names;
	const char *load_balancer_arn;
};

struct elbv2_new_target_group {
	const char *name;
	const char *protocol; // "UDP"
	int64_t port;
	const char *vpc_id;
	const char *target_type;
	const char *health_protocol; // "TCP", "HTTP", "HTTPS"
	const char *health_port; // always given: the port of the traffic answers no TCP
	const char *health_path; // of HTTP
	int64_t health_interval_s;
	int64_t health_timeout_s; // less than the interval
	int64_t healthy_threshold;
	int64_t unhealthy_threshold;
	struct aws_tags tags;
};

struct elbv2_health_check {
	const char *target_group_arn;
	const char *protocol;
	const char *port;
	const char *path;
	int64_t interval_s;
	int64_t timeout_s;
	int64_t healthy_threshold;
	int64_t unhealthy_threshold;
};

struct elbv2_listener {
	const char *arn;
	const char *load_balancer_arn;
	int64_t port;
	const char *protocol;
	struct {
		struct elbv2_action *items;
		size_t n;
	} actions;
};

struct elbv2_action {
	const char *type; // "forward"
	const char *target_group_arn;
};

struct elbv2_listeners {
	struct {
		struct elbv2_listener *items;
		size_t n;
	} listeners;
};

struct elbv2_listener_query {
	struct shape_strings arns;
	const char *load_balancer_arn;
};

// Forwards all to one target group.
struct elbv2_new_listener {
	const char *load_balancer_arn;
	const char *protocol;
	int64_t port;
	const char *target_group_arn;
	struct aws_tags tags;
};

struct elbv2_listener_change {
	const char *arn;
	const char *target_group_arn;
};

struct elbv2_target {
	const char *id; // of an instance, or an address
	int64_t port;
	const char *zone;
};

struct elbv2_targets {
	const char *target_group_arn;
	struct {
		struct elbv2_target *items;
		size_t n;
	} targets;
};

struct elbv2_target_health {
	const char *id;
	int64_t port;
	const char *zone;
	const char *
		state; // "initial", "healthy", "unhealthy", "unused", "draining", "unavailable", ...
	const char *reason; // "Target.FailedHealthChecks", ...
	const char *description;
};

struct elbv2_targets_health {
	struct {
		struct elbv2_target_health *items;
		size_t n;
	} targets;
};

struct elbv2_tagging {
	struct shape_strings arns;
	struct aws_tags tags;
};

struct elbv2_arns {
	struct shape_strings arns;
};

struct elbv2_tagged {
	const char *arn;
	struct aws_tags tags;
};

struct elbv2_tag_lists {
	struct {
		struct elbv2_tagged *items;
		size_t n;
	} resources;
};

struct elbv2_network_change {
	const char *load_balancer_arn;
	struct shape_strings ids; // all of them, not only new ones
};

CLIENT_CALL_DECLARE(elbv2_describe_load_balancers, struct elbv2_query, struct elbv2_load_balancers);
CLIENT_CALL_DECLARE(
	elbv2_create_load_balancer,
	struct elbv2_new_load_balancer,
	struct elbv2_load_balancers
);
CLIENT_CALL_DECLARE(elbv2_delete_load_balancer, struct elbv2_arn, struct client_nothing);
CLIENT_CALL_DECLARE(
	elbv2_describe_load_balancer_attributes,
	struct elbv2_arn,
	struct elbv2_attributes
);
CLIENT_CALL_DECLARE(
	elbv2_modify_load_balancer_attributes,
	struct elbv2_attributes,
	struct client_nothing
);
CLIENT_CALL_DECLARE(elbv2_set_subnets, struct elbv2_network_change, struct client_nothing);
CLIENT_CALL_DECLARE(elbv2_set_security_groups, struct elbv2_network_change, struct client_nothing);

CLIENT_CALL_DECLARE(
	elbv2_describe_target_groups,
	struct elbv2_target_group_query,
	struct elbv2_target_groups
);
CLIENT_CALL_DECLARE(
	elbv2_create_target_group,
	struct elbv2_new_target_group,
	struct elbv2_target_groups
);
CLIENT_CALL_DECLARE(elbv2_modify_target_group, struct elbv2_health_check, struct client_nothing);
CLIENT_CALL_DECLARE(elbv2_delete_target_group, struct elbv2_arn, struct client_nothing);
CLIENT_CALL_DECLARE(
	elbv2_describe_target_group_attributes,
	struct elbv2_arn,
	struct elbv2_attributes
);
CLIENT_CALL_DECLARE(
	elbv2_modify_target_group_attributes,
	struct elbv2_attributes,
	struct client_nothing
);

CLIENT_CALL_DECLARE(elbv2_describe_listeners, struct elbv2_listener_query, struct elbv2_listeners);
CLIENT_CALL_DECLARE(elbv2_create_listener, struct elbv2_new_listener, struct elbv2_listeners);
CLIENT_CALL_DECLARE(elbv2_modify_listener, struct elbv2_listener_change, struct client_nothing);
CLIENT_CALL_DECLARE(elbv2_delete_listener, struct elbv2_arn, struct client_nothing);

CLIENT_CALL_DECLARE(elbv2_register_targets, struct elbv2_targets, struct client_nothing);
CLIENT_CALL_DECLARE(elbv2_deregister_targets, struct elbv2_targets, struct client_nothing);
CLIENT_CALL_DECLARE(
	elbv2_describe_target_health,
	struct elbv2_targets,
	struct elbv2_targets_health
);

CLIENT_CALL_DECLARE(elbv2_describe_tags, struct elbv2_arns, struct elbv2_tag_lists);
CLIENT_CALL_DECLARE(elbv2_add_tags, struct elbv2_tagging, struct client_nothing);
