"""The sample account: something of every kind that the tool can meet.

shop     the busy one: instances of supported and unsupported types, a load balancer of each kind, ECS on EC2 and on
         Fargate, a database, a scaling group
billing  the difficult one: an IPv6-only subnet, Nitro v5 instances, a network access list that is in the way, another
         vendor's mirror sessions
tools    the small one: one subnet, one zone, no load balancer
"""

from .services import ec2_images, ssm
from .state import balancing, compute, containers, network

HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
FOREIGN_VENDOR = "vendor-sensor"


class Shop:
    """The VPC `shop`, part by part."""

    def __init__(self, region):
        self.region = region
        self.vpc = network.make_vpc(region, "10.10.0.0/16", {"Name": "shop", "env": "production"})
        self.subnets = [network.make_subnet(region, self.vpc, "10.10.%d.0/24" % n, zone, {"Name": "shop-private-" + zone[-1]})
                        for n, zone in enumerate(region.zones, 1)]
        self.public = [network.make_subnet(region, self.vpc, "10.10.%d.0/24" % (100 + n), zone, {
            "Name": "shop-public-" + zone[-1]}) for n, zone in enumerate(region.zones[:2], 1)]
        gateway = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": region.account.world.ids.make("igw"), "State": "active",
                   "Origin": "CreateRoute"}
        network.make_route_table(region, self.vpc, subnets=[s["SubnetId"] for s in self.public], routes=[gateway],
                                 tags={"Name": "shop-public"})
        self.web = self.security_group("web", "web servers", 8080)
        self.front = self.security_group("front", "load balancers", 443)
        self.data = self.security_group("data", "databases", 5432)

    def security_group(self, name, description, port):
        group = network.make_security_group(self.region, self.vpc["VpcId"], name, description, {"Name": name})
        network.firewall.add_rules(self.region.account.world.ids, group, network.firewall.flat_rules([
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}], False))
        return group["GroupId"]

    def add_instances(self):
        """Returns the web servers."""
        region, subnets = self.region, self.subnets
        web = [compute.make_instance(region, subnets[n % 3], kind, [self.web], {
            "Name": "shop-web-%d" % (n + 1), "env": "production", "tier": "api"})
            for n, kind in enumerate(("m5.large", "m6i.large", "m7g.medium"))]
        compute.add_interface(region, web[0], subnets[0], [self.web], "second interface")
        compute.make_instance(region, subnets[0], "c5.xlarge", [self.web], {"Name": "shop-search", "env": "production",
                                                                          "tier": "api"})
        compute.make_instance(region, subnets[1], "t2.micro", [self.web], {"Name": "shop-legacy", "env": "production"})
        compute.make_instance(region, subnets[2], "m8g.large", [self.web], {"Name": "shop-orders", "env": "production",
                                                                          "tier": "api"})
        stopped = compute.make_instance(region, subnets[1], "m5.large", [self.web], {"Name": "shop-batch"})
        stopped["State"] = compute.state_of("stopped")
        compute.make_instance(region, subnets[0], "t3.medium", [self.web], {"Name": "shop-staging", "env": "staging"})
        return web

    def add_load_balancers(self, web):
        region, vpc_id = self.region, self.vpc["VpcId"]
        application = balancing.make_load_balancer(region, "shop-front", "application", self.public, [self.front],
                                                   "internet-facing", {"Name": "shop-front"})
        interfaces = balancing.interfaces_of(region, application)
        interfaces[0]["_mirror"], interfaces[1]["_mirror"] = True, False
        api = balancing.make_target_group(region, "shop-api", "HTTP", 8080, vpc_id, tags={"Name": "shop-api"})
        balancing.make_listener(region, application, "HTTP", 80, api)
        for instance in web:
            balancing.register(region, api, instance["InstanceId"])
        inner = balancing.make_load_balancer(region, "shop-internal", "network", self.subnets[:2])
        grpc = balancing.make_target_group(region, "shop-grpc", "TCP", 9090, vpc_id, TargetType="ip")
        balancing.make_listener(region, inner, "TCP", 9090, grpc)
        for instance in web[:2]:
            balancing.register(region, grpc, instance["PrivateIpAddress"], 9090, instance["Placement"]["AvailabilityZone"])
        self.add_classic(web)

    def add_classic(self, web):
        name, region = "shop-classic", self.region
        interface = network.make_interface(region, self.subnets[0], "ELB " + name, [self.front], requester="amazon-elb")
        network.attach(region, interface, owner="amazon-elb")
        interface["_mirror"] = True
        listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}
        region.store("classic-load-balancer")[name] = {
            "LoadBalancerName": name, "DNSName": "internal-%s.%s.elb.amazonaws.com" % (name, region.name), "Scheme": "internal",
            "ListenerDescriptions": [{"Listener": listener, "PolicyNames": []}], "VPCId": self.vpc["VpcId"],
            "AvailabilityZones": [self.subnets[0]["AvailabilityZone"]], "Subnets": [self.subnets[0]["SubnetId"]],
            "Instances": [{"InstanceId": web[0]["InstanceId"]}], "SecurityGroups": [self.front],
            "CreatedTime": region.account.world.now(), "_tags": [{"Key": "Name", "Value": name}]}

    def add_containers(self):
        region = self.region
        cluster = containers.make_cluster(region, "shop")
        hosts = [containers.make_container_instance(region, cluster, compute.make_instance(
            region, self.subnets[n], "m5.xlarge", [self.web], {"Name": "shop-ecs-%d" % (n + 1)})) for n in range(2)]
        vpc_id = self.vpc["VpcId"]
        payments = balancing.make_target_group(region, "shop-payments", "HTTP", 8080, vpc_id, TargetType="ip")
        cart = containers.make_task_definition(region, "cart", "awsvpc", [8080])
        containers.make_service(region, cluster, "cart", cart, 2, hosts=hosts, subnets=self.subnets[:2], groups=[self.web])
        pay = containers.make_task_definition(region, "payments", "awsvpc", [8080], "FARGATE")
        containers.make_service(region, cluster, "payments", pay, 3, subnets=self.subnets, groups=[self.web],
                                launch_type="FARGATE", group=payments)
        for name, mode, port in (("images", "bridge", 3000), ("mail", "bridge", 3001), ("metrics", "host", 9100)):
            definition = containers.make_task_definition(region, name, mode, [port])
            containers.make_service(region, cluster, name, definition, 2, hosts=hosts)

    def add_managed(self):
        """A database, a cache, a function, a NAT gateway and an endpoint, as their interfaces show them."""
        for description, kind, requester, mirror in (
                ("RDSNetworkInterface", "interface", "amazon-rds", True), ("ElastiCache shop-cache-001", "interface",
                                                                          "amazon-elasticache", True),
                ("AWS Lambda VPC ENI-shop-resize", "lambda", "AROALAMBDA:lambda", False),
                ("Interface for NAT Gateway nat-0aaaaaaaaaaaaaaaa", "natGateway", "amazon-nat", False),
                ("VPC Endpoint Interface vpce-0bbbbbbbbbbbbbbbb", "vpc_endpoint", "amazon-vpce", False)):
            interface = network.make_interface(self.region, self.subnets[0], description, [self.data], kind=kind,
                                               requester=requester)
            network.attach(self.region, interface, owner=requester)
            interface["_mirror"] = mirror

    def add_scaling_group(self):
        region, name = self.region, "shop-workers"
        ids = region.account.world.ids
        template_id, now = ids.make("lt"), region.account.world.now()
        data = {"ImageId": "ami-0" + "a" * 16, "InstanceType": "c5.large", "SecurityGroupIds": [self.web]}
        version = {"LaunchTemplateId": template_id, "LaunchTemplateName": name, "VersionNumber": 1, "CreateTime": now,
                   "CreatedBy": region.account.iam_arn("root"), "LaunchTemplateData": data}
        region.store("launch-template")[template_id] = {
            "LaunchTemplateId": template_id, "LaunchTemplateName": name, "CreateTime": now, "Tags": [], "LatestVersionNumber": 1,
            "CreatedBy": region.account.iam_arn("root"), "DefaultVersionNumber": 1, "_versions": [version]}
        members = []
        for subnet in self.subnets[:2]:
            instance = compute.make_instance(region, subnet, "c5.large", [self.web], {
                "Name": name, "aws:autoscaling:groupName": name})
            members.append({"InstanceId": instance["InstanceId"], "_version": "1", "_template": template_id})
        region.store("auto-scaling-group")[name] = {
            "AutoScalingGroupName": name, "MinSize": 1, "MaxSize": 4, "DesiredCapacity": 2, "DefaultCooldown": 300,
            "AutoScalingGroupARN": region.arn("autoscaling", "autoScalingGroup:%s:autoScalingGroupName/%s" % (ids.uuid(), name)),
            "LaunchTemplate": {"LaunchTemplateId": template_id, "LaunchTemplateName": name, "Version": "$Default"},
            "AvailabilityZones": region.zones[:2], "LoadBalancerNames": [], "TargetGroupARNs": [], "HealthCheckType": "EC2",
            "HealthCheckGracePeriod": 0, "CreatedTime": now, "SuspendedProcesses": [], "EnabledMetrics": [], "Tags": [],
            "VPCZoneIdentifier": ",".join(s["SubnetId"] for s in self.subnets[:2]), "TerminationPolicies": ["Default"],
            "NewInstancesProtectedFromScaleIn": False, "_members": members}


def add_billing(region):
    vpc = network.make_vpc(region, "10.20.0.0/16", {"Name": "billing", "env": "production"}, "2600:1f18:20::/56")
    subnets = [network.make_subnet(region, vpc, "10.20.%d.0/24" % n, region.zones[n], {"Name": "billing-%s" % "abc"[n]},
                                   "2600:1f18:20:%d::/64" % n) for n in range(2)]
    only6 = network.make_subnet(region, vpc, None, region.zones[2], {"Name": "billing-ipv6-only"}, "2600:1f18:20:9::/64", True)
    group = network.make_security_group(region, vpc["VpcId"], "billing", "billing servers")["GroupId"]
    ledger = compute.make_instance(region, subnets[0], "r6i.large", [group], {"Name": "billing-ledger", "env": "production"})
    compute.make_instance(region, subnets[1], "m8g.large", [group], {"Name": "billing-invoices", "env": "production"})
    compute.make_instance(region, subnets[1], "c7gn.large", [group], {"Name": "billing-export", "env": "production"})
    compute.make_instance(region, only6, "m5.large", [group], {"Name": "billing-ipv6", "env": "production"})
    blocked = network.make_network_acl(region, vpc["VpcId"], False, [
        network.acl_entry(100, "allow", False, "10.20.0.0/16", "6", (0, 65535)),
        network.acl_entry(100, "allow", True)], {"Name": "billing-tcp-only"})
    network.associate_network_acl(region, blocked, subnets[1]["SubnetId"])
    add_vendor(region, subnets[0], group, ledger)


def add_vendor(region, subnet, group, source):
    """Another product's sessions, which mirror everything and come first."""
    ids, owner = region.account.world.ids, region.account.id
    tags = [{"Key": "Name", "Value": FOREIGN_VENDOR}]
    sensor = compute.make_instance(region, subnet, "c5.large", [group], {"Name": FOREIGN_VENDOR})
    target_id, filter_id, session_id = ids.make("tmt"), ids.make("tmf"), ids.make("tms")
    region.store("traffic-mirror-target")[target_id] = {
        "TrafficMirrorTargetId": target_id, "Type": "network-interface", "OwnerId": owner, "Tags": tags, "NetworkInterfaceId":
        compute.interfaces_of(region, sensor["InstanceId"])[0]["NetworkInterfaceId"]}
    region.store("traffic-mirror-filter")[filter_id] = {
        "TrafficMirrorFilterId": filter_id, "Description": "everything", "NetworkServices": ["amazon-dns"], "Tags": tags}
    for direction in ("ingress", "egress"):
        rule_id = ids.make("tmfr")
        region.store("traffic-mirror-filter-rule")[rule_id] = {
            "TrafficMirrorFilterRuleId": rule_id, "TrafficMirrorFilterId": filter_id, "TrafficDirection": direction,
            "RuleNumber": 1, "RuleAction": "accept", "DestinationCidrBlock": "0.0.0.0/0", "SourceCidrBlock": "0.0.0.0/0"}
    region.store("traffic-mirror-session")[session_id] = {
        "TrafficMirrorSessionId": session_id, "TrafficMirrorTargetId": target_id, "TrafficMirrorFilterId": filter_id,
        "NetworkInterfaceId": compute.interfaces_of(region, source["InstanceId"])[0]["NetworkInterfaceId"], "OwnerId": owner,
        "SessionNumber": 1, "VirtualNetworkId": 4242, "Tags": tags}


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
        image = ec2_images.make_image(region, "al2023-" + architecture, architecture, OwnerId="137112412989", Public=True,
                                      ImageOwnerAlias="amazon")
        del region.store("image")[image["ImageId"]]
        image["ImageId"] = "ami-0" + letter * 16
        region.store("image")[image["ImageId"]] = image
        ssm.put(region, "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-" + architecture, image["ImageId"],
                data_type="aws:ec2:image")
    appliance = ec2_images.make_image(region, "metlo-appliance-0.1.0-x86_64", BootMode="uefi-preferred", ImdsSupport="v2.0",
                                      Description="metlo-appliance 0.1.0")
    ssm.put(region, "/metlo/appliance/ami/latest", appliance["ImageId"], data_type="aws:ec2:image")
    ssm.put(region, "/metlo/appliance/api-key", "metlo-key-for-tests", "SecureString")
    if "metlo-appliance" not in account.instance_profiles:
        role = account.world.add_role(account, "metlo-appliance", trust=["ec2.amazonaws.com"])
        account.instance_profiles["metlo-appliance"] = {
            "InstanceProfileName": "metlo-appliance", "Path": "/", "InstanceProfileId": "AIPA" + account.world.ids.letters(17),
            "Arn": account.iam_arn("instance-profile/metlo-appliance"), "CreateDate": account.world.now(), "Roles": [role]}


def populate(account):
    """The home region gets all of it, a second one only what a second region of a fleet needs."""
    region = account.region(HOME_REGIONS[account.partition])
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
    """A VPC with `count` interfaces on instances of a supported type; every second one has the tag tier=api."""
    vpc = network.make_vpc(region, "10.128.0.0/16", {"Name": "scale"})
    group = network.make_security_group(region, vpc["VpcId"], "scale", "many instances")["GroupId"]
    subnets = [network.make_subnet(region, vpc, "10.128.%d.0/18" % (64 * n), region.zones[n], {"Name": "scale-%s" % "abc"[n]})
               for n in range(3)]
    for number in range(count):
        compute.make_instance(region, subnets[number % 3], "m5.large", [group],
                              {"Name": "scale-%04d" % number, "tier": "api" if number % 2 else "batch"})
