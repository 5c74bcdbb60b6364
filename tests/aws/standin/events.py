"""What happens in an account without anyone calling the API."""

from .state import balancing, compute, network


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


EVENTS = {function.__name__: function for function in (interface_gone, instance_gone, instance_retyped, target_health)}
