#pragma once

// AWS Identity and Access Management.

#include "client.h"
#include "tags.h"

// What is true of a call that is simulated: "aws:RequestTag/team", "string", {"shop"}.
struct iam_context {
	const char *key;
	const char *type; // "string", "stringList", ...
	struct shape_strings values;
};

struct iam_simulation {
	const char *principal_arn; // a user, group or role; not an assumed role
	struct shape_strings actions; // "ec2:DescribeVpcs"
	struct shape_strings resource_arns; // none: "*"
	struct {
		struct iam_context *items;
		size_t n;
	} context;
};

struct iam_decision {
	const char *action;
	const char *resource;
	const char *decision; // "allowed", "explicitDeny", "implicitDeny"
};

struct iam_decisions {
	struct {
		struct iam_decision *items;
		size_t n;
	} decisions;
};

struct iam_name {
	const char *name;
};

struct iam_role {
	const char *arn;
	const char *name;
	const char *path;
};

struct iam_new_role {
	const char *name;
	const char *description;
	const char *trust_policy; // JSON
	struct aws_tags tags;
};

struct iam_role_policy {
	const char *role_name;
	const char *policy_name;
	const char *document; // JSON
};

struct iam_instance_profile {
	const char *arn;
	const char *name;
	struct {
		struct iam_role *items;
		size_t n;
	} roles;
};

struct iam_instance_profiles {
	struct {
		struct iam_instance_profile *items;
		size_t n;
	} profiles;
};

struct iam_new_instance_profile {
	const char *name;
	struct aws_tags tags;
};

struct iam_profile_role {
	const char *profile_name;
	const char *role_name;
};

struct iam_service_name {
	const char *name; // "elasticloadbalancing.amazonaws.com"
};

CLIENT_CALL_DECLARE(iam_simulate_principal_policy, struct iam_simulation, struct iam_decisions);
CLIENT_CALL_DECLARE(iam_get_role, struct iam_name, struct iam_role);
CLIENT_CALL_DECLARE(iam_create_role, struct iam_new_role, struct iam_role);
CLIENT_CALL_DECLARE(iam_put_role_policy, struct iam_role_policy, struct client_nothing);
CLIENT_CALL_DECLARE(iam_get_instance_profile, struct iam_name, struct iam_instance_profile);
CLIENT_CALL_DECLARE(
	iam_list_instance_profiles,
	struct client_nothing,
	struct iam_instance_profiles
);
CLIENT_CALL_DECLARE(
	iam_create_instance_profile,
	struct iam_new_instance_profile,
	struct iam_instance_profile
);
CLIENT_CALL_DECLARE(
	iam_add_role_to_instance_profile,
	struct iam_profile_role,
	struct client_nothing
);
CLIENT_CALL_DECLARE(iam_create_service_linked_role, struct iam_service_name, struct iam_role);
