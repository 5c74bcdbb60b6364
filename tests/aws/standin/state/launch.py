"""Launching instances: templates merged with the request, checks, and the launch itself."""

from ..core.errors import AwsError
from . import compute, network

# parameters of RunInstances that a launch template may also hold
FIELDS = (
    "ImageId",
    "InstanceType",
    "KeyName",
    "UserData",
    "IamInstanceProfile",
    "SecurityGroupIds",
    "NetworkInterfaces",
    "MetadataOptions",
    "BlockDeviceMappings",
    "Monitoring",
    "EbsOptimized",
    "Placement",
    "TagSpecifications",
    "InstanceInitiatedShutdownBehavior",
    "DisableApiTermination",
    "CreditSpecification",
    "CpuOptions",
)


def find_template(call, wanted):
    """The launch template that an id or a name names."""
    if bool(wanted.get("LaunchTemplateId")) == bool(wanted.get("LaunchTemplateName")):
        raise AwsError(
            "InvalidParameterCombination",
            "Specify either a launch template id or a launch template name",
        )
    if wanted.get("LaunchTemplateId"):
        return call.find("launch-template", wanted["LaunchTemplateId"])
    for template in call.region.store("launch-template").values():
        if template["LaunchTemplateName"] == wanted["LaunchTemplateName"] and call.is_visible(
            template
        ):
            return template
    raise AwsError(
        "InvalidLaunchTemplateName.NotFoundException",
        "At least one of the launch templates specified in the request does not exist.",
    )


def find_version(template, text):
    number = {
        "$Latest": template["LatestVersionNumber"],
        "$Default": template["DefaultVersionNumber"],
    }.get(text or "$Default", text)
    for version in template["_versions"]:
        if str(version["VersionNumber"]) == str(number):
            return version
    raise AwsError(
        "InvalidLaunchTemplateId.VersionNotFound",
        "Could not find the specified version %s for the launch template with ID %s."
        % (text, template["LaunchTemplateId"]),
    )


def from_template(call, wanted):
    """The data of the template version that is asked for; empty without one."""
    if not wanted:
        return {}
    return find_version(find_template(call, wanted), wanted.get("Version"))["LaunchTemplateData"]


def merged(call, template, request):
    spec = {name: template[name] for name in FIELDS if template.get(name) is not None}
    spec.update({name: request[name] for name in FIELDS if request.get(name) is not None})
    spec["SubnetId"] = request.get("SubnetId")
    spec["ClientToken"] = request.get("ClientToken", "")
    spec["_template_tags"] = {
        s["ResourceType"]: {t["Key"]: t.get("Value", "") for t in s.get("Tags", [])}
        for s in template.get("TagSpecifications", [])
    }
    return spec


def check(call, spec):
    """Refuses what cannot be launched. Returns the spec with subnets and groups resolved."""
    from ..services import ec2_types  # pylint: disable=import-outside-toplevel,cyclic-import

    for name in ("ImageId", "InstanceType"):
        if not spec.get(name):
            raise AwsError("MissingParameter", "The request must contain the parameter %s" % name)
    ec2_types.check_types([spec["InstanceType"]])
    image = call.find("image", spec["ImageId"])
    architecture = ec2_types.type_info(spec["InstanceType"])["ProcessorInfo"][
        "SupportedArchitectures"
    ][0]
    if image["Architecture"] != architecture:
        raise AwsError(
            "InvalidParameterValue",
            "The architecture '%s' of the specified instance type does not match the "
            "architecture '%s' of the specified AMI." % (architecture, image["Architecture"]),
        )
    wanted = spec.get("NetworkInterfaces")
    if wanted and (
        spec.get("SubnetId")
        and any(w.get("SubnetId") for w in wanted)
        or spec.get("SecurityGroupIds")
    ):
        raise AwsError(
            "InvalidParameterCombination",
            (
                "Network interfaces and an instance-level subnet ID or security "
                "groups may not be specified on the same request"
            ),
        )
    if not wanted:
        wanted = [
            {
                "DeviceIndex": 0,
                "SubnetId": spec.get("SubnetId"),
                "Groups": spec.get("SecurityGroupIds"),
            }
        ]
    limit = ec2_types.type_info(spec["InstanceType"])["NetworkInfo"]["MaximumNetworkInterfaces"]
    if len(wanted) > limit:
        raise AwsError(
            "AttachmentLimitExceeded",
            "Interface count %d exceeds the limit for %s" % (len(wanted), spec["InstanceType"]),
        )
    indexes = sorted(w.get("DeviceIndex", -1) for w in wanted)
    if indexes != list(range(len(wanted))):
        raise AwsError(
            "InvalidParameterValue",
            "Each network interface requires a device index, counted from 0",
        )
    spec["_profile"] = check_profile(call, spec.get("IamInstanceProfile"))
    spec["_interfaces"] = [check_interface(call, w, spec.get("SubnetId")) for w in wanted]
    return spec


def check_interface(call, wanted, subnet_id):
    if wanted.get("NetworkInterfaceId"):
        interface = call.find("network-interface", wanted["NetworkInterfaceId"])
        if interface["Status"] == "in-use":
            raise AwsError(
                "InvalidNetworkInterface.InUse",
                "Interface: [%s] in use." % wanted["NetworkInterfaceId"],
            )
        return dict(wanted, _interface=interface)
    subnet_id = wanted.get("SubnetId") or subnet_id
    if not subnet_id:
        raise AwsError(
            "MissingInput", "No subnets found for the default VPC. Please specify a subnet."
        )
    subnet = call.find("subnet", subnet_id)
    groups = wanted.get("Groups")
    for group_id in groups or []:
        if call.find("security-group", group_id)["VpcId"] != subnet["VpcId"]:
            raise AwsError(
                "InvalidParameter",
                "Security group %s and subnet %s belong to different networks."
                % (group_id, subnet_id),
            )
    if not groups:
        groups = [
            g["GroupId"]
            for g in call.region.store("security-group").values()
            if g["VpcId"] == subnet["VpcId"] and g["GroupName"] == "default"
        ]
    return dict(wanted, _subnet=subnet, Groups=groups)


def check_profile(call, wanted):
    """The ARN of the instance profile, or None."""
    if not wanted:
        return None
    for profile in call.account.instance_profiles.values():
        if (
            wanted.get("Name") == profile["InstanceProfileName"]
            or wanted.get("Arn") == profile["Arn"]
        ):
            if call.is_visible(profile):
                return profile["Arn"]
    raise AwsError(
        "InvalidParameterValue",
        "Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM "
        "Instance Profile name" % (wanted.get("Name") or wanted.get("Arn")),
    )


def tags_for(spec, tags, kind):
    return dict(spec["_template_tags"].get(kind, {}), **tags.get(kind, {}))


def run(call, spec, count, tags):
    """Launches `count` instances; `tags`: resource type -> {key: value}."""
    reservation = call.world.ids.make("r")
    made = [run_one(call, spec, tags, reservation) for _ in range(count)]
    for number, instance in enumerate(made):
        instance["AmiLaunchIndex"] = number
    return made


def run_one(call, spec, tags, reservation):
    region, settle_reads = call.region, call.world.options.settle_reads
    instance = None
    for wanted in sorted(spec["_interfaces"], key=lambda w: w["DeviceIndex"]):
        interface = wanted.get("_interface") or network.make_interface(
            region,
            wanted["_subnet"],
            wanted.get("Description", ""),
            wanted["Groups"],
            tags_for(spec, tags, "network-interface"),
            address=wanted.get("PrivateIpAddress"),
        )
        if wanted["DeviceIndex"] == 0:
            subnet = region.store("subnet")[interface["SubnetId"]]
            instance = compute.make_instance(
                region,
                subnet,
                spec["InstanceType"],
                [],
                tags_for(spec, tags, "instance"),
                image=spec["ImageId"],
                interface=interface,
                reservation=reservation,
                profile_arn=spec["_profile"],
            )
        else:
            network.attach(
                region,
                interface,
                instance["InstanceId"],
                wanted["DeviceIndex"],
                delete_on_termination=wanted.get("DeleteOnTermination", True),
            )
    instance["ClientToken"] = spec["ClientToken"]
    instance["_hidden"] = call.world.options.hidden_reads
    instance["_user_data"] = spec.get("UserData")
    options = dict(spec.get("MetadataOptions") or {})
    instance["MetadataOptions"] = {
        "State": "applied",
        "HttpTokens": options.get("HttpTokens", "optional"),
        "HttpPutResponseHopLimit": options.get("HttpPutResponseHopLimit", 1),
        "HttpEndpoint": options.get("HttpEndpoint", "enabled"),
    }
    if spec.get("KeyName"):
        instance["KeyName"] = spec["KeyName"]
    compute.settle(instance, compute.state_of("pending"), compute.state_of("running"), settle_reads)
    return instance
