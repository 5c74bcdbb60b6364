"""Makes networks: VPCs with what every VPC has, subnets, security groups, network interfaces."""

import ipaddress

from . import firewall

FIRST_HOST = 4  # AWS keeps the first four addresses of a subnet
ANYWHERE = "0.0.0.0/0"


def tag_list(tags):
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def make_vpc(region, cidr, tags=None, ipv6_cidr=None):
    ids, owner = region.account.world.ids, region.account.id
    vpc_id = ids.make("vpc")
    vpc = {
        "VpcId": vpc_id,
        "CidrBlock": cidr,
        "State": "available",
        "DhcpOptionsId": "dopt-0" + "1" * 16,
        "OwnerId": owner,
        "InstanceTenancy": "default",
        "IsDefault": False,
        "Tags": tag_list(tags),
        "CidrBlockAssociationSet": [
            {
                "AssociationId": ids.make("vpc-cidr-assoc"),
                "CidrBlock": cidr,
                "CidrBlockState": {"State": "associated"},
            }
        ],
    }
    if ipv6_cidr:
        vpc["Ipv6CidrBlockAssociationSet"] = [
            {
                "AssociationId": ids.make("vpc-cidr-assoc"),
                "Ipv6CidrBlock": ipv6_cidr,
                "Ipv6CidrBlockState": {"State": "associated"},
                "NetworkBorderGroup": region.name,
                "Ipv6Pool": "Amazon",
            }
        ]
    region.store("vpc")[vpc_id] = vpc
    make_security_group(region, vpc_id, "default", "default VPC security group")
    make_route_table(region, vpc, is_main=True)
    make_network_acl(region, vpc_id)
    return vpc


def make_route_table(region, vpc, is_main=False, subnets=(), routes=(), tags=None):
    ids = region.account.world.ids
    table_id = ids.make("rtb")
    local = {
        "DestinationCidrBlock": vpc["CidrBlock"],
        "GatewayId": "local",
        "State": "active",
        "Origin": "CreateRouteTable",
    }
    associations = (
        [
            {
                "Main": True,
                "RouteTableAssociationId": ids.make("rtbassoc"),
                "RouteTableId": table_id,
                "AssociationState": {"State": "associated"},
            }
        ]
        if is_main
        else [
            {
                "Main": False,
                "RouteTableAssociationId": ids.make("rtbassoc"),
                "RouteTableId": table_id,
                "SubnetId": subnet_id,
                "AssociationState": {"State": "associated"},
            }
            for subnet_id in subnets
        ]
    )
    table = {
        "RouteTableId": table_id,
        "VpcId": vpc["VpcId"],
        "OwnerId": region.account.id,
        "Routes": [local, *routes],
        "Associations": associations,
        "PropagatingVgws": [],
        "Tags": tag_list(tags),
    }
    region.store("route-table")[table_id] = table
    return table


def acl_entry(number, action, is_egress, cidr=ANYWHERE, protocol="-1", ports=None):
    entry = {
        "RuleNumber": number,
        "RuleAction": action,
        "Egress": is_egress,
        "CidrBlock": cidr,
        "Protocol": protocol,
    }
    if ports:
        entry["PortRange"] = {"From": ports[0], "To": ports[1]}
    return entry


def make_network_acl(region, vpc_id, is_default=True, entries=None, tags=None):
    acl_id = region.account.world.ids.make("acl")
    allowed = (
        []
        if entries is None and not is_default
        else [acl_entry(100, "allow", True), acl_entry(100, "allow", False)]
    )
    closing = [acl_entry(32767, "deny", True), acl_entry(32767, "deny", False)]
    acl = {
        "NetworkAclId": acl_id,
        "VpcId": vpc_id,
        "IsDefault": is_default,
        "OwnerId": region.account.id,
        "Entries": (entries if entries is not None else allowed) + closing,
        "Associations": [],
        "Tags": tag_list(tags),
    }
    region.store("network-acl")[acl_id] = acl
    return acl


def associate_network_acl(region, acl, subnet_id):
    for other in region.store("network-acl").values():
        other["Associations"] = [a for a in other["Associations"] if a["SubnetId"] != subnet_id]
    acl["Associations"].append(
        {
            "NetworkAclAssociationId": region.account.world.ids.make("aclassoc"),
            "NetworkAclId": acl["NetworkAclId"],
            "SubnetId": subnet_id,
        }
    )


def make_subnet(region, vpc, cidr, zone, tags=None, ipv6_cidr=None, is_ipv6_native=False):
    ids = region.account.world.ids
    subnet_id = ids.make("subnet")
    subnet = {
        "SubnetId": subnet_id,
        "VpcId": vpc["VpcId"],
        "AvailabilityZone": zone,
        "State": "available",
        "AvailabilityZoneId": zone_id(zone),
        "OwnerId": region.account.id,
        "DefaultForAz": False,
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": is_ipv6_native,
        "Ipv6Native": is_ipv6_native,
        "SubnetArn": region.arn("ec2", "subnet/" + subnet_id),
        "EnableDns64": False,
        "Tags": tag_list(tags),
        "Ipv6CidrBlockAssociationSet": [],
        "_next": FIRST_HOST,
    }
    if not is_ipv6_native:
        subnet["CidrBlock"] = cidr
        subnet["AvailableIpAddressCount"] = ipaddress.ip_network(cidr).num_addresses - 5
    if ipv6_cidr:
        subnet["Ipv6CidrBlockAssociationSet"] = [
            {
                "AssociationId": ids.make("subnet-cidr-assoc"),
                "Ipv6CidrBlock": ipv6_cidr,
                "Ipv6CidrBlockState": {"State": "associated"},
            }
        ]
    region.store("subnet")[subnet_id] = subnet
    default_acl = next(
        a
        for a in region.store("network-acl").values()
        if a["VpcId"] == vpc["VpcId"] and a["IsDefault"]
    )
    associate_network_acl(region, default_acl, subnet_id)
    return subnet


def zone_id(zone):
    """us-east-1b -> use1-az2"""
    area, direction, number = zone[:-1].rsplit("-", 2)
    letters = "".join(
        word[0]
        for word in direction.replace("north", "n ")
        .replace("south", "s ")
        .replace("east", "e ")
        .replace("west", "w ")
        .replace("central", "c ")
        .split()
    )
    return "%s%s%s-az%d" % (area.replace("-", ""), letters, number, ord(zone[-1]) - 96)


def make_security_group(region, vpc_id, name, description, tags=None):
    group_id = region.account.world.ids.make("sg")
    group = {
        "GroupId": group_id,
        "GroupName": name,
        "Description": description,
        "VpcId": vpc_id,
        "OwnerId": region.account.id,
        "Tags": tag_list(tags),
        "_rules": [],
    }
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}]
    firewall.add_rules(region.account.world.ids, group, firewall.flat_rules(everything, True))
    region.store("security-group")[group_id] = group
    return group


def next_address(subnet):
    """The next free IPv4 address; None when the subnet is full."""
    network = ipaddress.ip_network(subnet["CidrBlock"])
    if subnet["_next"] >= network.num_addresses - 1:
        return None
    address = str(network[subnet["_next"]])
    subnet["_next"] += 1
    subnet["AvailableIpAddressCount"] -= 1
    return address


def next_ipv6_address(subnet):
    for block in subnet["Ipv6CidrBlockAssociationSet"]:
        subnet["_next6"] = subnet.get("_next6", 0x10) + 1
        return str(ipaddress.ip_network(block["Ipv6CidrBlock"])[subnet["_next6"]])
    return None


def make_interface(region, subnet, description="", groups=(), tags=None, **more):
    """An interface that is attached to nothing.

    `more`: kind, requester (the service that manages it), address.
    """
    kind, requester = more.get("kind", "interface"), more.get("requester")
    ids = region.account.world.ids
    interface_id = ids.make("eni")
    address = None if subnet["Ipv6Native"] else more.get("address") or next_address(subnet)
    address6 = next_ipv6_address(subnet)
    stores = region.store("security-group")
    interface = {
        "NetworkInterfaceId": interface_id,
        "SubnetId": subnet["SubnetId"],
        "VpcId": subnet["VpcId"],
        "AvailabilityZone": subnet["AvailabilityZone"],
        "Description": description,
        "OwnerId": region.account.id,
        "Groups": [{"GroupId": g, "GroupName": stores[g]["GroupName"]} for g in groups],
        "InterfaceType": kind,
        "Ipv6Addresses": [{"Ipv6Address": address6}] if address6 else [],
        "MacAddress": mac_address(ids),
        "RequesterManaged": requester is not None,
        "SourceDestCheck": kind != "natGateway",
        "Status": "available",
        "PrivateIpAddresses": [],
        "TagSet": tag_list(tags),
        "Ipv6Native": subnet["Ipv6Native"],
    }
    if requester is not None:
        interface["RequesterId"] = requester
    if address:
        name = "ip-%s.%s.compute.internal" % (address.replace(".", "-"), region.name)
        interface.update(
            PrivateIpAddress=address,
            PrivateDnsName=name,
            PrivateIpAddresses=[
                {"Primary": True, "PrivateIpAddress": address, "PrivateDnsName": name}
            ],
        )
    region.store("network-interface")[interface_id] = interface
    return interface


def mac_address(ids):
    digits = ids.hex(10)
    return "02:" + ":".join(digits[i : i + 2] for i in range(0, 10, 2))


def attach(
    region, interface, instance_id=None, device_index=1, owner=None, delete_on_termination=True
):
    """Marks the interface in use, by an instance or by a service (`owner`)."""
    attachment = {
        "AttachmentId": region.account.world.ids.make("eni-attach"),
        "AttachTime": region.account.world.now(),
        "DeleteOnTermination": delete_on_termination,
        "DeviceIndex": device_index,
        "Status": "attached",
        "InstanceOwnerId": owner or region.account.id,
    }
    if instance_id:
        attachment.update(InstanceId=instance_id, NetworkCardIndex=0)
    interface.update(Attachment=attachment, Status="in-use")
    return attachment


def remove_interface(region, interface_id):
    """Deletes the interface. Its mirror sessions go with it, as AWS documents."""
    region.store("network-interface").pop(interface_id, None)
    sessions = region.store("traffic-mirror-session")
    for session_id in [k for k, s in sessions.items() if s["NetworkInterfaceId"] == interface_id]:
        del sessions[session_id]


def sweep(region):
    """Counts one look at interfaces whose owner is gone, and removes those whose time has come."""
    for interface_id, interface in list(region.store("network-interface").items()):
        if "_leaving" in interface:
            interface["_leaving"] -= 1
            if interface["_leaving"] < 0:
                remove_interface(region, interface_id)
