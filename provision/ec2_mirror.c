#include "ec2_mirror.h"

#define TARGET struct ec2_mirror_target
static const struct shape_field target_fields[] = {
	SHAPE_ID(TARGET, id, "trafficMirrorTargetId"),
	SHAPE_STRING(TARGET, type, "type"),
	SHAPE_STRING(TARGET, load_balancer_arn, "networkLoadBalancerArn"),
	SHAPE_STRING(TARGET, network_interface_id, "networkInterfaceId"),
	SHAPE_STRING(TARGET, description, "description"),
	SHAPE_STRING(TARGET, owner_id, "ownerId"),
	SHAPE_LIST(TARGET, tags, "tagSet", tags_lower_shape),
};
static const struct shape target_shape = SHAPE(TARGET, target_fields);
static const struct shape_field targets_fields[] = {
	SHAPE_LIST(struct ec2_mirror_targets, targets, "trafficMirrorTargetSet", target_shape),
};
static const struct shape targets_shape = SHAPE(struct ec2_mirror_targets, targets_fields);

#define NEW_TARGET struct ec2_new_mirror_target
static const struct shape_field new_target_fields[] = {
	SHAPE_STRING(NEW_TARGET, load_balancer_arn, "NetworkLoadBalancerArn"),
	SHAPE_STRING(NEW_TARGET, network_interface_id, "NetworkInterfaceId"),
	SHAPE_STRING(NEW_TARGET, description, "Description"),
	SHAPE_STRING(NEW_TARGET, client_token, "ClientToken"),
	EC2_TAGS(NEW_TARGET, tags, "1", "traffic-mirror-target"),
};
static const struct shape new_target_shape = SHAPE(NEW_TARGET, new_target_fields);

#define RULE struct ec2_mirror_rule
static const struct shape_field rule_fields[] = {
	SHAPE_ID(RULE, id, "trafficMirrorFilterRuleId"),
	SHAPE_STRING(RULE, filter_id, "trafficMirrorFilterId"),
	SHAPE_STRING(RULE, direction, "trafficDirection"),
	SHAPE_INTEGER(RULE, number, "ruleNumber"),
	SHAPE_STRING(RULE, action, "ruleAction"),
	SHAPE_NUMBER(RULE, protocol, "protocol"),
	SHAPE_NUMBER(RULE, destination_from, "destinationPortRange/fromPort"),
	SHAPE_NUMBER(RULE, destination_to, "destinationPortRange/toPort"),
	SHAPE_NUMBER(RULE, source_from, "sourcePortRange/fromPort"),
	SHAPE_NUMBER(RULE, source_to, "sourcePortRange/toPort"),
	SHAPE_STRING(RULE, destination_cidr, "destinationCidrBlock"),
	SHAPE_STRING(RULE, source_cidr, "sourceCidrBlock"),
	SHAPE_STRING(RULE, description, "description"),
};
static const struct shape rule_shape = SHAPE(RULE, rule_fields);

#define NEW_RULE struct ec2_new_mirror_rule
static const struct shape_field new_rule_fields[] = {
	SHAPE_STRING(NEW_RULE, rule.filter_id, "TrafficMirrorFilterId"),
	SHAPE_STRING(NEW_RULE, rule.direction, "TrafficDirection"),
	SHAPE_INTEGER(NEW_RULE, rule.number, "RuleNumber"),
	SHAPE_STRING(NEW_RULE, rule.action, "RuleAction"),
	SHAPE_NUMBER(NEW_RULE, rule.protocol, "Protocol"),
	SHAPE_NUMBER(NEW_RULE, rule.destination_from, "DestinationPortRange/FromPort"),
	SHAPE_NUMBER(NEW_RULE, rule.destination_to, "DestinationPortRange/ToPort"),
	SHAPE_NUMBER(NEW_RULE, rule.source_from, "SourcePortRange/FromPort"),
	SHAPE_NUMBER(NEW_RULE, rule.source_to, "SourcePortRange/ToPort"),
	SHAPE_STRING(NEW_RULE, rule.destination_cidr, "DestinationCidrBlock"),
	SHAPE_STRING(NEW_RULE, rule.source_cidr, "SourceCidrBlock"),
	SHAPE_STRING(NEW_RULE, rule.description, "Description"),
	SHAPE_STRING(NEW_RULE, client_token, "ClientToken"),
};
static const struct shape new_rule_shape = SHAPE(NEW_RULE, new_rule_fields);

#define FILTER struct ec2_mirror_filter
static const struct shape_field filter_fields[] = {
	SHAPE_ID(FILTER, id, "trafficMirrorFilterId"),
	SHAPE_STRING(FILTER, description, "description"),
	SHAPE_LIST(FILTER, ingress, "ingressFilterRuleSet", rule_shape),
	SHAPE_LIST(FILTER, egress, "egressFilterRuleSet", rule_shape),
	SHAPE_STRINGS(FILTER, network_services, "networkServiceSet"),
	SHAPE_LIST(FILTER, tags, "tagSet", tags_lower_shape),
};
static const struct shape filter_shape = SHAPE(FILTER, filter_fields);
static const struct shape_field filters_fields[] = {
	SHAPE_LIST(struct ec2_mirror_filters, filters, "trafficMirrorFilterSet", filter_shape),
};
static const struct shape filters_shape = SHAPE(struct ec2_mirror_filters, filters_fields);

#define NEW_FILTER struct ec2_new_mirror_filter
static const struct shape_field new_filter_fields[] = {
	SHAPE_STRING(NEW_FILTER, description, "Description"),
	SHAPE_STRING(NEW_FILTER, client_token, "ClientToken"),
	EC2_TAGS(NEW_FILTER, tags, "1", "traffic-mirror-filter"),
};
static const struct shape new_filter_shape = SHAPE(NEW_FILTER, new_filter_fields);

static const struct shape_field services_fields[] = {
	SHAPE_STRING(struct ec2_mirror_services, filter_id, "TrafficMirrorFilterId"),
	SHAPE_STRINGS(struct ec2_mirror_services, add, "AddNetworkService"),
	SHAPE_STRINGS(struct ec2_mirror_services, remove, "RemoveNetworkService"),
};
static const struct shape services_shape = SHAPE(struct ec2_mirror_services, services_fields);

#define SESSION struct ec2_mirror_session
static const struct shape_field session_fields[] = {
	SHAPE_ID(SESSION, id, "trafficMirrorSessionId"),
	SHAPE_STRING(SESSION, target_id, "trafficMirrorTargetId"),
	SHAPE_STRING(SESSION, filter_id, "trafficMirrorFilterId"),
	SHAPE_ID(SESSION, network_interface_id, "networkInterfaceId"),
	SHAPE_STRING(SESSION, owner_id, "ownerId"),
	SHAPE_NUMBER(SESSION, packet_length, "packetLength"),
	SHAPE_INTEGER(SESSION, number, "sessionNumber"),
	SHAPE_NUMBER(SESSION, vni, "virtualNetworkId"),
	SHAPE_STRING(SESSION, description, "description"),
	SHAPE_LIST(SESSION, tags, "tagSet", tags_lower_shape),
};
static const struct shape session_shape = SHAPE(SESSION, session_fields);
static const struct shape_field sessions_fields[] = {
	SHAPE_LIST(struct ec2_mirror_sessions, sessions, "trafficMirrorSessionSet", session_shape),
};
static const struct shape sessions_shape = SHAPE(struct ec2_mirror_sessions, sessions_fields);

#define NEW_SESSION struct ec2_new_mirror_session
static const struct shape_field new_session_fields[] = {
	SHAPE_STRING(NEW_SESSION, network_interface_id, "NetworkInterfaceId"),
	SHAPE_STRING(NEW_SESSION, target_id, "TrafficMirrorTargetId"),
	SHAPE_STRING(NEW_SESSION, filter_id, "TrafficMirrorFilterId"),
	SHAPE_INTEGER(NEW_SESSION, number, "SessionNumber"),
	SHAPE_NUMBER(NEW_SESSION, packet_length, "PacketLength"),
	SHAPE_NUMBER(NEW_SESSION, vni, "VirtualNetworkId"),
	SHAPE_STRING(NEW_SESSION, description, "Description"),
	SHAPE_STRING(NEW_SESSION, client_token, "ClientToken"),
	EC2_TAGS(NEW_SESSION, tags, "1", "traffic-mirror-session"),
};
static const struct shape new_session_shape = SHAPE(NEW_SESSION, new_session_fields);

#define CHANGE struct ec2_mirror_session_change
static const struct shape_field change_fields[] = {
	SHAPE_STRING(CHANGE, id, "TrafficMirrorSessionId"),
	SHAPE_STRING(CHANGE, target_id, "TrafficMirrorTargetId"),
	SHAPE_STRING(CHANGE, filter_id, "TrafficMirrorFilterId"),
	SHAPE_INTEGER(CHANGE, number, "SessionNumber"),
	SHAPE_NUMBER(CHANGE, packet_length, "PacketLength"),
	SHAPE_NUMBER(CHANGE, vni, "VirtualNetworkId"),
	SHAPE_STRING(CHANGE, description, "Description"),
	SHAPE_STRINGS(CHANGE, remove, "RemoveField"),
};
static const struct shape change_shape = SHAPE(CHANGE, change_fields);

EC2_QUERY_SHAPE(target_query, "TrafficMirrorTargetId");
EC2_QUERY_SHAPE(filter_query, "TrafficMirrorFilterId");
EC2_QUERY_SHAPE(session_query, "TrafficMirrorSessionId");
EC2_ID_SHAPE(target_id, "TrafficMirrorTargetId");
EC2_ID_SHAPE(filter_id, "TrafficMirrorFilterId");
EC2_ID_SHAPE(rule_id, "TrafficMirrorFilterRuleId");
EC2_ID_SHAPE(session_id, "TrafficMirrorSessionId");
EC2_ID_SHAPE(made_target, "trafficMirrorTarget/trafficMirrorTargetId");
EC2_ID_SHAPE(made_filter, "trafficMirrorFilter/trafficMirrorFilterId");
EC2_ID_SHAPE(made_rule, "trafficMirrorFilterRule/trafficMirrorFilterRuleId");
EC2_ID_SHAPE(made_session, "trafficMirrorSession/trafficMirrorSessionId");

CLIENT_CALL_DEFINE(
	ec2_describe_mirror_targets,
	struct ec2_query,
	struct ec2_mirror_targets,
	.service = &ec2_service,
	.name = "DescribeTrafficMirrorTargets",
	.input = &target_query_shape,
	.output = &targets_shape,
	EC2_PAGING(1000)
);

CLIENT_CALL_DEFINE(
	ec2_describe_mirror_filters,
	struct ec2_query,
	struct ec2_mirror_filters,
	.service = &ec2_service,
	.name = "DescribeTrafficMirrorFilters",
	.input = &filter_query_shape,
	.output = &filters_shape,
	EC2_PAGING(1000)
);

CLIENT_CALL_DEFINE(
	ec2_describe_mirror_sessions,
	struct ec2_query,
	struct ec2_mirror_sessions,
	.service = &ec2_service,
	.name = "DescribeTrafficMirrorSessions",
	.input = &session_query_shape,
	.output = &sessions_shape,
	EC2_PAGING(1000)
);

CLIENT_CALL_DEFINE(
	ec2_create_mirror_target,
	struct ec2_new_mirror_target,
	struct ec2_id,
	.service = &ec2_service,
	.name = "CreateTrafficMirrorTarget",
	.input = &new_target_shape,
	.output = &made_target_shape
);

CLIENT_CALL_DEFINE(
	ec2_create_mirror_filter,
	struct ec2_new_mirror_filter,
	struct ec2_id,
	.service = &ec2_service,
	.name = "CreateTrafficMirrorFilter",
	.input = &new_filter_shape,
	.output = &made_filter_shape
);

CLIENT_CALL_DEFINE(
	ec2_create_mirror_rule,
	struct ec2_new_mirror_rule,
	struct ec2_id,
	.service = &ec2_service,
	.name = "CreateTrafficMirrorFilterRule",
	.input = &new_rule_shape,
	.output = &made_rule_shape
);

CLIENT_CALL_DEFINE(
	ec2_create_mirror_session,
	struct ec2_new_mirror_session,
	struct ec2_id,
	.service = &ec2_service,
	.name = "CreateTrafficMirrorSession",
	.input = &new_session_shape,
	.output = &made_session_shape
);

CLIENT_CALL_DEFINE(
	ec2_modify_mirror_services,
	struct ec2_mirror_services,
	struct client_nothing,
	.service = &ec2_service,
	.name = "ModifyTrafficMirrorFilterNetworkServices",
	.input = &services_shape
);

CLIENT_CALL_DEFINE(
	ec2_modify_mirror_session,
	struct ec2_mirror_session_change,
	struct client_nothing,
	.service = &ec2_service,
	.name = "ModifyTrafficMirrorSession",
	.input = &change_shape
);

CLIENT_CALL_DEFINE(
	ec2_delete_mirror_target,
	struct ec2_id,
	struct client_nothing,
	.service = &ec2_service,
	.name = "DeleteTrafficMirrorTarget",
	.input = &target_id_shape
);

CLIENT_CALL_DEFINE(
	ec2_delete_mirror_filter,
	struct ec2_id,
	struct client_nothing,
	.service = &ec2_service,
	.name = "DeleteTrafficMirrorFilter",
	.input = &filter_id_shape
);

CLIENT_CALL_DEFINE(
	ec2_delete_mirror_rule,
	struct ec2_id,
	struct client_nothing,
	.service = &ec2_service,
	.name = "DeleteTrafficMirrorFilterRule",
	.input = &rule_id_shape
);

CLIENT_CALL_DEFINE(
	ec2_delete_mirror_session,
	struct ec2_id,
	struct client_nothing,
	.service = &ec2_service,
	.name = "DeleteTrafficMirrorSession",
	.input = &session_id_shape
);
