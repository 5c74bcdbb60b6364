#include "elb.h"

static const struct service service_elb = {
	.id = "elasticloadbalancing",
	.endpoint = "elasticloadbalancing",
	.signing_name = "elasticloadbalancing",
	.protocol = PROTOCOL_QUERY,
	.version = "2012-06-01",
	.variable = "ELASTIC_LOAD_BALANCING",
	.has_fips_in_gov = true,
};

static const struct shape_field query_fields[] = {
	SHAPE_STRINGS(struct elb_query, names, "LoadBalancerNames"),
};
static const struct shape query_shape = SHAPE(struct elb_query, query_fields);

static const struct shape_field instance_fields[] = {
	SHAPE_STRING(struct elb_instance, id, "InstanceId"),
};
static const struct shape instance_shape = SHAPE(struct elb_instance, instance_fields);
static const struct shape_field listener_fields[] = {
	SHAPE_INTEGER(struct elb_listener, port, "Listener/LoadBalancerPort"),
	SHAPE_INTEGER(struct elb_listener, instance_port, "Listener/InstancePort"),
	SHAPE_STRING(struct elb_listener, instance_protocol, "Listener/InstanceProtocol"),
};
static const struct shape listener_shape = SHAPE(struct elb_listener, listener_fields);
#define BALANCER struct elb_load_balancer
static const struct shape_field load_balancer_fields[] = {
	SHAPE_STRING(BALANCER, name, "LoadBalancerName"),
	SHAPE_STRING(BALANCER, dns_name, "DNSName"),
	SHAPE_STRING(BALANCER, vpc_id, "VPCId"),
	SHAPE_LIST(BALANCER, instances, "Instances", instance_shape),
	SHAPE_LIST(BALANCER, listeners, "ListenerDescriptions", listener_shape),
};
static const struct shape load_balancer_shape = SHAPE(BALANCER, load_balancer_fields);
static const struct shape_field load_balancers_fields[] = {
	SHAPE_LIST(
		struct elb_load_balancers,
		load_balancers,
		"LoadBalancerDescriptions",
		load_balancer_shape
	),
};
static const struct shape load_balancers_shape =
	SHAPE(struct elb_load_balancers, load_balancers_fields);

CLIENT_CALL_DEFINE(
	elb_describe_load_balancers,
	struct elb_query,
	struct elb_load_balancers,
	.service = &service_elb,
	.name = "DescribeLoadBalancers",
	.input = &query_shape,
	.output = &load_balancers_shape,
	.paging = {"Marker", "NextMarker", NULL, "PageSize", 400, 1}
);
