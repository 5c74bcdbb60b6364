#include "ec2_network.h"

// Security groups and tags of ec2_network.h. The rules have other names going out than coming in.

#define RANGE(table, text_name, cidr_name)                                                         \
	static const struct shape_field table##_fields[] = {                                       \
		SHAPE_STRING(struct ec2_ip_range, cidr, cidr_name),                                \
		SHAPE_STRING(struct ec2_ip_range, description, text_name),                         \
	};                                                                                         \
	static const struct shape table##_shape = SHAPE(struct ec2_ip_range, table##_fields)

RANGE(range_in, "description", "cidrIp");
RANGE(ipv6_range_in, "description", "cidrIpv6");
RANGE(range_out, "Description", "CidrIp");
RANGE(ipv6_range_out, "Description", "CidrIpv6");

static const struct shape_field pair_in_fields[] = {
	SHAPE_STRING(struct ec2_group_pair, group_id, "groupId"),
	SHAPE_STRING(struct ec2_group_pair, description, "description"),
};
static const struct shape pair_in_shape = SHAPE(struct ec2_group_pair, pair_in_fields);
static const struct shape_field pair_out_fields[] = {
	SHAPE_STRING(struct ec2_group_pair, group_id, "GroupId"),
	SHAPE_STRING(struct ec2_group_pair, description, "Description"),
};
static const struct shape pair_out_shape = SHAPE(struct ec2_group_pair, pair_out_fields);

static const struct shape_field prefix_list_fields[] = {
	SHAPE_STRING(struct ec2_prefix_list, id, "prefixListId"),
};
static const struct shape prefix_list_shape = SHAPE(struct ec2_prefix_list, prefix_list_fields);

static const struct shape_field permission_in_fields[] = {
	SHAPE_STRING(struct ec2_permission, protocol, "ipProtocol"),
	SHAPE_NUMBER(struct ec2_permission, from_port, "fromPort"),
	SHAPE_NUMBER(struct ec2_permission, to_port, "toPort"),
	SHAPE_LIST(struct ec2_permission, ranges, "ipRanges", range_in_shape),
	SHAPE_LIST(struct ec2_permission, ipv6_ranges, "ipv6Ranges", ipv6_range_in_shape),
	SHAPE_LIST(struct ec2_permission, groups, "groups", pair_in_shape),
	SHAPE_LIST(struct ec2_permission, prefix_lists, "prefixListIds", prefix_list_shape),
};
static const struct shape permission_in_shape = SHAPE(struct ec2_permission, permission_in_fields);
static const struct shape_field permission_out_fields[] = {
	SHAPE_STRING(struct ec2_permission, protocol, "IpProtocol"),
	SHAPE_NUMBER(struct ec2_permission, from_port, "FromPort"),
	SHAPE_NUMBER(struct ec2_permission, to_port, "ToPort"),
	SHAPE_LIST(struct ec2_permission, ranges, "IpRanges", range_out_shape),
	SHAPE_LIST(struct ec2_permission, ipv6_ranges, "Ipv6Ranges", ipv6_range_out_shape),
	SHAPE_LIST(struct ec2_permission, groups, "Groups", pair_out_shape),
};
static const struct shape permission_out_shape =
	SHAPE(struct ec2_permission, permission_out_fields);

static const struct shape_field group_fields[] = {
	SHAPE_ID(struct ec2_security_group, id, "groupId"),
	SHAPE_STRING(struct ec2_security_group, name, "groupName"),
	SHAPE_STRING(struct ec2_security_group, description, "groupDescription"),
	SHAPE_STRING(struct ec2_security_group, vpc_id, "vpcId"),
	SHAPE_LIST(struct ec2_security_group, ingress, "ipPermissions", permission_in_shape),
	SHAPE_LIST(struct ec2_security_group, egress, "ipPermissionsEgress", permission_in_shape),
	SHAPE_LIST(struct ec2_security_group, tags, "tagSet", tags_lower_shape),
};
static const struct shape group_shape = SHAPE(struct ec2_security_group, group_fields);
static const struct shape_field groups_fields[] = {
	SHAPE_LIST(struct ec2_security_groups, groups, "securityGroupInfo", group_shape),
};
static const struct shape groups_shape = SHAPE(struct ec2_security_groups, groups_fields);

static const struct shape_field new_group_fields[] = {
	SHAPE_STRING(struct ec2_new_security_group, name, "GroupName"),
	SHAPE_STRING(struct ec2_new_security_group, description, "GroupDescription"),
	SHAPE_STRING(struct ec2_new_security_group, vpc_id, "VpcId"),
	EC2_TAGS(struct ec2_new_security_group, tags, "1", "security-group"),
};
static const struct shape new_group_shape = SHAPE(struct ec2_new_security_group, new_group_fields);

static const struct shape_field rules_fields[] = {
	SHAPE_STRING(struct ec2_rules, group_id, "GroupId"),
	SHAPE_LIST(struct ec2_rules, permissions, "IpPermissions", permission_out_shape),
};
static const struct shape rules_shape = SHAPE(struct ec2_rules, rules_fields);

static const struct shape_field tagging_fields[] = {
	SHAPE_STRINGS(struct ec2_tagging, resource_ids, "ResourceId"),
	SHAPE_LIST(struct ec2_tagging, tags, "Tag", tags_shape),
};
static const struct shape tagging_shape = SHAPE(struct ec2_tagging, tagging_fields);

EC2_QUERY_SHAPE(group_query, "GroupId");
EC2_ID_SHAPE(group_id, "GroupId");
EC2_ID_SHAPE(group_id_in, "groupId");

CLIENT_CALL_DEFINE(
	ec2_describe_security_groups,
	struct ec2_query,
	struct ec2_security_groups,
	.service = &ec2_service,
	.name = "DescribeSecurityGroups",
	.input = &group_query_shape,
	.output = &groups_shape,
	EC2_PAGING(1000)
);

// Done twice it is refused, by its name.
CLIENT_CALL_DEFINE(
	ec2_create_security_group,
	struct ec2_new_security_group,
	struct ec2_id,
	.service = &ec2_service,
	.name = "CreateSecurityGroup",
	.input = &new_group_shape,
	.output = &group_id_in_shape
);

CLIENT_CALL_DEFINE(
	ec2_delete_security_group,
	struct ec2_id,
	struct client_nothing,
	.service = &ec2_service,
	.name = "DeleteSecurityGroup",
	.input = &group_id_shape
);

CLIENT_CALL_DEFINE(
	ec2_authorize_ingress,
	struct ec2_rules,
	struct client_nothing,
	.service = &ec2_service,
	.name = "AuthorizeSecurityGroupIngress",
	.input = &rules_shape
);

CLIENT_CALL_DEFINE(
	ec2_authorize_egress,
	struct ec2_rules,
	struct client_nothing,
	.service = &ec2_service,
	.name = "AuthorizeSecurityGroupEgress",
	.input = &rules_shape
);

CLIENT_CALL_DEFINE(
	ec2_revoke_ingress,
	struct ec2_rules,
	struct client_nothing,
	.service = &ec2_service,
	.name = "RevokeSecurityGroupIngress",
	.input = &rules_shape
);

CLIENT_CALL_DEFINE(
	ec2_revoke_egress,
	struct ec2_rules,
	struct client_nothing,
	.service = &ec2_service,
	.name = "RevokeSecurityGroupEgress",
	.input = &rules_shape
);

CLIENT_CALL_DEFINE(
	ec2_create_tags,
	struct ec2_tagging,
	struct client_nothing,
	.service = &ec2_service,
	.name = "CreateTags",
	.input = &tagging_shape
);

CLIENT_CALL_DEFINE(
	ec2_delete_tags,
	struct ec2_tagging,
	struct client_nothing,
	.service = &ec2_service,
	.name = "DeleteTags",
	.input = &tagging_shape
);
