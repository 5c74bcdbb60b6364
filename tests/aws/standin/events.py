"""What happens in an account without anyone calling the API."""

from .state import compute, network


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


EVENTS = {"interface_gone": interface_gone, "instance_gone": instance_gone, "instance_retyped": instance_retyped}
