"""ELBv2: load balancers, listeners and tags."""

import re

from ..core.errors import AwsError
from ..state import balancing, compute
from ..state.network import tag_list

MAXIMUM_BALANCERS, MAXIMUM_LISTENERS, MAXIMUM_TAGS = 50, 50, 50
NAME = re.compile(r"(?!-)(?!internal-)[A-Za-z0-9-]{1,32}(?<!-)\Z")
LISTENER_PROTOCOLS = {
    "network": {"TCP", "UDP", "TCP_UDP", "TLS"},
    "application": {"HTTP", "HTTPS"},
    "gateway": {"GENEVE"},
}
GROUP_PROTOCOLS = {
    "TCP": {"TCP", "TCP_UDP"},
    "UDP": {"UDP", "TCP_UDP"},
    "TCP_UDP": {"TCP_UDP"},
    "TLS": {"TCP", "TLS"},
    "HTTP": {"HTTP", "HTTPS"},
    "HTTPS": {"HTTP", "HTTPS"},
    "GENEVE": {"GENEVE"},
}
ATTRIBUTE_VALUES = {
    "dns_record.client_routing_policy": (
        "availability_zone_affinity|partial_availability_zone_affinity|any_availability_zone"
    ),
    "access_logs.s3.bucket": ".*",
    "access_logs.s3.prefix": ".*",
    "idle_timeout.timeout_seconds": r"\d{1,4}",
}
KINDS = {
    "loadbalancer": ("load-balancer", "LoadBalancerNotFound"),
    "targetgroup": ("target-group", "TargetGroupNotFound"),
    "listener": ("listener", "ListenerNotFound"),
}
LIMITS = {
    "network-load-balancers": 50,
    "application-load-balancers": 50,
    "target-groups": 3000,
    "targets-per-network-load-balancer": 3000,
    "targets-per-availability-zone-per-network-load-balancer": 500,
    "listeners-per-network-load-balancer": 50,
    "targets-per-target-group": 1000,
}


def invalid_request(text):
    return AwsError("InvalidConfigurationRequest", text)


def find(call, kind, arn, code):
    item = call.region.store(kind).get(arn)
    if item is None or not call.is_visible(item):
        raise AwsError(code, "One or more %ss not found" % kind.replace("-", " "))
    return item


def find_balancer(call, arn):
    if ":loadbalancer/" not in arn:
        raise call.refuse("invalid", "'%s' is not a valid load balancer ARN" % arn)
    return find(call, "load-balancer", arn, "LoadBalancerNotFound")


def find_group(call, arn):
    if ":targetgroup/" not in arn:
        raise call.refuse("invalid", "'%s' is not a valid target group ARN" % arn)
    return find(call, "target-group", arn, "TargetGroupNotFound")


def check_name(call, name, what):
    if not NAME.match(name):
        raise call.refuse(
            "invalid",
            "The %s name '%s' must have at most 32 letters, digits or hyphens, must not begin or"
            " end with a hyphen, and must not begin with 'internal-'" % (what, name),
        )


def checked_tags(call, name="Tags"):
    """key -> value"""
    tags = {t["Key"]: t.get("Value", "") for t in call.get(name) or []}
    if len(tags) != len(call.get(name) or []):
        raise AwsError("DuplicateTagKeys", "A tag key was specified more than once")
    if len(tags) > MAXIMUM_TAGS:
        raise AwsError("TooManyTags", "The maximum number of tags has been reached")
    if any(key.startswith("aws:") for key in tags):
        raise call.refuse("invalid", "The tag key prefix 'aws:' is reserved for system tags")
    return tags


# --- load balancers


def checked_subnets(call, kind):
    plain, mappings = call.get("Subnets"), call.get("SubnetMappings")
    if bool(plain) == bool(mappings):
        raise call.refuse("invalid", "Exactly one of subnets and subnet mappings must be specified")
    subnets = []
    for subnet_id in plain or [m.get("SubnetId", "") for m in mappings]:
        subnet = call.region.store("subnet").get(subnet_id)
        if subnet is None:
            raise AwsError("SubnetNotFound", "The subnet ID '%s' does not exist" % subnet_id)
        if subnet["Ipv6Native"]:
            raise AwsError("InvalidSubnet", "The subnet '%s' has no IPv4 addresses" % subnet_id)
        subnets.append(subnet)
    if len({s["AvailabilityZone"] for s in subnets}) != len(subnets):
        raise invalid_request(
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        )
    if len({s["VpcId"] for s in subnets}) != 1:
        raise invalid_request("All subnets must belong to the same VPC")
    if kind == "application" and len(subnets) < 2:
        raise invalid_request(
            "At least two subnets in two different Availability Zones must be specified"
        )
    return subnets


def checked_groups(call, names, vpc_id):
    for group_id in names:
        group = call.region.store("security-group").get(group_id)
        if group is None or not call.is_visible(group):
            raise AwsError("InvalidSecurityGroup", "Security group '%s' does not exist" % group_id)
        if group["VpcId"] != vpc_id:
            raise invalid_request("One or more security groups are invalid")
    return names


def has_internet_gateway(call, vpc_id):
    return any(
        str(r.get("GatewayId", "")).startswith("igw-")
        for t in call.region.store("route-table").values()
        if t["VpcId"] == vpc_id
        for r in t["Routes"]
    )


def create_load_balancer(call):
    name, kind = call["Name"], call.get("Type") or "application"
    check_name(call, name, "load balancer")
    subnets = checked_subnets(call, kind)
    groups = checked_groups(call, call.get("SecurityGroups") or [], subnets[0]["VpcId"])
    tags, scheme = checked_tags(call), call.get("Scheme") or "internet-facing"
    address_type = call.get("IpAddressType") or "ipv4"
    wanted = (
        kind,
        scheme,
        sorted(s["SubnetId"] for s in subnets),
        sorted(groups),
        address_type,
        tags,
    )
    for old in call.region.store("load-balancer").values():
        if old["LoadBalancerName"] == name:
            found = (
                old["Type"],
                old["Scheme"],
                sorted(old["_subnets"]),
                sorted(old.get("SecurityGroups", [])),
                old["IpAddressType"],
                {t["Key"]: t["Value"] for t in old["_tags"]},
            )
            if found != wanted:
                raise AwsError(
                    "DuplicateLoadBalancerName",
                    "A load balancer with the same name '%s' exists, but with different settings"
                    % name,
                )
            return {"LoadBalancers": [old]}
    if scheme == "internet-facing" and not has_internet_gateway(call, subnets[0]["VpcId"]):
        raise AwsError("InvalidSubnet", "VPC %s has no internet gateway" % subnets[0]["VpcId"])
    if (
        sum(b["Type"] == kind for b in call.region.store("load-balancer").values())
        >= MAXIMUM_BALANCERS
    ):
        raise AwsError(
            "TooManyLoadBalancers", "The maximum number of load balancers has been reached"
        )
    balancer = balancing.make_load_balancer(call.region, name, kind, subnets, groups, scheme, tags)
    call.account.service_linked_roles.add("elasticloadbalancing.amazonaws.com")
    balancer.update(IpAddressType=address_type, _hidden=call.world.options.hidden_reads)
    compute.settle(
        balancer, {"Code": "provisioning"}, {"Code": "active"}, call.world.options.settle_reads
    )
    return {"LoadBalancers": [balancer]}


def chosen_by(call, kind, ids_name, names_name, name_key, code):
    """What ids, names or neither pick; ids and names together are refused."""
    ids, names, store = call.get(ids_name), call.get(names_name), call.region.store(kind)
    if ids and names:
        raise call.refuse(
            "invalid", "%s and %s cannot be specified at the same time" % (ids_name, names_name)
        )
    if (ids or names) and (call.get("PageSize") or call.get("Marker")):
        raise call.refuse("invalid", "Paging cannot be used with ARNs or names")
    if ids:
        return [find(call, kind, arn, code) for arn in ids]
    if names:
        found = {
            i[name_key]: i for i in store.values() if i[name_key] in names and call.is_visible(i)
        }
        if set(names) - set(found):
            raise AwsError(
                code, "One or more of '%s' not found" % ", ".join(sorted(set(names) - set(found)))
            )
        return [found[name] for name in names]
    return [i for i in store.values() if call.is_visible(i)]


def describe_load_balancers(call):
    items = chosen_by(
        call,
        "load-balancer",
        "LoadBalancerArns",
        "Names",
        "LoadBalancerName",
        "LoadBalancerNotFound",
    )
    for balancer in items:
        compute.seen(balancer)
    return call.paged(
        "LoadBalancers", items, explicit=bool(call.get("LoadBalancerArns") or call.get("Names"))
    )


def delete_load_balancer(call):
    balancer = call.region.store("load-balancer").get(call["LoadBalancerArn"])
    if balancer is None:
        return
    if balancer["_attributes"]["deletion_protection.enabled"] == "true":
        raise AwsError(
            "OperationNotPermitted",
            "Load balancer '%s' cannot be deleted because deletion protection is enabled"
            % (call["LoadBalancerArn"]),
        )
    balancing.remove_load_balancer(call.region, balancer)


def attribute_list(item):
    return {
        "Attributes": [
            {"Key": key, "Value": value} for key, value in sorted(item["_attributes"].items())
        ]
    }


def change_attributes(item, wanted, values, what):
    """Sets attributes; refuses keys that this kind does not have and values that do not fit."""
    for attribute in wanted:
        key, value = attribute.get("Key", ""), attribute.get("Value", "")
        if key not in item["_attributes"]:
            raise invalid_request("%s attribute key '%s' is not recognized" % (what, key))
        if not re.fullmatch(values.get(key, "true|false"), value):
            raise invalid_request("%s attribute '%s' cannot be '%s'" % (what, key, value))
    if len({a["Key"] for a in wanted}) != len(wanted):
        raise invalid_request("An attribute was specified more than once")
    item["_attributes"].update({a["Key"]: a["Value"] for a in wanted})
    return attribute_list(item)


def modify_load_balancer_attributes(call):
    balancer = find_balancer(call, call["LoadBalancerArn"])
    return change_attributes(balancer, call["Attributes"], ATTRIBUTE_VALUES, "Load balancer")


def describe_load_balancer_attributes(call):
    return attribute_list(find_balancer(call, call["LoadBalancerArn"]))


def set_security_groups(call):
    balancer = find_balancer(call, call["LoadBalancerArn"])
    if balancer["Type"] == "network" and not balancer.get("SecurityGroups"):
        raise invalid_request(
            "You cannot set security groups on a Network Load Balancer that was created without any"
        )
    groups = checked_groups(call, call["SecurityGroups"], balancer["VpcId"])
    if not groups:
        raise invalid_request("At least one security group is required")
    balancer["SecurityGroups"] = groups
    for interface in balancing.interfaces_of(call.region, balancer):
        interface["Groups"] = [
            {"GroupId": g, "GroupName": call.region.store("security-group")[g]["GroupName"]}
            for g in groups
        ]
    return {"SecurityGroupIds": groups}


def set_subnets(call):
    balancer = find_balancer(call, call["LoadBalancerArn"])
    subnets = checked_subnets(call, balancer["Type"])
    wanted = {s["SubnetId"] for s in subnets}
    if balancer["Type"] == "network" and not set(balancer["_subnets"]) <= wanted:
        raise invalid_request(
            "Subnets of a Network Load Balancer cannot be removed: name all that it has"
        )
    for subnet in subnets:
        if subnet["SubnetId"] not in balancer["_subnets"]:
            balancing.add_zone(call.region, balancer, subnet)
            balancer["_subnets"].append(subnet["SubnetId"])
    return {
        "AvailabilityZones": balancer["AvailabilityZones"],
        "IpAddressType": balancer["IpAddressType"],
    }


# --- listeners


def forward_target(call, balancer, protocol, actions):
    """The target group that the one forward action names."""
    if len(actions) != 1 or actions[0]["Type"] != "forward":
        raise AwsError(
            "InvalidLoadBalancerAction", "The stand-in's listeners have one action, which forwards"
        )
    action = actions[0]
    tuples = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    arns = {t.get("TargetGroupArn") for t in tuples} | (
        {action["TargetGroupArn"]} if action.get("TargetGroupArn") else set()
    )
    if len(arns) != 1:
        raise AwsError("InvalidLoadBalancerAction", "A forward action must name one target group")
    group = find_group(call, arns.pop())
    if group["Protocol"] not in GROUP_PROTOCOLS[protocol]:
        raise AwsError(
            "IncompatibleProtocols",
            "A listener of protocol %s cannot forward to a target group of protocol %s"
            % (protocol, group["Protocol"]),
        )
    if group["VpcId"] != balancer["VpcId"]:
        raise invalid_request("The target group and the load balancer are in different VPCs")
    if set(group["LoadBalancerArns"]) - {balancer["LoadBalancerArn"]}:
        raise AwsError(
            "TargetGroupAssociationLimit",
            "The target group cannot be associated with more than one load balancer",
        )
    return group


def check_listener(call, balancer, protocol, port):
    if protocol is None or port is None:
        raise call.refuse("invalid", "A listener protocol and port must be specified")
    if protocol not in LISTENER_PROTOCOLS[balancer["Type"]]:
        raise AwsError(
            "UnsupportedProtocol",
            "Listeners of a load balancer of type '%s' cannot have protocol '%s'"
            % (balancer["Type"], protocol),
        )
    if protocol in ("UDP", "TCP_UDP") and balancer["IpAddressType"] == "dualstack":
        raise invalid_request("A dualstack load balancer cannot have a UDP listener")
    if protocol in ("HTTPS", "TLS") and not call.get("Certificates"):
        raise AwsError(
            "CertificateNotFound", "A certificate must be specified for %s listeners" % protocol
        )


def create_listener(call):
    balancer = find_balancer(call, call["LoadBalancerArn"])
    protocol, port = call.get("Protocol"), call.get("Port")
    check_listener(call, balancer, protocol, port)
    group = forward_target(call, balancer, protocol, call["DefaultActions"])
    tags = checked_tags(call)
    listeners = [
        o
        for o in call.region.store("listener").values()
        if o["LoadBalancerArn"] == balancer["LoadBalancerArn"]
    ]
    for old in listeners:
        if old["Port"] == port:
            if (
                old["Protocol"] == protocol
                and old["DefaultActions"][0]["TargetGroupArn"] == group["TargetGroupArn"]
            ):
                return {"Listeners": [old]}
            raise AwsError(
                "DuplicateListener", "A listener already exists on this port for this load balancer"
            )
    if len(listeners) >= MAXIMUM_LISTENERS:
        raise AwsError("TooManyListeners", "The maximum number of listeners has been reached")
    listener = balancing.make_listener(call.region, balancer, protocol, port, group, tags)
    listener["_hidden"] = call.world.options.hidden_reads
    return {"Listeners": [listener]}


def describe_listeners(call):
    arns, arn = call.get("ListenerArns"), call.get("LoadBalancerArn")
    if bool(arns) == bool(arn):
        raise call.refuse(
            "invalid", "Exactly one of a load balancer ARN and listener ARNs must be specified"
        )
    if arn:
        find_balancer(call, arn)
        items = [
            o
            for o in call.region.store("listener").values()
            if o["LoadBalancerArn"] == arn and call.is_visible(o)
        ]
    else:
        items = [find(call, "listener", one, "ListenerNotFound") for one in arns]
    return call.paged("Listeners", items, explicit=bool(arns))


def modify_listener(call):
    listener = find(call, "listener", call["ListenerArn"], "ListenerNotFound")
    balancer = find_balancer(call, listener["LoadBalancerArn"])
    protocol, port = (
        call.get("Protocol") or listener["Protocol"],
        call.get("Port") or listener["Port"],
    )
    check_listener(call, balancer, protocol, port)
    group = forward_target(
        call,
        balancer,
        protocol,
        call.get("DefaultActions")
        or [{"Type": "forward", "TargetGroupArn": listener["DefaultActions"][0]["TargetGroupArn"]}],
    )
    if any(
        o["Port"] == port
        and o["LoadBalancerArn"] == listener["LoadBalancerArn"]
        and o is not listener
        for o in call.region.store("listener").values()
    ):
        raise AwsError(
            "DuplicateListener", "A listener already exists on this port for this load balancer"
        )
    listener.update(Protocol=protocol, Port=port)
    balancing.point_listener(call.region, listener, group)
    return {"Listeners": [listener]}


def delete_listener(call):
    find(call, "listener", call["ListenerArn"], "ListenerNotFound")
    del call.region.store("listener")[call["ListenerArn"]]
    balancing.refresh_links(call.region)


# --- tags and limits


def tagged(call, arn):
    kind = next((KINDS[k] for k in KINDS if ":%s/" % k in arn), None)
    if kind is None:
        raise call.refuse("invalid", "'%s' is not a valid ARN" % arn)
    return find(call, kind[0], arn, kind[1])


def add_tags(call):
    tags = checked_tags(call)
    items = [tagged(call, arn) for arn in call["ResourceArns"]]
    for item in items:
        if len({t["Key"] for t in item["_tags"]} | set(tags)) > MAXIMUM_TAGS:
            raise AwsError("TooManyTags", "The maximum number of tags has been reached")
    for item in items:
        item["_tags"] = [t for t in item["_tags"] if t["Key"] not in tags] + tag_list(tags)


def remove_tags(call):
    for item in [tagged(call, arn) for arn in call["ResourceArns"]]:
        item["_tags"] = [t for t in item["_tags"] if t["Key"] not in call["TagKeys"]]


def describe_tags(call):
    if len(call["ResourceArns"]) > 20:
        raise call.refuse("invalid", "Only 20 resources can be described in one call")
    found = {arn: tagged(call, arn)["_tags"] for arn in call["ResourceArns"]}
    return {
        "TagDescriptions": [
            {"ResourceArn": arn, **({"Tags": tags} if tags else {})} for arn, tags in found.items()
        ]
    }


def describe_account_limits(call):
    return call.paged(
        "Limits", [{"Name": name, "Max": str(value)} for name, value in LIMITS.items()]
    )
