#pragma once

// Amazon EC2: regions, networks, interfaces, security groups, tags.

#include "ec2.h"

struct ec2_region {
	const char *name;
	const char *opt_in_status; // "not-opted-in": cannot be used
};

struct ec2_regions {
	struct {
		struct ec2_region *items;
		size_t n;
	} regions;
};

struct ec2_cidr {
	const char *cidr;
};

struct ec2_cidrs {
	struct ec2_cidr *items;
	size_t n;
};

struct ec2_vpc {
	const char *id;
	const char *cidr; // the first
	struct ec2_cidrs cidrs; // all
	struct ec2_cidrs ipv6_cidrs;
	const char *owner_id;
	bool is_default;
	struct aws_tags tags;
};

struct ec2_vpcs {
	struct {
		struct ec2_vpc *items;
		size_t n;
	} vpcs;
};

struct ec2_subnet {
	const char *id;
	const char *vpc_id;
	const char *zone; // "eu-west-1a"
	const char *cidr; // absent in an IPv6-only subnet
	const char *owner_id;
	bool is_ipv6_only;
	int64_t n_free_addresses;
	struct aws_tags tags;
};

struct ec2_subnets {
	struct {
		struct ec2_subnet *items;
		size_t n;
	} subnets;
};

struct ec2_group {
	const char *id;
	const char *name;
};

struct ec2_groups {
	struct ec2_group *items;
	size_t n;
};

struct ec2_address {
	const char *address;
};

struct ec2_addresses {
	struct ec2_address *items;
	size_t n;
};

struct ec2_network_interface {
	const char *id;
	const char *vpc_id;
	const char *subnet_id;
	const char *zone;
	const char *description;
	const char *status; // "available", "in-use", ...
	const char *type; // "interface", "branch", "network_load_balancer", ...
	const char *owner_id;
	const char *requester_id;
	const char *private_ip;
	const char *instance_id; // NULL: not attached, or to something that is no instance of ours
	const char *instance_owner_id;
	const char *attachment_id;
	const char *attachment_status;
	int64_t device_index;
	bool is_requester_managed;
	struct ec2_addresses private_ips; // the primary one included
	struct ec2_addresses ipv6_addresses;
	struct ec2_groups groups;
	struct aws_tags tags;
};

struct ec2_network_interfaces {
	struct {
		struct ec2_network_interface *items;
		size_t n;
	} interfaces;
};

struct ec2_route {
	const char *cidr;
	const char *ipv6_cidr;
	const char *gateway_id; // "local", "igw-...", "vgw-..."
	const char *nat_gateway_id;
	const char *transit_gateway_id;
	const char *peering_id;
	const char *network_interface_id;
	const char *state; // "active", "blackhole"
};

struct ec2_route_association {
	const char *subnet_id;
	bool is_main;
};

struct ec2_route_table {
	const char *id;
	const char *vpc_id;
	struct {
		struct ec2_route *items;
		size_t n;
	} routes;
	struct {
		struct ec2_route_association *items;
		size_t n;
	} associations;
};

struct ec2_route_tables {
	struct {
		struct ec2_route_table *items;
		size_t n;
	} tables;
};

struct ec2_acl_entry {
	int64_t number; // 32767: the last, which refuses
	const char *protocol; // "-1": all, else a number
	const char *action; // "allow", "deny"
	const char *cidr;
	const char *ipv6_cidr;
	bool is_egress;
	struct shape_number from_port;
	struct shape_number to_port;
};

struct ec2_acl_association {
	const char *subnet_id;
};

struct ec2_acl {
	const char *id;
	const char *vpc_id;
	bool is_default;
	struct {
		struct ec2_acl_entry *items;
		size_t n;
	} entries;
	struct {
		struct ec2_acl_association *items;
		size_t n;
	} associations;
};

struct ec2_acls {
	struct {
		struct ec2_acl *items;
		size_t n;
	} acls;
};

struct ec2_peering {
	const char *id;
	const char *status; // "active"
	const char *accepter_vpc_id;
	const char *accepter_region;
	const char *requester_vpc_id;
	const char *requester_region;
};

struct ec2_peerings {
	struct {
		struct ec2_peering *items;
		size_t n;
	} peerings;
};

struct ec2_ip_range {
	const char *cidr;
	const char *description;
};

struct ec2_group_pair {
	const char *group_id;
	const char *description;
};

struct ec2_prefix_list {
	const char *id;
};

struct ec2_permission {
	const char *protocol; // "udp", "tcp", "icmp", "-1" for all
	struct shape_number from_port;
	struct shape_number to_port;
	struct {
		struct ec2_ip_range *items;
		size_t n;
	} ranges;
	struct {
		struct ec2_ip_range *items;
		size_t n;
	} ipv6_ranges;
	struct {
		struct ec2_group_pair *items;
		size_t n;
	} groups;
	struct {
		struct ec2_prefix_list *items;
		size_t n;
	} prefix_lists; // only read
};

struct ec2_permissions {
	struct ec2_permission *items;
	size_t n;
};

struct ec2_security_group {
	const char *id;
	const char *name;
	const char *description;
	const char *vpc_id;
	struct ec2_permissions ingress;
	struct ec2_permissions egress;
	struct aws_tags tags;
};

struct ec2_security_groups {
	struct {
		struct ec2_security_group *items;
		size_t n;
	} groups;
};

struct ec2_new_security_group {
	const char *name;
	const char *description;
	const char *vpc_id;
	struct aws_tags tags;
};

struct ec2_rules {
	const char *group_id;
	struct ec2_permissions permissions;
};

struct ec2_tagging {
	struct shape_strings resource_ids;
	struct aws_tags tags;
};

CLIENT_CALL_DECLARE(ec2_describe_regions, struct client_nothing, struct ec2_regions);
CLIENT_CALL_DECLARE(ec2_describe_vpcs, struct ec2_query, struct ec2_vpcs);
CLIENT_CALL_DECLARE(ec2_describe_subnets, struct ec2_query, struct ec2_subnets);
CLIENT_CALL_DECLARE(
	ec2_describe_network_interfaces,
	struct ec2_query,
	struct ec2_network_interfaces
);
CLIENT_CALL_DECLARE(ec2_describe_route_tables, struct ec2_query, struct ec2_route_tables);
CLIENT_CALL_DECLARE(ec2_describe_acls, struct ec2_query, struct ec2_acls);
CLIENT_CALL_DECLARE(ec2_describe_peerings, struct ec2_query, struct ec2_peerings);
CLIENT_CALL_DECLARE(ec2_describe_security_groups, struct ec2_query, struct ec2_security_groups);

// A name that exists in the VPC is InvalidGroup.Duplicate.
CLIENT_CALL_DECLARE(ec2_create_security_group, struct ec2_new_security_group, struct ec2_id);
CLIENT_CALL_DECLARE(ec2_delete_security_group, struct ec2_id, struct client_nothing);

// A rule that exists is InvalidPermission.Duplicate, one that does not InvalidPermission.NotFound.
CLIENT_CALL_DECLARE(ec2_authorize_ingress, struct ec2_rules, struct client_nothing);
CLIENT_CALL_DECLARE(ec2_authorize_egress, struct ec2_rules, struct client_nothing);
CLIENT_CALL_DECLARE(ec2_revoke_ingress, struct ec2_rules, struct client_nothing);
CLIENT_CALL_DECLARE(ec2_revoke_egress, struct ec2_rules, struct client_nothing);

CLIENT_CALL_DECLARE(ec2_create_tags, struct ec2_tagging, struct client_nothing);
CLIENT_CALL_DECLARE(ec2_delete_tags, struct ec2_tagging, struct client_nothing);
