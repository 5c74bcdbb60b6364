#include "autoscaling.h"

static const struct service service_autoscaling = {
	.id = "autoscaling",
	.endpoint = "autoscaling",
	.signing_name = "autoscaling",
	.protocol = PROTOCOL_QUERY,
	.version = "2011-01-01",
	.variable = "AUTO_SCALING",
	.has_fips_in_gov = true,
};

static const struct shape_field filter_fields[] = {
	SHAPE_STRING(struct autoscaling_filter, name, "Name"),
	SHAPE_STRINGS(struct autoscaling_filter, values, "Values"),
};
static const struct shape filter_shape = SHAPE(struct autoscaling_filter, filter_fields);
static const struct shape_field query_fields[] = {
	SHAPE_STRINGS(struct autoscaling_query, names, "AutoScalingGroupNames"),
	SHAPE_LIST(struct autoscaling_query, filters, "Filters", filter_shape),
};
static const struct shape query_shape = SHAPE(struct autoscaling_query, query_fields);

#define INSTANCE struct autoscaling_instance
static const struct shape_field instance_fields[] = {
	SHAPE_ID(INSTANCE, id, "InstanceId"),
	SHAPE_STRING(INSTANCE, zone, "AvailabilityZone"),
	SHAPE_STRING(INSTANCE, lifecycle_state, "LifecycleState"),
	SHAPE_STRING(INSTANCE, health, "HealthStatus"),
	SHAPE_STRING(INSTANCE, template_version, "LaunchTemplate/Version"),
};
static const struct shape instance_shape = SHAPE(INSTANCE, instance_fields);
#define TAG struct autoscaling_tag
static const struct shape_field tag_fields[] = {
	SHAPE_STRING(TAG, key, "Key"),
	SHAPE_STRING(TAG, value, "Value"),
	SHAPE_STRING(TAG, group_name, "ResourceId"),
	SHAPE_BOOL(TAG, is_propagated, "PropagateAtLaunch"),
};
static const struct shape tag_shape = SHAPE(TAG, tag_fields);
static const struct shape_field new_tag_fields[] = {
	SHAPE_STRING(TAG, key, "Key"),
	SHAPE_STRING(TAG, value, "Value"),
	SHAPE_STRING(TAG, group_name, "ResourceId"),
	SHAPE_CONSTANT("ResourceType", "auto-scaling-group"),
	SHAPE_BOOL(TAG, is_propagated, "PropagateAtLaunch"),
};
static const struct shape new_tag_shape = SHAPE(TAG, new_tag_fields);

#define GROUP struct autoscaling_group
static const struct shape_field group_fields[] = {
	SHAPE_ID(GROUP, name, "AutoScalingGroupName"),
	SHAPE_STRING(GROUP, arn, "AutoScalingGroupARN"),
	SHAPE_STRING(GROUP, status, "Status"),
	SHAPE_STRING(GROUP, template_id, "LaunchTemplate/LaunchTemplateId"),
	SHAPE_STRING(GROUP, template_version, "LaunchTemplate/Version"),
	SHAPE_STRING(GROUP, subnet_ids, "VPCZoneIdentifier"),
	SHAPE_INTEGER(GROUP, min, "MinSize"),
	SHAPE_INTEGER(GROUP, max, "MaxSize"),
	SHAPE_INTEGER(GROUP, desired, "DesiredCapacity"),
	SHAPE_STRINGS(GROUP, target_group_arns, "TargetGroupARNs"),
	SHAPE_LIST(GROUP, instances, "Instances", instance_shape),
	SHAPE_LIST(GROUP, tags, "Tags", tag_shape),
};
static const struct shape group_shape = SHAPE(GROUP, group_fields);
static const struct shape_field groups_fields[] = {
	SHAPE_LIST(struct autoscaling_groups, groups, "AutoScalingGroups", group_shape),
};
static const struct shape groups_shape = SHAPE(struct autoscaling_groups, groups_fields);

#define NEW_GROUP struct autoscaling_new_group
static const struct shape_field new_group_fields[] = {
	SHAPE_STRING(NEW_GROUP, name, "AutoScalingGroupName"),
	SHAPE_STRING(NEW_GROUP, template_id, "LaunchTemplate/LaunchTemplateId"),
	SHAPE_STRING(NEW_GROUP, template_version, "LaunchTemplate/Version"),
	SHAPE_STRING(NEW_GROUP, subnet_ids, "VPCZoneIdentifier"),
	SHAPE_NUMBER(NEW_GROUP, min, "MinSize"),
	SHAPE_NUMBER(NEW_GROUP, max, "MaxSize"),
	SHAPE_NUMBER(NEW_GROUP, desired, "DesiredCapacity"),
	SHAPE_CONSTANT("HealthCheckType", "ELB"),
	SHAPE_INTEGER(NEW_GROUP, health_grace_s, "HealthCheckGracePeriod"),
	SHAPE_STRINGS(NEW_GROUP, target_group_arns, "TargetGroupARNs"),
	SHAPE_LIST(NEW_GROUP, tags, "Tags", new_tag_shape),
};
static const struct shape new_group_shape = SHAPE(NEW_GROUP, new_group_fields);

#define CHANGE struct autoscaling_change
static const struct shape_field change_fields[] = {
	SHAPE_STRING(CHANGE, name, "AutoScalingGroupName"),
	SHAPE_STRING(CHANGE, template_id, "LaunchTemplate/LaunchTemplateId"),
	SHAPE_STRING(CHANGE, template_version, "LaunchTemplate/Version"),
	SHAPE_STRING(CHANGE, subnet_ids, "VPCZoneIdentifier"),
	SHAPE_NUMBER(CHANGE, min, "MinSize"),
	SHAPE_NUMBER(CHANGE, max, "MaxSize"),
	SHAPE_NUMBER(CHANGE, desired, "DesiredCapacity"),
};
static const struct shape change_shape = SHAPE(CHANGE, change_fields);

static const struct shape_field delete_fields[] = {
	SHAPE_STRING(struct autoscaling_delete, name, "AutoScalingGroupName"),
	SHAPE_BOOL(struct autoscaling_delete, with_instances, "ForceDelete"),
};
static const struct shape delete_shape = SHAPE(struct autoscaling_delete, delete_fields);
static const struct shape_field name_fields[] = {
	SHAPE_STRING(struct autoscaling_name, name, "AutoScalingGroupName"),
};
static const struct shape name_shape = SHAPE(struct autoscaling_name, name_fields);

static const struct shape_field started_fields[] = {
	SHAPE_STRING(struct autoscaling_refresh, id, "InstanceRefreshId"),
};
static const struct shape started_shape = SHAPE(struct autoscaling_refresh, started_fields);
static const struct shape_field refresh_fields[] = {
	SHAPE_STRING(struct autoscaling_refresh, id, "InstanceRefreshId"),
	SHAPE_STRING(struct autoscaling_refresh, status, "Status"),
	SHAPE_STRING(struct autoscaling_refresh, reason, "StatusReason"),
	SHAPE_INTEGER(struct autoscaling_refresh, percent, "PercentageComplete"),
};
static const struct shape refresh_shape = SHAPE(struct autoscaling_refresh, refresh_fields);
static const struct shape_field refreshes_fields[] = {
	SHAPE_LIST(struct autoscaling_refreshes, refreshes, "InstanceRefreshes", refresh_shape),
};
static const struct shape refreshes_shape = SHAPE(struct autoscaling_refreshes, refreshes_fields);

#define PAGING .paging = {"NextToken", "NextToken", NULL, "MaxRecords", 100, 0}

#define CALL(call, input_type, output_type, ...)                                                   \
	CLIENT_CALL_DEFINE(                                                                        \
		call,                                                                              \
		struct input_type,                                                                 \
		struct output_type,                                                                \
		.service = &service_autoscaling,                                                   \
		__VA_ARGS__                                                                        \
	)

CALL(autoscaling_describe_groups,
     autoscaling_query,
     autoscaling_groups,
     .name = "DescribeAutoScalingGroups",
     .input = &query_shape,
     .output = &groups_shape,
     PAGING);
CALL(autoscaling_create_group,
     autoscaling_new_group,
     client_nothing,
     .name = "CreateAutoScalingGroup",
     .input = &new_group_shape);
CALL(autoscaling_update_group,
     autoscaling_change,
     client_nothing,
     .name = "UpdateAutoScalingGroup",
     .input = &change_shape);
CALL(autoscaling_delete_group,
     autoscaling_delete,
     client_nothing,
     .name = "DeleteAutoScalingGroup",
     .input = &delete_shape);
CALL(autoscaling_start_refresh,
     autoscaling_name,
     autoscaling_refresh,
     .name = "StartInstanceRefresh",
     .input = &name_shape,
     .output = &started_shape);
CALL(autoscaling_describe_refreshes,
     autoscaling_name,
     autoscaling_refreshes,
     .name = "DescribeInstanceRefreshes",
     .input = &name_shape,
     .output = &refreshes_shape,
     PAGING);
