"""metlo-appliance setup-aws without questions: the flags that answer them, and files."""

import json
import os
import shlex

from commands import APPLIANCE, REGION
from harness import killed_at
from setup_world import SetupTest


class Flags(SetupTest):
    def test_a_complete_set_asks_nothing(self):
        out = self.succeeds("setup-aws", *self.flags(), "--yes")
        self.assertIn("good   2 mirror sessions", out)
        self.assertNotIn("\x1b", out)
        self.assertIn("nothing to do", self.succeeds("setup-aws", *self.flags(), "--yes"))
        self.succeeds("destroy", "--id", "prod", "--yes")
        self.assertEqual(self.state(), self.before)

    def test_a_complete_set_asks_nothing_at_a_terminal_either(self):
        session = self.start(*self.flags(region=REGION), "--dry-run")
        self.assertEqual(session.end(), 0)
        self.assertIn(b"nothing was changed", session.output)
        self.assertEqual(self.state(), self.before)

    def test_a_dry_run_changes_nothing(self):
        out = self.succeeds("setup-aws", *self.flags(), "--dry-run")
        self.assertIn("+ network load balancer", out)
        self.assertIn("cost a month:", out)
        self.assertIn("the same without questions:", out)
        self.assertEqual(self.state(), self.before)

    def test_a_run_that_was_killed_is_gone_on_with(self):
        words = ["setup-aws", *self.flags(), "--yes"]
        self.succeeds(*words)
        made = self.state()
        reads = ("Describe", "Get", "List")
        calls = enumerate(self.aws.journal.find(), 1)
        changes = [n for n, call in calls if not call["action"].startswith(reads)]
        self.assertGreater(len(changes), 15)
        for number in changes[2::5]:
            self.succeeds("destroy", "--id", "prod", "--yes")
            self.assertEqual(self.state(), self.before)
            self.assertTrue(killed_at(self.aws, number, "after", [APPLIANCE, *words], self.environment))
            self.succeeds(*words)
            self.assertEqual(self.state(), made)

    def test_names_each_flag_that_is_missing(self):
        for name in ("vpc", "source", "id"):
            line = self.refuses(2, "setup-aws", *self.flags(**{name: None}), "--yes")
            self.assertTrue(line.endswith("this is missing: --" + name), line)
        line = self.refuses(2, "setup-aws", *self.flags(**{"no-appliances": None}), "--yes")
        self.assertIn("one of --ami, --ami-parameter, --appliance", line)
        line = self.refuses(2, "setup-aws", *self.flags())
        self.assertTrue(line.endswith("--yes or --dry-run"), line)
        line = self.refuses(2, "setup-aws", *self.flags(), "--yes", AWS_REGION="", AWS_DEFAULT_REGION="")
        self.assertTrue(line.endswith("--region"), line)
        line = self.refuses(2, "setup-aws", *self.flags(**{"no-appliances": None, "ami": "ami-1"}), "--yes")
        self.assertTrue(line.endswith("--instance-type; --count"), line)
        line = self.refuses(2, "setup-aws")
        for name in ("--vpc", "--source", "--id", "--ami", "--yes"):
            self.assertIn(name, line)
        self.assertEqual(self.aws.journal.counts(), {})

    def test_refuses_what_makes_no_sense(self):
        cases = (
            ({"source": "server/x"}, "source 'server/x'"),
            ({"source": "instance/x"}, "begins with 'i-'"),
            ({"server-port": "80,x"}, "'80,x': ports are numbers"),
            ({"server-port": "0"}, "'0': ports are numbers"),
            ({"rule": "allow tcp"}, "it does not know 'allow'"),
            ({"rule": "to any port 80"}, "ports need protocol tcp or udp"),
            ({"rule": "accept tcp", "server-port": 80}, "exclude one another"),
            ({"existing-filter": "tmf-1", "everything": True}, "exclude one another"),
            ({"ami": "ami-1"}, "exclude one another"),
            ({"tag": "team"}, "KEY=VALUE"),
            ({"tag": "aws:x=y"}, "must be KEY=VALUE"),
            ({"vni": "many"}, "--vni: expected"),
            ({"mode": "fast"}, "--mode: expected one of dpdk, kernel"),
            ({"session-number": 40000}, "--session-number: expected"),
            ({"id": "Not_An_Id"}, "a deployment's id has"),
            ({"sources": "vpc/x"}, "did you mean '--source'"),
            ({"user-data": "/no/such/file"}, "cannot read '/no/such/file'"),
            ({"health-path": "/x"}, "only an HTTP health check has a path"),
        )
        for changes, text in cases:
            self.assertIn(text, self.refuses(2, "setup-aws", *self.flags(**changes), "--yes"))
        self.assertEqual(self.state(), self.before)

    def test_all_answers_reach_the_file(self):
        path = os.path.join(self.home, "saved.json")
        data = self.write("user-data", "{}\n")
        words = self.flags(**{
            "no-appliances": None,
            "source": ["lb/shop-front", "tag/env=production,tier=api"],
            "lb-mode": "auto",
            "primary-only": True,
            "source-vpc": self.vpc("tools"),
            "source-cidr": "10.0.0.0/8",
            "rule": ["reject tcp to any port 22", "accept tcp from fd00::/8 to fd00::/8 port 1-100"],
            "mirror-dns": True,
            "ami-parameter": "/metlo/appliance/ami/latest",
            "instance-type": "c6i.large",
            "count": 2,
            "max": 4,
            "auto-scaling": True,
            "instance-profile": "metlo-appliance",
            "key-name": "k",
            "user-data": data,
            "health-protocol": "HTTP",
            "health-port": 9000,
            "health-path": "/healthz",
            "session-number": 7,
            "vni": 4711,
            "packet-length": 512,
            "tag": ["team=api", "cost center=it's 7"],
            "allow-instance-type": "m8g",
            "allow-starved": True,
        })
        out = self.succeeds("setup-aws", *words, "--save", path, "--dry-run")
        with open(path, encoding="utf-8") as file:
            saved = json.load(file)["deployments"][0]
        self.assertEqual(saved["sources"][0], {"source": "lb/shop-front", "lb_mode": "auto", "primary_only": True})
        self.assertEqual(saved["filter"]["rules"][0], {
            "action": "reject", "protocol": "tcp", "destination_ports": 22})
        self.assertEqual(saved["session"], {"number": 7, "vni": 4711, "packet_length": 512})
        self.assertEqual(saved["tags"], {"team": "api", "cost center": "it's 7"})
        self.assertEqual(saved["health"], {"protocol": "HTTP", "port": 9000, "path": "/healthz"})
        self.assertEqual(saved["appliances"]["user_data"], "{}\n")
        self.assertTrue(saved["allow_starved"] and saved["filter"]["dns"])
        # The printed line gives the same file again.
        line = shlex.split(out.split("the same without questions:\n")[1].strip())
        other = os.path.join(self.home, "other.json")
        line[line.index("--save") + 1] = other
        line.remove("--yes")
        self.succeeds(*line[1:], "--dry-run")
        with open(other, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["deployments"][0], saved)
        # And 'plan' sees what setup-aws sees.
        self.assertEqual(
            self.succeeds("plan", "-f", path).split("cost a month")[0].strip(),
            out.split("cost a month")[0].strip(),
        )

    def test_a_saved_file_is_what_apply_takes(self):
        path = os.path.join(self.home, "saved.json")
        self.succeeds("setup-aws", *self.flags(), "--save", path, "--yes")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertIn("nothing to do", self.succeeds("apply", "-f", path, "--yes"))
        self.assertIn("nothing to do", self.succeeds("setup-aws", "--config", path, "--yes"))
        self.succeeds("setup-aws", *self.flags(), "--save", path, "--yes")

    def test_a_file_of_others_is_not_overwritten(self):
        path = self.fleet(self.deployment(), self.deployment(id="other"))
        with open(path, encoding="utf-8") as file:
            content = file.read()
        line = self.refuses(1, "setup-aws", *self.flags(), "--save", path, "--yes")
        self.assertIn("it holds other deployments; nothing was made", line)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), content)
        self.assertEqual(self.state(), self.before)

    def test_a_config_asks_nothing(self):
        path = self.fleet()
        self.assertIn("+ network load balancer", self.succeeds("setup-aws", "--config", path, "--dry-run"))
        self.assertEqual(self.state(), self.before)
        self.assertIn("deployment 'prod' is set up:", self.succeeds("setup-aws", "-f", path, "--yes"))
        self.assertIn("--yes", self.refuses(2, "setup-aws", "-f", path))
        self.assertIn("not both", self.refuses(2, "setup-aws", "-f", path, "--vpc", "vpc-1"))
        self.assertIn("--config is missing", self.refuses(2, "setup-aws", "--deployment", "prod"))
