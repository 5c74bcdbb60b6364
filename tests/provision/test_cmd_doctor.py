"""metlo-appliance doctor: a deployment that is well, what happens to it in an account, and the command itself."""

import datetime
import json

from doctor_world import REGION, DoctorTest
from standin import events
from standin.services import cloudwatch
from standin.state import compute


class Healthy(DoctorTest):
    def test_all_is_well_with_and_without_the_file(self):
        before = self.state()
        self.is_well()
        self.is_well("--id", "prod")
        self.is_well("--region", REGION)
        self.assertEqual(self.state(), before)

    def test_few_calls_are_made_whatever_the_number_of_sources(self):
        def n_calls(*arguments):
            self.aws.journal.clear()
            self.examine(*arguments)
            return sum(self.aws.journal.counts().values())

        self.aws.world.options.page_size = 1000
        few = n_calls("--id", "prod")
        self.succeeds("apply", "--yes", "-f", self.fleet(self.wanted(sources=["vpc/" + self.vpc()])))
        self.assertGreater(len(self.ours("traffic-mirror-session")), 9)
        self.assertLessEqual(n_calls("--id", "prod"), few + 6)
        self.assertLess(few, 110)

    def test_the_table_says_the_same(self):
        out = self.succeeds("doctor", "-f", self.path)
        self.assertIn("deployment 'prod' in us-east-1\n", out)
        self.assertRegex(out, r"\n  ok +sessions +6 sessions send to 'tmt-\w+'\n")
        self.assertRegex(out, r"\nall is well: \d+ ok, 0 warnings, 0 problems, 0 unknown\n$")
        self.assertEqual(len(self.succeeds("doctor", "-f", self.path, "--quiet").splitlines()), 2)
        events.vxlan_listener_gone(self.region)
        done = self.run_command("doctor", "-f", self.path, "--quiet")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"\n  problem +listener +.* does not listen on UDP 4789")
        self.assertIn(" fix: metlo-appliance apply -f %s --deployment prod\n" % self.path, done.stdout)
        self.assertNotIn("\n  ok ", done.stdout)


class Events(DoctorTest):
    """What happens in an account without anyone calling the API: each is named, and heals by its fix."""

    def test_the_listener_is_gone(self):
        events.vxlan_listener_gone(self.region)
        found = self.names("listener", "does not listen on UDP 4789", others=["appliances"])
        self.heal(found["fix"])
        self.is_well()
        events.vxlan_listener_gone(self.region)
        self.heal(self.names("listener", "UDP 4789", others=["appliances"], arguments=["--id", "prod"])["fix"])
        self.is_well()

    def test_cross_zone_is_off(self):
        events.cross_zone_off(self.region)
        found = self.names("cross-zone", "sources in us-east-1b, us-east-1c have no healthy appliance")
        self.heal(found["fix"])
        self.is_well()

    def test_cross_zone_is_off_and_nothing_is_lost_yet(self):
        self.succeeds("apply", "--yes", "-f", self.fleet(self.wanted(sources=["instance/" + self.instance("shop-web-1")])))
        events.cross_zone_off(self.region)
        self.heal(self.names("cross-zone", "a zone whose appliance fails", "warning")["fix"])
        self.is_well()

    def test_the_firewall_is_closed(self):
        events.firewall_closed(self.region)
        bad = self.bad()
        self.assertEqual([f["check"] for f in bad], ["appliances", "appliance-groups", "appliance-groups"])
        self.assertIn("Target.Timeout", bad[0]["text"])
        self.assertRegex(bad[1]["text"], r"mirrored packets \(UDP 4789\) in from the sources")
        self.assertRegex(bad[2]["text"], r"the health check \(TCP 8000\) in from the load balancer")
        for one in bad[1:]:
            self.heal(one["fix"])
        self.is_well()

    def test_the_network_acl_is_closed(self):
        events.acl_closed(self.region)
        self.assertTrue(all("acls" in f["check"] for f in self.bad()))
        self.heal_all()

    def test_the_collector_is_gone(self):
        events.instance_gone(self.region, self.collector["InstanceId"])
        found = self.names("appliances", "no appliance is registered")
        self.assertIn("register-targets", found["fix"])
        again = self.make_collector(name="another")
        self.heal(found["fix"].replace("INSTANCE-OR-ADDRESS", again["InstanceId"]))
        self.is_well()

    def test_every_reason_of_the_health_check(self):
        for state, reason, verdict, fix in (
            ("initial", "Elb.InitialHealthChecking", "warning", "wait"),
            ("initial", "Elb.RegistrationInProgress", "warning", "wait"),
            ("unhealthy", "Target.FailedHealthChecks", "problem", "metlo-appliance status"),
            ("unhealthy", "Target.Timeout", "problem", "security group and network ACL"),
            ("unused", "Target.NotInUse", "problem", "no listener"),
            ("unused", "Target.InvalidState", "problem", "stopped"),
            ("draining", "Target.DeregistrationInProgress", "warning", "taken out"),
            ("unavailable", "Elb.InternalError", "problem", "look again later"),
            ("unused", "Target.HealthCheckDisabled", "problem", "metlo-appliance status"),
        ):
            with self.subTest(reason):
                events.target_health(self.region, self.collector["InstanceId"], state, reason)
                found = self.names("appliances", "is %s .*%s" % (state, reason), verdict)
                self.assertIn(fix, found["fix"])
        events.target_health(self.region, self.collector["InstanceId"], "healthy")
        self.is_well()

    def test_a_source_is_gone(self):
        events.instance_gone(self.region, self.instance("shop-web-2"))
        found = self.names("sources", "source 'instance/i-")
        self.assertIn(self.path, found["fix"])
        self.is_well("--id", "prod", "--skip", "sources")

    def test_an_interface_is_gone(self):
        one = self.interfaces("shop-search")[0]["NetworkInterfaceId"]
        sources = ["eni/" + one]
        self.path = self.fleet(self.wanted(sources=sources))
        self.succeeds("apply", "-f", self.path, "--yes")
        self.is_well()
        events.interface_gone(self.region, one)
        self.names("sources", "source 'eni/", others=["sessions"])

    def test_a_source_gets_a_type_that_cannot_be_mirrored(self):
        for change in (
            lambda: events.source_retyped(self.region, "shop-web-3"),
            lambda: events.instance_retyped(self.region, self.instance("shop-web-3"), "m8g.large"),
        ):
            change()
            found = self.names("source-types", "AWS cannot mirror instances of type 'm8g.large'", others=["stale-sessions"])
            self.assertIn("m7g", found["fix"])
            events.instance_retyped(self.region, self.instance("shop-web-3"), "m7g.medium")
            self.is_well()

    def test_a_service_grows_and_goes(self):
        events.service_scaled(self.region, "images", 0)
        found = [f for f in self.bad() if f["check"] == "stale-sessions"][0]
        self.assertRegex(found["text"], "2 sessions are billed in vain: .*no source wants it any more")
        self.succeeds("apply", "-f", self.path, "--yes")
        events.service_scaled(self.region, "images", 2)
        found = self.names("sessions", "2 interfaces without a session: eni-.*shop-ecs-")
        self.succeeds("apply", "-f", self.path, "--yes")
        self.is_well()

    def metric(self, name, value, instance="shop-web-1"):
        events.metric(self.region, "AWS/EC2", name, {"InstanceId": self.instance(instance)}, value)

    def balancer_metric(self, name, value):
        events.metric(self.region, "AWS/NetworkELB", name, {"LoadBalancer": self.balancer()["_path"]}, value)

    def test_figures_of_cloudwatch_that_are_good(self):
        self.metric("NetworkMirrorOut", 5e6)
        self.balancer_metric("ProcessedBytes_UDP", 5e6)
        self.is_well()
        texts = [f["text"] for f in self.examine()[1] if f["check"] in ("mirrored", "received")]
        self.assertIn("mirrored 5.0 MB in the last hour and skipped nothing", texts[0])
        self.assertIn("received 5.0 MB", texts[1])

    def test_figures_of_cloudwatch_that_are_not(self):
        self.metric("NetworkMirrorOut", 9e6)
        self.names("received", "mirrored 9.0 MB in the last hour, but the load balancer received nothing")
        self.balancer_metric("ProcessedBytes_UDP", 9e6)
        self.metric("NetworkSkipMirrorIn", 1e6)
        found = self.names("mirrored", r"skipped 10.00 % of what 1 instance should have mirrored")
        self.assertIn("more bandwidth", found["fix"])
        self.metric("NetworkMirrorOut", 1e9)
        self.names("mirrored", r"skipped 0.10 %", "warning")

    def test_flows_that_security_groups_block(self):
        for name, text in (
            ("Inbound_UDP", "3 flows of mirrored packets that came in"),
            ("Outbound_UDP", "3 flows of mirrored packets on the way to the appliances"),
            ("Outbound_TCP", "3 flows of health checks"),
        ):
            self.region.store("_metric").clear()
            self.balancer_metric("SecurityGroupBlockedFlowCount_" + name, 3)
            self.names("blocked", text)
        old = self.aws.world.now() - datetime.timedelta(hours=3)
        self.region.store("_metric").clear()
        cloudwatch.put(self.region, "AWS/EC2", "NetworkSkipMirrorIn", {"InstanceId": self.instance("shop-web-1")}, 9, old)
        self.is_well()

    def test_quotas_that_are_full_or_nearly(self):
        for service, code, value, state in (
            ("elasticloadbalancing", "L-69A177A2", 2, "problem"),
            ("elasticloadbalancing", "L-B22855CB", 4, "problem"),
            ("elasticloadbalancing", "L-EEF1AD04", 1, "problem"),
            ("elasticloadbalancing", "L-B211E961", 1, "problem"),
            ("elasticloadbalancing", "L-57A373D6", 1, "problem"),
            ("elasticloadbalancing", "L-23568085", 5, "problem"),
            ("vpc", "L-DF5E4CA3", 10, "problem"),
            ("vpc", "L-0EA8095F", 2, "problem"),
            ("vpc", "L-2AFB9258", 1, "problem"),
            ("vpc", "L-2AEEBF1A", 1, "problem"),
            ("vpc", "L-0EA8095F", 2.2, "warning"),
        ):
            with self.subTest(code):
                events.quota(self.region, service, code, value)
                found = self.names("quotas", r": (at least )?\d+ of \d+", state)
                self.assertEqual(found["subjects"], [code])
                self.assertIn("--service-code %s --quota-code %s" % (service, code), found["fix"])
                events.quota(self.region, service, code, 1000)
                self.is_well()


class Launched(DoctorTest):
    """Appliances of an Auto Scaling group."""

    def launch(self, **keys):
        appliances = {
            "image_parameter": "/metlo/appliance/ami/latest",
            "instance_type": "c6i.large",
            "instance_profile": "metlo-appliance",
            "auto_scaling": True,
            "count": 2,
        }
        self.path = self.fleet(self.wanted(existing={}, appliances=appliances, **keys))
        self.succeeds("apply", "-f", self.path, "--yes")
        for _ in range(4):  # until they run
            self.succeeds("plan", "-f", self.path)
        self.elb = self.make_client("elbv2", REGION)
        self.settle()

    def leave(self):
        """The collector that is not the deployment's goes."""
        for key in [k for k, t in self.region.store("target").items() if t["Id"] == self.collector["InstanceId"]]:
            del self.region.store("target")[key]

    def test_all_is_well(self):
        self.launch()
        self.leave()
        self.is_well()
        self.is_well("--id", "prod")
        texts = {f["check"]: f["text"] for f in self.examine()[1]}
        self.assertRegex(texts["appliances"], r"i-\w+, i-\w+ are healthy")
        self.assertIn("12 quotas", texts["quotas"])

    def test_fewer_than_were_asked_for(self):
        self.launch()
        self.leave()
        group = self.only("auto-scaling-group", lambda one: one["AutoScalingGroupName"] == "metlo-prod")
        events.instance_gone(self.region, group["_members"][0]["InstanceId"])
        group["_members"].pop(0)
        found = self.names("appliances", "has 1 of 2 appliances in service", "warning")
        self.assertIn("describe-scaling-activities", found["fix"])

    def test_no_room_for_more(self):
        self.launch()
        self.leave()
        events.quota(self.region, "ec2", "L-1216C47A", 8)
        self.names("quotas", r"vCPUs of running standard instances: at least \d+ of 8")
        events.quota(self.region, "ec2", "L-1216C47A", 1000)
        events.quota(self.region, "autoscaling", "L-CDE20ADC", 2)
        self.names("quotas", "Auto Scaling groups in the region: 2 of 2")


class Addresses(DoctorTest):
    """With DPDK the targets are addresses, which appliances register themselves."""

    def test_all_is_well(self):
        data = compute.add_interface(
            self.region, self.collector, self.subnet("shop-private-a"), [self.collector_group["GroupId"]], "data"
        )
        self.succeeds("destroy", "-f", self.path, "--yes")
        self.path = self.fleet(self.wanted(mode="dpdk", existing={"appliances": [data["PrivateIpAddress"]]}))
        self.succeeds("apply", "-f", self.path, "--yes")
        self.settle()
        self.is_well()
        self.is_well("--id", "prod")
        events.firewall_closed(self.region)
        self.heal_all()


class Command(DoctorTest):
    def test_wrong_command_lines(self):
        for wanted, arguments in (
            ("did you mean '--quiet'?", ["--quite"]),
            ("-f FILE is missing", ["--deployment", "prod"]),
            ("not both", ["-f", "x", "--id", "y"]),
            ("there is no check 'route'; did you mean 'routes'?", ["--skip", "route"]),
            ("unexpected argument 'x'", ["x"]),
        ):
            self.assertIn(wanted, self.refuses(2, "doctor", *arguments))

    def test_what_is_not_there(self):
        self.assertIn("there is nothing of deployment 'nix' in region 'us-east-1'", self.refuses(1, "doctor", "--id", "nix"))
        path = self.fleet(self.wanted(id="new"))
        self.assertIn("'metlo-appliance apply' makes it", self.refuses(1, "doctor", "-f", path))
        line = self.refuses(1, "doctor", "--region", "eu-central-1")
        self.assertIn("there is no deployment in region 'eu-central-1'", line)

    def test_several_at_once(self):
        path = self.fleet(self.wanted(), self.wanted(id="second", sources=["instance/" + self.instance("shop-search")]))
        self.succeeds("apply", "-f", path, "--yes")
        self.settle()
        for arguments in (["-f", path], []):
            done = json.loads(self.succeeds("doctor", "--output", "json", *arguments))["deployments"]
            self.assertEqual([one["id"] for one in done], ["prod", "second"])
            self.assertTrue(all(one["is_well"] for one in done))
        self.assertIn("\n\ndeployment 'second' in", self.succeeds("doctor"))
        self.balancer()["State"] = {"Code": "failed"}
        done = self.run_command("doctor", "-f", path)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.run_command("doctor", "-f", path, "--deployment", "second").returncode, 0)

    def test_warnings_are_failures_where_asked_for(self):
        self.target_group()["_attributes"]["deregistration_delay.timeout_seconds"] = "60"
        self.assertEqual([f["state"] for f in self.bad()], ["warning"])
        self.assertIn("\nit works: ", self.succeeds("doctor"))
        done = self.run_command("doctor", "-f", self.path, "--strict")
        self.assertEqual(done.returncode, 1)
        self.succeeds("doctor", "-f", self.path, "--strict", "--skip", "deregistration")

    def test_credentials_that_do_not_hold(self):
        self.fault(kind="expired", times=0)
        self.assertIn("get new credentials", self.refuses(1, "doctor", "-f", self.path))
        self.aws.faults.clear()
        none = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
        self.assertIn("credentials", self.refuses(1, "doctor", "-f", self.path, **none))

    def test_terminals_are_not_steered_by_what_things_are_called(self):
        events.source_retyped(self.region, "shop-web-3")
        instance = self.region.store("instance")[self.instance("shop-web-3")]
        instance["Tags"] = [{"Key": "Name", "Value": "evil\x1b[2J\nname"}]
        done = self.run_command("doctor", "-f", self.path)
        self.assertNotIn("\x1b", done.stdout)
        self.assertNotIn("\x1b", self.run_command("doctor", "--output", "json").stdout)


