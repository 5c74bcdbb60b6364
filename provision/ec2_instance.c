#include "ec2_instance.h"

#define INTERFACE struct ec2_instance_interface
static const struct shape_field interface_fields[] = {
	SHAPE_ID(INTERFACE, id, "networkInterfaceId"),
	SHAPE_STRING(INTERFACE, subnet_id, "subnetId"),
	SHAPE_STRING(INTERFACE, private_ip, "privateIpAddress"),
	SHAPE_STRING(INTERFACE, type, "interfaceType"),
	SHAPE_STRING(INTERFACE, attachment_status, "attachment/status"),
	SHAPE_INTEGER(INTERFACE, device_index, "attachment/deviceIndex"),
};
static const struct shape interface_shape = SHAPE(INTERFACE, interface_fields);

#define INSTANCE struct ec2_instance
static const struct shape_field instance_fields[] = {
	SHAPE_ID(INSTANCE, id, "instanceId"),
	SHAPE_STRING(INSTANCE, type, "instanceType"),
	SHAPE_STRING(INSTANCE, state, "instanceState/name"),
	SHAPE_STRING(INSTANCE, image_id, "imageId"),
	SHAPE_STRING(INSTANCE, vpc_id, "vpcId"),
	SHAPE_STRING(INSTANCE, subnet_id, "subnetId"),
	SHAPE_STRING(INSTANCE, zone, "placement/availabilityZone"),
	SHAPE_STRING(INSTANCE, private_ip, "privateIpAddress"),
	SHAPE_STRING(INSTANCE, instance_profile_arn, "iamInstanceProfile/arn"),
	SHAPE_LIST(INSTANCE, interfaces, "networkInterfaceSet", interface_shape),
	SHAPE_LIST(INSTANCE, tags, "tagSet", tags_lower_shape),
};
static const struct shape instance_shape = SHAPE(INSTANCE, instance_fields);
static const struct shape_field reservation_fields[] = {
	SHAPE_LIST(struct ec2_reservation, instances, "instancesSet", instance_shape),
};
static const struct shape reservation_shape = SHAPE(struct ec2_reservation, reservation_fields);
static const struct shape_field instances_fields[] = {
	SHAPE_LIST(struct ec2_instances, reservations, "reservationSet", reservation_shape),
};
static const struct shape instances_shape = SHAPE(struct ec2_instances, instances_fields);

static const struct shape_field card_fields[] = {
	SHAPE_DOUBLE(struct ec2_network_card, baseline_gbps, "baselineBandwidthInGbps"),
	SHAPE_DOUBLE(struct ec2_network_card, peak_gbps, "peakBandwidthInGbps"),
};
static const struct shape card_shape = SHAPE(struct ec2_network_card, card_fields);

#define TYPE struct ec2_instance_type
static const struct shape_field type_fields[] = {
	SHAPE_STRING(TYPE, name, "instanceType"),
	SHAPE_STRING(TYPE, hypervisor, "hypervisor"),
	SHAPE_BOOL(TYPE, is_bare_metal, "bareMetal"),
	SHAPE_BOOL(TYPE, is_current_generation, "currentGeneration"),
	SHAPE_INTEGER(TYPE, n_vcpus, "vCpuInfo/defaultVCpus"),
	SHAPE_INTEGER(TYPE, memory_mib, "memoryInfo/sizeInMiB"),
	SHAPE_INTEGER(TYPE, n_interfaces_max, "networkInfo/maximumNetworkInterfaces"),
	SHAPE_STRING(TYPE, network_performance, "networkInfo/networkPerformance"),
	SHAPE_STRINGS(TYPE, architectures, "processorInfo/supportedArchitectures"),
	SHAPE_LIST(TYPE, cards, "networkInfo/networkCards", card_shape),
};
static const struct shape type_shape = SHAPE(TYPE, type_fields);
static const struct shape_field types_fields[] = {
	SHAPE_LIST(struct ec2_instance_types, types, "instanceTypeSet", type_shape),
};
static const struct shape types_shape = SHAPE(struct ec2_instance_types, types_fields);

#define NEW_INTERFACE struct ec2_new_interface
static const struct shape_field new_interface_fields[] = {
	SHAPE_NUMBER(NEW_INTERFACE, device_index, "DeviceIndex"),
	SHAPE_STRING(NEW_INTERFACE, subnet_id, "SubnetId"),
	SHAPE_STRINGS(NEW_INTERFACE, group_ids, "SecurityGroupId"),
	SHAPE_STRING(NEW_INTERFACE, description, "Description"),
	SHAPE_BOOL(NEW_INTERFACE, is_deleted_on_termination, "DeleteOnTermination"),
};
static const struct shape new_interface_shape = SHAPE(NEW_INTERFACE, new_interface_fields);

static const struct shape_field launch_fields[] = {
	SHAPE_STRING(struct ec2_launch, image_id, "ImageId"),
	SHAPE_STRING(struct ec2_launch, instance_type, "InstanceType"),
	SHAPE_STRING(struct ec2_launch, key_name, "KeyName"),
	SHAPE_STRING(struct ec2_launch, instance_profile_name, "IamInstanceProfile/Name"),
	SHAPE_STRING(struct ec2_launch, user_data, "UserData"),
	SHAPE_CONSTANT("MetadataOptions/HttpTokens", "required"),
	SHAPE_LIST(struct ec2_launch, interfaces, "NetworkInterface", new_interface_shape),
	EC2_TAGS(struct ec2_launch, tags, "1", "instance"),
	EC2_TAGS(struct ec2_launch, tags, "2", "volume"),
	EC2_TAGS(struct ec2_launch, tags, "3", "network-interface"),
};
static const struct shape launch_shape = SHAPE(struct ec2_launch, launch_fields);

static const struct shape_field run_fields[] = {
	SHAPE_INTEGER(struct ec2_run, n, "MinCount"),
	SHAPE_INTEGER(struct ec2_run, n, "MaxCount"),
	SHAPE_STRING(struct ec2_run, client_token, "ClientToken"),
	SHAPE_STRUCT(struct ec2_run, launch, "", launch_shape),
};
static const struct shape run_shape = SHAPE(struct ec2_run, run_fields);

static const struct shape_field ids_fields[] = {
	SHAPE_STRINGS(struct ec2_instance_ids, ids, "InstanceId"),
};
static const struct shape ids_shape = SHAPE(struct ec2_instance_ids, ids_fields);

#define TEMPLATE struct ec2_launch_template
static const struct shape_field template_fields[] = {
	SHAPE_ID(TEMPLATE, id, "launchTemplateId"),
	SHAPE_STRING(TEMPLATE, name, "launchTemplateName"),
	SHAPE_INTEGER(TEMPLATE, default_version, "defaultVersionNumber"),
	SHAPE_INTEGER(TEMPLATE, latest_version, "latestVersionNumber"),
	SHAPE_LIST(TEMPLATE, tags, "tagSet", tags_lower_shape),
};
static const struct shape template_shape = SHAPE(TEMPLATE, template_fields);
static const struct shape_field templates_fields[] = {
	SHAPE_LIST(struct ec2_launch_templates, templates, "launchTemplates", template_shape),
};
static const struct shape templates_shape = SHAPE(struct ec2_launch_templates, templates_fields);

static const struct shape_field made_template_fields[] = {
	SHAPE_STRING(TEMPLATE, id, "launchTemplate/launchTemplateId"),
	SHAPE_STRING(TEMPLATE, name, "launchTemplate/launchTemplateName"),
	SHAPE_INTEGER(TEMPLATE, default_version, "launchTemplate/defaultVersionNumber"),
	SHAPE_INTEGER(TEMPLATE, latest_version, "launchTemplate/latestVersionNumber"),
};
static const struct shape made_template_shape = SHAPE(TEMPLATE, made_template_fields);

#define NEW_TEMPLATE struct ec2_new_launch_template
static const struct shape_field new_template_fields[] = {
	SHAPE_STRING(NEW_TEMPLATE, name, "LaunchTemplateName"),
	SHAPE_STRING(NEW_TEMPLATE, description, "VersionDescription"),
	SHAPE_STRING(NEW_TEMPLATE, client_token, "ClientToken"),
	SHAPE_STRUCT(NEW_TEMPLATE, launch, "LaunchTemplateData", launch_shape),
	EC2_TAGS(NEW_TEMPLATE, tags, "1", "launch-template"),
};
static const struct shape new_template_shape = SHAPE(NEW_TEMPLATE, new_template_fields);

#define NEW_VERSION struct ec2_new_launch_template_version
static const struct shape_field new_version_fields[] = {
	SHAPE_STRING(NEW_VERSION, id, "LaunchTemplateId"),
	SHAPE_STRING(NEW_VERSION, client_token, "ClientToken"),
	SHAPE_STRING(NEW_VERSION, description, "VersionDescription"),
	SHAPE_STRUCT(NEW_VERSION, launch, "LaunchTemplateData", launch_shape),
};
static const struct shape new_version_shape = SHAPE(NEW_VERSION, new_version_fields);

#define VERSION struct ec2_launch_template_version
static const struct shape_field version_fields[] = {
	SHAPE_INTEGER(VERSION, number, "versionNumber"),
	SHAPE_STRING(VERSION, description, "versionDescription"),
	SHAPE_STRING(VERSION, image_id, "launchTemplateData/imageId"),
	SHAPE_STRING(VERSION, instance_type, "launchTemplateData/instanceType"),
	SHAPE_STRING(VERSION, user_data, "launchTemplateData/userData"),
};
static const struct shape version_shape = SHAPE(VERSION, version_fields);
static const struct shape_field versions_fields[] = {
	SHAPE_LIST(
		struct ec2_launch_template_versions,
		versions,
		"launchTemplateVersionSet",
		version_shape
	),
};
static const struct shape versions_shape =
	SHAPE(struct ec2_launch_template_versions, versions_fields);
static const struct shape_field made_version_fields[] = {
	SHAPE_INTEGER(VERSION, number, "launchTemplateVersion/versionNumber"),
};
static const struct shape made_version_shape = SHAPE(VERSION, made_version_fields);

#define VERSION_QUERY struct ec2_launch_template_query
static const struct shape_field version_query_fields[] = {
	SHAPE_STRING(VERSION_QUERY, id, "LaunchTemplateId"),
	SHAPE_STRINGS(VERSION_QUERY, versions, "LaunchTemplateVersion"),
};
static const struct shape version_query_shape = SHAPE(VERSION_QUERY, version_query_fields);

#define TEMPLATE_CHANGE struct ec2_launch_template_change
static const struct shape_field template_change_fields[] = {
	SHAPE_STRING(TEMPLATE_CHANGE, id, "LaunchTemplateId"),
	SHAPE_STRING(TEMPLATE_CHANGE, default_version, "SetDefaultVersion"),
};
static const struct shape template_change_shape = SHAPE(TEMPLATE_CHANGE, template_change_fields);

EC2_QUERY_SHAPE(instance_query, "InstanceId");
EC2_QUERY_SHAPE(type_query, "InstanceType");
EC2_QUERY_SHAPE(template_query, "LaunchTemplateId");
EC2_ID_SHAPE(template_id, "LaunchTemplateId");

CLIENT_CALL_DEFINE(
	ec2_describe_instances,
	struct ec2_query,
	struct ec2_instances,
	.service = &ec2_service,
	.name = "DescribeInstances",
	.input = &instance_query_shape,
	.output = &instances_shape,
	EC2_PAGING(1000)
);

CLIENT_CALL_DEFINE(
	ec2_describe_instance_types,
	struct ec2_query,
	struct ec2_instance_types,
	.service = &ec2_service,
	.name = "DescribeInstanceTypes",
	.input = &type_query_shape,
	.output = &types_shape,
	EC2_PAGING(100)
);

CLIENT_CALL_DEFINE(
	ec2_run_instances,
	struct ec2_run,
	struct ec2_reservation,
	.service = &ec2_service,
	.name = "RunInstances",
	.input = &run_shape,
	.output = &reservation_shape
);

CLIENT_CALL_DEFINE(
	ec2_terminate_instances,
	struct ec2_instance_ids,
	struct client_nothing,
	.service = &ec2_service,
	.name = "TerminateInstances",
	.input = &ids_shape
);

CLIENT_CALL_DEFINE(
	ec2_describe_launch_templates,
	struct ec2_query,
	struct ec2_launch_templates,
	.service = &ec2_service,
	.name = "DescribeLaunchTemplates",
	.input = &template_query_shape,
	.output = &templates_shape,
	EC2_PAGING(200)
);

CLIENT_CALL_DEFINE(
	ec2_describe_launch_template_versions,
	struct ec2_launch_template_query,
	struct ec2_launch_template_versions,
	.service = &ec2_service,
	.name = "DescribeLaunchTemplateVersions",
	.input = &version_query_shape,
	.output = &versions_shape,
	.paging = {.token_in = "NextToken", .token_out = "nextToken"}
);

CLIENT_CALL_DEFINE(
	ec2_create_launch_template,
	struct ec2_new_launch_template,
	struct ec2_launch_template,
	.service = &ec2_service,
	.name = "CreateLaunchTemplate",
	.input = &new_template_shape,
	.output = &made_template_shape
);

CLIENT_CALL_DEFINE(
	ec2_create_launch_template_version,
	struct ec2_new_launch_template_version,
	struct ec2_launch_template_version,
	.service = &ec2_service,
	.name = "CreateLaunchTemplateVersion",
	.input = &new_version_shape,
	.output = &made_version_shape
);

CLIENT_CALL_DEFINE(
	ec2_modify_launch_template,
	struct ec2_launch_template_change,
	struct client_nothing,
	.service = &ec2_service,
	.name = "ModifyLaunchTemplate",
	.input = &template_change_shape
);

CLIENT_CALL_DEFINE(
	ec2_delete_launch_template,
	struct ec2_id,
	struct client_nothing,
	.service = &ec2_service,
	.name = "DeleteLaunchTemplate",
	.input = &template_id_shape
);
