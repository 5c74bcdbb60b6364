"""metlo-appliance estimate."""

import datetime
import json
import os
import re

from sessions_world import SessionsTest
from standin.services import cloudwatch

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")
HOURS = 730
NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}


class EstimateTest(SessionsTest):
    def estimates(self, *arguments, **variables):
        return json.loads(self.succeeds("estimate", "--output", "json", *arguments, **variables))["estimates"]

    def estimate(self, *arguments, **variables):
        (one,) = self.estimates(*arguments, **variables)
        self.assertAlmostEqual(one["month"], sum(line["month"] or 0 for line in one["lines"]))
        self.assertAlmostEqual(one["hour"], one["month"] / HOURS)
        return one

    def line(self, estimate, key):
        lines = [line for line in estimate["lines"] if line["key"] == key]
        return lines[0] if lines else None


class Numbers(EstimateTest):
    ALL = ("--sessions", "40", "--gbps", "1.5", "--appliances", "2", "--instance-type", "c7i.xlarge")

    def test_need_no_credentials(self):
        one = self.estimate(*self.ALL, **NO_KEYS)
        self.assertEqual(
            one["prices"],
            {
                "source": "built-in",
                "date": "2026-02",
                "region": "us-east-1",
                "why": "without credentials there is no price list",
            },
        )
        self.assertTrue(one["is_complete"])
        self.assertEqual(self.aws.journal.counts(), {})
        out = self.succeeds("estimate", *self.ALL, **NO_KEYS)
        self.assertIn("prices: a built-in table of 2026-02 for us-east-1 (without credentials", out)

    def test_need_no_region(self):
        one = self.estimate("--sessions", "1", AWS_REGION="", AWS_DEFAULT_REGION="", **NO_KEYS)
        self.assertEqual((one["region"], one["prices"]["why"]), (None, "no region is chosen"))

    def test_add_up(self):
        one = self.estimate(*self.ALL)
        self.assertEqual(one["prices"]["source"], "price-list")
        for key, quantity, unit, price, per, month in (
            ("mirror_sessions", 40, "sessions", 0.015, "hour", 40 * 0.015 * HOURS),
            ("load_balancer", 1, "load balancer", 0.0225, "hour", 0.0225 * HOURS),
            ("appliances", 2, "instances", 0.1785, "hour", 2 * 0.1785 * HOURS),
            ("load_balancer_capacity", 675, "NLCU", 0.006, "hour", 675 * 0.006 * HOURS),
            ("cross_zone_transfer", 675 * HOURS, "GB", 0.01, "GB", 675 * HOURS * 0.01),
        ):
            line = self.line(one, key)
            self.assertEqual((line["quantity"], line["unit"]), (quantity, unit))
            self.assertEqual((line["unit_price"], line["per"]), (price, per))
            self.assertAlmostEqual(line["month"], month)
            self.assertAlmostEqual(line["hour"], month / HOURS)
        traffic = one["traffic"]
        self.assertEqual((traffic["source"], traffic["gbps"], traffic["cross_zone_share"]), ("given", 1.5, 0.5))
        self.assertAlmostEqual(traffic["month_each_further_gbps"], 450 * HOURS * (0.006 + 0.01))
        self.assertAlmostEqual(traffic["month_per_gbps"], one["month"] / 1.5)

    def test_the_documentation_knows_every_key(self):
        with open(os.path.join(DOCS, "estimate.md"), encoding="utf-8") as file:
            documented = set(re.findall(r"^\| `([a-z_]+)` \|", file.read(), re.MULTILINE))
        one = self.estimate(*self.ALL)
        for row in (one, one["prices"], one["traffic"], *one["lines"]):
            self.assertLessEqual(set(row), documented)
        self.assertLessEqual({line["key"] for line in one["lines"]}, documented)

    def test_the_table(self):
        out = self.succeeds("estimate", *self.ALL)
        self.assertRegex(out, r"mirror sessions +40 sessions x 0\.015/hour +0\.6000 +438\.00 USD\n")
        self.assertRegex(out, r"together +11\.7795 +8599\.03 USD\n")
        self.assertIn("with 1.5 Gbps of mirrored traffic on average, 50% of it across zones\n", out)
        self.assertIn("each further Gbps adds 5256.00 USD a month\n", out)
        self.assertIn("all of it is 5732.69 USD a month for each Gbps\n", out)
        self.assertIn("prices: AWS's price list, today", out)
        self.assertTrue(all(len(line) <= 100 for line in out.splitlines()))

    def test_prices_are_those_of_the_region(self):
        here = self.estimate("--sessions", "10")
        there = self.estimate("--sessions", "10", "--region", "eu-central-1")
        self.assertAlmostEqual(there["month"], here["month"] * 1.2)
        self.assertEqual(there["prices"]["region"], "eu-central-1")
        none = self.estimate("--sessions", "10", "--region", "sa-east-1")
        self.assertEqual(none["prices"]["why"], "the price list has no prices for this region")

    def test_share_of_the_traffic_that_crosses_zones(self):
        one = self.estimate("--gbps", "1", "--sessions", "1", "--cross-az-share", "0")
        self.assertIsNone(self.line(one, "cross_zone_transfer"))
        one = self.estimate("--gbps", "1", "--sessions", "1", "--cross-az-share=1")
        self.assertAlmostEqual(self.line(one, "cross_zone_transfer")["quantity"], 2 * 450 * HOURS)

    def test_without_traffic_it_says_what_is_not_counted(self):
        out = self.succeeds("estimate", "--sessions", "1")
        self.assertIn("without what the traffic costs: how much it is says --gbps\n  each Gbps adds 5256.00", out)
        self.assertEqual(self.estimate("--sessions", "1")["traffic"]["source"], "unknown")

    def test_an_instance_type_without_a_price(self):
        one = self.estimate("--appliances", "1", "--instance-type", "z9.large")
        self.assertFalse(one["is_complete"])
        self.assertIsNone(self.line(one, "appliances")["month"])
        out = self.succeeds("estimate", "--appliances", "1", "--instance-type", "z9.large")
        self.assertIn("price not known", out)
        self.assertIn("without what has no price", out)

    def test_offline_calls_nothing(self):
        one = self.estimate("--sessions", "1", "--offline")
        self.assertEqual((one["prices"]["source"], one["prices"]["why"]), ("built-in", None))
        self.assertEqual(self.aws.journal.counts(), {})


class Deployments(EstimateTest):
    def test_one_that_is_not_there_yet(self):
        one = self.estimate("-f", self.fleet())
        self.assertEqual((one["deployment"], one["region"]), ("prod", "us-east-1"))
        self.assertEqual(self.line(one, "mirror_sessions")["quantity"], 7)
        self.assertAlmostEqual(one["month"], 93.075)
        self.assertAlmostEqual(one["traffic"]["cross_zone_share"], 2 / 3, places=4)
        self.assertEqual(self.aws.journal.violations(), [])

    def test_appliances_that_are_to_be_launched(self):
        appliances = {"image": "ami-0aaaaaaaaaaaaaaaa", "instance_type": "c6i.large", "count": 3}
        one = self.estimate("-f", self.fleet(self.deployment(appliances=appliances)))
        line = self.line(one, "appliances")
        self.assertEqual((line["quantity"], line["unit_price"]), (3, 0.085))

    def test_a_load_balancer_of_others_costs_its_traffic_only(self):
        arn = self.make_balancer("theirs")
        one = self.estimate("-f", self.fleet(self.deployment(existing={"load_balancer": arn})), "--gbps", "1")
        self.assertIsNone(self.line(one, "load_balancer"))
        self.assertEqual(self.line(one, "load_balancer_capacity")["quantity"], 450)

    def test_many_of_a_file(self):
        path = self.fleet(self.deployment(), self.deployment(id="second", sources=["ecs/shop/images"]))
        self.assertEqual([one["deployment"] for one in self.estimates("-f", path)], ["prod", "second"])
        out = self.succeeds("estimate", "-f", path)
        self.assertIn("deployment 'prod' in us-east-1\n", out)
        self.assertIn("\n\ndeployment 'second' in us-east-1\n", out)
        self.assertEqual(self.estimate("-f", path, "--deployment", "second")["deployment"], "second")

    def test_what_one_costs_as_it_is(self):
        self.make_deployment()
        one = self.estimate("--id", "prod")
        self.assertEqual(self.line(one, "mirror_sessions")["quantity"], 2)
        self.assertEqual(self.line(one, "load_balancer")["quantity"], 1)
        self.assertAlmostEqual(one["traffic"]["cross_zone_share"], 0.5)
        self.succeeds("sessions", "pause")
        for arguments in (("--id", "prod"), ("-f", self.fleet())):
            one = self.estimate(*arguments)
            self.assertTrue(one["is_paused"])
            self.assertIsNone(self.line(one, "mirror_sessions"))
        self.assertIn("without mirror sessions, because mirroring is paused", self.succeeds("estimate", "--id", "prod"))

    def test_traffic_is_that_of_the_load_balancer(self):
        self.make_deployment()
        name = {"LoadBalancer": self.balancer.partition(":loadbalancer/")[2]}
        for hours in (2, 3):
            time = self.aws.world.now() - datetime.timedelta(hours=hours)
            cloudwatch.put(self.region, "AWS/NetworkELB", "ProcessedBytes_UDP", name, 90e9, time)
        one = self.estimate("--id", "prod")
        self.assertEqual(one["traffic"]["source"], "measured")
        self.assertAlmostEqual(one["traffic"]["gbps"], 0.2)
        self.assertIn(
            "with 0.2 Gbps of mirrored traffic, the load balancer's average of the last 24 hours",
            self.succeeds("estimate", "--id", "prod"),
        )
        self.assertEqual(self.estimate("--id", "prod", "--gbps", "3")["traffic"]["source"], "given")
        self.fault(kind="deny", action="GetMetricData", times=0)
        self.assertEqual(self.estimate("--id", "prod")["traffic"]["source"], "unknown")

    def test_a_deployment_that_is_not_there(self):
        line = self.refuses(1, "estimate", "--id", "prod")
        self.assertIn("cannot estimate deployment 'prod' in 'us-east-1': there is nothing of it", line)

    def test_changes_nothing(self):
        self.make_deployment()
        before = self.state()
        self.estimate("--id", "prod")
        self.estimate("-f", self.fleet())
        self.assertEqual(self.state(), before)


class Faults(EstimateTest):
    def test_prices_fall_back_to_the_table_and_say_why(self):
        for wanted, fault in (
            ("the price list cannot be read (AccessDeniedException)", {"kind": "deny"}),
            ("the price list cannot be read (", {"kind": "error", "code": "InternalErrorException"}),
            ("the price list cannot be read (", {"kind": "throttle"}),
            ("the price list cannot be read (", {"kind": "expired"}),
        ):
            with self.subTest(wanted, **fault):
                self.fault(action="GetProducts", times=0, **fault)
                one = self.estimate("--sessions", "1", AWS_MAX_ATTEMPTS="2")
                self.assertEqual(one["prices"]["source"], "built-in")
                self.assertIn(wanted, one["prices"]["why"])
                self.aws.faults.clear()

    def test_faults_that_pass_are_borne(self):
        wanted = self.estimate("--sessions", "1")
        self.fault(kind="throttle", times=2)
        self.assertEqual(self.estimate("--sessions", "1"), wanted)

    def test_deployments_need_the_account(self):
        path = self.fleet()
        self.assertIn("credentials", self.refuses(1, "estimate", "-f", path, **NO_KEYS))
        self.fault(kind="deny", action="DescribeVpcs", times=0)
        line = self.refuses(1, "estimate", "-f", path)
        self.assertIn("cannot estimate deployment 'prod' in 'us-east-1': ec2:DescribeVpcs", line)
        self.assertIn("ec2:DescribeVpcs", line.partition("statement")[2])

    def test_one_that_fails_does_not_hide_the_others(self):
        path = self.fleet(self.deployment(id="far", region="eu-central-1"), self.deployment())
        self.fault(kind="deny", region="eu-central-1", times=0)
        done = self.run_command("estimate", "-f", path, "--output", "json")
        self.assertEqual(done.returncode, 1)
        self.assertIn("'far'", done.stderr)
        self.assertEqual([one["deployment"] for one in json.loads(done.stdout)["estimates"]], ["prod"])

    def test_wrong_command_lines(self):
        for wanted, arguments in (
            ("of what?", []),
            ("of what?", ["--gbps", "1"]),
            ("not both", ["-f", "x", "--sessions", "1"]),
            ("not both", ["--id", "x", "--offline"]),
            ("either -f FILE or --id ID", ["--id", "x", "-f", "y"]),
            ("-f FILE is missing", ["--deployment", "x"]),
            ("--appliances needs --instance-type", ["--appliances", "1"]),
            ("--instance-type needs --appliances", ["--sessions", "1", "--instance-type", "c6i.large"]),
            ("expected a number from 0 to 1", ["--sessions", "1", "--cross-az-share", "50"]),
            ("expected a number such as 2.5", ["--sessions", "1", "--gbps", "-1"]),
            ("expected a number such as 2.5", ["--sessions", "1", "--gbps", "nan"]),
            ("expected a number from 0 to 1000000", ["--sessions", "many"]),
            ("did you mean '--sessions'?", ["--session", "1"]),
        ):
            self.assertIn(wanted, self.refuses(2, "estimate", *arguments), arguments)
        self.assertIn("usage: metlo-appliance estimate", self.succeeds("estimate", "--help"))
