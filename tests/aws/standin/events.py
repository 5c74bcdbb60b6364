"""What happens in an account without anyone calling the API."""

from .services import cloudwatch
from .state import balancing, compute, containers, network


def interface_gone(region, interface):
    """An interface is deleted by its owner; its mirror sessions go with it."""
    network.remove_interface(region, interface)


def instance_gone(region, instance):
    """An instance is terminated, as by a scaling group or by spot."""
    item = region.store("instance")[instance]
    item["State"] = compute.state_of("terminated")
    compute.terminate(region, item)


def instance_retyped(region, instance, to):
    """Stopped, changed and started again by its owner."""
    region.store("instance")[instance]["InstanceType"] = to


def target_health(region, target, state, reason=None):
    """A registered target (its id or address) is seen in this state from now on."""
    for one in region.store("target").values():
        if one["Id"] == target:
            one["_health"] = balancing.described(state, reason)[:2]


def service_scaled(region, service, desired):
    """An ECS service (by name) gets more or fewer tasks."""
    for one in region.store("ecs-service").values():
        if one["serviceName"] == service:
            containers.scale(region, one, desired)


def metric(region, namespace, metric_name, dimensions, value):
    """A data point in CloudWatch."""
    cloudwatch.put(region, namespace, metric_name, dimensions, value)


def quota(region, service, code, value):
    """The account was given this quota."""
    region.store("_quota")[(service, code)] = value


def mirror_listeners(region):
    return [
        o for o in region.store("listener").values() if (o["Protocol"], o["Port"]) == ("UDP", 4789)
    ]


def vxlan_listener_gone(region):
    """Someone deletes the UDP 4789 listeners, after which mirroring fails without a word."""
    for listener in mirror_listeners(region):
        del region.store("listener")[listener["ListenerArn"]]
    balancing.refresh_links(region)


def cross_zone_off(region):
    """Someone turns cross-zone balancing off on the load balancers that take mirrored traffic."""
    for listener in mirror_listeners(region):
        balancer = region.store("load-balancer")[listener["LoadBalancerArn"]]
        balancer["_attributes"]["load_balancing.cross_zone.enabled"] = "false"


def firewall_closed(region):
    """Someone empties the security groups of the appliances."""
    for listener in mirror_listeners(region):
        group = region.store("target-group")[listener["DefaultActions"][0]["TargetGroupArn"]]
        for target in balancing.targets_of(region, group):
            interface = balancing.target_interface(region, group, target)
            for one in interface["Groups"] if interface else ():
                held = region.store("security-group")[one["GroupId"]]
                held["_rules"] = [r for r in held["_rules"] if r["egress"]]


def acl_closed(region):
    """Someone refuses UDP in the subnets of the load balancers that take mirrored traffic."""
    for listener in mirror_listeners(region):
        balancer = region.store("load-balancer")[listener["LoadBalancerArn"]]
        for acl in region.store("network-acl").values():
            if any(a["SubnetId"] in balancer["_subnets"] for a in acl["Associations"]):
                entry = network.acl_entry(50, "deny", False, protocol="17", ports=(0, 65535))
                acl["Entries"].append(entry)


def source_retyped(region, name, to="m8g.large"):
    """The instance of this name becomes one whose type cannot be mirrored."""
    for instance in region.store("instance").values():
        if {"Key": "Name", "Value": name} in instance["Tags"]:
            instance["InstanceType"] = to


EVENTS = {
    function.__name__: function
    for function in (
        acl_closed,
        cross_zone_off,
        firewall_closed,
        instance_gone,
        instance_retyped,
        interface_gone,
        metric,
        quota,
        service_scaled,
        source_retyped,
        target_health,
        vxlan_listener_gone,
    )
}
