"""Targets and their health, what people break, and the digest of a region."""

from harness import WithNetwork
from standin import digest, events
from standin.standin import Standin
from standin.state import compute, network
from standin.state.world import Options


class Targets(WithNetwork):
    def populate(self):
        super().populate()
        self.appliance_group = network.make_security_group(
            self.region, self.vpc["VpcId"], "appliance", "a"
        )["GroupId"]
        self.ec2.authorize_security_group_ingress(
            GroupId=self.appliance_group,
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 8000,
                    "ToPort": 8000,
                    "UserIdGroupPairs": [{"GroupId": self.group}],
                }
            ],
        )
        self.appliance = compute.make_instance(
            self.region, self.subnets[0], "c6i.large", [self.appliance_group]
        )
        self.address = self.appliance["PrivateIpAddress"]
        self.balancer_arn, self.group_arn = self.active(), self.targets()["TargetGroupArn"]

    def health(self, **more):
        rows = self.elb.describe_target_health(TargetGroupArn=self.group_arn, **more)[
            "TargetHealthDescriptions"
        ]
        return [(r["TargetHealth"]["State"], r["TargetHealth"].get("Reason")) for r in rows]

    def add(self, **more):
        self.elb.register_targets(
            TargetGroupArn=self.group_arn, Targets=[{"Id": self.address, **more}]
        )

    def test_a_target_becomes_healthy(self):
        self.add()
        self.assertEqual(self.health(), [("unused", "Target.NotInUse")])
        self.listener(self.balancer_arn, self.group_arn)
        self.assertEqual(
            [self.health()[0] for _ in range(3)],
            [
                ("initial", "Elb.InitialHealthChecking"),
                ("initial", "Elb.InitialHealthChecking"),
                ("healthy", None),
            ],
        )
        self.assertEqual(
            self.health(Targets=[{"Id": "10.0.1.99"}]), [("unused", "Target.NotRegistered")]
        )

    def test_a_target_drains_before_it_is_gone(self):
        self.add()
        self.listener(self.balancer_arn, self.group_arn)
        self.elb.deregister_targets(TargetGroupArn=self.group_arn, Targets=[{"Id": self.address}])
        self.assertEqual(self.health(), [("draining", "Target.DeregistrationInProgress")])
        self.health()
        self.assertEqual(self.health(), [])

    def test_firewalls_make_a_target_unhealthy(self):
        self.aws.world.options.settle_reads = 0
        self.add()
        self.listener(self.balancer_arn, self.group_arn)
        self.assertEqual(self.health(), [("healthy", None)])
        rule = {
            "IpProtocol": "tcp",
            "FromPort": 8000,
            "ToPort": 8000,
            "UserIdGroupPairs": [{"GroupId": self.group}],
        }
        self.ec2.revoke_security_group_ingress(GroupId=self.appliance_group, IpPermissions=[rule])
        self.assertEqual(self.health(), [("unhealthy", "Target.Timeout")])

    def test_a_zone_that_the_balancer_does_not_serve_needs_cross_zone(self):
        self.aws.world.options.settle_reads = 0
        far = compute.make_instance(
            self.region, self.subnets[2], "c6i.large", [self.appliance_group]
        )
        self.listener(self.balancer_arn, self.group_arn)
        self.elb.register_targets(
            TargetGroupArn=self.group_arn, Targets=[{"Id": far["PrivateIpAddress"]}]
        )
        self.assertEqual(self.health(), [("unused", "Target.NotInUse")])
        self.elb.modify_load_balancer_attributes(
            LoadBalancerArn=self.balancer_arn,
            Attributes=[{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}],
        )
        self.assertEqual(self.health(), [("healthy", None)])

    def test_a_test_can_say_how_a_target_is(self):
        self.add()
        events.target_health(self.region, self.address, "unhealthy", "Target.FailedHealthChecks")
        self.assertEqual(self.health(), [("unhealthy", "Target.FailedHealthChecks")])

    def test_what_people_break_shows(self):
        self.aws.world.options.settle_reads = 0
        self.add()
        self.listener(self.balancer_arn, self.group_arn)
        self.control("POST", "act", {"event": "firewall_closed"})
        self.assertEqual(self.health(), [("unhealthy", "Target.Timeout")])
        self.control("POST", "act", {"event": "vxlan_listener_gone"})
        self.assertEqual(self.health(), [("unused", "Target.NotInUse")])
        self.assertEqual(
            self.elb.describe_listeners(LoadBalancerArn=self.balancer_arn)["Listeners"], []
        )

    def test_targets_must_exist_and_run(self):
        self.group_arn = self.targets("by-id", TargetType="instance")["TargetGroupArn"]
        for bad in ("i-0123456789abcdef0", "10.0.0.1"):
            with self.refused("InvalidTarget"):
                self.elb.register_targets(TargetGroupArn=self.group_arn, Targets=[{"Id": bad}])
        self.ec2.stop_instances(InstanceIds=[self.appliance["InstanceId"]])
        with self.refused("InvalidTarget", 400, "running"):
            self.elb.register_targets(
                TargetGroupArn=self.group_arn, Targets=[{"Id": self.appliance["InstanceId"]}]
            )

    def test_addresses_outside_the_vpc_need_a_zone(self):
        for bad in ({"Id": "192.168.0.1"}, {"Id": "shop"}):
            with self.refused("ValidationError"):
                self.elb.register_targets(TargetGroupArn=self.group_arn, Targets=[bad])
        self.elb.register_targets(
            TargetGroupArn=self.group_arn,
            Targets=[{"Id": "192.168.0.1", "AvailabilityZone": "all"}],
        )


class Digest(WithNetwork):
    def build(self, balancer_first):
        def balancer():
            return self.active()

        def group():
            return self.targets()["TargetGroupArn"]

        if balancer_first:
            first, second = balancer(), group()
        else:
            second, first = group(), balancer()
        self.listener(first, second)
        return digest.of_region(self.region)

    def test_order_and_identifiers_do_not_count_but_content_does(self):
        one = self.build(True)
        self.aws.stop()
        self.doCleanups()
        self.aws = Standin(Options(), seed=99).start()
        self.addCleanup(self.aws.stop)
        self.region = self.aws.account.region("us-east-1")
        self.populate()
        other = self.build(False)
        self.assertEqual(one, other)
        self.elb.add_tags(
            ResourceArns=[self.targets()["TargetGroupArn"]], Tags=[{"Key": "a", "Value": "b"}]
        )
        self.assertNotEqual(digest.of_region(self.region), other)
