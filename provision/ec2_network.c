#include "ec2_network.h"

static const struct shape_field region_fields[] = {
	SHAPE_ID(struct ec2_region, name, "regionName"),
	SHAPE_STRING(struct ec2_region, opt_in_status, "optInStatus"),
};
static const struct shape region_shape = SHAPE(struct ec2_region, region_fields);
static const struct shape_field regions_fields[] = {
	SHAPE_LIST(struct ec2_regions, regions, "regionInfo", region_shape),
};
static const struct shape regions_shape = SHAPE(struct ec2_regions, regions_fields);

static const struct shape_field cidr_fields[] = {
	SHAPE_STRING(struct ec2_cidr, cidr, "cidrBlock"),
};
static const struct shape cidr_shape = SHAPE(struct ec2_cidr, cidr_fields);
static const struct shape_field ipv6_cidr_fields[] = {
	SHAPE_STRING(struct ec2_cidr, cidr, "ipv6CidrBlock"),
};
static const struct shape ipv6_cidr_shape = SHAPE(struct ec2_cidr, ipv6_cidr_fields);

static const struct shape_field vpc_fields[] = {
	SHAPE_ID(struct ec2_vpc, id, "vpcId"),
	SHAPE_STRING(struct ec2_vpc, cidr, "cidrBlock"),
	SHAPE_LIST(struct ec2_vpc, cidrs, "cidrBlockAssociationSet", cidr_shape),
	SHAPE_LIST(struct ec2_vpc, ipv6_cidrs, "ipv6CidrBlockAssociationSet", ipv6_cidr_shape),
	SHAPE_STRING(struct ec2_vpc, owner_id, "ownerId"),
	SHAPE_BOOL(struct ec2_vpc, is_default, "isDefault"),
	SHAPE_LIST(struct ec2_vpc, tags, "tagSet", tags_lower_shape),
};
static const struct shape vpc_shape = SHAPE(struct ec2_vpc, vpc_fields);
static const struct shape_field vpcs_fields[] = {
	SHAPE_LIST(struct ec2_vpcs, vpcs, "vpcSet", vpc_shape),
};
static const struct shape vpcs_shape = SHAPE(struct ec2_vpcs, vpcs_fields);

static const struct shape_field subnet_fields[] = {
	SHAPE_ID(struct ec2_subnet, id, "subnetId"),
	SHAPE_STRING(struct ec2_subnet, vpc_id, "vpcId"),
	SHAPE_STRING(struct ec2_subnet, zone, "availabilityZone"),
	SHAPE_STRING(struct ec2_subnet, cidr, "cidrBlock"),
	SHAPE_STRING(struct ec2_subnet, owner_id, "ownerId"),
	SHAPE_BOOL(struct ec2_subnet, is_ipv6_only, "ipv6Native"),
	SHAPE_INTEGER(struct ec2_subnet, n_free_addresses, "availableIpAddressCount"),
	SHAPE_LIST(struct ec2_subnet, tags, "tagSet", tags_lower_shape),
};
static const struct shape subnet_shape = SHAPE(struct ec2_subnet, subnet_fields);
static const struct shape_field subnets_fields[] = {
	SHAPE_LIST(struct ec2_subnets, subnets, "subnetSet", subnet_shape),
};
static const struct shape subnets_shape = SHAPE(struct ec2_subnets, subnets_fields);

static const struct shape_field group_fields[] = {
	SHAPE_STRING(struct ec2_group, id, "groupId"),
	SHAPE_STRING(struct ec2_group, name, "groupName"),
};
static const struct shape group_shape = SHAPE(struct ec2_group, group_fields);
static const struct shape_field private_ip_fields[] = {
	SHAPE_STRING(struct ec2_address, address, "privateIpAddress"),
};
static const struct shape private_ip_shape = SHAPE(struct ec2_address, private_ip_fields);
static const struct shape_field ipv6_address_fields[] = {
	SHAPE_STRING(struct ec2_address, address, "ipv6Address"),
};
static const struct shape ipv6_address_shape = SHAPE(struct ec2_address, ipv6_address_fields);

#define ENI struct ec2_network_interface
static const struct shape_field interface_fields[] = {
	SHAPE_ID(ENI, id, "networkInterfaceId"),
	SHAPE_STRING(ENI, vpc_id, "vpcId"),
	SHAPE_STRING(ENI, subnet_id, "subnetId"),
	SHAPE_STRING(ENI, zone, "availabilityZone"),
	SHAPE_STRING(ENI, description, "description"),
	SHAPE_STRING(ENI, status, "status"),
	SHAPE_STRING(ENI, type, "interfaceType"),
	SHAPE_STRING(ENI, owner_id, "ownerId"),
	SHAPE_STRING(ENI, requester_id, "requesterId"),
	SHAPE_STRING(ENI, private_ip, "privateIpAddress"),
	SHAPE_STRING(ENI, instance_id, "attachment/instanceId"),
	SHAPE_STRING(ENI, instance_owner_id, "attachment/instanceOwnerId"),
	SHAPE_STRING(ENI, attachment_id, "attachment/attachmentId"),
	SHAPE_STRING(ENI, attachment_status, "attachment/status"),
	SHAPE_INTEGER(ENI, device_index, "attachment/deviceIndex"),
	SHAPE_BOOL(ENI, is_requester_managed, "requesterManaged"),
	SHAPE_LIST(ENI, private_ips, "privateIpAddressesSet", private_ip_shape),
	SHAPE_LIST(ENI, ipv6_addresses, "ipv6AddressesSet", ipv6_address_shape),
	SHAPE_LIST(ENI, groups, "groupSet", group_shape),
	SHAPE_LIST(ENI, tags, "tagSet", tags_lower_shape),
};
static const struct shape interface_shape = SHAPE(ENI, interface_fields);
static const struct shape_field interfaces_fields[] = {
	SHAPE_LIST(
		struct ec2_network_interfaces,
		interfaces,
		"networkInterfaceSet",
		interface_shape
	),
};
static const struct shape interfaces_shape =
	SHAPE(struct ec2_network_interfaces, interfaces_fields);

static const struct shape_field route_fields[] = {
	SHAPE_STRING(struct ec2_route, cidr, "destinationCidrBlock"),
	SHAPE_STRING(struct ec2_route, ipv6_cidr, "destinationIpv6CidrBlock"),
	SHAPE_STRING(struct ec2_route, gateway_id, "gatewayId"),
	SHAPE_STRING(struct ec2_route, nat_gateway_id, "natGatewayId"),
	SHAPE_STRING(struct ec2_route, transit_gateway_id, "transitGatewayId"),
	SHAPE_STRING(struct ec2_route, peering_id, "vpcPeeringConnectionId"),
	SHAPE_STRING(struct ec2_route, network_interface_id, "networkInterfaceId"),
	SHAPE_STRING(struct ec2_route, state, "state"),
};
static const struct shape route_shape = SHAPE(struct ec2_route, route_fields);
static const struct shape_field route_association_fields[] = {
	SHAPE_STRING(struct ec2_route_association, subnet_id, "subnetId"),
	SHAPE_BOOL(struct ec2_route_association, is_main, "main"),
};
static const struct shape route_association_shape =
	SHAPE(struct ec2_route_association, route_association_fields);
static const struct shape_field route_table_fields[] = {
	SHAPE_ID(struct ec2_route_table, id, "routeTableId"),
	SHAPE_STRING(struct ec2_route_table, vpc_id, "vpcId"),
	SHAPE_LIST(struct ec2_route_table, routes, "routeSet", route_shape),
	SHAPE_LIST(struct ec2_route_table, associations, "associationSet", route_association_shape),
};
static const struct shape route_table_shape = SHAPE(struct ec2_route_table, route_table_fields);
static const struct shape_field route_tables_fields[] = {
	SHAPE_LIST(struct ec2_route_tables, tables, "routeTableSet", route_table_shape),
};
static const struct shape route_tables_shape = SHAPE(struct ec2_route_tables, route_tables_fields);

static const struct shape_field acl_entry_fields[] = {
	SHAPE_INTEGER(struct ec2_acl_entry, number, "ruleNumber"),
	SHAPE_STRING(struct ec2_acl_entry, protocol, "protocol"),
	SHAPE_STRING(struct ec2_acl_entry, action, "ruleAction"),
	SHAPE_STRING(struct ec2_acl_entry, cidr, "cidrBlock"),
	SHAPE_STRING(struct ec2_acl_entry, ipv6_cidr, "ipv6CidrBlock"),
	SHAPE_BOOL(struct ec2_acl_entry, is_egress, "egress"),
	SHAPE_NUMBER(struct ec2_acl_entry, from_port, "portRange/from"),
	SHAPE_NUMBER(struct ec2_acl_entry, to_port, "portRange/to"),
};
static const struct shape acl_entry_shape = SHAPE(struct ec2_acl_entry, acl_entry_fields);
static const struct shape_field acl_association_fields[] = {
	SHAPE_STRING(struct ec2_acl_association, subnet_id, "subnetId"),
};
static const struct shape acl_association_shape =
	SHAPE(struct ec2_acl_association, acl_association_fields);
static const struct shape_field acl_fields[] = {
	SHAPE_ID(struct ec2_acl, id, "networkAclId"),
	SHAPE_STRING(struct ec2_acl, vpc_id, "vpcId"),
	SHAPE_BOOL(struct ec2_acl, is_default, "default"),
	SHAPE_LIST(struct ec2_acl, entries, "entrySet", acl_entry_shape),
	SHAPE_LIST(struct ec2_acl, associations, "associationSet", acl_association_shape),
};
static const struct shape acl_shape = SHAPE(struct ec2_acl, acl_fields);
static const struct shape_field acls_fields[] = {
	SHAPE_LIST(struct ec2_acls, acls, "networkAclSet", acl_shape),
};
static const struct shape acls_shape = SHAPE(struct ec2_acls, acls_fields);

static const struct shape_field peering_fields[] = {
	SHAPE_STRING(struct ec2_peering, id, "vpcPeeringConnectionId"),
	SHAPE_STRING(struct ec2_peering, status, "status/code"),
	SHAPE_STRING(struct ec2_peering, accepter_vpc_id, "accepterVpcInfo/vpcId"),
	SHAPE_STRING(struct ec2_peering, accepter_region, "accepterVpcInfo/region"),
	SHAPE_STRING(struct ec2_peering, requester_vpc_id, "requesterVpcInfo/vpcId"),
	SHAPE_STRING(struct ec2_peering, requester_region, "requesterVpcInfo/region"),
};
static const struct shape peering_shape = SHAPE(struct ec2_peering, peering_fields);
static const struct shape_field peerings_fields[] = {
	SHAPE_LIST(struct ec2_peerings, peerings, "vpcPeeringConnectionSet", peering_shape),
};
static const struct shape peerings_shape = SHAPE(struct ec2_peerings, peerings_fields);

EC2_QUERY_SHAPE(vpc_query, "VpcId");
EC2_QUERY_SHAPE(subnet_query, "SubnetId");
EC2_QUERY_SHAPE(interface_query, "NetworkInterfaceId");
EC2_QUERY_SHAPE(route_table_query, "RouteTableId");
EC2_QUERY_SHAPE(acl_query, "NetworkAclId");
EC2_QUERY_SHAPE(peering_query, "VpcPeeringConnectionId");

CLIENT_CALL_DEFINE(
	ec2_describe_regions,
	struct client_nothing,
	struct ec2_regions,
	.service = &ec2_service,
	.name = "DescribeRegions",
	.output = &regions_shape
);

CLIENT_CALL_DEFINE(
	ec2_describe_vpcs,
	struct ec2_query,
	struct ec2_vpcs,
	.service = &ec2_service,
	.name = "DescribeVpcs",
	.input = &vpc_query_shape,
	.output = &vpcs_shape,
	EC2_PAGING(1000)
);

CLIENT_CALL_DEFINE(
	ec2_describe_subnets,
	struct ec2_query,
	struct ec2_subnets,
	.service = &ec2_service,
	.name = "DescribeSubnets",
	.input = &subnet_query_shape,
	.output = &subnets_shape,
	EC2_PAGING(1000)
);

CLIENT_CALL_DEFINE(
	ec2_describe_network_interfaces,
	struct ec2_query,
	struct ec2_network_interfaces,
	.service = &ec2_service,
	.name = "DescribeNetworkInterfaces",
	.input = &interface_query_shape,
	.output = &interfaces_shape,
	EC2_PAGING(1000)
);

CLIENT_CALL_DEFINE(
	ec2_describe_route_tables,
	struct ec2_query,
	struct ec2_route_tables,
	.service = &ec2_service,
	.name = "DescribeRouteTables",
	.input = &route_table_query_shape,
	.output = &route_tables_shape,
	EC2_PAGING(100)
);

CLIENT_CALL_DEFINE(
	ec2_describe_acls,
	struct ec2_query,
	struct ec2_acls,
	.service = &ec2_service,
	.name = "DescribeNetworkAcls",
	.input = &acl_query_shape,
	.output = &acls_shape,
	EC2_PAGING(1000)
);

CLIENT_CALL_DEFINE(
	ec2_describe_peerings,
	struct ec2_query,
	struct ec2_peerings,
	.service = &ec2_service,
	.name = "DescribeVpcPeeringConnections",
	.input = &peering_query_shape,
	.output = &peerings_shape,
	EC2_PAGING(1000)
);
