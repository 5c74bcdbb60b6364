"""EC2: instances."""

import base64

from ..core.errors import AwsError
from ..state import compute, launch
from . import ec2_tags, ec2_types

INSTANCE_FILTERS = {
    "architecture": "Architecture",
    "availability-zone": "Placement.AvailabilityZone",
    "client-token": "ClientToken",
    "hypervisor": "Hypervisor",
    "iam-instance-profile.arn": "IamInstanceProfile.Arn",
    "image-id": "ImageId",
    "instance-id": "InstanceId",
    "instance-state-code": "State.Code",
    "instance-state-name": "State.Name",
    "instance-type": "InstanceType",
    "instance.group-id": "SecurityGroups.GroupId",
    "instance.group-name": "SecurityGroups.GroupName",
    "ip-address": "PublicIpAddress",
    "network-interface.addresses.private-ip-address": (
        "NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress"
    ),
    "network-interface.network-interface-id": "NetworkInterfaces.NetworkInterfaceId",
    "network-interface.subnet-id": "NetworkInterfaces.SubnetId",
    "network-interface.vpc-id": "NetworkInterfaces.VpcId",
    "owner-id": "_owner",
    "private-dns-name": "PrivateDnsName",
    "private-ip-address": "PrivateIpAddress",
    "reservation-id": "_reservation",
    "root-device-type": "RootDeviceType",
    "subnet-id": "SubnetId",
    "virtualization-type": "VirtualizationType",
    "vpc-id": "VpcId",
}
STATUS_FILTERS = {
    "availability-zone": "AvailabilityZone",
    "instance-state-name": "InstanceState.Name",
    "instance-state-code": "InstanceState.Code",
    "instance-status.status": "InstanceStatus.Status",
    "system-status.status": "SystemStatus.Status",
}
PROFILE_FILTERS = {"instance-id": "InstanceId", "state": "State"}


def interface_view(interface):
    """An interface as it is shown inside an instance."""
    attachment = interface["Attachment"]
    names = (
        "Description",
        "Groups",
        "Ipv6Addresses",
        "MacAddress",
        "NetworkInterfaceId",
        "OwnerId",
        "PrivateDnsName",
        "PrivateIpAddress",
        "PrivateIpAddresses",
        "SourceDestCheck",
        "Status",
        "SubnetId",
        "VpcId",
        "InterfaceType",
    )
    view = {name: interface[name] for name in names if name in interface}
    view["Attachment"] = {
        name: attachment[name]
        for name in (
            "AttachTime",
            "AttachmentId",
            "DeleteOnTermination",
            "DeviceIndex",
            "Status",
            "NetworkCardIndex",
        )
    }
    return view


def instance_views(call):
    """Every instance with its interfaces; reading counts towards a pending change of state."""
    by_instance = {}
    for interface in call.region.store("network-interface").values():
        instance_id = interface.get("Attachment", {}).get("InstanceId")
        if instance_id:
            by_instance.setdefault(instance_id, []).append(interface)
    views = {}
    for instance_id, instance in call.region.store("instance").items():
        interfaces = sorted(
            by_instance.get(instance_id, []), key=lambda i: i["Attachment"]["DeviceIndex"]
        )
        views[instance_id] = dict(
            instance,
            _owner=call.account.id,
            _source=instance,
            NetworkInterfaces=[interface_view(i) for i in interfaces],
        )
    return views


def describe_instances(call):
    maximum, ids = call.get("MaxResults"), call.get("InstanceIds")
    if maximum is not None and not 5 <= maximum <= 1000:
        raise AwsError(
            "InvalidParameterValue",
            "Value ( %d ) for parameter maxResults is invalid. "
            "Expecting a value between 5 and 1000." % maximum,
        )
    if call.get("NextToken"):
        items = []  # the token knows what is left
    else:
        views = instance_views(call)
        for view in views.values():
            compute.seen(view["_source"])
            view["State"] = view["_source"]["State"]
        for instance_id in ids or []:
            call.find("instance", instance_id)
        hidden = {k for k, v in views.items() if not ids and not call.is_visible(v["_source"])}
        wanted = [v for k, v in views.items() if (not ids or k in ids) and k not in hidden]
        if ids and maximum is not None:
            raise AwsError(
                "InvalidParameterCombination",
                "The parameter instancesSet cannot be used with the parameter maxResults",
            )
        items = call.select("_view", None, INSTANCE_FILTERS, [dict(v, _hidden=0) for v in wanted])
    answer = call.paged("_instances", items, explicit=bool(ids))
    answer["Reservations"] = reservations(call, answer.pop("_instances"))
    return answer


def reservations(call, instances):
    found = {}
    for instance in instances:
        found.setdefault(instance["_reservation"], []).append(instance)
    return [
        {"ReservationId": name, "OwnerId": call.account.id, "Groups": [], "Instances": members}
        for name, members in found.items()
    ]


def describe_instance_status(call):
    rows = []
    chosen = [call.find("instance", i) for i in call.get("InstanceIds", [])] or call.region.store(
        "instance"
    ).values()
    for instance in chosen:
        if instance["State"]["Name"] == "running" or call.get("IncludeAllInstances"):
            good = "ok" if instance["State"]["Name"] == "running" else "not-applicable"
            summary = {
                "Status": good,
                "Details": [{"Name": "reachability", "Status": "passed"}] if good == "ok" else [],
            }
            rows.append(
                {
                    "InstanceId": instance["InstanceId"],
                    "InstanceState": instance["State"],
                    "Events": [],
                    "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
                    "InstanceStatus": summary,
                    "SystemStatus": summary,
                }
            )
    return call.paged(
        "InstanceStatuses",
        call.select("_status", None, STATUS_FILTERS, rows),
        explicit=bool(call.get("InstanceIds")),
    )


def change_state(call, allowed, passing, final):
    """Stop, start and terminate: the same call three times."""
    instances = [call.find("instance", i) for i in call["InstanceIds"]]
    for instance in instances:
        if instance["State"]["Name"] not in allowed:
            raise AwsError(
                "IncorrectInstanceState",
                "The instance '%s' is not in a state from which it can be changed"
                % (instance["InstanceId"]),
            )
    call.commit()
    changes = []
    for instance in instances:
        before = instance["State"]
        if before["Name"] != final:
            compute.settle(
                instance,
                compute.state_of(passing),
                compute.state_of(final),
                call.world.options.settle_reads,
            )
            if final == "terminated":
                compute.terminate(call.region, instance)
        changes.append(
            {
                "InstanceId": instance["InstanceId"],
                "PreviousState": before,
                "CurrentState": instance["State"],
            }
        )
    return changes


def stop_instances(call):
    return {
        "StoppingInstances": change_state(
            call, ("running", "pending", "stopping", "stopped"), "stopping", "stopped"
        )
    }


def start_instances(call):
    return {
        "StartingInstances": change_state(
            call, ("stopped", "running", "pending"), "pending", "running"
        )
    }


def terminate_instances(call):
    every = tuple(compute.STATE_CODES)
    return {"TerminatingInstances": change_state(call, every, "shutting-down", "terminated")}


def modify_instance_attribute(call):
    instance = call.find("instance", call["InstanceId"])
    wanted = call.get("InstanceType")
    if wanted is None:
        raise AwsError("InvalidParameterCombination", "The stand-in changes only the instance type")
    ec2_types.check_types([wanted["Value"]])
    if instance["State"]["Name"] != "stopped":
        raise AwsError(
            "IncorrectInstanceState",
            "The instance '%s' is not in the 'stopped' state." % call["InstanceId"],
        )
    call.commit()
    instance["InstanceType"] = wanted["Value"]


def run_instances(call):
    def make():
        tags = ec2_tags.requested(
            call, ["instance", "volume", "network-interface", "spot-instances-request"]
        )
        spec = launch.merged(
            call, launch.from_template(call, call.get("LaunchTemplate")), call.parameters
        )
        if not 1 <= call["MinCount"] <= call["MaxCount"]:
            raise AwsError(
                "InvalidParameterValue", "MinCount must be at least 1 and at most MaxCount"
            )
        plan = launch.check(call, spec)
        call.commit()
        made = launch.run(call, plan, call["MaxCount"], tags)
        first = made[0]
        return {
            "ReservationId": first["_reservation"],
            "OwnerId": call.account.id,
            "Groups": [],
            "Instances": [
                dict(
                    i,
                    NetworkInterfaces=[
                        interface_view(n)
                        for n in compute.interfaces_of(call.region, i["InstanceId"])
                    ],
                )
                for i in made
            ],
        }

    return call.once(make)


def describe_iam_instance_profile_associations(call):
    rows = [
        {
            "AssociationId": "iip-assoc-0" + i["InstanceId"][3:],
            "InstanceId": i["InstanceId"],
            "State": "associated",
            "IamInstanceProfile": i["IamInstanceProfile"],
        }
        for i in call.region.store("instance").values()
        if "IamInstanceProfile" in i
    ]
    return call.paged(
        "IamInstanceProfileAssociations", call.select("_profile", None, PROFILE_FILTERS, rows)
    )


def get_console_output(call):
    instance = call.find("instance", call["InstanceId"])
    text = instance.get("_console", "").encode()
    return {
        "InstanceId": call["InstanceId"],
        "Timestamp": call.world.now(),
        "Output": base64.b64encode(text).decode(),
    }


def describe_key_pairs(call):
    return {
        "KeyPairs": [
            {"KeyPairId": "key-0" + "c" * 16, "KeyName": name, "KeyType": "ed25519", "Tags": []}
            for name in call.get("KeyNames") or ["ops"]
        ]
    }
