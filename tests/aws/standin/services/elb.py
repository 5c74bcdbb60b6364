"""Classic load balancers: to be found, not to be made."""

from ..core.errors import AwsError


def describe_load_balancers(call):
    names, store = call.get("LoadBalancerNames"), call.region.store("classic-load-balancer")
    missing = [name for name in names or [] if name not in store]
    if missing:
        raise AwsError(
            "LoadBalancerNotFound", "There is no ACTIVE Load Balancer named '%s'" % missing[0]
        )
    items = [store[name] for name in names] if names else list(store.values())
    return call.paged("LoadBalancerDescriptions", items, explicit=bool(names))


def describe_tags(call):
    store = call.region.store("classic-load-balancer")
    for name in call["LoadBalancerNames"]:
        if name not in store:
            raise AwsError(
                "LoadBalancerNotFound", "There is no ACTIVE Load Balancer named '%s'" % name
            )
    return {
        "TagDescriptions": [
            {"LoadBalancerName": name, "Tags": store[name]["_tags"]}
            for name in call["LoadBalancerNames"]
        ]
    }
