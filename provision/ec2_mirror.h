#pragma once

// Amazon EC2: traffic mirroring.
// https://docs.aws.amazon.com/vpc/latest/mirroring/

#include "ec2.h"

#define EC2_MIRROR_SESSIONS_PER_INTERFACE 3
#define EC2_MIRROR_RULES_PER_DIRECTION 10
#define EC2_MIRROR_SESSION_NUMBER_MAX 32766
#define EC2_MIRROR_PACKET_LENGTH_MAX 8500 // with a load balancer as the target; also its default
#define EC2_MIRROR_VNI_MAX 16777215

struct ec2_mirror_target {
	const char *id;
	const char *type; // "network-interface", "network-load-balancer", ...
	const char *load_balancer_arn;
	const char *network_interface_id;
	const char *description;
	const char *owner_id;
	struct aws_tags tags;
};

struct ec2_mirror_targets {
	struct {
		struct ec2_mirror_target *items;
		size_t n;
	} targets;
};

struct ec2_new_mirror_target {
	const char *load_balancer_arn;
	const char *network_interface_id;
	const char *description;
	const char *client_token;
	struct aws_tags tags;
};

struct ec2_mirror_rule {
	const char *id;
	const char *filter_id;
	const char *direction; // "ingress", "egress"
	int64_t number;
	const char *action; // "accept", "reject"
	struct shape_number protocol; // of IP; absent: all
	struct shape_number destination_from;
	struct shape_number destination_to;
	struct shape_number source_from;
	struct shape_number source_to;
	const char *destination_cidr;
	const char *source_cidr;
	const char *description;
};

struct ec2_mirror_rules {
	struct ec2_mirror_rule *items;
	size_t n;
};

struct ec2_mirror_filter {
	const char *id;
	const char *description;
	struct ec2_mirror_rules ingress;
	struct ec2_mirror_rules egress;
	struct shape_strings network_services; // "amazon-dns" or nothing
	struct aws_tags tags;
};

struct ec2_mirror_filters {
	struct {
		struct ec2_mirror_filter *items;
		size_t n;
	} filters;
};

struct ec2_new_mirror_filter {
	const char *description;
	const char *client_token;
	struct aws_tags tags;
};

struct ec2_new_mirror_rule {
	struct ec2_mirror_rule rule; // without 'id'
	const char *client_token;
};

struct ec2_mirror_services {
	const char *filter_id;
	struct shape_strings add;
	struct shape_strings remove;
};

struct ec2_mirror_session {
	const char *id;
	const char *target_id;
	const char *filter_id;
	const char *network_interface_id;
	const char *owner_id;
	struct shape_number packet_length;
	int64_t number;
	struct shape_number vni;
	const char *description;
	struct aws_tags tags;
};

struct ec2_mirror_sessions {
	struct {
		struct ec2_mirror_session *items;
		size_t n;
	} sessions;
};

struct ec2_new_mirror_session {
	const char *network_interface_id;
	const char *target_id;
	const char *filter_id;
	int64_t number;
	struct shape_number packet_length;
	struct shape_number vni;
	const char *description;
	const char *client_token;
	struct aws_tags tags;
};

// What is NULL, 0 or not set stays as it is; 'remove' takes "packet-length", "description",
// "virtual-network-id" back to AWS's choice.
struct ec2_mirror_session_change {
	const char *id;
	const char *target_id;
	const char *filter_id;
	int64_t number;
	struct shape_number packet_length;
	struct shape_number vni;
	const char *description;
	struct shape_strings remove;
};

CLIENT_CALL_DECLARE(ec2_describe_mirror_targets, struct ec2_query, struct ec2_mirror_targets);
CLIENT_CALL_DECLARE(ec2_describe_mirror_filters, struct ec2_query, struct ec2_mirror_filters);
CLIENT_CALL_DECLARE(ec2_describe_mirror_sessions, struct ec2_query, struct ec2_mirror_sessions);

CLIENT_CALL_DECLARE(ec2_create_mirror_target, struct ec2_new_mirror_target, struct ec2_id);
CLIENT_CALL_DECLARE(ec2_create_mirror_filter, struct ec2_new_mirror_filter, struct ec2_id);
CLIENT_CALL_DECLARE(ec2_create_mirror_rule, struct ec2_new_mirror_rule, struct ec2_id);
CLIENT_CALL_DECLARE(ec2_create_mirror_session, struct ec2_new_mirror_session, struct ec2_id);

CLIENT_CALL_DECLARE(ec2_modify_mirror_services, struct ec2_mirror_services, struct client_nothing);
CLIENT_CALL_DECLARE(
	ec2_modify_mirror_session,
	struct ec2_mirror_session_change,
	struct client_nothing
);

CLIENT_CALL_DECLARE(ec2_delete_mirror_target, struct ec2_id, struct client_nothing);
CLIENT_CALL_DECLARE(ec2_delete_mirror_filter, struct ec2_id, struct client_nothing);
CLIENT_CALL_DECLARE(ec2_delete_mirror_rule, struct ec2_id, struct client_nothing);
CLIENT_CALL_DECLARE(ec2_delete_mirror_session, struct ec2_id, struct client_nothing);
