"""EC2: entries of network access lists, and routes."""

import ipaddress

from ..core.errors import AwsError
from ..state import network

LAST_NUMBER = 32766
# members of a route that say where it leads: exactly one is given
WAYS = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "NetworkInterfaceId",
)


def canonical(text, name):
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise AwsError(
            "InvalidParameterValue",
            "Value (%s) for parameter %s is invalid. This is not a valid CIDR block." % (text, name),
        ) from None


def entry_of(call):
    """The entry that the call describes."""
    number, protocol = call["RuleNumber"], call["Protocol"]
    if not 1 <= number <= LAST_NUMBER:
        raise AwsError(
            "InvalidParameterValue", "Invalid value '%d' for rule number: 1 to 32766." % number
        )
    if protocol != "-1" and not (protocol.isdigit() and int(protocol) <= 255):
        raise AwsError("InvalidParameterValue", "Invalid value '%s' for IP protocol." % protocol)
    if (call.get("CidrBlock") is None) == (call.get("Ipv6CidrBlock") is None):
        raise AwsError(
            "MissingParameter", "The request must contain either CidrBlock or Ipv6CidrBlock"
        )
    entry = {
        "RuleNumber": number,
        "RuleAction": call["RuleAction"],
        "Egress": call["Egress"],
        "Protocol": protocol,
    }
    for name in ("CidrBlock", "Ipv6CidrBlock"):
        if call.get(name) is not None:
            entry[name] = canonical(call[name], name)
    ports = call.get("PortRange")
    if protocol in ("6", "17"):
        if not ports or not 0 <= ports.get("From", -1) <= ports.get("To", -1) <= 65535:
            raise AwsError("InvalidParameterValue", "A valid port range is needed for TCP and UDP")
        entry["PortRange"] = {"From": ports["From"], "To": ports["To"]}
    return entry


def create_network_acl_entry(call):
    acl, entry = call.find("network-acl", call["NetworkAclId"]), entry_of(call)
    same_side = [e for e in acl["Entries"] if e["Egress"] == entry["Egress"]]
    if any(e["RuleNumber"] == entry["RuleNumber"] for e in same_side):
        raise AwsError(
            "NetworkAclEntryAlreadyExists",
            "The network acl entry identified by %d already exists." % entry["RuleNumber"],
        )
    if len(same_side) > 20:  # the last, which refuses, does not count
        raise AwsError("NetworkAclEntryLimitExceeded", "The limit of entries has been reached.")
    call.commit()
    acl["Entries"].append(entry)


def delete_network_acl_entry(call):
    acl = call.find("network-acl", call["NetworkAclId"])
    found = [
        e
        for e in acl["Entries"]
        if e["RuleNumber"] == call["RuleNumber"] and e["Egress"] == call["Egress"]
    ]
    if not found or call["RuleNumber"] > LAST_NUMBER:
        raise AwsError(
            "InvalidNetworkAclEntry.NotFound",
            "The network acl entry %d does not exist." % call["RuleNumber"],
        )
    call.commit()
    acl["Entries"].remove(found[0])


def destination(call):
    if call.get("DestinationCidrBlock") is None:
        raise AwsError(
            "MissingParameter", "The request must contain the parameter destinationCidrBlock"
        )
    return canonical(call["DestinationCidrBlock"], "destinationCidrBlock")


def find_route(table, cidr):
    return next((r for r in table["Routes"] if r.get("DestinationCidrBlock") == cidr), None)


def new_route(call, cidr):
    ways = {name: call[name] for name in WAYS if call.get(name) is not None}
    if len(ways) != 1:
        raise AwsError("InvalidParameterCombination", "A route leads to exactly one thing")
    if "VpcPeeringConnectionId" in ways:
        call.find("vpc-peering-connection", ways["VpcPeeringConnectionId"])
    return {
        "DestinationCidrBlock": cidr,
        "State": "active",
        "Origin": "CreateRoute",
        **ways,
    }


def create_route(call):
    table, cidr = call.find("route-table", call["RouteTableId"]), destination(call)
    if find_route(table, cidr):
        raise AwsError(
            "RouteAlreadyExists", "The route identified by %s already exists." % cidr
        )
    route = new_route(call, cidr)
    call.commit()
    table["Routes"].append(route)
    return {"Return": True}


def replace_route(call):
    table, cidr = call.find("route-table", call["RouteTableId"]), destination(call)
    known = find_route(table, cidr)
    if known is None:
        raise AwsError(
            "InvalidParameterValue", "There is no route defined for '%s' in the route table." % cidr
        )
    route = new_route(call, cidr)
    call.commit()
    table["Routes"][table["Routes"].index(known)] = route


def delete_route(call):
    table, cidr = call.find("route-table", call["RouteTableId"]), destination(call)
    known = find_route(table, cidr)
    if known is None:
        raise AwsError("InvalidRoute.NotFound", "no route with destination-cidr-block %s" % cidr)
    if known.get("GatewayId") == "local":
        raise AwsError("InvalidParameterValue", "cannot remove local route %s" % cidr)
    call.commit()
    table["Routes"].remove(known)


def make_peering(region, requester, accepter, status="active"):
    """A peering connection between two VPCs of the region."""
    peering_id = region.account.world.ids.make("pcx")

    def side(vpc):
        return {
            "VpcId": vpc["VpcId"],
            "OwnerId": region.account.id,
            "Region": region.name,
            "CidrBlock": vpc["CidrBlock"],
        }

    region.store("vpc-peering-connection")[peering_id] = {
        "VpcPeeringConnectionId": peering_id,
        "RequesterVpcInfo": side(requester),
        "AccepterVpcInfo": side(accepter),
        "Status": {"Code": status, "Message": status},
        "Tags": network.tag_list({}),
    }
    return peering_id
