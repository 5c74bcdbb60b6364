"""Which resources a call touches, with the condition keys that policies may ask for.

Follows the service authorisation reference; a call that is not listed is judged on *.
"""

from ..core.filters import tags_of
from ..state import launch

PREFIXES = {
    "elbv2": "elasticloadbalancing",
    "elb": "elasticloadbalancing",
    "service-quotas": "servicequotas",
    "sso": "sso",
    "sso-oidc": "sso-oauth",
}
# EC2 call -> parameter with an id (or ids) -> kind; `+kind` is made by the call, and "filter of"
# stands for the filter that the rule belongs to
MIRROR = "traffic-mirror-"
EC2 = {
    "CreateTrafficMirrorTarget": {
        "NetworkInterfaceId": "network-interface",
        "+": MIRROR + "target",
    },
    "CreateTrafficMirrorFilter": {"+": MIRROR + "filter"},
    "CreateTrafficMirrorFilterRule": {
        "TrafficMirrorFilterId": MIRROR + "filter",
        "+": MIRROR + "filter-rule",
    },
    "CreateTrafficMirrorSession": {
        "NetworkInterfaceId": "network-interface",
        "TrafficMirrorFilterId": MIRROR + "filter",
        "TrafficMirrorTargetId": MIRROR + "target",
        "+": MIRROR + "session",
    },
    "ModifyTrafficMirrorFilterNetworkServices": {"TrafficMirrorFilterId": MIRROR + "filter"},
    "ModifyTrafficMirrorFilterRule": {"TrafficMirrorFilterRuleId": MIRROR + "filter-rule"},
    "ModifyTrafficMirrorSession": {
        "TrafficMirrorSessionId": MIRROR + "session",
        "TrafficMirrorTargetId": MIRROR + "target",
        "TrafficMirrorFilterId": MIRROR + "filter",
    },
    "DeleteTrafficMirrorTarget": {"TrafficMirrorTargetId": MIRROR + "target"},
    "DeleteTrafficMirrorFilter": {"TrafficMirrorFilterId": MIRROR + "filter"},
    "DeleteTrafficMirrorFilterRule": {
        "TrafficMirrorFilterRuleId": MIRROR + "filter-rule",
        "filter of": MIRROR + "filter",
    },
    "DeleteTrafficMirrorSession": {"TrafficMirrorSessionId": MIRROR + "session"},
    "CreateSecurityGroup": {"VpcId": "vpc", "+": "security-group"},
    "DeleteSecurityGroup": {"GroupId": "security-group"},
    "AuthorizeSecurityGroupIngress": {"GroupId": "security-group"},
    "AuthorizeSecurityGroupEgress": {"GroupId": "security-group"},
    "RevokeSecurityGroupIngress": {"GroupId": "security-group"},
    "RevokeSecurityGroupEgress": {"GroupId": "security-group"},
    "CreateNetworkInterface": {
        "SubnetId": "subnet",
        "Groups": "security-group",
        "+": "network-interface",
    },
    "DeleteNetworkInterface": {"NetworkInterfaceId": "network-interface"},
    "AttachNetworkInterface": {"NetworkInterfaceId": "network-interface", "InstanceId": "instance"},
    "ModifyNetworkInterfaceAttribute": {"NetworkInterfaceId": "network-interface"},
    "CreateNetworkAclEntry": {"NetworkAclId": "network-acl"},
    "DeleteNetworkAclEntry": {"NetworkAclId": "network-acl"},
    "CreateRoute": {"RouteTableId": "route-table"},
    "ReplaceRoute": {"RouteTableId": "route-table"},
    "DeleteRoute": {"RouteTableId": "route-table"},
    "CreateLaunchTemplate": {"+": "launch-template"},
    "CreateLaunchTemplateVersion": {"LaunchTemplateId": "launch-template"},
    "ModifyLaunchTemplate": {"LaunchTemplateId": "launch-template"},
    "DeleteLaunchTemplate": {"LaunchTemplateId": "launch-template"},
    "TerminateInstances": {"InstanceIds": "instance"},
    "StopInstances": {"InstanceIds": "instance"},
    "StartInstances": {"InstanceIds": "instance"},
}
ELB_PARAMETERS = ("LoadBalancerArn", "TargetGroupArn", "ListenerArn", "ResourceArns")
STORES = {
    ":loadbalancer/": "load-balancer",
    ":targetgroup/": "target-group",
    ":listener/": "listener",
}


def listed(value):
    return value if isinstance(value, list) else [value]


def tag_context(prefix, tags):
    return {"%s/%s" % (prefix, key.lower()): value for key, value in tags.items()}


def request_tags(call):
    """Tags that the call gives, by type of resource (None: the call has only one)."""
    found = {
        s.get("ResourceType"): {t.get("Key", ""): t.get("Value", "") for t in s.get("Tags") or []}
        for s in call.get("TagSpecifications") or []
    }
    if call.get("Tags") and isinstance(call["Tags"][0], dict):
        found[None] = {t.get("Key", ""): t.get("Value", "") for t in call["Tags"]}
    return found


def with_request_tags(context, tags):
    return (
        {**context, **tag_context("aws:requesttag", tags), "aws:tagkeys": list(tags)}
        if tags
        else context
    )


def with_resource_tags(call, context, kind, key):
    item = call.region.store(kind).get(key) or {}
    tags = {t["Key"]: t.get("Value", "") for t in item.get("_tags") or tags_of(item)}
    return {
        **context,
        **tag_context("aws:resourcetag", tags),
        **tag_context("ec2:resourcetag", tags),
    }


def ec2_arn(call, kind, item_id):
    return call.region.arn("ec2", "%s/%s" % (kind, item_id))


def touched_by_ec2(call, action, context):
    rows, tags = [], request_tags(call)
    for parameter, kind in EC2[call.operation.name].items():
        if parameter == "+":
            given = tags.get(kind) or {}
            rows.append((action, ec2_arn(call, kind, "*"), with_request_tags(context, given)))
            rows += tagging(call, kind, given, context)
            continue
        ids = filters_of(call) if parameter == "filter of" else listed(call.get(parameter) or [])
        for item_id in ids:
            rows.append(
                (
                    action,
                    ec2_arn(call, kind, item_id),
                    with_resource_tags(call, context, kind, item_id),
                )
            )
    return rows


def filters_of(call):
    """The filter with the rule that the call names."""
    rule = call.region.store(MIRROR + "filter-rule").get(call.get("TrafficMirrorFilterRuleId"))
    return [rule["TrafficMirrorFilterId"]] if rule else []


def tagging(call, kind, tags, context):
    """CreateTags, which whoever makes something with tags must be allowed as well."""
    if not tags:
        return []
    context = with_request_tags({**context, "ec2:createaction": call.operation.name}, tags)
    return [("ec2:CreateTags", ec2_arn(call, kind, "*"), context)]


def touched_by_tagging(call, action, context):
    from .ec2_tags import tagged_kind  # pylint: disable=import-outside-toplevel,cyclic-import

    tags = request_tags(call).get(None) or {}
    rows = []
    for item_id in call["Resources"]:
        kind = tagged_kind(item_id) or "*"
        rows.append(
            (
                action,
                ec2_arn(call, kind, item_id),
                with_request_tags(with_resource_tags(call, context, kind, item_id), tags),
            )
        )
    return rows


def touched_by_launch(call, spec, context, tags):
    """RunInstances, by whoever asks for it: the call itself or a group."""
    action = "ec2:RunInstances"
    template = template_of(call)
    rows = []
    if template is not None:
        key = template["LaunchTemplateId"]
        arn = ec2_arn(call, "launch-template", key)
        context = {**context, "ec2:launchtemplate": arn}
        rows.append((action, arn, with_resource_tags(call, context, "launch-template", key)))
    rows += [
        (action, ec2_arn(call, kind, "*"), with_request_tags(context, tags.get(kind) or {}))
        for kind in ("instance", "volume", "network-interface")
    ]
    rows.append(
        (
            action,
            "arn:%s:ec2:%s::image/%s"
            % (call.account.partition, call.region.name, spec.get("ImageId")),
            context,
        )
    )
    interfaces = spec.get("NetworkInterfaces") or [
        {"SubnetId": spec.get("SubnetId"), "Groups": spec.get("SecurityGroupIds")}
    ]
    for interface in interfaces:
        if interface.get("SubnetId"):
            rows.append((action, ec2_arn(call, "subnet", interface["SubnetId"]), context))
        for group_id in interface.get("Groups") or []:
            rows.append(
                (
                    action,
                    ec2_arn(call, "security-group", group_id),
                    with_resource_tags(call, context, "security-group", group_id),
                )
            )
    for kind in ("instance", "volume", "network-interface"):
        if tags.get(kind):
            rows.append(
                (
                    "ec2:CreateTags",
                    ec2_arn(call, kind, "*"),
                    with_request_tags({**context, "ec2:createaction": "RunInstances"}, tags[kind]),
                )
            )
    return rows + passing(call, spec.get("IamInstanceProfile"))


def passing(call, wanted):
    """PassRole for the role of an instance profile."""
    for profile in call.account.instance_profiles.values() if wanted else ():
        if profile["InstanceProfileName"] == wanted.get("Name") or profile["Arn"] == wanted.get(
            "Arn"
        ):
            return [
                ("iam:PassRole", role["Arn"], {"iam:passedtoservice": "ec2.amazonaws.com"})
                for role in profile["Roles"]
            ]
    return []


def template_of(call):
    """The launch template that the call names, or None."""
    wanted = call.get("LaunchTemplate") or {}
    for template in call.region.store("launch-template").values():
        if (
            wanted.get("LaunchTemplateId") == template["LaunchTemplateId"]
            or wanted.get("LaunchTemplateName") == template["LaunchTemplateName"]
        ):
            return template
    return None


def template_spec(call):
    """What the call would launch; empty where that cannot be told: the call itself refuses."""
    template = template_of(call)
    if template is None:
        return {}
    wanted = call["LaunchTemplate"].get("Version") or "$Default"
    versions = {str(v["VersionNumber"]): v for v in template["_versions"]}
    number = {
        "$Latest": template["LatestVersionNumber"],
        "$Default": template["DefaultVersionNumber"],
    }.get(wanted, wanted)
    data = versions.get(str(number), {}).get("LaunchTemplateData", {})
    return {name: data[name] for name in launch.FIELDS if name in data}


# "Elastic Load Balancing API permissions": what a caller must be allowed besides
ELB_ASKS = {
    "CreateLoadBalancer": (
        "AccountAttributes",
        "Addresses",
        "InternetGateways",
        "SecurityGroups",
        "Subnets",
        "Vpcs",
    ),
    "CreateTargetGroup": ("InternetGateways", "Vpcs"),
    "RegisterTargets": ("Instances", "InternetGateways", "Subnets", "Vpcs"),
    "SetSubnets": ("Subnets",),
}


def touched_by_elb(call, action, context):
    tags = request_tags(call).get(None) or {}
    if call.operation.name in ("CreateLoadBalancer", "CreateTargetGroup"):
        letter = {"network": "net", "application": "app", "gateway": "gwy"}.get(
            call.get("Type") or "application"
        )
        rest = (
            "targetgroup/%s/*" % call["Name"]
            if "Target" in call.operation.name
            else "loadbalancer/%s/%s/*" % (letter, call["Name"])
        )
        arns = [call.region.arn("elasticloadbalancing", rest)]
    else:
        arns = [arn for name in ELB_PARAMETERS for arn in listed(call.get(name) or [])]
    rows = []
    for arn in arns or ["*"]:
        kind = next((k for text, k in STORES.items() if text in arn), "_none")
        rows.append(
            (action, arn, with_request_tags(with_resource_tags(call, context, kind, arn), tags))
        )
        if tags and call.operation.name.startswith("Create"):
            made = (
                arn.replace(":loadbalancer/", ":listener/") + "/*"
                if call.operation.name == "CreateListener"
                else arn
            )
            rows.append(
                (
                    "elasticloadbalancing:AddTags",
                    made,
                    with_request_tags(
                        {**context, "elasticloadbalancing:createaction": call.operation.name}, tags
                    ),
                )
            )
    rows += [
        ("ec2:Describe" + what, "*", context) for what in ELB_ASKS.get(call.operation.name, ())
    ]
    return rows + linked_role(
        call, "elasticloadbalancing.amazonaws.com", call.operation.name == "CreateLoadBalancer"
    )


def linked_role(call, service, is_needed):
    """The first of its kind in an account makes the service's own role."""
    if not is_needed or service in call.account.service_linked_roles:
        return []
    return [
        (
            "iam:CreateServiceLinkedRole",
            call.account.iam_arn("role/aws-service-role/%s/*" % service),
            {"iam:awsservicename": service},
        )
    ]


def touched_by_scaling(call, action, context):
    if call.operation.name.startswith("Describe"):
        return [(action, "*", context)]
    tags = request_tags(call).get(None) or {}
    names = (
        [call.get("AutoScalingGroupName")]
        if call.get("AutoScalingGroupName")
        else [t.get("ResourceId") for t in call.get("Tags") or []]
    )
    rows = []
    for name in names:
        arn = call.region.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/%s" % name)
        rows.append(
            (
                action,
                arn,
                with_request_tags(
                    with_resource_tags(call, context, "auto-scaling-group", name), tags
                ),
            )
        )
    if call.get("LaunchTemplate"):
        rows += touched_by_launch(call, template_spec(call), context, {})
    return rows + linked_role(
        call, "autoscaling.amazonaws.com", call.operation.name == "CreateAutoScalingGroup"
    )


def touched_by_ecs(call, action, context):
    name = (call.get("cluster") or "default").rpartition("/")[2]
    cluster = call.region.arn("ecs", "cluster/" + name)
    kinds = {
        "DescribeTasks": ("tasks", "task"),
        "DescribeServices": ("services", "service"),
        "DescribeContainerInstances": ("containerInstances", "container-instance"),
    }
    if call.operation.name == "DescribeClusters":
        return [
            (action, call.region.arn("ecs", "cluster/" + c.rpartition("/")[2]), context)
            for c in call.get("clusters") or ["default"]
        ]
    if call.operation.name not in kinds:
        return [(action, "*", {**context, "ecs:cluster": cluster})]
    parameter, kind = kinds[call.operation.name]
    return [
        (
            action,
            call.region.arn("ecs", "%s/%s/%s" % (kind, name, one.rpartition("/")[2])),
            {**context, "ecs:cluster": cluster},
        )
        for one in call.get(parameter) or []
    ]


def touched_by_ssm(call, action, context):
    names = call.get("Names") or [call.get("Name") or call.get("Path")]
    arns = [call.region.arn("ssm", "parameter/" + n.partition(":")[0].lstrip("/")) for n in names]
    # public parameters belong to no account
    arns = [
        a.replace(":%s:" % call.account.id, "::", 1) if ":parameter/aws/" in a else a for a in arns
    ]
    return [(action, arn, context) for arn in arns]


def touched(call):
    """[(action, ARN or *, condition context)]"""
    name, service = call.operation.name, call.service.name
    action = "%s:%s" % (PREFIXES.get(service, service), name)
    context = {"ec2:region": call.region.name, "aws:requestedregion": call.region.name}
    if service == "ec2" and name in ("CreateTags", "DeleteTags"):
        return touched_by_tagging(call, action, context)
    if service == "ec2" and name == "RunInstances":
        spec = {
            **template_spec(call),
            **{f: call[f] for f in launch.FIELDS + ("SubnetId",) if call.get(f) is not None},
        }
        return touched_by_launch(call, spec, context, request_tags(call))
    if service == "ec2" and name in EC2:
        return touched_by_ec2(call, action, context)
    handlers = {
        "elbv2": touched_by_elb,
        "autoscaling": touched_by_scaling,
        "ecs": touched_by_ecs,
        "ssm": touched_by_ssm,
    }
    if service in handlers and not (service == "elbv2" and name.startswith("Describe")):
        return handlers[service](call, action, context)
    arn = {"AssumeRole": "RoleArn", "SimulatePrincipalPolicy": "PolicySourceArn"}.get(name)
    if service == "iam" and name == "GetRole":
        role = call.account.roles.get(call["RoleName"], {})
        return [
            (action, role.get("Arn") or call.account.iam_arn("role/" + call["RoleName"]), context)
        ]
    return [(action, call[arn] if arn else "*", context)]
