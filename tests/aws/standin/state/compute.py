"""Makes instances and moves them through their states."""

from . import network

STATE_CODES = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}
ARM_FAMILIES = ("a1", "t4g", "m6g", "c6g", "r6g", "m7g", "c7g", "r7g", "m8g", "c8g", "r8g")


def state_of(name):
    return {"Code": STATE_CODES[name], "Name": name}


def make_instance(region, subnet, instance_type, groups, tags=None, **more):
    """A running instance.

    `more`: image, profile_arn, interface, reservation, description.
    """
    ids, account = region.account.world.ids, region.account
    instance_id = ids.make("i")
    interface = more.get("interface") or network.make_interface(
        region, subnet, more.get("description", ""), groups
    )
    network.attach(region, interface, instance_id, 0)
    family = instance_type.split(".")[0]
    instance = {
        "InstanceId": instance_id,
        "ImageId": more.get("image") or "ami-0" + "a" * 16,
        "InstanceType": instance_type,
        "State": state_of("running"),
        "LaunchTime": account.world.now(),
        "SubnetId": subnet["SubnetId"],
        "VpcId": subnet["VpcId"],
        "AmiLaunchIndex": 0,
        "EnaSupport": True,
        "Hypervisor": "xen",
        "Architecture": "arm64" if family.startswith(ARM_FAMILIES) else "x86_64",
        "VirtualizationType": "hvm",
        "Monitoring": {"State": "disabled"},
        "RootDeviceName": "/dev/xvda",
        "RootDeviceType": "ebs",
        "Placement": {
            "AvailabilityZone": subnet["AvailabilityZone"],
            "GroupName": "",
            "Tenancy": "default",
        },
        "SecurityGroups": interface["Groups"],
        "SourceDestCheck": True,
        "BlockDeviceMappings": [],
        "MetadataOptions": {
            "State": "applied",
            "HttpTokens": "required",
            "HttpPutResponseHopLimit": 2,
            "HttpEndpoint": "enabled",
        },
        "StateTransitionReason": "",
        "ClientToken": "",
        "Tags": network.tag_list(tags),
        "_reservation": more.get("reservation") or ids.make("r"),
    }
    if interface.get("PrivateIpAddress"):
        instance.update(
            PrivateIpAddress=interface["PrivateIpAddress"],
            PrivateDnsName=interface["PrivateDnsName"],
        )
    if more.get("profile_arn"):
        instance["IamInstanceProfile"] = {
            "Arn": more["profile_arn"],
            "Id": "AIPA" + ids.letters(17),
        }
    region.store("instance")[instance_id] = instance
    return instance


def add_interface(region, instance, subnet, groups, description="", **more):
    """Another interface on the instance, at the next device index."""
    interface = network.make_interface(region, subnet, description, groups, **more)
    taken = [i["Attachment"]["DeviceIndex"] for i in interfaces_of(region, instance["InstanceId"])]
    network.attach(region, interface, instance["InstanceId"], max(taken) + 1)
    return interface


def interfaces_of(region, instance_id):
    """The instance's interfaces in the order of their device index."""
    found = [
        i
        for i in region.store("network-interface").values()
        if i.get("Attachment", {}).get("InstanceId") == instance_id
    ]
    return sorted(found, key=lambda i: i["Attachment"]["DeviceIndex"])


def terminate(region, instance):
    """Interfaces and registrations go at once; the instance stays to be seen as terminated."""
    for interface in interfaces_of(region, instance["InstanceId"]):
        if interface["Attachment"]["DeleteOnTermination"]:
            network.remove_interface(region, interface["NetworkInterfaceId"])
        else:
            del interface["Attachment"]
            interface["Status"] = "available"
    targets = region.store("target")
    for key in [k for k, t in targets.items() if t["Id"] == instance["InstanceId"]]:
        del targets[key]
    for name in ("PrivateIpAddress", "PrivateDnsName", "SubnetId", "VpcId"):
        instance.pop(name, None)
    instance["SecurityGroups"] = []


def settle(item, state, final, reads):
    """`item` shows `state` for the next `reads` reads and `final` after that."""
    item["State"] = state
    item["_settle"] = {"reads": reads, "state": final}
    if reads <= 0:
        seen(item)


def seen(item):
    """Counts one read of a changing item."""
    change = item.get("_settle")
    if change is None:
        return
    if change["reads"] <= 0:
        item["State"] = change["state"]
        del item["_settle"]
    else:
        change["reads"] -= 1
