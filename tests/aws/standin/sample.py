"""The sample account: something of every kind that the tool can meet.

shop     the busy one: instances of supported and unsupported types, a load balancer of each kind,
         ECS on EC2 and on Fargate, a database, a scaling group
billing  the difficult one: an IPv6-only subnet, Nitro v5 instances, a network access list that is
         in the way, another vendor's mirror sessions
tools    the small one: one subnet, one zone, no load balancer
"""

from . import events
from .services import ec2_images, ssm
from .sample_shop import Shop
from .state import compute, network

HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
FOREIGN_VENDOR = "vendor-sensor"


def add_billing(region):
    vpc = network.make_vpc(
        region, "10.20.0.0/16", {"Name": "billing", "env": "production"}, "2600:1f18:20::/56"
    )
    subnets = [
        network.make_subnet(
            region,
            vpc,
            "10.20.%d.0/24" % n,
            region.zones[n],
            {"Name": "billing-%s" % "abc"[n]},
            "2600:1f18:20:%d::/64" % n,
        )
        for n in range(2)
    ]
    only6 = network.make_subnet(
        region,
        vpc,
        None,
        region.zones[2],
        {"Name": "billing-ipv6-only"},
        "2600:1f18:20:9::/64",
        True,
    )
    group = network.make_security_group(region, vpc["VpcId"], "billing", "billing servers")[
        "GroupId"
    ]
    ledger = compute.make_instance(
        region, subnets[0], "r6i.large", [group], {"Name": "billing-ledger", "env": "production"}
    )
    compute.make_instance(
        region, subnets[1], "m8g.large", [group], {"Name": "billing-invoices", "env": "production"}
    )
    compute.make_instance(
        region, subnets[1], "c7gn.large", [group], {"Name": "billing-export", "env": "production"}
    )
    compute.make_instance(
        region, only6, "m5.large", [group], {"Name": "billing-ipv6", "env": "production"}
    )
    blocked = network.make_network_acl(
        region,
        vpc["VpcId"],
        False,
        [
            network.acl_entry(100, "allow", False, "10.20.0.0/16", "6", (0, 65535)),
            network.acl_entry(100, "allow", True),
        ],
        {"Name": "billing-tcp-only"},
    )
    network.associate_network_acl(region, blocked, subnets[1]["SubnetId"])
    add_vendor(region, subnets[0], group, ledger)


def add_vendor(region, subnet, group, source):
    """Another product's sessions, which mirror everything and come first."""
    ids, owner = region.account.world.ids, region.account.id
    tags = [{"Key": "Name", "Value": FOREIGN_VENDOR}]
    sensor = compute.make_instance(region, subnet, "c5.large", [group], {"Name": FOREIGN_VENDOR})
    target_id, filter_id, session_id = ids.make("tmt"), ids.make("tmf"), ids.make("tms")
    region.store("traffic-mirror-target")[target_id] = {
        "TrafficMirrorTargetId": target_id,
        "Type": "network-interface",
        "OwnerId": owner,
        "Tags": tags,
        "NetworkInterfaceId": compute.interfaces_of(region, sensor["InstanceId"])[0][
            "NetworkInterfaceId"
        ],
    }
    region.store("traffic-mirror-filter")[filter_id] = {
        "TrafficMirrorFilterId": filter_id,
        "Description": "everything",
        "NetworkServices": ["amazon-dns"],
        "Tags": tags,
    }
    for direction in ("ingress", "egress"):
        rule_id = ids.make("tmfr")
        region.store("traffic-mirror-filter-rule")[rule_id] = {
            "TrafficMirrorFilterRuleId": rule_id,
            "TrafficMirrorFilterId": filter_id,
            "TrafficDirection": direction,
            "RuleNumber": 1,
            "RuleAction": "accept",
            "DestinationCidrBlock": "0.0.0.0/0",
            "SourceCidrBlock": "0.0.0.0/0",
        }
    region.store("traffic-mirror-session")[session_id] = {
        "TrafficMirrorSessionId": session_id,
        "TrafficMirrorTargetId": target_id,
        "TrafficMirrorFilterId": filter_id,
        "NetworkInterfaceId": compute.interfaces_of(region, source["InstanceId"])[0][
            "NetworkInterfaceId"
        ],
        "OwnerId": owner,
        "SessionNumber": 1,
        "VirtualNetworkId": 4242,
        "Tags": tags,
    }


def add_tools(region):
    vpc = network.make_vpc(region, "10.30.0.0/16", {"Name": "tools"})
    subnet = network.make_subnet(region, vpc, "10.30.1.0/24", region.zones[0], {"Name": "tools-a"})
    group = network.make_security_group(region, vpc["VpcId"], "tools", "tools")["GroupId"]
    for name in ("tools-ci", "tools-wiki"):
        compute.make_instance(region, subnet, "t3.large", [group], {"Name": name, "env": "tools"})


def add_images(region):
    """The base images, and the appliance's own under its well-known parameter."""
    account = region.account
    for architecture, letter in (("x86_64", "a"), ("arm64", "b")):
        image = ec2_images.make_image(
            region,
            "al2023-" + architecture,
            architecture,
            OwnerId="137112412989",
            Public=True,
            ImageOwnerAlias="amazon",
        )
        del region.store("image")[image["ImageId"]]
        image["ImageId"] = "ami-0" + letter * 16
        region.store("image")[image["ImageId"]] = image
        ssm.put(
            region,
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-" + architecture,
            image["ImageId"],
            data_type="aws:ec2:image",
        )
    appliance = ec2_images.make_image(
        region,
        "metlo-appliance-0.1.0-x86_64",
        BootMode="uefi-preferred",
        ImdsSupport="v2.0",
        Description="metlo-appliance 0.1.0",
    )
    ssm.put(region, "/metlo/appliance/ami/latest", appliance["ImageId"], data_type="aws:ec2:image")
    ssm.put(region, "/metlo/appliance/api-key", "metlo-key-for-tests", "SecureString")
    if "metlo-appliance" not in account.instance_profiles:
        role = account.world.add_role(account, "metlo-appliance", trust=["ec2.amazonaws.com"])
        account.instance_profiles["metlo-appliance"] = {
            "InstanceProfileName": "metlo-appliance",
            "Path": "/",
            "InstanceProfileId": "AIPA" + account.world.ids.letters(17),
            "Arn": account.iam_arn("instance-profile/metlo-appliance"),
            "CreateDate": account.world.now(),
            "Roles": [role],
        }


def populate(account):
    """The home region gets all of it, a second one only what a second region of a fleet needs."""
    region = account.region(HOME_REGIONS[account.partition])
    events.quota(region, "ec2", "L-1216C47A", 256.0)  # vCPUs: a new account's 5 are in use
    add_images(region)
    shop = Shop(region)
    web = shop.add_instances()
    shop.add_load_balancers(web)
    shop.add_containers()
    shop.add_managed()
    shop.add_scaling_group()
    add_billing(region)
    add_tools(region)
    if account.partition == "aws":
        second = account.region("eu-central-1")
        add_images(second)
        add_tools(second)


def populate_at_scale(region, count):
    """A VPC with `count` interfaces on instances; every second one has the tag tier=api."""
    vpc = network.make_vpc(region, "10.128.0.0/16", {"Name": "scale"})
    group = network.make_security_group(region, vpc["VpcId"], "scale", "many instances")["GroupId"]
    subnets = [
        network.make_subnet(
            region,
            vpc,
            "10.128.%d.0/18" % (64 * n),
            region.zones[n],
            {"Name": "scale-%s" % "abc"[n]},
        )
        for n in range(3)
    ]
    for number in range(count):
        compute.make_instance(
            region,
            subnets[number % 3],
            "m5.large",
            [group],
            {"Name": "scale-%04d" % number, "tier": "api" if number % 2 else "batch"},
        )
