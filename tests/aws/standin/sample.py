"""The sample account: something of every kind that the tool can meet."""

from .state import compute, network

HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


def populate(account):
    region = account.region(HOME_REGIONS[account.partition])
    vpc = network.make_vpc(region, "10.10.0.0/16", {"Name": "shop"})
    subnet = network.make_subnet(region, vpc, "10.10.1.0/24", region.zones[0], {"Name": "shop-a"})
    group = network.make_security_group(region, vpc["VpcId"], "web", "web servers")
    compute.make_instance(region, subnet, "m5.large", [group["GroupId"]], {"Name": "shop-web-1"})


def populate_at_scale(region, count):
    vpc = network.make_vpc(region, "10.128.0.0/16", {"Name": "scale"})
    group = network.make_security_group(region, vpc["VpcId"], "scale", "many instances")["GroupId"]
    subnets = [network.make_subnet(region, vpc, "10.128.%d.0/20" % (16 * n), region.zones[n % 3]) for n in range(3)]
    for number in range(count):
        compute.make_instance(region, subnets[number % 3], "m5.large", [group],
                              {"Name": "scale-%04d" % number, "tier": "api" if number % 2 else "batch"})
