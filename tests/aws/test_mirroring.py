"""Traffic mirroring has AWS's rules: who can be mirrored, how often, and what is in use."""

from harness import AwsTest, pages
from standin.state import compute, network

DEFAULTS = {
    "TrafficDirection": "ingress",
    "RuleNumber": 100,
    "RuleAction": "accept",
    "DestinationCidrBlock": "0.0.0.0/0",
    "SourceCidrBlock": "0.0.0.0/0",
}


class WithShop(AwsTest):
    """A VPC, and short ways to make what mirroring needs."""

    def populate(self):
        self.vpc = network.make_vpc(self.region, "10.0.0.0/16", {"Name": "shop"}, "2600:1f18::/56")
        self.subnet = network.make_subnet(self.region, self.vpc, "10.0.1.0/24", "us-east-1a")
        self.group = network.make_security_group(self.region, self.vpc["VpcId"], "web", "web")[
            "GroupId"
        ]
        self.ec2 = self.client("ec2")

    def instance(self, kind="m5.large", subnet=None):
        return compute.make_instance(self.region, subnet or self.subnet, kind, [self.group])

    def interface(self, kind="m5.large"):
        return compute.interfaces_of(self.region, self.instance(kind)["InstanceId"])[0][
            "NetworkInterfaceId"
        ]

    def target(self, **more):
        more = more or {"NetworkInterfaceId": self.interface()}
        return self.ec2.create_traffic_mirror_target(**more)["TrafficMirrorTarget"][
            "TrafficMirrorTargetId"
        ]

    def filter(self):
        return self.ec2.create_traffic_mirror_filter(Description="f")["TrafficMirrorFilter"][
            "TrafficMirrorFilterId"
        ]

    def session(self, **more):
        wanted = {"SessionNumber": 1, **more}
        for name, make in (
            ("NetworkInterfaceId", self.interface),
            ("TrafficMirrorTargetId", self.target),
            ("TrafficMirrorFilterId", self.filter),
        ):
            wanted[name] = wanted.get(name) or make()
        return self.ec2.create_traffic_mirror_session(**wanted)["TrafficMirrorSession"]


class Mirroring(WithShop):
    def test_a_session_comes_into_being_and_goes(self):
        source, target, filter_id = self.interface(), self.target(), self.filter()
        tags = [{"Key": "metlo:managed", "Value": "true"}]
        made = self.session(
            NetworkInterfaceId=source,
            TrafficMirrorTargetId=target,
            TrafficMirrorFilterId=filter_id,
            VirtualNetworkId=7,
            Description="d",
            TagSpecifications=[{"ResourceType": "traffic-mirror-session", "Tags": tags}],
        )
        found = self.ec2.describe_traffic_mirror_sessions(
            TrafficMirrorSessionIds=[made["TrafficMirrorSessionId"]]
        )
        self.assertEqual(
            found["TrafficMirrorSessions"],
            [
                {
                    "TrafficMirrorSessionId": made["TrafficMirrorSessionId"],
                    "TrafficMirrorTargetId": target,
                    "TrafficMirrorFilterId": filter_id,
                    "NetworkInterfaceId": source,
                    "OwnerId": "111122223333",
                    "SessionNumber": 1,
                    "VirtualNetworkId": 7,
                    "Description": "d",
                    "Tags": tags,
                }
            ],
        )
        items, _ = pages(
            self.ec2,
            "describe_traffic_mirror_sessions",
            "TrafficMirrorSessions",
            Filters=[{"Name": "tag:metlo:managed", "Values": ["true"]}],
        )
        self.assertEqual(len(items), 1)
        with self.refused("TrafficMirrorTargetInUse"):
            self.ec2.delete_traffic_mirror_target(TrafficMirrorTargetId=target)
        with self.refused("TrafficMirrorFilterInUse"):
            self.ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)
        self.ec2.delete_traffic_mirror_session(
            TrafficMirrorSessionId=made["TrafficMirrorSessionId"]
        )
        self.ec2.delete_traffic_mirror_target(TrafficMirrorTargetId=target)
        self.ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)
        with self.refused("InvalidTrafficMirrorSessionId.NotFound"):
            self.ec2.delete_traffic_mirror_session(
                TrafficMirrorSessionId=made["TrafficMirrorSessionId"]
            )
        with self.refused("InvalidTrafficMirrorTargetId.NotFound"):
            self.ec2.delete_traffic_mirror_target(TrafficMirrorTargetId=target)
        with self.refused("InvalidTrafficMirrorFilterId.NotFound"):
            self.ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)

    def test_only_supported_instance_types_are_mirrored(self):
        target, filter_id = self.target(), self.filter()
        for kind in ("t3.micro", "m4.large", "m6i.large", "m7g.medium", "m5.metal", "i3.metal"):
            self.session(
                NetworkInterfaceId=self.interface(kind),
                TrafficMirrorTargetId=target,
                TrafficMirrorFilterId=filter_id,
            )
        for kind in ("t2.micro", "m3.medium", "m8g.large", "m8i.large", "c7gn.large", "m6i.metal"):
            with self.refused("NetworkInterfaceNotSupported", 400, "supported instance"):
                self.session(
                    NetworkInterfaceId=self.interface(kind),
                    TrafficMirrorTargetId=target,
                    TrafficMirrorFilterId=filter_id,
                )

    def test_only_attached_interfaces_of_the_plain_kind_are_mirrored(self):
        loose = network.make_interface(self.region, self.subnet, groups=[self.group])
        managed = network.make_interface(
            self.region,
            self.subnet,
            "ELB net/x/1",
            kind="network_load_balancer",
            requester="amazon-elb",
        )
        branch = network.make_interface(self.region, self.subnet, kind="branch")
        only6 = network.make_subnet(
            self.region, self.vpc, None, "us-east-1a", None, "2600:1f18::/64", True
        )
        six = compute.interfaces_of(self.region, self.instance(subnet=only6)["InstanceId"])[0]
        for interface in (loose, managed, branch, six):
            with self.refused("NetworkInterfaceNotSupported"):
                self.session(NetworkInterfaceId=interface["NetworkInterfaceId"])

    def test_the_hardware_under_a_managed_interface_decides(self):
        interface = network.make_interface(
            self.region, self.subnet, "ELB app/x/1", requester="amazon-elb"
        )
        network.attach(self.region, interface, owner="amazon-elb")
        with self.refused("NetworkInterfaceNotSupported"):
            self.session(NetworkInterfaceId=interface["NetworkInterfaceId"])
        interface["_mirror"] = True
        self.session(NetworkInterfaceId=interface["NetworkInterfaceId"])

    def test_an_interface_has_three_sessions_with_different_numbers(self):
        source, target, filter_id = self.interface(), self.target(), self.filter()

        def add(number):
            return self.session(
                NetworkInterfaceId=source,
                TrafficMirrorTargetId=target,
                TrafficMirrorFilterId=filter_id,
                SessionNumber=number,
            )

        add(1)
        with self.refused("InvalidParameterValue", 400, "already being used by tms-"):
            add(1)
        add(2)
        add(32766)
        with self.refused("TrafficMirrorSessionsPerInterfaceLimitExceeded"):
            add(4)
        for number in (0, 32767, -1):
            with self.refused("InvalidParameterValue"):
                add(number)

    def test_an_interface_target_takes_ten_sources(self):
        target, filter_id = self.target(), self.filter()
        for _ in range(10):
            self.session(TrafficMirrorTargetId=target, TrafficMirrorFilterId=filter_id)
        with self.refused("TrafficMirrorSourcesPerTargetLimitExceeded", 400, "(11)"):
            self.session(TrafficMirrorTargetId=target, TrafficMirrorFilterId=filter_id)

    def test_a_target_cannot_be_a_source(self):
        source = self.interface()
        target = self.target(NetworkInterfaceId=source)
        with self.refused("InvalidParameterValue"):
            self.session(NetworkInterfaceId=source, TrafficMirrorTargetId=target)

    def test_targets_must_be_something(self):
        with self.refused("MissingParameter"):
            self.ec2.create_traffic_mirror_target(Description="nothing")
        with self.refused("InvalidTrafficMirrorTarget", 400, "does not exist"):
            self.target(NetworkInterfaceId="eni-0123456789abcdef0")
        with self.refused("InvalidTrafficMirrorTarget"):
            self.target(
                NetworkLoadBalancerArn=(
                    "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/x/1"
                )
            )
        with self.refused("InvalidParameterCombination"):
            self.target(
                NetworkInterfaceId=self.interface(),
                GatewayLoadBalancerEndpointId="vpce-0123456789abcdef0",
            )

    def test_session_values_have_ranges(self):
        for bad in (
            {"VirtualNetworkId": 2**24},
            {"VirtualNetworkId": -1},
            {"PacketLength": 8501},
            {"PacketLength": 0},
        ):
            with self.refused("InvalidParameterValue"):
                self.session(**bad)
        self.assertTrue(1 <= self.session()["VirtualNetworkId"] < 2**24)

    def test_a_client_token_makes_a_session_once(self):
        source, target, filter_id = self.interface(), self.target(), self.filter()
        wanted = {
            "NetworkInterfaceId": source,
            "TrafficMirrorTargetId": target,
            "TrafficMirrorFilterId": filter_id,
            "ClientToken": "deployment-1/session-1",
        }
        first = self.session(**wanted)
        self.assertEqual(self.session(**wanted), first)
        with self.refused("IdempotentParameterMismatch"):
            self.session(**wanted, Description="other")
        with self.refused("InvalidParameterValue"):
            self.session(**dict(wanted, ClientToken="x" * 65))
        self.assertEqual(len(self.region.store("traffic-mirror-session")), 1)

    def test_a_session_is_modified(self):
        made = self.session(PacketLength=200, Description="d")
        change = {"TrafficMirrorSessionId": made["TrafficMirrorSessionId"]}
        other = self.filter()
        after = self.ec2.modify_traffic_mirror_session(
            TrafficMirrorFilterId=other,
            SessionNumber=9,
            RemoveFields=["packet-length", "description"],
            **change
        )
        self.assertEqual(after["TrafficMirrorSession"]["TrafficMirrorFilterId"], other)
        self.assertEqual(after["TrafficMirrorSession"]["SessionNumber"], 9)
        self.assertNotIn("PacketLength", after["TrafficMirrorSession"])
        self.assertNotIn("Description", after["TrafficMirrorSession"])
        with self.refused("InvalidParameterCombination"):
            self.ec2.modify_traffic_mirror_session(
                Description="x", RemoveFields=["description"], **change
            )
        with self.refused("InvalidTrafficMirrorTargetId.NotFound"):
            self.ec2.modify_traffic_mirror_session(
                TrafficMirrorTargetId="tmt-0123456789abcdef0", **change
            )

    def test_sessions_go_with_their_source(self):
        instance = self.instance()
        source = compute.interfaces_of(self.region, instance["InstanceId"])[0]["NetworkInterfaceId"]
        self.session(NetworkInterfaceId=source)
        self.ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
        self.assertEqual(self.region.store("traffic-mirror-session"), {})

    def test_a_dry_run_makes_nothing(self):
        with self.refused("DryRunOperation", 412):
            self.session(DryRun=True, ClientToken="t")
        self.assertEqual(self.region.store("traffic-mirror-session"), {})
        self.session(ClientToken="t")

    def test_new_things_are_not_seen_at_once_when_asked_for(self):
        source = self.interface()
        self.aws.world.options.hidden_reads = 1
        target, filter_id = self.target(), self.filter()
        with self.refused("InvalidTrafficMirrorTargetId.NotFound"):
            self.session(
                NetworkInterfaceId=source,
                TrafficMirrorTargetId=target,
                TrafficMirrorFilterId=filter_id,
            )
        with self.refused("InvalidTrafficMirrorFilterId.NotFound"):
            self.session(
                NetworkInterfaceId=source,
                TrafficMirrorTargetId=target,
                TrafficMirrorFilterId=filter_id,
            )
        self.session(
            NetworkInterfaceId=source, TrafficMirrorTargetId=target, TrafficMirrorFilterId=filter_id
        )
        self.assertEqual(self.ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"], [])
        self.assertEqual(
            len(self.ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]), 1
        )


class Rules(WithShop):
    def rule(self, filter_id, **more):
        return self.ec2.create_traffic_mirror_filter_rule(
            TrafficMirrorFilterId=filter_id, **{**DEFAULTS, **more}
        )

    def test_rules_are_shown_in_their_filter_by_number(self):
        filter_id = self.filter()
        self.rule(
            filter_id,
            RuleNumber=20,
            Protocol=6,
            DestinationPortRange={"FromPort": 80, "ToPort": 90},
        )
        self.rule(filter_id, RuleNumber=10)
        self.rule(
            filter_id,
            TrafficDirection="egress",
            SourceCidrBlock="::/0",
            DestinationCidrBlock="::/0",
        )
        found = self.ec2.describe_traffic_mirror_filters(TrafficMirrorFilterIds=[filter_id])[
            "TrafficMirrorFilters"
        ][0]
        self.assertEqual([r["RuleNumber"] for r in found["IngressFilterRules"]], [10, 20])
        self.assertEqual(
            found["IngressFilterRules"][1]["DestinationPortRange"], {"FromPort": 80, "ToPort": 90}
        )
        self.assertEqual(found["EgressFilterRules"][0]["SourceCidrBlock"], "::/0")

    def test_rules_that_make_no_sense_are_refused(self):
        filter_id = self.filter()
        for bad in (
            {"RuleNumber": 0},
            {"SourceCidrBlock": "10.0.0.1/8"},
            {"SourceCidrBlock": "x"},
            {"SourceCidrBlock": "::/0"},
            {"Protocol": 256},
            {"DestinationPortRange": {"FromPort": 1, "ToPort": 2}},
            {"Protocol": 1, "SourcePortRange": {"FromPort": 1, "ToPort": 2}},
            {"Protocol": 6, "SourcePortRange": {"FromPort": 2, "ToPort": 1}},
            {"Protocol": 6, "SourcePortRange": {"FromPort": 2}},
            {"TrafficDirection": "up"},
            {"RuleAction": "drop"},
        ):
            with self.refused("InvalidParameterValue"):
                self.rule(filter_id, **bad)
        for name in DEFAULTS:
            with self.refused("MissingParameter", 400, name):
                self.ec2.create_traffic_mirror_filter_rule(
                    TrafficMirrorFilterId=filter_id,
                    **{k: v for k, v in DEFAULTS.items() if k != name}
                )

    def test_a_number_is_taken_once_in_each_direction(self):
        filter_id = self.filter()
        self.rule(filter_id)
        self.rule(filter_id, TrafficDirection="egress")
        with self.refused("TrafficMirrorFilterRuleAlreadyExists"):
            self.rule(filter_id)

    def test_there_are_ten_rules_in_each_direction(self):
        filter_id = self.filter()
        for number in range(1, 11):
            self.rule(filter_id, RuleNumber=number)
            self.rule(filter_id, RuleNumber=number, TrafficDirection="egress")
        with self.refused("TrafficMirrorFilterRuleLimitExceeded"):
            self.rule(filter_id, RuleNumber=11)

    def test_a_rule_is_modified_and_deleted(self):
        filter_id = self.filter()
        made = self.rule(
            filter_id, Protocol=6, DestinationPortRange={"FromPort": 80, "ToPort": 80}
        )["TrafficMirrorFilterRule"]
        change = {"TrafficMirrorFilterRuleId": made["TrafficMirrorFilterRuleId"]}
        with self.refused("InvalidParameterValue"):
            self.ec2.modify_traffic_mirror_filter_rule(RemoveFields=["protocol"], **change)
        after = self.ec2.modify_traffic_mirror_filter_rule(
            RemoveFields=["protocol", "destination-port-range"], RuleAction="reject", **change
        )["TrafficMirrorFilterRule"]
        self.assertEqual(after["RuleAction"], "reject")
        self.assertNotIn("Protocol", after)
        self.ec2.delete_traffic_mirror_filter_rule(**change)
        with self.refused("InvalidTrafficMirrorFilterRuleId.NotFound"):
            self.ec2.delete_traffic_mirror_filter_rule(**change)

    def test_dns_is_a_network_service(self):
        filter_id = self.filter()
        change = self.ec2.modify_traffic_mirror_filter_network_services
        after = change(TrafficMirrorFilterId=filter_id, AddNetworkServices=["amazon-dns"])[
            "TrafficMirrorFilter"
        ]
        self.assertEqual(after["NetworkServices"], ["amazon-dns"])
        after = change(TrafficMirrorFilterId=filter_id, RemoveNetworkServices=["amazon-dns"])[
            "TrafficMirrorFilter"
        ]
        self.assertEqual(after["NetworkServices"], [])
        with self.refused("InvalidParameterValue"):
            change(TrafficMirrorFilterId=filter_id, AddNetworkServices=["ntp"])


class SecurityGroups(WithShop):
    def make(self, name="appliance"):
        return self.ec2.create_security_group(
            GroupName=name, Description="d", VpcId=self.vpc["VpcId"]
        )["GroupId"]

    VXLAN = {
        "IpProtocol": "udp",
        "FromPort": 4789,
        "ToPort": 4789,
        "IpRanges": [{"CidrIp": "10.0.0.0/16"}],
    }

    def test_rules_are_grouped_by_protocol_and_ports(self):
        group = self.make()
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[self.VXLAN])
        self.ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[
                {
                    "IpProtocol": "17",
                    "FromPort": 4789,
                    "ToPort": 4789,
                    "UserIdGroupPairs": [{"GroupId": self.group}],
                }
            ],
        )
        found = self.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        self.assertEqual(len(found["IpPermissions"]), 1)
        self.assertEqual(found["IpPermissions"][0]["IpRanges"], [{"CidrIp": "10.0.0.0/16"}])
        self.assertEqual(
            found["IpPermissions"][0]["UserIdGroupPairs"],
            [{"GroupId": self.group, "UserId": "111122223333"}],
        )
        self.assertEqual(found["IpPermissionsEgress"][0]["IpProtocol"], "-1")
        rules, _ = pages(
            self.ec2,
            "describe_security_group_rules",
            "SecurityGroupRules",
            Filters=[{"Name": "group-id", "Values": [group]}],
        )
        self.assertEqual(len(rules), 3)

    def test_a_rule_exists_once(self):
        group = self.make()
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[self.VXLAN])
        with self.refused("InvalidPermission.Duplicate"):
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[self.VXLAN])
        self.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[self.VXLAN])
        with self.refused("InvalidPermission.NotFound"):
            self.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[self.VXLAN])

    def test_names_are_taken_once_in_a_vpc(self):
        self.make()
        with self.refused("InvalidGroup.Duplicate"):
            self.make()
        with self.refused("InvalidParameterValue"):
            self.make("sg-mine")
        with self.refused("InvalidVpcID.NotFound"):
            self.ec2.create_security_group(
                GroupName="x", Description="d", VpcId="vpc-0123456789abcdef0"
            )

    def test_a_group_in_use_stays(self):
        self.instance()
        with self.refused("DependencyViolation"):
            self.ec2.delete_security_group(GroupId=self.group)
        group, other = self.make(), self.make("other")
        rule = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
        self.ec2.authorize_security_group_egress(GroupId=other, IpPermissions=rule)
        with self.refused("DependencyViolation"):
            self.ec2.delete_security_group(GroupId=group)
        self.ec2.delete_security_group(GroupId=other)
        self.ec2.delete_security_group(GroupId=group)
        with self.refused("InvalidGroup.NotFound"):
            self.ec2.delete_security_group(GroupId=group)

    def test_bad_rules_are_refused(self):
        group = self.make()
        for bad in (
            {"IpProtocol": "udp", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
            dict(self.VXLAN, FromPort=4790),
            dict(self.VXLAN, IpRanges=[{"CidrIp": "10.0.0.0/33"}]),
            dict(self.VXLAN, IpProtocol="vxlan"),
        ):
            with self.refused("InvalidParameterValue"):
                self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[bad])
