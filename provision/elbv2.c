#include "elbv2.h"

static const struct service service_elbv2 = {
	.id = "elasticloadbalancing",
	.endpoint = "elasticloadbalancing",
	.signing_name = "elasticloadbalancing",
	.protocol = PROTOCOL_QUERY,
	.version = "2015-12-01",
	.variable = "ELASTIC_LOAD_BALANCING_V2",
	.has_fips_in_gov = true,
};

#define QUERY struct elbv2_query
static const struct shape_field load_balancer_query_fields[] = {
	SHAPE_STRINGS(QUERY, arns, "LoadBalancerArns"),
	SHAPE_STRINGS(QUERY, names, "Names"),
};
static const struct shape load_balancer_query_shape = SHAPE(QUERY, load_balancer_query_fields);

static const struct shape_field zone_fields[] = {
	SHAPE_STRING(struct elbv2_zone, name, "ZoneName"),
	SHAPE_STRING(struct elbv2_zone, subnet_id, "SubnetId"),
};
static const struct shape zone_shape = SHAPE(struct elbv2_zone, zone_fields);

#define BALANCER struct elbv2_load_balancer
static const struct shape_field load_balancer_fields[] = {
	SHAPE_ID(BALANCER, arn, "LoadBalancerArn"),
	SHAPE_STRING(BALANCER, name, "LoadBalancerName"),
	SHAPE_STRING(BALANCER, dns_name, "DNSName"),
	SHAPE_STRING(BALANCER, type, "Type"),
	SHAPE_STRING(BALANCER, scheme, "Scheme"),
	SHAPE_STRING(BALANCER, vpc_id, "VpcId"),
	SHAPE_STRING(BALANCER, state, "State/Code"),
	SHAPE_STRING(BALANCER, state_reason, "State/Reason"),
	SHAPE_STRING(BALANCER, address_type, "IpAddressType"),
	SHAPE_LIST(BALANCER, zones, "AvailabilityZones", zone_shape),
	SHAPE_STRINGS(BALANCER, security_groups, "SecurityGroups"),
};
static const struct shape load_balancer_shape = SHAPE(BALANCER, load_balancer_fields);
static const struct shape_field load_balancers_fields[] = {
	SHAPE_LIST(
		struct elbv2_load_balancers,
		load_balancers,
		"LoadBalancers",
		load_balancer_shape
	),
};
static const struct shape load_balancers_shape =
	SHAPE(struct elbv2_load_balancers, load_balancers_fields);

#define NEW_BALANCER struct elbv2_new_load_balancer
static const struct shape_field new_load_balancer_fields[] = {
	SHAPE_STRING(NEW_BALANCER, name, "Name"),
	SHAPE_STRINGS(NEW_BALANCER, subnets, "Subnets"),
	SHAPE_STRINGS(NEW_BALANCER, security_groups, "SecurityGroups"),
	SHAPE_CONSTANT("Scheme", "internal"),
	SHAPE_CONSTANT("Type", "network"),
	SHAPE_CONSTANT("IpAddressType", "ipv4"),
	SHAPE_LIST(NEW_BALANCER, tags, "Tags", tags_shape),
};
static const struct shape new_load_balancer_shape = SHAPE(NEW_BALANCER, new_load_balancer_fields);

#define ARN_SHAPE(name, wire)                                                                      \
	static const struct shape_field name##_fields[] = {                                        \
		SHAPE_STRING(struct elbv2_arn, arn, wire),                                         \
	};                                                                                         \
	static const struct shape name##_shape = SHAPE(struct elbv2_arn, name##_fields)

ARN_SHAPE(load_balancer_arn, "LoadBalancerArn");
ARN_SHAPE(target_group_arn, "TargetGroupArn");
ARN_SHAPE(listener_arn, "ListenerArn");

static const struct shape_field attribute_fields[] = {
	SHAPE_STRING(struct elbv2_attribute, key, "Key"),
	SHAPE_STRING(struct elbv2_attribute, value, "Value"),
};
static const struct shape attribute_shape = SHAPE(struct elbv2_attribute, attribute_fields);

#define ATTRIBUTES_SHAPE(name, wire)                                                               \
	static const struct shape_field name##_fields[] = {                                        \
		SHAPE_STRING(struct elbv2_attributes, arn, wire),                                  \
		SHAPE_LIST(struct elbv2_attributes, attributes, "Attributes", attribute_shape),    \
	};                                                                                         \
	static const struct shape name##_shape = SHAPE(struct elbv2_attributes, name##_fields)

ATTRIBUTES_SHAPE(load_balancer_attributes, "LoadBalancerArn");
ATTRIBUTES_SHAPE(target_group_attributes, "TargetGroupArn");

static const struct shape_field attributes_fields[] = {
	SHAPE_LIST(struct elbv2_attributes, attributes, "Attributes", attribute_shape),
};
static const struct shape attributes_shape = SHAPE(struct elbv2_attributes, attributes_fields);

#define GROUP struct elbv2_target_group
static const struct shape_field target_group_fields[] = {
	SHAPE_ID(GROUP, arn, "TargetGroupArn"),
	SHAPE_STRING(GROUP, name, "TargetGroupName"),
	SHAPE_STRING(GROUP, protocol, "Protocol"),
	SHAPE_INTEGER(GROUP, port, "Port"),
	SHAPE_STRING(GROUP, vpc_id, "VpcId"),
	SHAPE_STRING(GROUP, target_type, "TargetType"),
	SHAPE_STRING(GROUP, health_protocol, "HealthCheckProtocol"),
	SHAPE_STRING(GROUP, health_port, "HealthCheckPort"),
	SHAPE_STRING(GROUP, health_path, "HealthCheckPath"),
	SHAPE_INTEGER(GROUP, health_interval_s, "HealthCheckIntervalSeconds"),
	SHAPE_INTEGER(GROUP, health_timeout_s, "HealthCheckTimeoutSeconds"),
	SHAPE_INTEGER(GROUP, healthy_threshold, "HealthyThresholdCount"),
	SHAPE_INTEGER(GROUP, unhealthy_threshold, "UnhealthyThresholdCount"),
	SHAPE_STRINGS(GROUP, load_balancer_arns, "LoadBalancerArns"),
};
static const struct shape target_group_shape = SHAPE(GROUP, target_group_fields);
static const struct shape_field target_groups_fields[] = {
	SHAPE_LIST(struct elbv2_target_groups, groups, "TargetGroups", target_group_shape),
};
static const struct shape target_groups_shape =
	SHAPE(struct elbv2_target_groups, target_groups_fields);

#define GROUP_QUERY struct elbv2_target_group_query
static const struct shape_field target_group_query_fields[] = {
	SHAPE_STRINGS(GROUP_QUERY, arns, "TargetGroupArns"),
	SHAPE_STRINGS(GROUP_QUERY, names, "Names"),
	SHAPE_STRING(GROUP_QUERY, load_balancer_arn, "LoadBalancerArn"),
};
static const struct shape target_group_query_shape = SHAPE(GROUP_QUERY, target_group_query_fields);

#define NEW_GROUP struct elbv2_new_target_group
static const struct shape_field new_target_group_fields[] = {
	SHAPE_STRING(NEW_GROUP, name, "Name"),
	SHAPE_STRING(NEW_GROUP, protocol, "Protocol"),
	SHAPE_INTEGER(NEW_GROUP, port, "Port"),
	SHAPE_STRING(NEW_GROUP, vpc_id, "VpcId"),
	SHAPE_STRING(NEW_GROUP, target_type, "TargetType"),
	SHAPE_STRING(NEW_GROUP, health_protocol, "HealthCheckProtocol"),
	SHAPE_STRING(NEW_GROUP, health_port, "HealthCheckPort"),
	SHAPE_STRING(NEW_GROUP, health_path, "HealthCheckPath"),
	SHAPE_INTEGER(NEW_GROUP, health_interval_s, "HealthCheckIntervalSeconds"),
	SHAPE_INTEGER(NEW_GROUP, health_timeout_s, "HealthCheckTimeoutSeconds"),
	SHAPE_INTEGER(NEW_GROUP, healthy_threshold, "HealthyThresholdCount"),
	SHAPE_INTEGER(NEW_GROUP, unhealthy_threshold, "UnhealthyThresholdCount"),
	SHAPE_LIST(NEW_GROUP, tags, "Tags", tags_shape),
};
static const struct shape new_target_group_shape = SHAPE(NEW_GROUP, new_target_group_fields);

#define HEALTH_CHECK struct elbv2_health_check
static const struct shape_field health_check_fields[] = {
	SHAPE_STRING(HEALTH_CHECK, target_group_arn, "TargetGroupArn"),
	SHAPE_STRING(HEALTH_CHECK, protocol, "HealthCheckProtocol"),
	SHAPE_STRING(HEALTH_CHECK, port, "HealthCheckPort"),
	SHAPE_STRING(HEALTH_CHECK, path, "HealthCheckPath"),
	SHAPE_INTEGER(HEALTH_CHECK, interval_s, "HealthCheckIntervalSeconds"),
	SHAPE_INTEGER(HEALTH_CHECK, timeout_s, "HealthCheckTimeoutSeconds"),
	SHAPE_INTEGER(HEALTH_CHECK, healthy_threshold, "HealthyThresholdCount"),
	SHAPE_INTEGER(HEALTH_CHECK, unhealthy_threshold, "UnhealthyThresholdCount"),
};
static const struct shape health_check_shape = SHAPE(HEALTH_CHECK, health_check_fields);

static const struct shape_field action_fields[] = {
	SHAPE_STRING(struct elbv2_action, type, "Type"),
	SHAPE_STRING(struct elbv2_action, target_group_arn, "TargetGroupArn"),
};
static const struct shape action_shape = SHAPE(struct elbv2_action, action_fields);
#define LISTENER struct elbv2_listener
static const struct shape_field listener_fields[] = {
	SHAPE_ID(LISTENER, arn, "ListenerArn"),
	SHAPE_STRING(LISTENER, load_balancer_arn, "LoadBalancerArn"),
	SHAPE_INTEGER(LISTENER, port, "Port"),
	SHAPE_STRING(LISTENER, protocol, "Protocol"),
	SHAPE_LIST(LISTENER, actions, "DefaultActions", action_shape),
};
static const struct shape listener_shape = SHAPE(LISTENER, listener_fields);
static const struct shape_field listeners_fields[] = {
	SHAPE_LIST(struct elbv2_listeners, listeners, "Listeners", listener_shape),
};
static const struct shape listeners_shape = SHAPE(struct elbv2_listeners, listeners_fields);

static const struct shape_field listener_query_fields[] = {
	SHAPE_STRINGS(struct elbv2_listener_query, arns, "ListenerArns"),
	SHAPE_STRING(struct elbv2_listener_query, load_balancer_arn, "LoadBalancerArn"),
};
static const struct shape listener_query_shape =
	SHAPE(struct elbv2_listener_query, listener_query_fields);

#define NEW_LISTENER struct elbv2_new_listener
static const struct shape_field new_listener_fields[] = {
	SHAPE_STRING(NEW_LISTENER, load_balancer_arn, "LoadBalancerArn"),
	SHAPE_STRING(NEW_LISTENER, protocol, "Protocol"),
	SHAPE_INTEGER(NEW_LISTENER, port, "Port"),
	SHAPE_CONSTANT("DefaultActions/member/1/Type", "forward"),
	SHAPE_STRING(NEW_LISTENER, target_group_arn, "DefaultActions/member/1/TargetGroupArn"),
	SHAPE_LIST(NEW_LISTENER, tags, "Tags", tags_shape),
};
static const struct shape new_listener_shape = SHAPE(NEW_LISTENER, new_listener_fields);

#define LISTENER_CHANGE struct elbv2_listener_change
static const struct shape_field listener_change_fields[] = {
	SHAPE_STRING(LISTENER_CHANGE, arn, "ListenerArn"),
	SHAPE_CONSTANT("DefaultActions/member/1/Type", "forward"),
	SHAPE_STRING(LISTENER_CHANGE, target_group_arn, "DefaultActions/member/1/TargetGroupArn"),
};
static const struct shape listener_change_shape = SHAPE(LISTENER_CHANGE, listener_change_fields);

static const struct shape_field target_fields[] = {
	SHAPE_STRING(struct elbv2_target, id, "Id"),
	SHAPE_INTEGER(struct elbv2_target, port, "Port"),
	SHAPE_STRING(struct elbv2_target, zone, "AvailabilityZone"),
};
static const struct shape target_shape = SHAPE(struct elbv2_target, target_fields);
static const struct shape_field targets_fields[] = {
	SHAPE_STRING(struct elbv2_targets, target_group_arn, "TargetGroupArn"),
	SHAPE_LIST(struct elbv2_targets, targets, "Targets", target_shape),
};
static const struct shape targets_shape = SHAPE(struct elbv2_targets, targets_fields);

#define HEALTH struct elbv2_target_health
static const struct shape_field health_fields[] = {
	SHAPE_STRING(HEALTH, id, "Target/Id"),
	SHAPE_INTEGER(HEALTH, port, "Target/Port"),
	SHAPE_STRING(HEALTH, zone, "Target/AvailabilityZone"),
	SHAPE_STRING(HEALTH, state, "TargetHealth/State"),
	SHAPE_STRING(HEALTH, reason, "TargetHealth/Reason"),
	SHAPE_STRING(HEALTH, description, "TargetHealth/Description"),
};
static const struct shape health_shape = SHAPE(HEALTH, health_fields);
static const struct shape_field healths_fields[] = {
	SHAPE_LIST(struct elbv2_targets_health, targets, "TargetHealthDescriptions", health_shape),
};
static const struct shape healths_shape = SHAPE(struct elbv2_targets_health, healths_fields);

static const struct shape_field arns_fields[] = {
	SHAPE_STRINGS(struct elbv2_arns, arns, "ResourceArns"),
};
static const struct shape arns_shape = SHAPE(struct elbv2_arns, arns_fields);
static const struct shape_field tagging_fields[] = {
	SHAPE_STRINGS(struct elbv2_tagging, arns, "ResourceArns"),
	SHAPE_LIST(struct elbv2_tagging, tags, "Tags", tags_shape),
};
static const struct shape tagging_shape = SHAPE(struct elbv2_tagging, tagging_fields);
static const struct shape_field tagged_fields[] = {
	SHAPE_ID(struct elbv2_tagged, arn, "ResourceArn"),
	SHAPE_LIST(struct elbv2_tagged, tags, "Tags", tags_shape),
};
static const struct shape tagged_shape = SHAPE(struct elbv2_tagged, tagged_fields);
static const struct shape_field tag_lists_fields[] = {
	SHAPE_LIST(struct elbv2_tag_lists, resources, "TagDescriptions", tagged_shape),
};
static const struct shape tag_lists_shape = SHAPE(struct elbv2_tag_lists, tag_lists_fields);

#define NETWORK_SHAPE(name, wire)                                                                  \
	static const struct shape_field name##_fields[] = {                                        \
		SHAPE_STRING(struct elbv2_network_change, load_balancer_arn, "LoadBalancerArn"),   \
		SHAPE_STRINGS(struct elbv2_network_change, ids, wire),                             \
	};                                                                                         \
	static const struct shape name##_shape = SHAPE(struct elbv2_network_change, name##_fields)

NETWORK_SHAPE(subnets, "Subnets");
NETWORK_SHAPE(security_groups, "SecurityGroups");

#define PAGING(n_id_lists) .paging = {"Marker", "NextMarker", NULL, "PageSize", 400, n_id_lists}

#define CALL(call, input_type, output_type, ...)                                                   \
	CLIENT_CALL_DEFINE(                                                                        \
		call,                                                                              \
		struct input_type,                                                                 \
		struct output_type,                                                                \
		.service = &service_elbv2,                                                         \
		__VA_ARGS__                                                                        \
	)

CALL(elbv2_describe_load_balancers,
     elbv2_query,
     elbv2_load_balancers,
     .name = "DescribeLoadBalancers",
     .input = &load_balancer_query_shape,
     .output = &load_balancers_shape,
     PAGING(2));
CALL(elbv2_create_load_balancer,
     elbv2_new_load_balancer,
     elbv2_load_balancers,
     .name = "CreateLoadBalancer",
     .input = &new_load_balancer_shape,
     .output = &load_balancers_shape);
CALL(elbv2_delete_load_balancer,
     elbv2_arn,
     client_nothing,
     .name = "DeleteLoadBalancer",
     .input = &load_balancer_arn_shape);
CALL(elbv2_describe_load_balancer_attributes,
     elbv2_arn,
     elbv2_attributes,
     .name = "DescribeLoadBalancerAttributes",
     .input = &load_balancer_arn_shape,
     .output = &attributes_shape);
CALL(elbv2_modify_load_balancer_attributes,
     elbv2_attributes,
     client_nothing,
     .name = "ModifyLoadBalancerAttributes",
     .input = &load_balancer_attributes_shape);
CALL(elbv2_set_subnets,
     elbv2_network_change,
     client_nothing,
     .name = "SetSubnets",
     .input = &subnets_shape);
CALL(elbv2_set_security_groups,
     elbv2_network_change,
     client_nothing,
     .name = "SetSecurityGroups",
     .input = &security_groups_shape);

CALL(elbv2_describe_target_groups,
     elbv2_target_group_query,
     elbv2_target_groups,
     .name = "DescribeTargetGroups",
     .input = &target_group_query_shape,
     .output = &target_groups_shape,
     PAGING(2));
CALL(elbv2_create_target_group,
     elbv2_new_target_group,
     elbv2_target_groups,
     .name = "CreateTargetGroup",
     .input = &new_target_group_shape,
     .output = &target_groups_shape);
CALL(elbv2_modify_target_group,
     elbv2_health_check,
     client_nothing,
     .name = "ModifyTargetGroup",
     .input = &health_check_shape);
CALL(elbv2_delete_target_group,
     elbv2_arn,
     client_nothing,
     .name = "DeleteTargetGroup",
     .input = &target_group_arn_shape);
CALL(elbv2_describe_target_group_attributes,
     elbv2_arn,
     elbv2_attributes,
     .name = "DescribeTargetGroupAttributes",
     .input = &target_group_arn_shape,
     .output = &attributes_shape);
CALL(elbv2_modify_target_group_attributes,
     elbv2_attributes,
     client_nothing,
     .name = "ModifyTargetGroupAttributes",
     .input = &target_group_attributes_shape);

CALL(elbv2_describe_listeners,
     elbv2_listener_query,
     elbv2_listeners,
     .name = "DescribeListeners",
     .input = &listener_query_shape,
     .output = &listeners_shape,
     PAGING(1));
CALL(elbv2_create_listener,
     elbv2_new_listener,
     elbv2_listeners,
     .name = "CreateListener",
     .input = &new_listener_shape,
     .output = &listeners_shape);
CALL(elbv2_modify_listener,
     elbv2_listener_change,
     client_nothing,
     .name = "ModifyListener",
     .input = &listener_change_shape);
CALL(elbv2_delete_listener,
     elbv2_arn,
     client_nothing,
     .name = "DeleteListener",
     .input = &listener_arn_shape);

CALL(elbv2_register_targets,
     elbv2_targets,
     client_nothing,
     .name = "RegisterTargets",
     .input = &targets_shape);
CALL(elbv2_deregister_targets,
     elbv2_targets,
     client_nothing,
     .name = "DeregisterTargets",
     .input = &targets_shape);
CALL(elbv2_describe_target_health,
     elbv2_targets,
     elbv2_targets_health,
     .name = "DescribeTargetHealth",
     .input = &targets_shape,
     .output = &healths_shape);

CALL(elbv2_describe_tags,
     elbv2_arns,
     elbv2_tag_lists,
     .name = "DescribeTags",
     .input = &arns_shape,
     .output = &tag_lists_shape);
CALL(elbv2_add_tags, elbv2_tagging, client_nothing, .name = "AddTags", .input = &tagging_shape);
