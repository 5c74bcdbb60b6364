"""Load balancers, target groups and listeners behave as ELBv2 documents."""

from harness import WithNetwork, pages
from standin.state import compute, network


class LoadBalancers(WithNetwork):
    def test_it_is_provisioning_before_it_is_active(self):
        made = self.balancer()
        self.assertEqual(made["State"]["Code"], "provisioning")
        with self.refused("InvalidTrafficMirrorTarget", 400, "not active"):
            self.ec2.create_traffic_mirror_target(NetworkLoadBalancerArn=made["LoadBalancerArn"])
        states = [
            self.elb.describe_load_balancers(Names=["metlo-a1"])["LoadBalancers"][0]["State"][
                "Code"
            ]
            for _ in range(3)
        ]
        self.assertEqual(states, ["provisioning", "provisioning", "active"])
        target = self.ec2.create_traffic_mirror_target(
            NetworkLoadBalancerArn=made["LoadBalancerArn"]
        )
        self.assertEqual(target["TrafficMirrorTarget"]["Type"], "network-load-balancer")

    def test_a_session_to_it_has_the_packet_length_of_load_balancers(self):
        target = self.ec2.create_traffic_mirror_target(NetworkLoadBalancerArn=self.active())[
            "TrafficMirrorTarget"
        ]
        source = compute.make_instance(self.region, self.subnets[0], "m5.large", [self.group])
        interface = compute.interfaces_of(self.region, source["InstanceId"])[0][
            "NetworkInterfaceId"
        ]
        made = self.ec2.create_traffic_mirror_session(
            NetworkInterfaceId=interface,
            TrafficMirrorTargetId=target["TrafficMirrorTargetId"],
            SessionNumber=1,
            TrafficMirrorFilterId=self.ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"][
                "TrafficMirrorFilterId"
            ],
        )
        self.assertEqual(made["TrafficMirrorSession"]["PacketLength"], 8500)

    def test_the_same_again_is_the_same(self):
        first = self.balancer(Tags=[{"Key": "a", "Value": "b"}])["LoadBalancerArn"]
        self.assertEqual(self.balancer(Tags=[{"Key": "a", "Value": "b"}])["LoadBalancerArn"], first)
        for other in (
            {},
            {"Tags": [{"Key": "a", "Value": "b"}], "Subnets": [self.subnets[2]["SubnetId"]]},
        ):
            with self.refused("DuplicateLoadBalancerName"):
                self.balancer(**other)

    def test_what_does_not_go_together_is_refused(self):
        twin = network.make_subnet(self.region, self.vpc, "10.0.9.0/24", "us-east-1a")["SubnetId"]
        for name in ("-a", "a-", "a_b", "internal-x", "x" * 33):
            with self.refused("ValidationError"):
                self.balancer(name)
        with self.refused("SubnetNotFound"):
            self.balancer(Subnets=["subnet-0123456789abcdef0"])
        with self.refused("InvalidConfigurationRequest"):
            self.balancer(Subnets=[self.subnets[0]["SubnetId"], twin])
        with self.refused("InvalidSecurityGroup"):
            self.balancer(SecurityGroups=["sg-0123456789abcdef0"])
        with self.refused("InvalidSubnet", 400, "no internet gateway"):
            self.balancer(Scheme="internet-facing")
        with self.refused("ValidationError"):
            self.balancer(Scheme="inside")
        with self.refused("DuplicateTagKeys"):
            self.balancer(Tags=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])

    def test_attributes_are_checked(self):
        arn = self.balancer()["LoadBalancerArn"]

        def change(key, value):
            return self.elb.modify_load_balancer_attributes(
                LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": value}]
            )

        change("load_balancing.cross_zone.enabled", "true")
        found = {
            a["Key"]: a["Value"]
            for a in self.elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        }
        self.assertEqual(found["load_balancing.cross_zone.enabled"], "true")
        for key, value in (
            ("colour", "red"),
            ("load_balancing.cross_zone.enabled", "yes"),
            ("routing.http2.enabled", "true"),
        ):
            with self.refused("InvalidConfigurationRequest"):
                change(key, value)
        change("deletion_protection.enabled", "true")
        with self.refused("OperationNotPermitted"):
            self.elb.delete_load_balancer(LoadBalancerArn=arn)

    def test_it_can_have_security_groups_only_from_the_start(self):
        bare = self.balancer("bare", SecurityGroups=None)["LoadBalancerArn"]
        with self.refused("InvalidConfigurationRequest", 400, "created without"):
            self.elb.set_security_groups(LoadBalancerArn=bare, SecurityGroups=[self.group])
        full = self.balancer()["LoadBalancerArn"]
        other = network.make_security_group(self.region, self.vpc["VpcId"], "other", "o")["GroupId"]
        self.elb.set_security_groups(LoadBalancerArn=full, SecurityGroups=[other])
        self.assertEqual(
            self.elb.describe_load_balancers(Names=["metlo-a1"])["LoadBalancers"][0][
                "SecurityGroups"
            ],
            [other],
        )

    def test_subnets_are_added_and_not_taken(self):
        arn = self.balancer()["LoadBalancerArn"]
        with self.refused("InvalidConfigurationRequest"):
            self.elb.set_subnets(LoadBalancerArn=arn, Subnets=[self.subnets[2]["SubnetId"]])
        zones = self.elb.set_subnets(
            LoadBalancerArn=arn, Subnets=[s["SubnetId"] for s in self.subnets]
        )["AvailabilityZones"]
        self.assertEqual(len(zones), 3)

    def test_it_leaves_its_security_group_held_for_a_while(self):
        arn = self.balancer()["LoadBalancerArn"]
        items, _ = pages(
            self.ec2,
            "describe_network_interfaces",
            "NetworkInterfaces",
            Filters=[{"Name": "description", "Values": ["ELB net/metlo-a1/*"]}],
        )
        self.assertEqual({i["InterfaceType"] for i in items}, {"network_load_balancer"})
        self.elb.delete_load_balancer(LoadBalancerArn=arn)
        self.elb.delete_load_balancer(LoadBalancerArn=arn)
        with self.refused("LoadBalancerNotFound"):
            self.elb.describe_load_balancers(LoadBalancerArns=[arn])
        for _ in range(2):
            with self.refused("DependencyViolation"):
                self.ec2.delete_security_group(GroupId=self.group)
        self.ec2.delete_security_group(GroupId=self.group)

    def test_lists_are_paged_and_names_are_found(self):
        for number in range(7):
            self.balancer("lb-%d" % number)
        items, count = pages(self.elb, "describe_load_balancers", "LoadBalancers")
        self.assertEqual((len(items), count), (7, 2))
        with self.refused("LoadBalancerNotFound"):
            self.elb.describe_load_balancers(Names=["lb-1", "nothing"])
        with self.refused("ValidationError"):
            self.elb.describe_load_balancers(Names=["lb-1"], PageSize=5)

    def test_tags_are_kept_by_arn(self):
        arn, group = self.balancer()["LoadBalancerArn"], self.targets()["TargetGroupArn"]
        self.elb.add_tags(
            ResourceArns=[arn, group],
            Tags=[{"Key": "metlo:managed", "Value": "true"}, {"Key": "x", "Value": ""}],
        )
        self.elb.remove_tags(ResourceArns=[arn], TagKeys=["x"])
        found = self.elb.describe_tags(ResourceArns=[arn, group])["TagDescriptions"]
        self.assertEqual([len(d["Tags"]) for d in found], [1, 2])
        with self.refused("LoadBalancerNotFound"):
            self.elb.describe_tags(ResourceArns=[arn + "0"])
        with self.refused("ValidationError"):
            self.elb.describe_tags(ResourceArns=[arn] * 21)
        with self.refused("ValidationError"):
            self.elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "aws:x", "Value": "y"}])

    def test_new_ones_are_not_seen_at_once_when_asked_for(self):
        self.aws.world.options.hidden_reads = 1
        arn = self.balancer()["LoadBalancerArn"]
        with self.refused("LoadBalancerNotFound"):
            self.elb.describe_load_balancers(LoadBalancerArns=[arn])
        self.elb.describe_load_balancers(LoadBalancerArns=[arn])


class TargetGroups(WithNetwork):
    def test_defaults_are_those_of_aws(self):
        made = self.targets(HealthCheckProtocol=None, HealthCheckPort=None)
        self.assertEqual(
            (
                made["HealthCheckProtocol"],
                made["HealthCheckPort"],
                made["HealthCheckIntervalSeconds"],
                made["HealthyThresholdCount"],
                made["UnhealthyThresholdCount"],
            ),
            ("TCP", "traffic-port", 30, 5, 2),
        )
        found = {
            a["Key"]: a["Value"]
            for a in self.elb.describe_target_group_attributes(
                TargetGroupArn=made["TargetGroupArn"]
            )["Attributes"]
        }
        self.assertEqual(found["deregistration_delay.connection_termination.enabled"], "true")
        self.assertEqual(found["stickiness.type"], "source_ip")

    def test_what_does_not_go_together_is_refused(self):
        for more in (
            {"HealthCheckProtocol": "UDP"},
            {"HealthCheckPort": "x"},
            {"HealthCheckPath": "/health"},
            {"HealthCheckTimeoutSeconds": 30},
        ):
            with self.refused("InvalidConfigurationRequest"):
                self.targets(**more)
        for more in (
            {"Port": None},
            {"Port": 0},
            {"VpcId": "vpc-0123456789abcdef0"},
            {"HealthyThresholdCount": 11},
        ):
            with self.refused("ValidationError"):
                self.targets(**more)

    def test_the_same_again_is_the_same(self):
        first = self.targets()["TargetGroupArn"]
        self.assertEqual(self.targets()["TargetGroupArn"], first)
        with self.refused("DuplicateTargetGroupName"):
            self.targets(Port=4790)

    def test_udp_groups_keep_client_addresses(self):
        arn = self.targets()["TargetGroupArn"]

        def change(key, value):
            self.elb.modify_target_group_attributes(
                TargetGroupArn=arn, Attributes=[{"Key": key, "Value": value}]
            )

        change("stickiness.enabled", "true")
        change("stickiness.type", "source_ip")
        change("deregistration_delay.timeout_seconds", "120")
        for key, value in (
            ("preserve_client_ip.enabled", "false"),
            ("stickiness.type", "lb_cookie"),
            ("deregistration_delay.timeout_seconds", "3601"),
            ("colour", "red"),
            ("target_health_state.unhealthy.connection_termination.enabled", "true"),
        ):
            with self.refused("InvalidConfigurationRequest"):
                change(key, value)

    def test_a_group_in_use_stays(self):
        balancer, group = self.active(), self.targets()["TargetGroupArn"]
        listener = self.listener(balancer, group)["ListenerArn"]
        with self.refused("ResourceInUse"):
            self.elb.delete_target_group(TargetGroupArn=group)
        self.elb.delete_listener(ListenerArn=listener)
        for _ in range(2):
            with self.refused("ResourceInUse"):
                self.elb.delete_target_group(TargetGroupArn=group)
        self.elb.delete_target_group(TargetGroupArn=group)
        self.elb.delete_target_group(TargetGroupArn=group)

    def test_health_checks_are_modified(self):
        arn = self.targets()["TargetGroupArn"]
        after = self.elb.modify_target_group(
            TargetGroupArn=arn,
            HealthCheckProtocol="HTTP",
            HealthCheckPath="/ready",
            HealthCheckIntervalSeconds=10,
            HealthCheckTimeoutSeconds=5,
        )["TargetGroups"][0]
        self.assertEqual(
            (after["HealthCheckPath"], after["HealthCheckIntervalSeconds"]), ("/ready", 10)
        )
        with self.refused("InvalidConfigurationRequest"):
            self.elb.modify_target_group(TargetGroupArn=arn, HealthCheckIntervalSeconds=5)


class Listeners(WithNetwork):
    def test_it_links_the_group_to_the_balancer(self):
        balancer, group = self.active(), self.targets()["TargetGroupArn"]
        made = self.listener(balancer, group)
        self.assertEqual(self.listener(balancer, group)["ListenerArn"], made["ListenerArn"])
        found = self.elb.describe_target_groups(LoadBalancerArn=balancer)["TargetGroups"]
        self.assertEqual([g["LoadBalancerArns"] for g in found], [[balancer]])
        self.assertEqual(
            self.elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["Port"], 4789
        )

    def test_what_does_not_go_together_is_refused(self):
        balancer, group = self.active(), self.targets()["TargetGroupArn"]
        tcp = self.targets("tcp", Protocol="TCP")["TargetGroupArn"]
        with self.refused("IncompatibleProtocols"):
            self.listener(balancer, tcp)
        with self.refused("UnsupportedProtocol"):
            self.listener(balancer, group, Protocol="HTTP")
        with self.refused("CertificateNotFound"):
            self.listener(balancer, tcp, Protocol="TLS")
        with self.refused("LoadBalancerNotFound"):
            self.listener(balancer + "0", group)
        with self.refused("TargetGroupNotFound"):
            self.listener(balancer, group + "0")
        with self.refused("InvalidLoadBalancerAction"):
            self.listener(balancer, group, DefaultActions=[{"Type": "forward"}])
        self.listener(balancer, group)
        with self.refused("DuplicateListener"):
            self.listener(balancer, tcp, Protocol="TCP")
        other = self.active(name="other")
        with self.refused("TargetGroupAssociationLimit"):
            self.listener(other, group)

    def test_it_goes_with_its_balancer(self):
        balancer = self.active()
        listener = self.listener(balancer, self.targets()["TargetGroupArn"])["ListenerArn"]
        self.elb.delete_load_balancer(LoadBalancerArn=balancer)
        with self.refused("ListenerNotFound"):
            self.elb.delete_listener(ListenerArn=listener)
