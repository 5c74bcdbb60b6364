"""Auto Scaling: groups with launch templates, their tags, refreshes and policies."""

import re

from ..core.errors import AwsError
from ..state import compute, launch, scaling

TAG_FILTERS = ("auto-scaling-group", "key", "value", "propagate-at-launch")


def refuse(text):
    """What Auto Scaling calls a validation error."""
    return AwsError("ValidationError", text)


def find(call, name=None):
    name = name or call["AutoScalingGroupName"]
    group = call.region.store("auto-scaling-group").get(name)
    if group is None or not call.is_visible(group):
        raise refuse("AutoScalingGroup name not found - AutoScalingGroup: %s not found" % name)
    return group


def checked_template(call, wanted):
    """The template as a group keeps it: with id and name."""
    if not wanted:
        raise refuse(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId"
            " or MixedInstancesPolicy parameter."
        )
    try:
        template = launch.find_template(call, wanted)
        version = launch.find_version(template, wanted.get("Version"))
        data = version["LaunchTemplateData"]
        launch.check(
            call,
            launch.merged(
                call,
                data,
                {
                    "SubnetId": None,
                    "NetworkInterfaces": [
                        dict(n, SubnetId=n.get("SubnetId") or first_subnet(call))
                        for n in data.get("NetworkInterfaces")
                        or [{"DeviceIndex": 0, "Groups": data.get("SecurityGroupIds")}]
                    ],
                    "SecurityGroupIds": [],
                },
            ),
        )
    except AwsError as error:
        raise refuse(
            "You must use a valid fully-formed launch template. %s" % error.message
        ) from None
    return {
        "LaunchTemplateId": template["LaunchTemplateId"],
        "LaunchTemplateName": template["LaunchTemplateName"],
        "Version": wanted.get("Version") or "$Default",
    }


def first_subnet(call):
    text = call.get("VPCZoneIdentifier")
    if text is None:
        text = find(call)["VPCZoneIdentifier"]
    return text.split(",")[0].strip()


def checked_subnets(call, text):
    if not text:
        raise refuse("At least one Availability Zone or VPC Subnet is required.")
    subnets = []
    for subnet_id in text.split(","):
        subnet = call.region.store("subnet").get(subnet_id.strip())
        if subnet is None:
            raise refuse("The subnet ID '%s' does not exist" % subnet_id)
        subnets.append(subnet)
    if len({s["VpcId"] for s in subnets}) != 1:
        raise refuse("All subnets must be in the same VPC")
    return subnets


def checked_sizes(low, high, desired):
    desired = low if desired is None else desired
    if not 0 <= low <= high:
        raise refuse("Max bound, %d, must be greater than or equal to min bound, %d" % (high, low))
    if not low <= desired <= high:
        raise refuse(
            "Desired capacity:%d must be between the specified min size:%d and max size:%d"
            % (desired, low, high)
        )
    return desired


def checked_target_groups(call, arns):
    for arn in arns:
        group = call.region.store("target-group").get(arn)
        if group is None:
            raise refuse("Target group ARN '%s' not found" % arn)
        if group["TargetType"] != "instance":
            raise refuse("Provided Target Groups may not have target type %s" % group["TargetType"])
    return list(arns)


def checked_tags(call, tags):
    for tag in tags or []:
        name = tag.get("ResourceId") or call.get("AutoScalingGroupName")
        if tag.get("ResourceType") not in (None, "auto-scaling-group") or not name:
            raise refuse("Tags must name an auto-scaling-group")
        if tag["Key"].startswith("aws:"):
            raise refuse("Tag keys must not begin with aws:")
        yield {
            "ResourceId": name,
            "ResourceType": "auto-scaling-group",
            "Key": tag["Key"],
            "Value": tag.get("Value", ""),
            "PropagateAtLaunch": bool(tag.get("PropagateAtLaunch")),
        }


def create_auto_scaling_group(call):
    name = call["AutoScalingGroupName"]
    if name in call.region.store("auto-scaling-group"):
        raise AwsError(
            "AlreadyExists",
            "AutoScalingGroup by this name already exists - A group with the name %s already exists"
            % name,
        )
    subnets = checked_subnets(call, call.get("VPCZoneIdentifier"))
    template = checked_template(call, call.get("LaunchTemplate"))
    desired = checked_sizes(call["MinSize"], call["MaxSize"], call.get("DesiredCapacity"))
    target_groups = checked_target_groups(call, call.get("TargetGroupARNs") or [])
    kind = call.get("HealthCheckType") or "EC2"
    if kind not in ("EC2", "ELB"):
        raise refuse("HealthCheckType must be EC2 or ELB")
    group = {
        "AutoScalingGroupName": name,
        "LaunchTemplate": template,
        "MinSize": call["MinSize"],
        "MaxSize": call["MaxSize"],
        "AutoScalingGroupARN": call.region.arn(
            "autoscaling",
            "autoScalingGroup:%s:autoScalingGroupName/%s" % (call.world.ids.uuid(), name),
        ),
        "DesiredCapacity": desired,
        "DefaultCooldown": call.get("DefaultCooldown") or 300,
        "AvailabilityZones": sorted({s["AvailabilityZone"] for s in subnets}),
        "LoadBalancerNames": [],
        "TargetGroupARNs": target_groups,
        "HealthCheckType": kind,
        "CreatedTime": call.world.now(),
        "SuspendedProcesses": [],
        "HealthCheckGracePeriod": call.get("HealthCheckGracePeriod") or 0,
        "EnabledMetrics": [],
        "VPCZoneIdentifier": ",".join(s["SubnetId"] for s in subnets),
        "TerminationPolicies": ["Default"],
        "NewInstancesProtectedFromScaleIn": bool(call.get("NewInstancesProtectedFromScaleIn")),
        "Tags": list(checked_tags(call, call.get("Tags"))),
        "_members": [],
    }
    if call.get("DefaultInstanceWarmup") is not None:
        group["DefaultInstanceWarmup"] = call["DefaultInstanceWarmup"]
    call.account.service_linked_roles.add("autoscaling.amazonaws.com")
    call.create("auto-scaling-group", name, group)
    scaling.reconcile(call, group)


def view(call, group):
    scaling.reconcile(call, group)
    return dict(
        {k: v for k, v in group.items() if not k.startswith("_")},
        Instances=[member_view(call, group, m) for m in group["_members"]],
    )


def member_view(call, group, member):
    instance = call.region.store("instance")[member["InstanceId"]]
    compute.seen(instance)
    return {
        "InstanceId": member["InstanceId"],
        "InstanceType": instance["InstanceType"],
        "HealthStatus": "Healthy",
        "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
        "ProtectedFromScaleIn": False,
        "LifecycleState": "InService" if instance["State"]["Name"] == "running" else "Pending",
        "LaunchTemplate": {
            "LaunchTemplateId": member["_template"],
            "Version": member["_version"],
            "LaunchTemplateName": group["LaunchTemplate"]["LaunchTemplateName"],
        },
    }


def passes(group, filters):
    for one in filters or []:
        name, values = one.get("Name", ""), one.get("Values") or []
        if name == "tag-key":
            hit = any(t["Key"] in values for t in group["Tags"])
        elif name == "tag-value":
            hit = any(t["Value"] in values for t in group["Tags"])
        elif name.startswith("tag:"):
            hit = any(t["Key"] == name[4:] and t["Value"] in values for t in group["Tags"])
        else:
            raise refuse("Filter name %s is not supported" % name)
        if not hit:
            return False
    return True


def describe_auto_scaling_groups(call):
    names = call.get("AutoScalingGroupNames")
    size = call.get("MaxRecords")
    if size is not None and not 1 <= size <= 100:
        raise refuse("MaxRecords must be between 1 and 100")
    groups = [
        g
        for name, g in call.region.store("auto-scaling-group").items()
        if (not names or name in names) and call.is_visible(g) and passes(g, call.get("Filters"))
    ]
    return call.paged("AutoScalingGroups", [view(call, g) for g in groups], explicit=bool(names))


def update_auto_scaling_group(call):
    group = find(call)
    low, high = call.get("MinSize", group["MinSize"]), call.get("MaxSize", group["MaxSize"])
    desired = call.get("DesiredCapacity")
    if desired is None:
        desired = min(max(group["DesiredCapacity"], low), high)
    checked_sizes(low, high, desired)
    changes = {"MinSize": low, "MaxSize": high, "DesiredCapacity": desired}
    if call.get("LaunchTemplate"):
        changes["LaunchTemplate"] = checked_template(call, call["LaunchTemplate"])
    if call.get("VPCZoneIdentifier"):
        subnets = checked_subnets(call, call["VPCZoneIdentifier"])
        changes["VPCZoneIdentifier"] = ",".join(s["SubnetId"] for s in subnets)
        changes["AvailabilityZones"] = sorted({s["AvailabilityZone"] for s in subnets})
    for name in (
        "HealthCheckType",
        "HealthCheckGracePeriod",
        "DefaultCooldown",
        "DefaultInstanceWarmup",
        "NewInstancesProtectedFromScaleIn",
    ):
        if call.get(name) is not None:
            changes[name] = call[name]
    group.update(changes)
    scaling.reconcile(call, group)


def set_desired_capacity(call):
    group = find(call)
    checked_sizes(group["MinSize"], group["MaxSize"], call["DesiredCapacity"])
    group["DesiredCapacity"] = call["DesiredCapacity"]
    scaling.reconcile(call, group)


def delete_auto_scaling_group(call):
    group = find(call)
    scaling.reconcile(call, group)
    if group["_members"] and not call.get("ForceDelete"):
        raise AwsError(
            "ResourceInUse",
            (
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot "
                "instance request(s) still in the group."
            ),
        )
    for member in list(group["_members"]):
        scaling.shrink(call, group, member)
    del call.region.store("auto-scaling-group")[group["AutoScalingGroupName"]]


def describe_auto_scaling_instances(call):
    ids, rows = call.get("InstanceIds"), []
    for group in call.region.store("auto-scaling-group").values():
        for member in group["_members"]:
            if not ids or member["InstanceId"] in ids:
                row = dict(
                    member_view(call, group, member),
                    AutoScalingGroupName=group["AutoScalingGroupName"],
                )
                rows.append(dict(row, HealthStatus="HEALTHY"))
    return call.paged("AutoScalingInstances", rows, explicit=bool(ids))


def attach_load_balancer_target_groups(call):
    group = find(call)
    for arn in checked_target_groups(call, call["TargetGroupARNs"]):
        if arn not in group["TargetGroupARNs"]:
            group["TargetGroupARNs"].append(arn)


def detach_load_balancer_target_groups(call):
    group = find(call)
    group["TargetGroupARNs"] = [
        arn for arn in group["TargetGroupARNs"] if arn not in call["TargetGroupARNs"]
    ]


# --- tags


def create_or_update_tags(call):
    for tag in list(checked_tags(call, call["Tags"])):
        group = find(call, tag["ResourceId"])
        group["Tags"] = [t for t in group["Tags"] if t["Key"] != tag["Key"]] + [tag]


def delete_tags(call):
    for tag in list(checked_tags(call, call["Tags"])):
        group = find(call, tag["ResourceId"])
        group["Tags"] = [t for t in group["Tags"] if t["Key"] != tag["Key"]]


def describe_tags(call):
    rows = [t for g in call.region.store("auto-scaling-group").values() for t in g["Tags"]]
    for one in call.get("Filters") or []:
        if one.get("Name") not in TAG_FILTERS:
            raise refuse("Filter name %s is not supported" % one.get("Name"))
        key = {
            "auto-scaling-group": "ResourceId",
            "key": "Key",
            "value": "Value",
            "propagate-at-launch": "PropagateAtLaunch",
        }[one["Name"]]
        rows = [
            t for t in rows if str(t[key]).lower() in [v.lower() for v in one.get("Values") or []]
        ]
    return call.paged("Tags", rows)


# --- refreshes


def start_instance_refresh(call):
    group = find(call)
    refreshes = group.setdefault("_refreshes", [])
    if any(r["Status"] in ("Pending", "InProgress") for r in refreshes):
        raise AwsError(
            "InstanceRefreshInProgress",
            (
                "An Instance Refresh is already in progress and blocks the execution of this "
                "Instance Refresh."
            ),
        )
    configuration = call.get("DesiredConfiguration") or {}
    if configuration.get("LaunchTemplate"):
        group["LaunchTemplate"] = checked_template(call, configuration["LaunchTemplate"])
    refresh = {
        "InstanceRefreshId": call.world.ids.uuid(),
        "AutoScalingGroupName": group["AutoScalingGroupName"],
        "Status": "Pending",
        "StartTime": call.world.now(),
        "PercentageComplete": 0,
        "InstancesToUpdate": len(group["_members"]),
    }
    refreshes.insert(0, refresh)
    return {"InstanceRefreshId": refresh["InstanceRefreshId"]}


def describe_instance_refreshes(call):
    group, ids = find(call), call.get("InstanceRefreshIds")
    rows = [r for r in group.get("_refreshes", []) if not ids or r["InstanceRefreshId"] in ids]
    for refresh in rows:
        scaling.step_refresh(call, group, refresh)
    return call.paged("InstanceRefreshes", rows)


def cancel_instance_refresh(call):
    for refresh in find(call).get("_refreshes", []):
        if refresh["Status"] in ("Pending", "InProgress"):
            refresh.update(Status="Cancelled", EndTime=call.world.now())
            return {"InstanceRefreshId": refresh["InstanceRefreshId"]}
    raise AwsError(
        "ActiveInstanceRefreshNotFound",
        "No in progress or pending Instance Refresh found for Auto Scaling group",
    )


# --- hooks and policies, which are kept but do nothing


def put_lifecycle_hook(call):
    group, name = find(call), call["LifecycleHookName"]
    if not re.fullmatch(r"[A-Za-z0-9\-_/]+", name):
        raise refuse("'%s' is not a lifecycle hook name" % name)
    hook = {
        "LifecycleHookName": name,
        "AutoScalingGroupName": group["AutoScalingGroupName"],
        "HeartbeatTimeout": call.get("HeartbeatTimeout") or 3600,
        "DefaultResult": call.get("DefaultResult") or "ABANDON",
        "GlobalTimeout": 172800,
    }
    if call.get("LifecycleTransition"):
        hook["LifecycleTransition"] = call["LifecycleTransition"]
    group.setdefault("_hooks", {})[name] = hook


def describe_lifecycle_hooks(call):
    return {"LifecycleHooks": list(find(call).get("_hooks", {}).values())}


def put_scaling_policy(call):
    group = find(call)
    policy = {
        k: call[k]
        for k in (
            "AutoScalingGroupName",
            "PolicyName",
            "PolicyType",
            "TargetTrackingConfiguration",
            "AdjustmentType",
            "ScalingAdjustment",
            "Cooldown",
            "EstimatedInstanceWarmup",
        )
        if call.get(k)
    }
    policy["PolicyARN"] = call.region.arn(
        "autoscaling",
        "scalingPolicy:%s:autoScalingGroupName/%s:policyName/%s"
        % (call.world.ids.uuid(), group["AutoScalingGroupName"], call["PolicyName"]),
    )
    group.setdefault("_policies", {})[call["PolicyName"]] = policy
    return {"PolicyARN": policy["PolicyARN"], "Alarms": []}


def describe_policies(call):
    groups = (
        [find(call)]
        if call.get("AutoScalingGroupName")
        else call.region.store("auto-scaling-group").values()
    )
    return call.paged(
        "ScalingPolicies", [p for g in groups for p in g.get("_policies", {}).values()]
    )


def delete_policy(call):
    if call["PolicyName"] not in find(call).get("_policies", {}):
        raise refuse("Policy %s not found" % call["PolicyName"])
    del find(call)["_policies"][call["PolicyName"]]
