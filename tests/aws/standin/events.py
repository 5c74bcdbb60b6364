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
    """A registered target (its id or address) is seen in this state from now on; `healthy` ends it."""
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


EVENTS = {function.__name__: function for function in (interface_gone, instance_gone, instance_retyped,
                                                    target_health, service_scaled, metric, quota)}
