#pragma once

// Amazon EC2: instances, their types, launch templates.

#include "ec2.h"

struct ec2_instance_interface {
	const char *id;
	const char *subnet_id;
	const char *private_ip;
	const char *type;
	const char *attachment_status;
	int64_t device_index;
};

struct ec2_instance {
	const char *id;
	const char *type; // "m7i.large"
	const char *
		state; // "pending", "running", "shutting-down", "terminated", "stopping", "stopped"
	const char *image_id;
	const char *vpc_id;
	const char *subnet_id;
	const char *zone;
	const char *private_ip;
	const char *instance_profile_arn;
	struct {
		struct ec2_instance_interface *items;
		size_t n;
	} interfaces;
	struct aws_tags tags;
};

struct ec2_reservation {
	struct {
		struct ec2_instance *items;
		size_t n;
	} instances;
};

struct ec2_instances {
	struct {
		struct ec2_reservation *items;
		size_t n;
	} reservations;
};

struct ec2_network_card {
	double baseline_gbps;
	double peak_gbps;
};

struct ec2_instance_type {
	const char *name;
	const char *hypervisor; // "nitro", "xen"; absent for bare metal
	bool is_bare_metal;
	bool is_current_generation;
	int64_t n_vcpus;
	int64_t memory_mib;
	int64_t n_interfaces_max;
	const char *network_performance; // "Up to 12.5 Gigabit"
	struct shape_strings architectures;
	struct {
		struct ec2_network_card *items;
		size_t n;
	} cards;
};

struct ec2_instance_types {
	struct {
		struct ec2_instance_type *items;
		size_t n;
	} types;
};

struct ec2_new_interface {
	struct shape_number device_index;
	const char *subnet_id; // NULL in the template of an Auto Scaling group, which chooses it
	struct shape_strings group_ids;
	const char *description;
	bool is_deleted_on_termination;
};

struct ec2_new_interfaces {
	struct ec2_new_interface *items;
	size_t n;
};

// Instance metadata is asked for by version 2 only.
struct ec2_launch {
	const char *image_id;
	const char *instance_type;
	const char *key_name;
	const char *instance_profile_name;
	const char *user_data; // base64
	struct ec2_new_interfaces interfaces;
	struct aws_tags tags; // of the instance, its volumes and its interfaces
};

struct ec2_run {
	struct ec2_launch launch;
	int64_t n; // how many
	const char *client_token;
};

struct ec2_instance_ids {
	struct shape_strings ids;
};

struct ec2_launch_template {
	const char *id;
	const char *name;
	int64_t default_version;
	int64_t latest_version;
	struct aws_tags tags;
};

struct ec2_launch_templates {
	struct {
		struct ec2_launch_template *items;
		size_t n;
	} templates;
};

struct ec2_new_launch_template {
	const char *name;
	const char *description; // of its first version
	const char *client_token;
	struct ec2_launch launch;
	struct aws_tags tags; // of the template
};

struct ec2_new_launch_template_version {
	const char *id;
	const char *client_token;
	const char *description;
	struct ec2_launch launch;
};

struct ec2_launch_template_version {
	int64_t number;
	const char *description;
	const char *image_id;
	const char *instance_type;
	const char *user_data;
};

struct ec2_launch_template_versions {
	struct {
		struct ec2_launch_template_version *items;
		size_t n;
	} versions;
};

struct ec2_launch_template_query {
	const char *id;
	struct shape_strings versions; // "$Latest", "$Default", "3"
};

struct ec2_launch_template_change {
	const char *id;
	const char *default_version;
};

CLIENT_CALL_DECLARE(ec2_describe_instances, struct ec2_query, struct ec2_instances);
CLIENT_CALL_DECLARE(ec2_describe_instance_types, struct ec2_query, struct ec2_instance_types);
CLIENT_CALL_DECLARE(ec2_run_instances, struct ec2_run, struct ec2_reservation);
CLIENT_CALL_DECLARE(ec2_terminate_instances, struct ec2_instance_ids, struct client_nothing);

CLIENT_CALL_DECLARE(ec2_describe_launch_templates, struct ec2_query, struct ec2_launch_templates);
CLIENT_CALL_DECLARE(
	ec2_describe_launch_template_versions,
	struct ec2_launch_template_query,
	struct ec2_launch_template_versions
);
CLIENT_CALL_DECLARE(
	ec2_create_launch_template,
	struct ec2_new_launch_template,
	struct ec2_launch_template
);
CLIENT_CALL_DECLARE(
	ec2_create_launch_template_version,
	struct ec2_new_launch_template_version,
	struct ec2_launch_template_version
);
CLIENT_CALL_DECLARE(
	ec2_modify_launch_template,
	struct ec2_launch_template_change,
	struct client_nothing
);
CLIENT_CALL_DECLARE(ec2_delete_launch_template, struct ec2_id, struct client_nothing);
