"""ELBv2: target groups, targets and their health."""

import ipaddress
import re

from ..core.errors import AwsError
from ..state import balancing
from . import elbv2

MAXIMUM_GROUPS, MAXIMUM_TARGETS = 3000, 1000
NETWORK_PROTOCOLS = ("TCP", "UDP", "TCP_UDP", "TLS")
HEALTH_FIELDS = (
    "HealthCheckProtocol",
    "HealthCheckPort",
    "HealthCheckEnabled",
    "HealthCheckPath",
    "Matcher",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
)
ATTRIBUTE_VALUES = {
    "deregistration_delay.timeout_seconds": r"\d|[1-9]\d{1,2}|[12]\d{3}|3[0-5]\d\d|3600",
    "stickiness.type": "source_ip|lb_cookie|app_cookie|source_ip_dest_ip|source_ip_dest_ip_proto",
    "load_balancing.cross_zone.enabled": "true|false|use_load_balancer_configuration",
    "slow_start.duration_seconds": r"0|[3-9]\d|[1-8]\d\d|900",
    "target_group_health.dns_failover.minimum_healthy_targets.count": r"off|\d+",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": r"off|\d+",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": r"\d+",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": r"off|\d+",
}


def check_health(group):
    """Refuses health check settings that do not go together."""
    protocol, check = group["Protocol"], group["HealthCheckProtocol"]
    if check not in (
        ("TCP", "HTTP", "HTTPS")
        if protocol in NETWORK_PROTOCOLS + ("GENEVE",)
        else ("HTTP", "HTTPS")
    ):
        raise elbv2.invalid_request(
            "Health check protocol '%s' is not supported for target groups with the %s protocol"
            % (check, protocol)
        )
    port = group["HealthCheckPort"]
    if port != "traffic-port" and not (re.fullmatch(r"[1-9]\d{0,4}", port) and int(port) <= 65535):
        raise elbv2.invalid_request("Health check port '%s' is invalid" % port)
    if check == "TCP" and (group.get("HealthCheckPath") or group.get("Matcher")):
        raise elbv2.invalid_request("A TCP health check has no path and no matcher")
    if check != "TCP" and not str(group.get("HealthCheckPath", "/")).startswith("/"):
        raise elbv2.invalid_request("Health check path must begin with '/'")
    if group["HealthCheckTimeoutSeconds"] >= group["HealthCheckIntervalSeconds"]:
        raise elbv2.invalid_request(
            "Health check timeout '%d' must be smaller than the interval '%d'"
            % (group["HealthCheckTimeoutSeconds"], group["HealthCheckIntervalSeconds"])
        )


def create_target_group(call):
    name, kind = call["Name"], call.get("TargetType") or "instance"
    elbv2.check_name(call, name, "target group")
    if kind == "lambda":
        raise elbv2.invalid_request("The stand-in has no Lambda functions")
    protocol, port, vpc_id = call.get("Protocol"), call.get("Port"), call.get("VpcId")
    if not protocol or not port or not vpc_id:
        raise call.refuse(
            "invalid",
            "A protocol, a port and a VPC ID must be specified for target groups with %s targets"
            % kind,
        )
    vpc = call.region.store("vpc").get(vpc_id)
    if vpc is None:
        raise call.refuse("invalid", "The VPC ID '%s' is not found" % vpc_id)
    if kind == "alb" and protocol != "TCP":
        raise elbv2.invalid_request("Target groups of type alb must have protocol TCP")
    tags = elbv2.checked_tags(call)
    settings = {
        field: call.get(field) for field in HEALTH_FIELDS + ("IpAddressType", "ProtocolVersion")
    }
    group = balancing.make_target_group(
        call.region, name, protocol, port, vpc_id, TargetType=kind, tags=tags, **settings
    )
    # made first and taken back, since the defaults are part of what is checked and compared
    del call.region.store("target-group")[group["TargetGroupArn"]]
    check_health(group)
    for old in call.region.store("target-group").values():
        if old["TargetGroupName"] == name:
            same = all(
                old.get(k) == group.get(k)
                for k in group
                if k not in ("TargetGroupArn", "LoadBalancerArns", "_path", "_attributes", "_tags")
            )
            if not same or sorted(map(str, old["_tags"])) != sorted(map(str, group["_tags"])):
                raise AwsError(
                    "DuplicateTargetGroupName",
                    "A target group with the same name '%s' exists, but with different settings"
                    % name,
                )
            return {"TargetGroups": [old]}
    if len(call.region.store("target-group")) >= MAXIMUM_GROUPS:
        raise AwsError(
            "TooManyTargetGroups", "The maximum number of target groups has been reached"
        )
    call.create("target-group", group["TargetGroupArn"], group)
    return {"TargetGroups": [group]}


def describe_target_groups(call):
    arn = call.get("LoadBalancerArn")
    if arn and (call.get("TargetGroupArns") or call.get("Names")):
        raise call.refuse(
            "invalid", "Only one of load balancer ARN, target group ARNs and names can be specified"
        )
    if arn:
        elbv2.find_balancer(call, arn)
        items = [
            g
            for g in call.region.store("target-group").values()
            if arn in g["LoadBalancerArns"] and call.is_visible(g)
        ]
    else:
        items = elbv2.chosen_by(
            call,
            "target-group",
            "TargetGroupArns",
            "Names",
            "TargetGroupName",
            "TargetGroupNotFound",
        )
    return call.paged(
        "TargetGroups", items, explicit=bool(call.get("TargetGroupArns") or call.get("Names"))
    )


def delete_target_group(call):
    group = call.region.store("target-group").get(call["TargetGroupArn"])
    if group is None:
        return
    held = group.get("_held", 0)
    if group["LoadBalancerArns"] or held > 0:
        group["_held"] = max(held - 1, 0)
        raise AwsError(
            "ResourceInUse",
            "Target group '%s' is currently in use by a listener or a rule"
            % call["TargetGroupArn"],
        )
    del call.region.store("target-group")[call["TargetGroupArn"]]
    for key in [
        k
        for k, t in call.region.store("target").items()
        if t["TargetGroupArn"] == call["TargetGroupArn"]
    ]:
        del call.region.store("target")[key]


def modify_target_group(call):
    group = elbv2.find_group(call, call["TargetGroupArn"])
    changed = dict(
        group, **{field: call[field] for field in HEALTH_FIELDS if call.get(field) is not None}
    )
    if changed["HealthCheckProtocol"] == "TCP":
        for field in ("HealthCheckPath", "Matcher"):
            if call.get(field) is None:
                changed.pop(field, None)
    check_health(changed)
    group.clear()
    group.update(changed)
    return {"TargetGroups": [group]}


def modify_target_group_attributes(call):
    group = elbv2.find_group(call, call["TargetGroupArn"])
    wanted = {a["Key"]: a.get("Value") for a in call["Attributes"]}
    if group["Protocol"] in ("UDP", "TCP_UDP"):
        if wanted.get("preserve_client_ip.enabled") == "false":
            raise elbv2.invalid_request(
                "Client IP preservation cannot be disabled for UDP and TCP_UDP target groups"
            )
        if wanted.get("target_health_state.unhealthy.connection_termination.enabled") == "true":
            raise elbv2.invalid_request(
                "Connection termination for unhealthy targets cannot be enabled for UDP target"
                " groups"
            )
    if (
        group["Protocol"] in NETWORK_PROTOCOLS
        and wanted.get("stickiness.type", "source_ip") != "source_ip"
    ):
        raise elbv2.invalid_request(
            "Stickiness type '%s' is not supported for target groups with the %s protocol"
            % (wanted["stickiness.type"], group["Protocol"])
        )
    return elbv2.change_attributes(group, call["Attributes"], ATTRIBUTE_VALUES, "Target group")


def describe_target_group_attributes(call):
    return elbv2.attribute_list(elbv2.find_group(call, call["TargetGroupArn"]))


# --- targets


def check_target(call, group, target):
    if group["TargetType"] == "instance":
        instance = call.region.store("instance").get(target["Id"])
        if instance is None or not call.is_visible(instance):
            raise AwsError(
                "InvalidTarget", "The following targets do not exist: '%s'" % target["Id"]
            )
        if instance["State"]["Name"] != "running":
            raise AwsError(
                "InvalidTarget",
                "The following targets are not in a running state and cannot be registered: '%s'"
                % (target["Id"]),
            )
        if instance["VpcId"] != group["VpcId"]:
            raise AwsError(
                "InvalidTarget",
                "The following targets are not in the VPC of the target group: '%s'" % target["Id"],
            )
        if target.get("AvailabilityZone"):
            raise call.refuse("invalid", "An Availability Zone cannot be specified for instances")
    elif group["TargetType"] == "ip":
        try:
            address = ipaddress.ip_address(target["Id"])
        except ValueError:
            raise call.refuse(
                "invalid", "The IP address '%s' is not a valid IPv4 address" % target["Id"]
            ) from None
        inside = address in ipaddress.ip_network(
            call.region.store("vpc")[group["VpcId"]]["CidrBlock"]
        )
        if not inside and target.get("AvailabilityZone") != "all":
            raise call.refuse(
                "invalid",
                "You must specify an Availability Zone for the IP address '%s', which is outside"
                " the VPC"
                % target["Id"],
            )
    elif target["Id"] not in call.region.store("load-balancer"):
        raise AwsError("InvalidTarget", "The following targets do not exist: '%s'" % target["Id"])


def zone_of(call, group, target):
    if group["TargetType"] != "ip":
        return target.get("AvailabilityZone")
    for subnet in call.region.store("subnet").values():
        if subnet["VpcId"] == group["VpcId"] and "CidrBlock" in subnet:
            if ipaddress.ip_address(target["Id"]) in ipaddress.ip_network(subnet["CidrBlock"]):
                return subnet["AvailabilityZone"]
    return target.get("AvailabilityZone")


def register_targets(call):
    group = elbv2.find_group(call, call["TargetGroupArn"])
    if not call["Targets"]:
        raise call.refuse("invalid", "At least one target must be specified")
    for target in call["Targets"]:
        check_target(call, group, target)
    if len(balancing.targets_of(call.region, group)) + len(call["Targets"]) > MAXIMUM_TARGETS:
        raise AwsError("TooManyTargets", "The maximum number of targets has been reached")
    for target in call["Targets"]:
        port = target.get("Port") or group["Port"]
        old = call.region.store("target").get(
            "%s|%s|%s" % (group["TargetGroupArn"], target["Id"], port)
        )
        if old is None or old.get("_draining"):
            balancing.register(
                call.region,
                group,
                target["Id"],
                port,
                zone_of(call, group, target),
                call.world.options.settle_reads,
            )


def deregister_targets(call):
    group = elbv2.find_group(call, call["TargetGroupArn"])
    for target in call["Targets"]:
        for one in balancing.targets_of(call.region, group):
            if one["Id"] == target["Id"] and target.get("Port") in (None, one["Port"]):
                one["_draining"] = one.get("_draining") or call.world.options.settle_reads + 1


def drain(call, group):
    """Counts one read of targets that are on their way out."""
    for key, target in list(call.region.store("target").items()):
        if target["TargetGroupArn"] == group["TargetGroupArn"] and target.get("_draining"):
            target["_draining"] -= 1
            if target["_draining"] <= 0:
                del call.region.store("target")[key]


def describe_target_health(call):
    group = elbv2.find_group(call, call["TargetGroupArn"])
    drain(call, group)
    targets = balancing.targets_of(call.region, group)
    asked = call.get("Targets")
    rows = []
    for target in targets if asked is None else []:
        rows.append(health_row(group, target, balancing.health(call.region, group, target)))
    for one in asked or []:
        found = [
            t for t in targets if t["Id"] == one["Id"] and one.get("Port") in (None, t["Port"])
        ]
        if not found:
            missing = {"Id": one["Id"], "Port": one.get("Port") or group["Port"]}
            rows.append(
                health_row(group, missing, balancing.described("unused", "Target.NotRegistered"))
            )
        rows += [health_row(group, t, balancing.health(call.region, group, t)) for t in found]
    return {"TargetHealthDescriptions": rows}


def health_row(group, target, verdict):
    state, reason, description = verdict
    port = (
        str(target["Port"])
        if group["HealthCheckPort"] == "traffic-port"
        else group["HealthCheckPort"]
    )
    row = {
        "Target": {k: target[k] for k in ("Id", "Port", "AvailabilityZone") if k in target},
        "TargetHealth": {"State": state},
    }
    if state != "unused":
        row["HealthCheckPort"] = port
    if reason:
        row["TargetHealth"].update(Reason=reason, Description=description or reason)
    return row
