"""EC2: regions, VPCs, subnets, network interfaces, routes and network access lists."""

from ..core.errors import AwsError
from ..state import network, compute
from ..state.partitions import PARTITIONS
from . import ec2_tags

VPC_FILTERS = {
    "cidr": "CidrBlock",
    "cidr-block-association.cidr-block": "CidrBlockAssociationSet.CidrBlock",
    "ipv6-cidr-block-association.ipv6-cidr-block": "Ipv6CidrBlockAssociationSet.Ipv6CidrBlock",
    "dhcp-options-id": "DhcpOptionsId",
    "is-default": "IsDefault",
    "owner-id": "OwnerId",
    "state": "State",
    "vpc-id": "VpcId",
}
SUBNET_FILTERS = {
    "availability-zone": "AvailabilityZone",
    "availabilityZone": "AvailabilityZone",
    "availability-zone-id": "AvailabilityZoneId",
    "availabilityZoneId": "AvailabilityZoneId",
    "available-ip-address-count": "AvailableIpAddressCount",
    "cidr-block": "CidrBlock",
    "cidr": "CidrBlock",
    "cidrBlock": "CidrBlock",
    "default-for-az": "DefaultForAz",
    "defaultForAz": "DefaultForAz",
    "ipv6-cidr-block-association.ipv6-cidr-block": "Ipv6CidrBlockAssociationSet.Ipv6CidrBlock",
    "ipv6-native": "Ipv6Native",
    "map-public-ip-on-launch": "MapPublicIpOnLaunch",
    "owner-id": "OwnerId",
    "state": "State",
    "subnet-arn": "SubnetArn",
    "subnet-id": "SubnetId",
    "vpc-id": "VpcId",
}
INTERFACE_FILTERS = {
    "addresses.private-ip-address": "PrivateIpAddresses.PrivateIpAddress",
    "addresses.primary": "PrivateIpAddresses.Primary",
    "attachment.attach-time": "Attachment.AttachTime",
    "attachment.attachment-id": "Attachment.AttachmentId",
    "attachment.delete-on-termination": "Attachment.DeleteOnTermination",
    "attachment.device-index": "Attachment.DeviceIndex",
    "attachment.instance-id": "Attachment.InstanceId",
    "attachment.instance-owner-id": "Attachment.InstanceOwnerId",
    "attachment.status": "Attachment.Status",
    "availability-zone": "AvailabilityZone",
    "description": "Description",
    "group-id": "Groups.GroupId",
    "group-name": "Groups.GroupName",
    "interface-type": lambda i: [
        "nat_gateway" if i["InterfaceType"] == "natGateway" else i["InterfaceType"]
    ],
    "ipv6-addresses.ipv6-address": "Ipv6Addresses.Ipv6Address",
    "mac-address": "MacAddress",
    "network-interface-id": "NetworkInterfaceId",
    "owner-id": "OwnerId",
    "private-dns-name": "PrivateDnsName",
    "private-ip-address": "PrivateIpAddress",
    "requester-id": "RequesterId",
    "requester-managed": "RequesterManaged",
    "source-dest-check": "SourceDestCheck",
    "status": "Status",
    "subnet-id": "SubnetId",
    "vpc-id": "VpcId",
}
ROUTE_TABLE_FILTERS = {
    "association.main": "Associations.Main",
    "association.route-table-association-id": "Associations.RouteTableAssociationId",
    "association.route-table-id": "Associations.RouteTableId",
    "association.subnet-id": "Associations.SubnetId",
    "owner-id": "OwnerId",
    "route-table-id": "RouteTableId",
    "route.destination-cidr-block": "Routes.DestinationCidrBlock",
    "route.gateway-id": "Routes.GatewayId",
    "route.nat-gateway-id": "Routes.NatGatewayId",
    "route.transit-gateway-id": "Routes.TransitGatewayId",
    "route.vpc-peering-connection-id": "Routes.VpcPeeringConnectionId",
    "route.state": "Routes.State",
    "vpc-id": "VpcId",
}
ACL_FILTERS = {
    "association.association-id": "Associations.NetworkAclAssociationId",
    "association.network-acl-id": "Associations.NetworkAclId",
    "association.subnet-id": "Associations.SubnetId",
    "default": "IsDefault",
    "entry.cidr": "Entries.CidrBlock",
    "entry.protocol": "Entries.Protocol",
    "entry.rule-action": "Entries.RuleAction",
    "entry.rule-number": "Entries.RuleNumber",
    "network-acl-id": "NetworkAclId",
    "owner-id": "OwnerId",
    "vpc-id": "VpcId",
}
PEERING_FILTERS = {
    "accepter-vpc-info.vpc-id": "AccepterVpcInfo.VpcId",
    "accepter-vpc-info.owner-id": "AccepterVpcInfo.OwnerId",
    "requester-vpc-info.vpc-id": "RequesterVpcInfo.VpcId",
    "requester-vpc-info.owner-id": "RequesterVpcInfo.OwnerId",
    "status-code": "Status.Code",
    "vpc-peering-connection-id": "VpcPeeringConnectionId",
}
ENDPOINT_FILTERS = {
    "service-name": "ServiceName",
    "vpc-id": "VpcId",
    "vpc-endpoint-id": "VpcEndpointId",
    "vpc-endpoint-state": "State",
    "vpc-endpoint-type": "VpcEndpointType",
}
REGION_FILTERS = {
    "endpoint": "Endpoint",
    "opt-in-status": "OptInStatus",
    "region-name": "RegionName",
}
ZONE_FILTERS = {
    "group-name": "GroupName",
    "opt-in-status": "OptInStatus",
    "region-name": "RegionName",
    "state": "State",
    "zone-id": "ZoneId",
    "zone-name": "ZoneName",
    "zone-type": "ZoneType",
}
ACCOUNT_ATTRIBUTES = {
    "supported-platforms": "VPC",
    "default-vpc": "none",
    "max-instances": "20",
    "vpc-max-security-groups-per-interface": "5",
    "max-elastic-ips": "5",
    "vpc-max-elastic-ips": "5",
}


def describe(call, kind, ids_name, table, key, limit=1000):
    """What most Describe calls do."""
    maximum = call.get("MaxResults")
    if maximum is not None and not 5 <= maximum <= limit:
        raise AwsError(
            "InvalidParameterValue",
            "Value ( %d ) for parameter maxResults is invalid. Expecting a value between 5 and %d."
            % (maximum, limit),
        )
    ids = call.get(ids_name)
    return call.paged(key, call.select(kind, ids, table), explicit=bool(ids))


def describe_vpcs(call):
    return describe(call, "vpc", "VpcIds", VPC_FILTERS, "Vpcs")


def describe_subnets(call):
    return describe(call, "subnet", "SubnetIds", SUBNET_FILTERS, "Subnets")


def describe_network_interfaces(call):
    network.sweep(call.region)
    return describe(
        call, "network-interface", "NetworkInterfaceIds", INTERFACE_FILTERS, "NetworkInterfaces"
    )


def describe_route_tables(call):
    return describe(call, "route-table", "RouteTableIds", ROUTE_TABLE_FILTERS, "RouteTables", 100)


def describe_network_acls(call):
    return describe(call, "network-acl", "NetworkAclIds", ACL_FILTERS, "NetworkAcls")


def describe_vpc_peering_connections(call):
    return describe(
        call,
        "vpc-peering-connection",
        "VpcPeeringConnectionIds",
        PEERING_FILTERS,
        "VpcPeeringConnections",
    )


def describe_vpc_endpoints(call):
    return describe(call, "vpc-endpoint", "VpcEndpointIds", ENDPOINT_FILTERS, "VpcEndpoints")


def describe_regions(call):
    partition = PARTITIONS[call.account.partition]
    regions = [
        {
            "RegionName": name,
            "Endpoint": "ec2.%s.%s" % (name, partition["suffix"]),
            "OptInStatus": (
                "not-opted-in"
                if name in call.account.opted_out
                else "opted-in" if name in partition["opt_in"] else "opt-in-not-required"
            ),
        }
        for name in partition["regions"]
    ]
    names = call.get("RegionNames")
    for name in names or []:
        if name not in partition["regions"]:
            raise AwsError("InvalidParameterValue", "Invalid region '%s'" % name)
    found = [
        r
        for r in call.select("_region", None, REGION_FILTERS, regions)
        if not names or r["RegionName"] in names
    ]
    return {
        "Regions": [
            r for r in found if call.get("AllRegions") or r["OptInStatus"] != "not-opted-in"
        ]
    }


def describe_availability_zones(call):
    zones = [
        {
            "ZoneName": zone,
            "ZoneId": network.zone_id(zone),
            "RegionName": call.region.name,
            "State": "available",
            "ZoneType": "availability-zone",
            "GroupName": call.region.name,
            "NetworkBorderGroup": call.region.name,
            "OptInStatus": "opt-in-not-required",
            "Messages": [],
        }
        for zone in call.region.zones
    ]
    names, ids = call.get("ZoneNames"), call.get("ZoneIds")
    for name in names or []:
        if name not in call.region.zones:
            raise AwsError("InvalidParameterValue", "Invalid availability zone: [%s]" % name)
    found = call.select("_zone", None, ZONE_FILTERS, zones)
    return {
        "AvailabilityZones": [
            z
            for z in found
            if (not names or z["ZoneName"] in names) and (not ids or z["ZoneId"] in ids)
        ]
    }


def describe_account_attributes(call):
    names = call.get("AttributeNames") or ACCOUNT_ATTRIBUTES
    return {
        "AccountAttributes": [
            {"AttributeName": n, "AttributeValues": [{"AttributeValue": ACCOUNT_ATTRIBUTES[n]}]}
            for n in names
        ]
    }


def create_network_interface(call):
    def make():
        subnet = call.find("subnet", call["SubnetId"])
        groups = call.get("Groups") or [default_group(call.region, subnet["VpcId"])]
        for group_id in groups:
            if call.find("security-group", group_id)["VpcId"] != subnet["VpcId"]:
                raise AwsError(
                    "InvalidGroup.NotFound",
                    "The security group '%s' does not exist in VPC '%s'"
                    % (group_id, subnet["VpcId"]),
                )
        tags = ec2_tags.requested(call, ["network-interface"])["network-interface"]
        call.commit()
        interface = network.make_interface(
            call.region,
            subnet,
            call.get("Description", ""),
            groups,
            tags,
            address=call.get("PrivateIpAddress"),
        )
        interface["_hidden"] = call.world.options.hidden_reads
        return {"NetworkInterface": interface}

    return call.once(make)


def default_group(region, vpc_id):
    return next(
        g["GroupId"]
        for g in region.store("security-group").values()
        if g["VpcId"] == vpc_id and g["GroupName"] == "default"
    )


def delete_network_interface(call):
    interface = call.find("network-interface", call["NetworkInterfaceId"])
    if interface["Status"] == "in-use":
        raise AwsError(
            "InvalidParameterValue",
            "Network interface '%s' is currently in use." % call["NetworkInterfaceId"],
        )
    call.commit()
    network.remove_interface(call.region, call["NetworkInterfaceId"])


def attach_network_interface(call):
    interface = call.find("network-interface", call["NetworkInterfaceId"])
    instance = call.find("instance", call["InstanceId"])
    if interface["Status"] == "in-use":
        raise AwsError(
            "InvalidNetworkInterface.InUse", "Interface: [%s] in use." % call["NetworkInterfaceId"]
        )
    if interface["AvailabilityZone"] != instance["Placement"]["AvailabilityZone"]:
        raise AwsError(
            "InvalidParameterCombination",
            (
                "You may not attach a network interface to an instance if they "
                "are not in the same availability zone"
            ),
        )
    taken = [
        i["Attachment"]["DeviceIndex"]
        for i in compute.interfaces_of(call.region, call["InstanceId"])
    ]
    if call["DeviceIndex"] in taken:
        raise AwsError(
            "InvalidParameterValue",
            "Instance '%s' already has an interface attached at device index '%d'."
            % (call["InstanceId"], call["DeviceIndex"]),
        )
    call.commit()
    attachment = network.attach(
        call.region, interface, call["InstanceId"], call["DeviceIndex"], delete_on_termination=False
    )
    return {"AttachmentId": attachment["AttachmentId"], "NetworkCardIndex": 0}


def detach_network_interface(call):
    interface = next(
        (
            i
            for i in call.region.store("network-interface").values()
            if i.get("Attachment", {}).get("AttachmentId") == call["AttachmentId"]
        ),
        None,
    )
    if interface is None:
        raise AwsError(
            "InvalidAttachmentID.NotFound",
            "The interface attachment '%s' does not exist" % call["AttachmentId"],
        )
    if interface["Attachment"]["DeviceIndex"] == 0:
        raise AwsError(
            "OperationNotPermitted", "The network interface at device index 0 cannot be detached."
        )
    call.commit()
    del interface["Attachment"]
    interface["Status"] = "available"


def modify_network_interface_attribute(call):
    interface = call.find("network-interface", call["NetworkInterfaceId"])
    names = [
        n
        for n in ("Groups", "Description", "SourceDestCheck", "Attachment")
        if call.get(n) is not None
    ]
    if len(names) != 1:
        raise AwsError(
            "InvalidParameterCombination", "Exactly one attribute can be modified in a call"
        )
    groups = [call.find("security-group", group_id) for group_id in call.get("Groups", [])]
    attachment = call.get("Attachment")
    if attachment and interface.get("Attachment", {}).get("AttachmentId") != attachment.get(
        "AttachmentId"
    ):
        raise AwsError("InvalidAttachmentID.NotFound", "The interface attachment does not exist")
    call.commit()
    if groups:
        interface["Groups"] = [
            {"GroupId": g["GroupId"], "GroupName": g["GroupName"]} for g in groups
        ]
    elif attachment:
        interface["Attachment"]["DeleteOnTermination"] = attachment["DeleteOnTermination"]
    else:
        value = call[names[0]]
        interface[names[0]] = value["Value"] if isinstance(value, dict) else value
