"""metlo-appliance setup-aws: the questions at a terminal."""

import json
import os
import shlex
import signal

from commands import REGION
from setup_world import WAY, SetupTest
from standin.state import compute


class Questions(SetupTest):
    def test_from_the_first_question_to_sessions(self):
        session = self.start()
        self.walk(session)
        self.assertIn("source type: EC2 instances", session.screen.history())
        self.assertIn("sources: shop-search, shop-web-1", session.screen.history())
        self.assertIn("server ports: 8080", session.screen.history())
        self.give(session, ["y", "enter"])
        self.assertEqual(session.end(), 0, session.screen.history())
        out = session.output.decode()
        self.assertIn("deployment 'prod' is set up:", out)
        self.assertIn("good   3 mirror sessions", out)
        self.assertNotIn("\x1b", out)  # standard output is no terminal
        self.assertEqual(session.changes(), [])
        # The line that it prints does the same: there is nothing left to do.
        line = out.split("the same without questions:\n")[1].strip()
        words = shlex.split(line)
        self.assertEqual(words[:2], ["metlo-appliance", "setup-aws"])
        self.assertIn("nothing to do: deployment 'prod' is as it should be", self.succeeds(*words[1:]))
        self.succeeds("destroy", "--id", "prod", "--yes")
        self.assertEqual(self.state(), self.before)

    def test_narrow_and_wide_windows(self):
        for columns, rows in ((40, 12), (40, 30), (200, 50)):
            session = self.start(columns=columns, rows=rows)
            for question, keys in WAY:
                session.until(question[:36])
                for line in session.screen.lines():
                    self.assertLessEqual(len(line), columns)
                self.give(session, keys)
            self.give(session, ["n", "enter"])
            self.nothing_was_made(session, 1)

    def test_without_colour(self):
        session = self.start(NO_COLOR="1")
        self.walk(session)
        self.give(session, ["n", "enter"])
        self.nothing_was_made(session, 1)
        self.assertEqual(session.screen.colours, 0)

    def test_a_terminal_that_cannot_draw(self):
        session = self.start(TERM="dumb", columns=160)
        answers = [
            ("which region?", "1"),
            ("which VPC?", "/shop\n1,2"),
        ]
        session.until("which region?")
        session.until("1) us-east-1 current")
        session.type("1\n")
        session.until("which VPC?")
        session.type("/shop\n")
        session.until("number; '/text'")
        session.press("ctrl-c")
        self.assertTrue(answers)
        self.nothing_was_made(session, 130)
        self.assertNotIn("\x1b", session.raw)

    def test_what_cannot_be_mirrored_is_shown_with_the_reason(self):
        session = self.start(columns=160)
        self.walk(session, 3)
        session.type("shop-legacy")
        session.until("[-] shop-legacy")
        session.until("AWS cannot mirror instances of type 't2.micro'")
        session.press("enter")
        session.until("1 of 12")
        session.press("ctrl-u")
        session.type("stopped")
        session.until("but a session would be billed")
        session.press("ctrl-c")
        self.nothing_was_made(session, 130)

    def test_every_kind_of_source(self):
        kinds = (
            ("network interfaces", "which network interfaces?", "AWS promises", "[-]"),
            ("ECS services", "which services?", "shop/cart", "payments"),
            ("load balancers", "which load balancers?", "shop-front", "application"),
            ("tags", "which tags?", "env=production", "tier=api"),
            ("subnets", "which subnets?", "shop-private-a", "10.10.1.0/24"),
            ("whole VPCs", "which VPCs?", "> [ ] shop", "billing"),
            ("Auto Scaling", "which groups?", "shop-workers", "2 instances"),
        )
        for kind, question, *texts in kinds:
            session = self.start(columns=200, rows=60)
            self.walk(session, 2)
            session.type(kind)
            session.until("1 of 8")
            session.press("enter")
            session.until(question)
            session.until("space choose")  # the last line that is drawn
            text = session.screen.text()
            self.assertTrue(any(one in text for one in texts), text)
            session.press("ctrl-c")
            self.nothing_was_made(session, 130)

    def test_tags_are_one_source_that_must_all_match(self):
        session = self.start("--no-appliances", "--id", "prod", "--save", os.path.join(self.home, "f.json"))
        self.walk(session, 2)
        self.give(session, ["tags"])
        session.until("1 of 8")
        session.press("enter")
        session.until("which tags?")
        self.give(session, ["env=production", "space", "ctrl-u", "tier=api", "space", "enter"])
        session.until("what else")
        session.press("enter")
        session.until("which traffic?")
        session.press("enter")
        session.until("DNS resolver")
        session.press("enter")
        session.until("how do the appliances")
        session.press("enter")
        session.until("do this?")
        self.give(session, ["y", "enter"])
        self.assertEqual(session.end(), 0, session.screen.history())
        with open(os.path.join(self.home, "f.json"), encoding="utf-8") as file:
            deployment = json.load(file)["deployments"][0]
        self.assertEqual(deployment["sources"], ["tag/env=production,tier=api"])

    def test_sources_of_several_kinds(self):
        path = os.path.join(self.home, "f.json")
        session = self.start("--no-appliances", "--id", "prod", "--mode", "kernel", "--save", path)
        self.walk(session, 4)
        self.give(session, ["ECS", "enter"])
        session.until("which services?")
        self.give(session, ["images", "enter"])
        session.until("what else")
        self.give(session, ["EC2 inst", "enter"])
        session.until("which instances?")
        session.until("2 chosen")  # it remembers
        self.give(session, ["shop-search", "space", "enter"])
        session.until("sources: shop-web-1")
        session.until("what else")
        self.give(session, ["whole", "enter"])
        session.until("which VPCs?")
        session.press("escape")
        session.until("what else")
        session.press("enter")
        for question in ("which interfaces", "which traffic?", "mirror queries"):
            session.until(question)
            session.press("enter")
        session.until("do this?")
        self.give(session, ["y", "enter"])
        self.assertEqual(session.end(), 0, session.screen.history())
        with open(path, encoding="utf-8") as file:
            deployment = json.load(file)["deployments"][0]
        self.assertEqual(deployment["sources"], ["ecs/shop/images", "instance/" + self.instance("shop-web-1")])

    def collector(self, way, question, text, keys=(), mode="kernel", vpc="shop", **changes):
        """Answers that the traffic goes to what exists; returns what the file says about it."""
        path = os.path.join(self.home, way + ".json")
        flags = {"id": "prod", "no-appliances": None, "mode": mode, "everything": True, "save": path,
                 "region": REGION, "vpc": self.vpc(vpc), **changes}
        session = self.start(*self.flags(**flags), "--dry-run", columns=160)
        session.until("which interfaces")
        session.press("enter")
        session.until("mirror queries")
        session.press("enter")
        session.until("where does the traffic go?")
        self.give(session, [way, "enter"])
        session.until(question)
        session.until(text)
        self.give(session, [*keys, "enter"])
        self.assertEqual(session.end(), 0, session.screen.history())
        with open(path, encoding="utf-8") as file:
            return json.load(file)["deployments"][0]["existing"]

    def test_what_exists_can_be_used(self):
        found = self.collector("already", "which instances are appliances?", "shop-staging",
                               ["shop-staging", "space"])
        self.assertEqual(found, {"appliances": [self.instance("shop-staging")]})
        found = self.collector("already", "which data interfaces", "shop-web-1", mode="dpdk",
                               source="instance/" + self.instance("shop-search"))
        self.assertRegex(found["appliances"][0], r"^10\.10\.")
        found = self.collector("mirror target", "which mirror target?", "vendor-sensor")
        self.assertRegex(found["target"], "^tmt-")
        found = self.collector("4789", "which Network Load Balancer?", "shop-internal")
        self.assertIn(":loadbalancer/net/shop-internal/", found["load_balancer"])
        self.assertEqual(self.state(), self.before)

    def test_a_filter_that_exists(self):
        path = os.path.join(self.home, "f.json")
        session = self.start(*self.flags(region=None, mode="kernel", id=None, save=path), "--dry-run")
        session.until("which region?")
        session.press("enter")
        session.until("which interfaces")
        session.press("enter")
        session.until("which traffic?")
        self.give(session, ["exists", "enter"])
        session.until("which filter?")
        session.until("vendor-sensor")
        session.press("enter")
        session.until("deployment called?")
        session.press("enter")
        self.assertEqual(session.end(), 0, session.screen.history())
        with open(path, encoding="utf-8") as file:
            self.assertRegex(json.load(file)["deployments"][0]["existing"]["filter"], "^tmf-")

    def test_where_there_is_nothing_to_choose_it_goes_back(self):
        session = self.start("--vpc", self.vpc("tools"))
        session.until("which region?")
        session.press("enter")
        session.until("what shall be mirrored?")
        self.give(session, ["load", "enter"])
        session.until("there are no load balancers here")
        session.until("what shall be mirrored?")
        session.press("ctrl-c")
        self.nothing_was_made(session, 130)

    def test_rules_of_ones_own(self):
        session = self.start(*self.flags(id=None), "--save", os.path.join(self.home, "f.json"))
        session.until("which region?")
        session.press("enter")
        session.until("which interfaces")
        session.press("enter")
        session.until("which traffic?")
        self.give(session, ["rules", "enter"])
        session.until("rule 1")
        self.give(session, ["allow all", "enter"])
        session.until("it does not know 'allow'")
        self.give(session, ["ctrl-u", "reject tcp to any port 22", "enter"])
        session.until("rule 2 (an empty line")
        self.give(session, ["accept tcp", "enter"])
        session.until("rule 3")
        session.press("enter")
        session.until("DNS resolver")
        self.give(session, ["y", "enter"])
        session.until("deployment called? [mirror]")
        session.press("enter")
        session.until("do this?")
        self.assertIn("--id", " ".join(self.flags()))
        session.press("ctrl-c")
        self.nothing_was_made(session, 130)

    def test_hostile_names_and_tags(self):
        """What gets through XML: control characters of eight bits, and marks that turn text around."""
        subnet = self.region.store("subnet")[self.region.store("instance")[self.instance("shop-web-1")]["SubnetId"]]
        hostile = "\u009b2Jowned\u202edlrow"
        compute.make_instance(self.region, subnet, "m5.large", [], {"Name": hostile, "x" + hostile: hostile})
        self.before = self.state()
        for columns in (40, 200):
            session = self.start(columns=columns)
            self.walk(session, 3)
            session.type("owned")
            session.until("1 of 13")
            session.until("?2Jowned?d")
            session.press("enter")
            session.until("sources: ?2Jowned?dlrow")
            session.until("what else")
            session.press("ctrl-c")
            self.nothing_was_made(session, 130)  # the screen refuses what we did not mean
            for bad in ("\x9b", "\u202e"):
                self.assertNotIn(bad, session.raw)


class Names(SetupTest):
    def test_a_deployment_that_exists_is_not_changed_by_accident(self):
        def at_the_name():
            session = self.start(*self.flags(id=None, vpc=None, region=REGION))
            session.until("which VPC?")
            self.give(session, ["shop", "enter"])
            session.until("which interfaces")
            session.press("enter")
            session.until("which traffic?")
            session.press("enter")
            session.until("mirror queries")
            session.press("enter")
            session.until("what is the deployment called?")
            return session

        session = at_the_name()
        session.until("called? [shop]")
        session.press("ctrl-c")
        self.nothing_was_made(session, 130)
        for name, source in (("shop", "shop-web-1"), ("other", "shop-search")):
            flags = self.flags(id=name, source="instance/" + self.instance(source))
            self.succeeds("setup-aws", *flags, "--yes")
        session = at_the_name()
        session.until("called? [shop-2]")
        session.until("there are: ")
        session.until("shop")
        session.until("other")
        self.before = self.state()
        session.press("ctrl-c")
        self.nothing_was_made(session, 130)


class Leaving(SetupTest):
    def test_ctrl_c_at_every_question(self):
        for n_steps in range(len(WAY)):
            session = self.start()
            self.walk(session, n_steps)
            session.press("ctrl-c")
            self.nothing_was_made(session, 130)

    def test_signals_at_a_question(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            session = self.start()
            self.walk(session, 3)
            session.signal(number)
            self.nothing_was_made(session, 128 + number)

    def test_ctrl_c_while_it_reads(self):
        self.fault(kind="hold", action="DescribeVpcs", times=1)
        session = self.start()
        session.until("which region?")
        session.press("enter")
        session.until("reading the VPCs")
        session.press("ctrl-c")
        session.until("^C")
        self.aws.faults.clear()
        self.nothing_was_made(session, 130)

    def test_the_end_of_input(self):
        session = self.start()
        self.walk(session, 1)
        session.press("ctrl-d")
        self.nothing_was_made(session, 1)

    def test_escape_goes_back_and_on_again(self):
        session = self.start()
        self.walk(session, 9)
        for question in ("mirror queries", "which TCP ports", "which traffic?", "which interfaces", "what else",
                         "which instances?"):
            session.press("escape")
            session.until(question)
        session.until("2 chosen")  # it remembers
        session.press("escape")
        session.until("what shall be mirrored?")
        session.press("escape")
        session.until("which VPC?")
        session.press("escape")
        session.until("which region?")
        session.press("escape")
        session.until("this is the first question")
        self.walk(session)
        session.press("escape")
        session.until("which file keeps the answers")
        session.press("ctrl-c")
        self.nothing_was_made(session, 130)

    def test_ctrl_c_while_things_are_made(self):
        self.fault(kind="hold", action="CreateTrafficMirrorFilter", when="after")
        session = self.start(columns=200, rows=60)
        self.walk(session)
        self.give(session, ["y", "enter"])
        while b"listener" not in session.output:
            session.read_some()
        while not self.aws.faults.held.wait(0.05):
            pass
        session.press("ctrl-c")
        session.until("^C")
        self.aws.faults.clear()
        self.assertEqual(session.end(), 130)
        self.assertIn("stopped in the middle of deployment 'prod'", session.screen.history())
        out = session.output.decode()
        again = out.split("to go on: ")[1].splitlines()[0]
        undo = out.split("to undo:  ")[1].splitlines()[0]
        self.succeeds(*shlex.split(again)[1:])
        self.assertIn("nothing to do", self.succeeds(*shlex.split(again)[1:]))
        self.succeeds(*shlex.split(undo)[1:], "--yes")
        self.assertEqual(self.state(), self.before)
