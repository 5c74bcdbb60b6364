"""A deployment as 'apply' leaves it, made with AWS's own SDK: what the tests of sessions begin with."""

from commands import CommandTest
from standin import events
from standin.state import compute, network

VENDOR = "vendor-sensor"


class SessionsTest(CommandTest):
    options = {}  # what is made here is seen at once

    def setUp(self):
        super().setUp()
        self.ec2, self.elb = self.client("ec2"), self.client("elbv2")

    def tags(self, kind, deployment, **more):
        tags = {
            "metlo:managed": "true",
            "metlo:deployment": deployment,
            "Name": "metlo-" + deployment,
            **{"metlo:" + key: value for key, value in more.items()},
        }
        return [
            {
                "ResourceType": kind,
                "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
            }
        ]

    def instance(self, name):
        for instance in self.region.store("instance").values():
            if {"Key": "Name", "Value": name} in instance["Tags"]:
                return instance["InstanceId"]
        raise AssertionError("no instance is named " + name)

    def interface(self, name):
        """The first interface of the instance of this name."""
        return compute.interfaces_of(self.region, self.instance(name))[0]["NetworkInterfaceId"]

    def make_filter(self, deployment, directions=("ingress", "egress")):
        made = self.ec2.create_traffic_mirror_filter(
            TagSpecifications=self.tags("traffic-mirror-filter", deployment)
        )["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        for direction in directions:
            self.ec2.create_traffic_mirror_filter_rule(
                TrafficMirrorFilterId=made,
                TrafficDirection=direction,
                RuleNumber=1,
                RuleAction="accept",
                Protocol=6,
                DestinationCidrBlock="0.0.0.0/0",
                SourceCidrBlock="0.0.0.0/0",
            )
        return made

    def make_balancer(self, deployment, appliance="shop-legacy"):
        """A load balancer with a healthy appliance. Its ARN."""
        vpc = self.vpc()
        subnets = [
            s["SubnetId"]
            for s in self.region.store("subnet").values()
            if s["VpcId"] == vpc and s.get("CidrBlock")
        ]
        group = network.make_security_group(self.region, vpc, "nlb-" + deployment, "nlb")["GroupId"]
        balancer = self.elb.create_load_balancer(
            Name="metlo-" + deployment,
            Type="network",
            Scheme="internal",
            Subnets=subnets[:2],
            SecurityGroups=[group],
            Tags=self.tags("x", deployment)[0]["Tags"],
        )["LoadBalancers"][0]["LoadBalancerArn"]
        targets = self.elb.create_target_group(
            Name="metlo-" + deployment,
            Protocol="UDP",
            Port=4789,
            VpcId=vpc,
            TargetType="instance",
            HealthCheckProtocol="TCP",
            HealthCheckPort="8000",
            Tags=self.tags("x", deployment)[0]["Tags"],
        )["TargetGroups"][0]["TargetGroupArn"]
        self.elb.create_listener(
            LoadBalancerArn=balancer,
            Protocol="UDP",
            Port=4789,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": targets}],
        )
        appliance = self.instance(appliance)
        self.elb.register_targets(TargetGroupArn=targets, Targets=[{"Id": appliance}])
        self.set_health(appliance, "healthy")
        for _ in range(3):
            self.elb.describe_load_balancers(LoadBalancerArns=[balancer])
        return balancer

    def set_health(self, target, state, reason=None):
        events.target_health(self.region, target, state, reason)

    def make_session(self, deployment, interface, source, number=5):
        made = self.ec2.create_traffic_mirror_session(
            NetworkInterfaceId=interface,
            TrafficMirrorTargetId=self.target,
            TrafficMirrorFilterId=self.filter,
            SessionNumber=number,
            VirtualNetworkId=7000 + number,
            TagSpecifications=self.tags("traffic-mirror-session", deployment, source=source),
        )
        return made["TrafficMirrorSession"]["TrafficMirrorSessionId"]

    def make_deployment(self, deployment="prod", sources=("shop-web-1", "shop-web-2")):
        """All of it; the ids of the sessions, which mirror these instances."""
        self.filter = self.make_filter(deployment)
        self.balancer = self.make_balancer(deployment)
        self.target = self.ec2.create_traffic_mirror_target(
            NetworkLoadBalancerArn=self.balancer,
            TagSpecifications=self.tags("traffic-mirror-target", deployment),
        )["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
        return [
            self.make_session(
                deployment, self.interface(name), "tag/env=production,tier=api,asg/web"
            )
            for name in sources
        ]

    def sessions_there(self):
        return set(self.region.store("traffic-mirror-session"))

    def ours_there(self):
        ours = {"Key": "metlo:managed", "Value": "true"}
        return {
            key
            for key, one in self.region.store("traffic-mirror-session").items()
            if ours in one["Tags"]
        }

    def pause_tag(self, kind="traffic-mirror-filter"):
        """What the tag says on every filter (or target) of ours that has one."""
        return [
            tag["Value"]
            for one in self.region.store(kind).values()
            for tag in one["Tags"]
            if tag["Key"] == "metlo:mirroring"
        ]

    def set_pause_tag(self, value):
        """As if time had gone by since it was written."""
        for kind in ("traffic-mirror-filter", "traffic-mirror-target"):
            for one in self.region.store(kind).values():
                for tag in one["Tags"]:
                    if tag["Key"] == "metlo:mirroring":
                        tag["Value"] = value
