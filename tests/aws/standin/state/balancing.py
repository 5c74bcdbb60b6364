"""Makes load balancers, target groups, listeners and targets, and knows their health."""

import ipaddress

from . import compute, network

LETTER = {"network": "net", "application": "app", "gateway": "gwy"}
INTERFACE_KIND = {
    "network": "network_load_balancer",
    "application": "interface",
    "gateway": "gateway_load_balancer",
}
HEALTH_TIMEOUT = ("unhealthy", "Target.Timeout", "Request timed out")
DESCRIPTIONS = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.InvalidState": "Target is in the stopped state",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.FailedHealthChecks": "Health checks failed",
    "Target.Timeout": "Request timed out",
}
BALANCER_ATTRIBUTES = {
    "network": {
        "access_logs.s3.enabled": "false",
        "access_logs.s3.bucket": "",
        "access_logs.s3.prefix": "",
        "deletion_protection.enabled": "false",
        "load_balancing.cross_zone.enabled": "false",
        "dns_record.client_routing_policy": "any_availability_zone",
        "zonal_shift.config.enabled": "false",
        "ipv6.deny_all_igw_traffic": "false",
    },
    "application": {
        "access_logs.s3.enabled": "false",
        "access_logs.s3.bucket": "",
        "access_logs.s3.prefix": "",
        "deletion_protection.enabled": "false",
        "load_balancing.cross_zone.enabled": "true",
        "idle_timeout.timeout_seconds": "60",
        "routing.http2.enabled": "true",
    },
    "gateway": {
        "deletion_protection.enabled": "false",
        "load_balancing.cross_zone.enabled": "false",
    },
}


def group_attributes(protocol):
    attributes = {
        "deregistration_delay.timeout_seconds": "300",
        "stickiness.enabled": "false",
        "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    }
    if protocol in ("TCP", "UDP", "TCP_UDP", "TLS"):
        udp = protocol in ("UDP", "TCP_UDP")
        attributes.update(
            {
                "deregistration_delay.connection_termination.enabled": "true" if udp else "false",
                "preserve_client_ip.enabled": "true",
                "proxy_protocol_v2.enabled": "false",
                "stickiness.type": "source_ip",
                "target_health_state.unhealthy.connection_termination.enabled": (
                    "false" if udp else "true"
                ),
                "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
                "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
                "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
                "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": (
                    "off"
                ),
            }
        )
    else:
        attributes.update({"stickiness.type": "lb_cookie", "slow_start.duration_seconds": "0"})
    return attributes


def make_load_balancer(region, name, kind, subnets, groups=(), scheme="internal", tags=None):
    """An active load balancer with an interface in each subnet."""
    ids = region.account.world.ids
    path = "%s/%s/%s" % (LETTER[kind], name, ids.hex(16))
    arn = region.arn("elasticloadbalancing", "loadbalancer/" + path)
    prefix = "internal-" if scheme == "internal" and kind == "application" else ""
    balancer = {
        "LoadBalancerArn": arn,
        "LoadBalancerName": name,
        "Type": kind,
        "Scheme": scheme,
        "VpcId": subnets[0]["VpcId"],
        "DNSName": "%s%s-%s.elb.%s.amazonaws.com" % (prefix, name, path.split("/")[2], region.name),
        "CanonicalHostedZoneId": "Z26RNL4JYFTOTI",
        "CreatedTime": region.account.world.now(),
        "IpAddressType": "ipv4",
        "State": {"Code": "active"},
        "AvailabilityZones": [],
        "_tags": network.tag_list(tags),
        "_attributes": dict(BALANCER_ATTRIBUTES[kind]),
        "_path": path,
        "_subnets": [s["SubnetId"] for s in subnets],
    }
    if groups:
        balancer["SecurityGroups"] = list(groups)
    for subnet in subnets:
        add_zone(region, balancer, subnet)
    region.store("load-balancer")[arn] = balancer
    return balancer


def add_zone(region, balancer, subnet):
    balancer["AvailabilityZones"].append(
        {
            "ZoneName": subnet["AvailabilityZone"],
            "SubnetId": subnet["SubnetId"],
            "LoadBalancerAddresses": [],
        }
    )
    interface = network.make_interface(
        region,
        subnet,
        "ELB " + balancer["_path"],
        balancer.get("SecurityGroups", ()),
        kind=INTERFACE_KIND[balancer["Type"]],
        requester="amazon-elb",
    )
    network.attach(region, interface, owner="amazon-elb")
    return interface


def interfaces_of(region, balancer):
    return [
        i
        for i in region.store("network-interface").values()
        if i["Description"] == "ELB " + balancer["_path"]
    ]


def make_target_group(region, name, protocol, port, vpc_id, **more):
    """`more`: members of the API's TargetGroup that differ from the defaults, and `tags`."""
    path = "targetgroup/%s/%s" % (name, region.account.world.ids.hex(16))
    arn = region.arn("elasticloadbalancing", path)
    is_http = protocol in ("HTTP", "HTTPS")
    check = more.get("HealthCheckProtocol") or (protocol if is_http else "TCP")
    group = {
        "TargetGroupArn": arn,
        "TargetGroupName": name,
        "Protocol": protocol,
        "Port": port,
        "VpcId": vpc_id,
        "HealthCheckProtocol": check,
        "HealthCheckPort": "traffic-port",
        "HealthCheckEnabled": True,
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 5 if is_http else 6 if check == "HTTP" else 10,
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2,
        "LoadBalancerArns": [],
        "TargetType": "instance",
        "IpAddressType": "ipv4",
        "_tags": network.tag_list(more.pop("tags", None)),
        "_path": path,
        "_attributes": group_attributes(protocol),
    }
    if is_http:
        group["ProtocolVersion"] = "HTTP1"
    if check in ("HTTP", "HTTPS"):
        group.update(HealthCheckPath="/", Matcher={"HttpCode": "200" if is_http else "200-399"})
    group.update({name: value for name, value in more.items() if value is not None})
    region.store("target-group")[arn] = group
    return group


def make_listener(region, balancer, protocol, port, group, tags=None):
    arn = "%s/%s" % (
        balancer["LoadBalancerArn"].replace(":loadbalancer/", ":listener/"),
        region.account.world.ids.hex(16),
    )
    listener = {
        "ListenerArn": arn,
        "LoadBalancerArn": balancer["LoadBalancerArn"],
        "Protocol": protocol,
        "Port": port,
        "DefaultActions": [],
        "_tags": network.tag_list(tags),
    }
    region.store("listener")[arn] = listener
    point_listener(region, listener, group)
    return listener


def point_listener(region, listener, group):
    arn = group["TargetGroupArn"]
    listener["DefaultActions"] = [
        {
            "Type": "forward",
            "TargetGroupArn": arn,
            "Order": 1,
            "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn}]},
        }
    ]
    refresh_links(region)


def refresh_links(region):
    """Which load balancers each target group serves, out of the listeners.

    A group that lost its last one is still held for a while, as AWS does it.
    """
    links = {}
    for listener in region.store("listener").values():
        for action in listener["DefaultActions"]:
            links.setdefault(action.get("TargetGroupArn"), set()).add(listener["LoadBalancerArn"])
    for arn, group in region.store("target-group").items():
        now = sorted(links.get(arn, ()))
        if group["LoadBalancerArns"] and not now:
            group["_held"] = region.account.world.options.settle_reads
        group["LoadBalancerArns"] = now


def register(region, group, target_id, port=None, zone=None, reads=0):
    """A target that has been healthy for a while, or will be after `reads` reads."""
    port = port or group.get("Port")
    key = "%s|%s|%s" % (group["TargetGroupArn"], target_id, port)
    target = {
        "TargetGroupArn": group["TargetGroupArn"],
        "Id": target_id,
        "Port": port,
        "_reads": reads,
    }
    if zone:
        target["AvailabilityZone"] = zone
    region.store("target")[key] = target
    return target


def targets_of(region, group):
    return [
        t for t in region.store("target").values() if t["TargetGroupArn"] == group["TargetGroupArn"]
    ]


def target_interface(region, group, target):
    """The interface that receives what is sent to the target, or None."""
    if group["TargetType"] == "instance":
        return next(iter(compute.interfaces_of(region, target["Id"])), None)
    for interface in region.store("network-interface").values():
        if interface["VpcId"] == group["VpcId"] and any(
            a["PrivateIpAddress"] == target["Id"] for a in interface["PrivateIpAddresses"]
        ):
            return interface
    return None


def allows(rules, is_egress, protocol, port, address, group_ids):
    """Whether security group rules let traffic with this peer pass."""
    for rule in rules:
        if rule["egress"] != is_egress or rule["protocol"] not in ("-1", protocol):
            continue
        if rule["from"] is not None and not rule["from"] <= port <= rule["to"]:
            continue
        if rule["kind"] == "group" and rule["value"] in group_ids:
            return True
        if rule["kind"] == "cidr4" and ipaddress.ip_address(address) in ipaddress.ip_network(
            rule["value"]
        ):
            return True
    return False


def acl_allows(region, subnet_id, is_egress, protocol, port, address):
    number = {"tcp": "6", "udp": "17"}[protocol]
    acl = next(
        a
        for a in region.store("network-acl").values()
        if any(x["SubnetId"] == subnet_id for x in a["Associations"])
    )
    for entry in sorted(acl["Entries"], key=lambda e: e["RuleNumber"]):
        if (
            entry["Egress"] != is_egress
            or entry["Protocol"] not in ("-1", number)
            or "CidrBlock" not in entry
        ):
            continue
        ports = entry.get("PortRange")
        if ports and not ports["From"] <= port <= ports["To"]:
            continue
        if ipaddress.ip_address(address) in ipaddress.ip_network(entry["CidrBlock"]):
            return entry["RuleAction"] == "allow"
    return False


def rules_of(region, interface):
    return [
        r
        for g in interface["Groups"]
        for r in region.store("security-group")[g["GroupId"]]["_rules"]
    ]


def can_reach(region, source, target, protocol, port):
    """Whether the firewalls let `source` (an interface) reach `port` of `target` (an interface)."""
    sources, targets = ([g["GroupId"] for g in i["Groups"]] for i in (source, target))
    there, here = target["PrivateIpAddress"], source["PrivateIpAddress"]
    if sources and not allows(rules_of(region, source), True, protocol, port, there, targets):
        return False
    if not allows(rules_of(region, target), False, protocol, port, here, sources):
        return False
    if source["SubnetId"] == target["SubnetId"]:
        return True
    return acl_allows(region, source["SubnetId"], True, protocol, port, there) and acl_allows(
        region, target["SubnetId"], False, protocol, port, here
    )


def health(region, group, target):
    """(state, reason or None, description or None) of a registered target."""
    if target.get("_draining"):
        return described("draining", "Target.DeregistrationInProgress")
    if "_health" in target:  # a test said so
        return described(*target["_health"])
    balancers = [region.store("load-balancer")[arn] for arn in group["LoadBalancerArns"]]
    if not balancers:
        return described("unused", "Target.NotInUse")
    interface = target_interface(region, group, target)
    if group["TargetType"] == "instance":
        instance = region.store("instance").get(target["Id"])
        if instance is None or instance["State"]["Name"] != "running":
            return described("unused", "Target.InvalidState")
    if interface is None or interface["Status"] != "in-use":
        return HEALTH_TIMEOUT
    if not any(serves_zone(b, group, interface["AvailabilityZone"]) for b in balancers):
        return described("unused", "Target.NotInUse")
    if target["_reads"] > 0:
        target["_reads"] -= 1
        return described("initial", "Elb.InitialHealthChecking")
    port = (
        target["Port"]
        if group["HealthCheckPort"] == "traffic-port"
        else int(group["HealthCheckPort"])
    )
    if balancers[0]["Type"] == "network" and not any(
        can_reach(region, node, interface, "tcp", port)
        for node in interfaces_of(region, balancers[0])
    ):
        return HEALTH_TIMEOUT
    return "healthy", None, None


def serves_zone(balancer, group, zone):
    setting = group["_attributes"].get("load_balancing.cross_zone.enabled")
    if setting == "use_load_balancer_configuration":
        setting = balancer["_attributes"]["load_balancing.cross_zone.enabled"]
    return setting == "true" or zone in [z["ZoneName"] for z in balancer["AvailabilityZones"]]


def described(state, reason):
    return state, reason, DESCRIPTIONS.get(reason)


def remove_load_balancer(region, balancer):
    """It goes at once; its interfaces hold their security groups for a while, as in life."""
    del region.store("load-balancer")[balancer["LoadBalancerArn"]]
    for arn in [
        k
        for k, v in region.store("listener").items()
        if v["LoadBalancerArn"] == balancer["LoadBalancerArn"]
    ]:
        del region.store("listener")[arn]
    refresh_links(region)
    for interface in interfaces_of(region, balancer):
        interface["_leaving"] = region.account.world.options.settle_reads
