"""Calls are allowed by policies, with the resources and conditions that AWS documents."""

import base64
import json
import re

from botocore.exceptions import ClientError

from harness import AwsTest
from standin.state import compute, network, policy

KEY, SECRET = "AKIASTANDINLIMITED01", "limited"
OURS = {"StringEquals": {"aws:ResourceTag/metlo:managed": "true"}}
MAKING = {"StringEquals": {"aws:RequestTag/metlo:managed": "true"}}
TAGS = [{"Key": "metlo:managed", "Value": "true"}]


class Policies(AwsTest):
    def populate(self):
        self.vpc = network.make_vpc(self.region, "10.0.0.0/16")
        self.subnets = [
            network.make_subnet(self.region, self.vpc, "10.0.%d.0/24" % n, "us-east-1" + z)
            for n, z in enumerate("ab")
        ]
        self.group = network.make_security_group(self.region, self.vpc["VpcId"], "g", "g")[
            "GroupId"
        ]
        self.interfaces = [
            compute.interfaces_of(
                self.region,
                compute.make_instance(self.region, self.subnets[0], "m5.large", [self.group])[
                    "InstanceId"
                ],
            )[0]["NetworkInterfaceId"]
            for _ in range(2)
        ]

    def allow(self, *statements):
        documents = [
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Resource": "*", **statement} for statement in statements
                ],
            }
        ]
        if KEY not in self.aws.world.keys:
            self.aws.world.add_user(self.aws.account, "limited", KEY, SECRET, documents)
        self.control("PUT", "policies", {"key": KEY, "documents": documents})
        return self.client("ec2", key=KEY, secret=SECRET)

    def test_what_is_not_allowed_is_denied_in_the_words_of_each_protocol(self):
        ec2 = self.allow({"Action": "ec2:DescribeVpcs"})
        ec2.describe_vpcs()
        with self.refused("UnauthorizedOperation", 403, "ec2:DescribeSubnets"):
            ec2.describe_subnets()
        for service, operation, code in (
            ("elbv2", "describe_load_balancers", "AccessDenied"),
            ("ecs", "list_clusters", "AccessDeniedException"),
        ):
            with self.refused(code):
                getattr(self.client(service, key=KEY, secret=SECRET), operation)()
        self.client("sts", key=KEY, secret=SECRET).get_caller_identity()

    def test_the_encoded_message_can_be_decoded_by_who_may(self):
        ec2 = self.allow({"Action": "ec2:DescribeVpcs"})
        with self.assertRaises(ClientError) as caught:
            ec2.describe_subnets()
        encoded = re.search(r"failure message: (\S+)", str(caught.exception)).group(1)
        text = self.client("sts").decode_authorization_message(EncodedMessage=encoded)[
            "DecodedMessage"
        ]
        self.assertEqual(json.loads(text)["context"]["action"], "ec2:DescribeSubnets")
        self.assertEqual(json.loads(base64.urlsafe_b64decode(encoded)), json.loads(text))

    def test_a_dry_run_says_whether_one_may(self):
        ec2 = self.allow({"Action": "ec2:CreateTrafficMirrorFilter"})
        with self.refused("DryRunOperation", 412):
            ec2.create_traffic_mirror_filter(DryRun=True)
        with self.refused("UnauthorizedOperation", 403):
            ec2.delete_traffic_mirror_filter(
                TrafficMirrorFilterId="tmf-0123456789abcdef0", DryRun=True
            )

    def test_a_session_needs_all_four_resources(self):
        kinds = [
            "network-interface",
            "traffic-mirror-filter",
            "traffic-mirror-target",
            "traffic-mirror-session",
        ]
        admin = self.client("ec2")
        target = admin.create_traffic_mirror_target(NetworkInterfaceId=self.interfaces[0])[
            "TrafficMirrorTarget"
        ]
        mirror_filter = admin.create_traffic_mirror_filter()["TrafficMirrorFilter"]
        wanted = {
            "NetworkInterfaceId": self.interfaces[1],
            "SessionNumber": 1,
            "TrafficMirrorTargetId": target["TrafficMirrorTargetId"],
            "TrafficMirrorFilterId": mirror_filter["TrafficMirrorFilterId"],
        }

        def allow(names):
            return self.allow(
                {
                    "Action": "ec2:CreateTrafficMirrorSession",
                    "Resource": ["arn:aws:ec2:*:111122223333:%s/*" % name for name in names],
                }
            )

        for missing in kinds:
            with self.refused("UnauthorizedOperation", 403, missing):
                allow([k for k in kinds if k != missing]).create_traffic_mirror_session(**wanted)
        allow(kinds).create_traffic_mirror_session(**wanted)

    def test_tags_at_creation_need_their_own_permission(self):
        create = {"Action": "ec2:CreateTrafficMirrorFilter", "Condition": MAKING}
        specification = [{"ResourceType": "traffic-mirror-filter", "Tags": TAGS}]
        with self.refused("UnauthorizedOperation", 403, "ec2:CreateTags"):
            self.allow(create).create_traffic_mirror_filter(TagSpecifications=specification)
        tag = {
            "Action": "ec2:CreateTags",
            "Condition": {"StringEquals": {"ec2:CreateAction": "CreateTrafficMirrorFilter"}},
        }
        self.allow(create, tag).create_traffic_mirror_filter(TagSpecifications=specification)
        with self.refused("UnauthorizedOperation"):
            self.allow(create, tag).create_traffic_mirror_filter()
        with self.refused("UnauthorizedOperation", 403, "ec2:CreateTags"):
            self.allow(create, tag).create_tags(Resources=[self.interfaces[0]], Tags=TAGS)

    def test_only_what_is_ours_can_be_deleted(self):
        admin = self.client("ec2")
        ours = admin.create_traffic_mirror_filter(
            TagSpecifications=[{"ResourceType": "traffic-mirror-filter", "Tags": TAGS}]
        )["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        theirs = admin.create_traffic_mirror_filter()["TrafficMirrorFilter"][
            "TrafficMirrorFilterId"
        ]
        ec2 = self.allow({"Action": "ec2:Delete*", "Condition": OURS})
        with self.refused("UnauthorizedOperation"):
            ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=theirs)
        ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=ours)

    def test_load_balancers_are_named_in_policies(self):
        self.allow(
            {
                "Action": [
                    "elasticloadbalancing:CreateLoadBalancer",
                    "elasticloadbalancing:AddTags",
                ],
                "Resource": "arn:aws:elasticloadbalancing:*:*:loadbalancer/net/metlo-*",
                "Condition": MAKING,
            },
            {"Action": "ec2:Describe*"},
        )
        elb = self.client("elbv2", key=KEY, secret=SECRET)
        wanted = {
            "Type": "network",
            "Scheme": "internal",
            "Subnets": [s["SubnetId"] for s in self.subnets],
            "Tags": TAGS,
        }
        with self.refused("AccessDenied", 403, "loadbalancer/net/other"):
            elb.create_load_balancer(Name="other", **wanted)
        elb.create_load_balancer(Name="metlo-1", **wanted)
        self.aws.account.service_linked_roles.clear()
        with self.refused("AccessDenied", 403, "iam:CreateServiceLinkedRole"):
            elb.create_load_balancer(Name="metlo-2", **wanted)

    def test_load_balancing_looks_around_as_the_caller(self):
        allowed = {
            "Action": "elasticloadbalancing:*",
            "Resource": "arn:aws:elasticloadbalancing:*:*:targetgroup/metlo-1/*",
        }
        self.allow(allowed)
        elb = self.client("elbv2", key=KEY, secret=SECRET)
        wanted = {"Name": "metlo-1", "Protocol": "UDP", "Port": 4789, "VpcId": self.vpc["VpcId"]}
        with self.refused("AccessDenied", 403, "ec2:DescribeInternetGateways"):
            elb.create_target_group(**wanted, HealthCheckPort="80", HealthCheckProtocol="TCP")
        self.allow(allowed, {"Action": "ec2:Describe*"})
        elb.create_target_group(**wanted, HealthCheckPort="80", HealthCheckProtocol="TCP")

    def test_a_rule_is_deleted_by_who_may_change_its_filter(self):
        admin = self.client("ec2")
        for tags, code in ((TAGS, None), ([], "UnauthorizedOperation")):
            made = admin.create_traffic_mirror_filter(
                TagSpecifications=[{"ResourceType": "traffic-mirror-filter", "Tags": tags}]
                if tags
                else []
            )
            rule = admin.create_traffic_mirror_filter_rule(
                TrafficMirrorFilterId=made["TrafficMirrorFilter"]["TrafficMirrorFilterId"],
                TrafficDirection="ingress",
                RuleNumber=1,
                RuleAction="accept",
                SourceCidrBlock="0.0.0.0/0",
                DestinationCidrBlock="0.0.0.0/0",
            )["TrafficMirrorFilterRule"]["TrafficMirrorFilterRuleId"]
            ec2 = self.allow(
                {"Action": "ec2:Delete*", "Resource": "arn:aws:ec2:*:*:*-filter-rule/*"},
                {"Action": "ec2:Delete*", "Condition": OURS},
            )
            if code is None:
                ec2.delete_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=rule)
            else:
                with self.refused(code, 403, "traffic-mirror-filter/"):
                    ec2.delete_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=rule)

    def test_the_language_is_understood(self):
        def decide(statement, action="ec2:RunInstances", resource="*", **context):
            document = {
                "Statement": {"Effect": "Allow", "Resource": "*", "Action": "*", **statement}
            }
            return policy.evaluate(
                [document], action, resource, {k.replace("__", ":"): v for k, v in context.items()}
            )

        self.assertEqual(decide({"Action": "EC2:run*"}), "allowed")
        self.assertEqual(decide({"NotResource": "*", "Resource": "arn:x"}), "implicitDeny")
        self.assertEqual(decide({"Effect": "Deny"}), "explicitDeny")
        condition = {"Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}}
        self.assertEqual(decide(condition, aws__tagkeys=["a"]), "allowed")
        self.assertEqual(decide(condition, aws__tagkeys=["a", "c"]), "implicitDeny")
        self.assertEqual(decide(condition), "allowed")
        self.assertEqual(decide({"Condition": {"Null": {"aws:TagKeys": "false"}}}), "implicitDeny")
        self.assertEqual(decide({"Condition": {"StringNotEquals": {"x": "1"}}}, x="2"), "allowed")
        self.assertEqual(decide({"Condition": {"StringEqualsIfExists": {"x": "1"}}}), "allowed")
        self.assertEqual(decide({"Condition": {"StringLike": {"x": "a*"}}}, x="abc"), "allowed")
