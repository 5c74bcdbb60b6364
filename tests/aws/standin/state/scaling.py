"""Auto Scaling groups: they keep as many instances as wanted, register and replace them."""

from . import balancing, compute, launch


def instances_of(region, group):
    return [region.store("instance")[m["InstanceId"]] for m in group["_members"]]


def template_of(call, group):
    wanted = group["LaunchTemplate"]
    template = launch.find_template(call, {"LaunchTemplateId": wanted["LaunchTemplateId"]})
    return template, launch.find_version(template, wanted["Version"])


def grow(call, group):
    """Launches one instance in the subnet that has the fewest."""
    region = call.region
    template, version = template_of(call, group)
    subnets = group["VPCZoneIdentifier"].split(",")
    used = [i.get("SubnetId") for i in instances_of(region, group)]
    subnet_id = min(subnets, key=used.count)
    data = version["LaunchTemplateData"]
    placed = {"SubnetId": subnet_id}
    if data.get("NetworkInterfaces"):
        placed = {
            "NetworkInterfaces": [
                dict(n, SubnetId=n.get("SubnetId") or subnet_id) for n in data["NetworkInterfaces"]
            ]
        }
    spec = launch.check(call, launch.merged(call, data, placed))
    tags = {t["Key"]: t["Value"] for t in group["Tags"] if t["PropagateAtLaunch"]}
    tags["aws:autoscaling:groupName"] = group["AutoScalingGroupName"]
    instance = launch.run(call, spec, 1, {"instance": tags})[0]
    group["_members"].append(
        {
            "InstanceId": instance["InstanceId"],
            "_version": str(version["VersionNumber"]),
            "_template": template["LaunchTemplateId"],
        }
    )
    for arn in group["TargetGroupARNs"]:
        target_group = region.store("target-group").get(arn)
        if target_group:
            balancing.register(
                region, target_group, instance["InstanceId"], reads=call.world.options.settle_reads
            )


def shrink(call, group, member):
    region = call.region
    group["_members"].remove(member)
    instance = region.store("instance")[member["InstanceId"]]
    compute.settle(
        instance,
        compute.state_of("shutting-down"),
        compute.state_of("terminated"),
        call.world.options.settle_reads,
    )
    compute.terminate(region, instance)


def reconcile(call, group):
    """As many instances as wanted; those that died are replaced."""
    for member in list(group["_members"]):
        if call.region.store("instance")[member["InstanceId"]]["State"]["Name"] not in (
            "pending",
            "running",
        ):
            group["_members"].remove(member)
    has_template = group["LaunchTemplate"]["LaunchTemplateId"] in call.region.store(
        "launch-template"
    )
    while has_template and len(group["_members"]) < group["DesiredCapacity"]:
        grow(call, group)  # without its template it cannot, and says so in its activities alone
    while len(group["_members"]) > group["DesiredCapacity"]:
        shrink(call, group, group["_members"][0])


def step_refresh(call, group, refresh):
    """One step of an instance refresh: replaces one instance that is not of the wanted version."""
    if refresh["Status"] not in ("Pending", "InProgress"):
        return
    _, version = template_of(call, group)
    old = [m for m in group["_members"] if m["_version"] != str(version["VersionNumber"])]
    if refresh["Status"] == "Pending":
        refresh.update(Status="InProgress", InstancesToUpdate=len(old))
    elif old:
        shrink(call, group, old[0])
        grow(call, group)
        refresh["InstancesToUpdate"] = len(old) - 1
        refresh["PercentageComplete"] = (
            100 * (len(group["_members"]) - len(old) + 1) // len(group["_members"])
        )
    else:
        refresh.update(
            Status="Successful",
            PercentageComplete=100,
            EndTime=call.world.now(),
            InstancesToUpdate=0,
        )
