#include "iam.h"

static const struct service service_iam = {
	.id = "iam",
	.endpoint = "iam",
	.signing_name = "iam",
	.protocol = PROTOCOL_QUERY,
	.version = "2010-05-08",
	.variable = "IAM",
	.is_global = true,
	.has_fips_in_gov = true,
};

static const struct shape_field context_fields[] = {
	SHAPE_STRING(struct iam_context, key, "ContextKeyName"),
	SHAPE_STRINGS(struct iam_context, values, "ContextKeyValues"),
	SHAPE_STRING(struct iam_context, type, "ContextKeyType"),
};
static const struct shape context_shape = SHAPE(struct iam_context, context_fields);
static const struct shape_field simulation_fields[] = {
	SHAPE_STRING(struct iam_simulation, principal_arn, "PolicySourceArn"),
	SHAPE_STRINGS(struct iam_simulation, actions, "ActionNames"),
	SHAPE_STRINGS(struct iam_simulation, resource_arns, "ResourceArns"),
	SHAPE_LIST(struct iam_simulation, context, "ContextEntries", context_shape),
};
static const struct shape simulation_shape = SHAPE(struct iam_simulation, simulation_fields);
static const struct shape_field decision_fields[] = {
	SHAPE_STRING(struct iam_decision, action, "EvalActionName"),
	SHAPE_STRING(struct iam_decision, resource, "EvalResourceName"),
	SHAPE_STRING(struct iam_decision, decision, "EvalDecision"),
};
static const struct shape decision_shape = SHAPE(struct iam_decision, decision_fields);
static const struct shape_field decisions_fields[] = {
	SHAPE_LIST(struct iam_decisions, decisions, "EvaluationResults", decision_shape),
};
static const struct shape decisions_shape = SHAPE(struct iam_decisions, decisions_fields);

#define NAME_SHAPE(name_shape, T, wire)                                                            \
	static const struct shape_field name_shape##_fields[] = {                                  \
		SHAPE_STRING(T, name, wire),                                                       \
	};                                                                                         \
	static const struct shape name_shape##_shape = SHAPE(T, name_shape##_fields)

NAME_SHAPE(role_name, struct iam_name, "RoleName");
NAME_SHAPE(profile_name, struct iam_name, "InstanceProfileName");
NAME_SHAPE(service_name, struct iam_service_name, "AWSServiceName");

#define ROLE struct iam_role
static const struct shape_field got_role_fields[] = {
	SHAPE_STRING(ROLE, arn, "Role/Arn"),
	SHAPE_STRING(ROLE, name, "Role/RoleName"),
	SHAPE_STRING(ROLE, path, "Role/Path"),
};
static const struct shape got_role_shape = SHAPE(ROLE, got_role_fields);
static const struct shape_field role_fields[] = {
	SHAPE_STRING(ROLE, arn, "Arn"),
	SHAPE_STRING(ROLE, name, "RoleName"),
	SHAPE_STRING(ROLE, path, "Path"),
};
static const struct shape role_shape = SHAPE(ROLE, role_fields);

static const struct shape_field new_role_fields[] = {
	SHAPE_STRING(struct iam_new_role, name, "RoleName"),
	SHAPE_STRING(struct iam_new_role, description, "Description"),
	SHAPE_STRING(struct iam_new_role, trust_policy, "AssumeRolePolicyDocument"),
	SHAPE_LIST(struct iam_new_role, tags, "Tags", tags_shape),
};
static const struct shape new_role_shape = SHAPE(struct iam_new_role, new_role_fields);
static const struct shape_field role_policy_fields[] = {
	SHAPE_STRING(struct iam_role_policy, role_name, "RoleName"),
	SHAPE_STRING(struct iam_role_policy, policy_name, "PolicyName"),
	SHAPE_STRING(struct iam_role_policy, document, "PolicyDocument"),
};
static const struct shape role_policy_shape = SHAPE(struct iam_role_policy, role_policy_fields);

#define PROFILE struct iam_instance_profile
static const struct shape_field profile_fields[] = {
	SHAPE_STRING(PROFILE, arn, "Arn"),
	SHAPE_STRING(PROFILE, name, "InstanceProfileName"),
	SHAPE_LIST(PROFILE, roles, "Roles", role_shape),
};
static const struct shape profile_shape = SHAPE(PROFILE, profile_fields);
static const struct shape_field got_profile_fields[] = {
	SHAPE_STRING(PROFILE, arn, "InstanceProfile/Arn"),
	SHAPE_STRING(PROFILE, name, "InstanceProfile/InstanceProfileName"),
	SHAPE_LIST(PROFILE, roles, "InstanceProfile/Roles", role_shape),
};
static const struct shape got_profile_shape = SHAPE(PROFILE, got_profile_fields);
static const struct shape_field profiles_fields[] = {
	SHAPE_LIST(struct iam_instance_profiles, profiles, "InstanceProfiles", profile_shape),
};
static const struct shape profiles_shape = SHAPE(struct iam_instance_profiles, profiles_fields);
static const struct shape_field new_profile_fields[] = {
	SHAPE_STRING(struct iam_new_instance_profile, name, "InstanceProfileName"),
	SHAPE_LIST(struct iam_new_instance_profile, tags, "Tags", tags_shape),
};
static const struct shape new_profile_shape =
	SHAPE(struct iam_new_instance_profile, new_profile_fields);
static const struct shape_field profile_role_fields[] = {
	SHAPE_STRING(struct iam_profile_role, profile_name, "InstanceProfileName"),
	SHAPE_STRING(struct iam_profile_role, role_name, "RoleName"),
};
static const struct shape profile_role_shape = SHAPE(struct iam_profile_role, profile_role_fields);

#define PAGING .paging = {"Marker", "Marker", "IsTruncated", "MaxItems", 1000, 0}

#define CALL(call, input_type, output_type, ...)                                                   \
	CLIENT_CALL_DEFINE(                                                                        \
		call, struct input_type, struct output_type, .service = &service_iam, __VA_ARGS__  \
	)

CALL(iam_simulate_principal_policy,
     iam_simulation,
     iam_decisions,
     .name = "SimulatePrincipalPolicy",
     .input = &simulation_shape,
     .output = &decisions_shape,
     PAGING);
CALL(iam_get_role,
     iam_name,
     iam_role,
     .name = "GetRole",
     .input = &role_name_shape,
     .output = &got_role_shape);
CALL(iam_create_role,
     iam_new_role,
     iam_role,
     .name = "CreateRole",
     .input = &new_role_shape,
     .output = &got_role_shape);
CALL(iam_put_role_policy,
     iam_role_policy,
     client_nothing,
     .name = "PutRolePolicy",
     .input = &role_policy_shape);
CALL(iam_get_instance_profile,
     iam_name,
     iam_instance_profile,
     .name = "GetInstanceProfile",
     .input = &profile_name_shape,
     .output = &got_profile_shape);
CALL(iam_list_instance_profiles,
     client_nothing,
     iam_instance_profiles,
     .name = "ListInstanceProfiles",
     .output = &profiles_shape,
     PAGING);
CALL(iam_create_instance_profile,
     iam_new_instance_profile,
     iam_instance_profile,
     .name = "CreateInstanceProfile",
     .input = &new_profile_shape,
     .output = &got_profile_shape);
CALL(iam_add_role_to_instance_profile,
     iam_profile_role,
     client_nothing,
     .name = "AddRoleToInstanceProfile",
     .input = &profile_role_shape);
CALL(iam_create_service_linked_role,
     iam_service_name,
     iam_role,
     .name = "CreateServiceLinkedRole",
     .input = &service_name_shape,
     .output = &got_role_shape);
