"""metlo-appliance sessions list and remove."""

import json
import os
import pty
import re
import signal
import subprocess

from commands import APPLIANCE
from sessions_world import VENDOR, SessionsTest
from standin import events

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")


class List(SessionsTest):
    def list(self, *arguments):
        return json.loads(self.succeeds("sessions", "list", "--output", "json", *arguments))

    def only(self, *arguments):
        sessions = self.list(*arguments)["sessions"]
        self.assertEqual(len(sessions), 1, sessions)
        return sessions[0]

    def assert_status(self, status, reason, why=""):
        one = self.only()
        self.assertEqual((one["status"], one["reason"]), (status, reason), one)
        self.assertIn(why, one["why"] or "")
        if status != "flowing":
            self.assertTrue(one["fix"])

    def test_an_empty_account(self):
        self.assertEqual(self.list(), {"sessions": [], "deployments": []})
        done = self.run_command("sessions", "list")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertIn("no sessions", done.stderr)
        self.assertEqual(self.list("--region", "us-west-2"), {"sessions": [], "deployments": []})

    def test_shows_all_that_a_session_is(self):
        (session,) = self.make_deployment(sources=["shop-web-1"])
        one = self.only()
        self.assertEqual(
            one,
            {
                "session_id": session,
                "deployment": "prod",
                "session_number": 5,
                "vni": 7005,
                "source_type": "instance",
                "source_id": self.instance("shop-web-1"),
                "source_name": "shop-web-1",
                "target_id": self.target,
                "filter_id": self.filter,
                "packet_length": 8500,
                "status": "flowing",
                "reason": None,
                "region": "us-east-1",
                "interface_id": self.interface("shop-web-1"),
                "sources": ["tag/env=production,tier=api", "asg/web"],
                "is_ours": True,
                "owner_id": "111122223333",
                "description": None,
                "why": None,
                "fix": None,
            },
        )
        self.assertEqual(
            self.list()["deployments"],
            [
                {
                    "id": "prod",
                    "region": "us-east-1",
                    "sessions": 1,
                    "is_paused": False,
                    "until": None,
                    "mirroring": "active",
                }
            ],
        )

    def test_the_table_has_the_reasons_below(self):
        self.make_deployment()
        out = self.succeeds("sessions", "list")
        self.assertRegex(out, r"^SESSION +DEPLOYMENT +NUMBER +VNI +TYPE +SOURCE +NAME +TARGET +FILTER +LENGTH +STATUS")
        self.assertIn("2 sessions, 2 flowing\n", out)
        events.vxlan_listener_gone(self.region)
        out = self.succeeds("sessions", "list")
        self.assertIn("2 sessions, 0 flowing\n  2 no-listener: load balancer 'metlo-prod' has no UDP", out)
        self.assertIn("     run 'apply', which makes the listener\n", out)

    def test_reasons_that_differ_in_their_subject_are_one(self):
        self.make_deployment()
        for name in ("shop-web-1", "shop-web-2"):
            events.source_retyped(self.region, name, "m8g.large" if name[-1] == "1" else "m8i.large")
        out = self.succeeds("sessions", "list")
        self.assertRegex(out, r"  2 instance-type-unsupported: such as AWS cannot mirror instances of type 'm8[gi]")

    def test_a_source_that_is_gone_fails_nothing(self):
        self.make_deployment()
        del self.region.store("network-interface")[self.interface("shop-web-1")]
        reasons = {one["source_id"]: one["reason"] for one in self.list()["sessions"]}
        self.assertEqual(sorted(map(str, reasons.values())), ["None", "interface-gone"])
        self.assertIn("interface-gone", self.succeeds("sessions", "list"))

    def test_what_is_wrong_with_the_source(self):
        self.make_deployment(sources=["shop-web-1"])
        instance = self.region.store("instance")[self.instance("shop-web-1")]
        instance["State"] = {"Code": 80, "Name": "stopped"}
        self.assert_status("not-flowing", "not-running", "is stopped")
        instance["State"] = {"Code": 16, "Name": "running"}
        events.source_retyped(self.region, "shop-web-1")
        self.assert_status("not-flowing", "instance-type-unsupported", "'m8g.large'")
        path = self.fleet(self.deployment(allow_instance_types=["m8g"]))
        self.assertEqual(self.only("-f", path)["status"], "flowing")

    def test_a_source_that_is_detached(self):
        self.make_deployment(sources=["shop-web-1"])
        interface = self.region.store("network-interface")[self.interface("shop-web-1")]
        del interface["Attachment"]
        interface["Status"] = "available"
        self.assert_status("not-flowing", "not-attached")

    def test_what_is_wrong_with_the_filter(self):
        self.make_deployment(sources=["shop-web-1"])
        rules = self.region.store("traffic-mirror-filter-rule")
        ours = [key for key, rule in rules.items() if rule["TrafficMirrorFilterId"] == self.filter]
        del rules[ours[1]]
        self.assert_status("partial", "filter-one-way", "egress")
        del rules[ours[0]]
        self.assert_status("not-flowing", "filter-empty")

    def test_what_is_wrong_with_the_appliances(self):
        self.make_deployment(sources=["shop-web-1"])
        appliance = self.instance("shop-legacy")
        self.set_health(appliance, "unhealthy", "Target.FailedHealthChecks")
        self.assert_status("not-flowing", "no-healthy-appliance")
        self.set_health(appliance, "initial", "Elb.InitialHealthChecking")
        self.assert_status("not-flowing", "appliances-starting")
        self.region.store("target").clear()
        self.assert_status("not-flowing", "no-appliance")
        del self.region.store("load-balancer")[self.balancer]
        self.assert_status("not-flowing", "target-gone")

    def test_says_what_it_may_not_look_at(self):
        self.make_deployment(sources=["shop-web-1"])
        self.fault(kind="deny", action="DescribeTargetHealth", times=0)
        self.assert_status("unknown", "target-hidden")

    def test_sessions_of_others_are_shown_with_all(self):
        (session,) = self.make_deployment(sources=["billing-ledger"])
        self.assert_status("not-flowing", "starved", "takes all TCP")
        first, second = self.list("--all")["sessions"]
        self.assertEqual((first["is_ours"], first["deployment"], first["session_number"]), (False, None, 1))
        self.assertEqual((second["session_id"], second["is_ours"]), (session, True))
        self.assertEqual(self.list("--all")["deployments"][0]["sessions"], 1)

    def test_chooses_by_deployment_and_source(self):
        first, second = self.make_deployment()
        other = self.make_session("stage", self.interface("shop-web-3"), "ecs/shop/cart")

        def ids(*arguments):
            return {one["session_id"] for one in self.list(*arguments)["sessions"]}

        self.assertEqual(ids(), {first, second, other})
        self.assertEqual(ids("--id", "stage"), {other})
        self.assertEqual(ids("--source", "asg/web"), {first, second})
        self.assertEqual(ids("--source", "tag/env=production,tier=api"), {first, second})
        self.assertEqual(ids("--source", "tag/env=production"), set())
        self.assertEqual(ids("--source", "instance/" + self.instance("shop-web-2")), {second})
        interface = "eni/" + self.interface("shop-web-1")
        self.assertEqual(ids("--source", interface, "--source", "ecs/shop/cart"), {first, other})
        self.assertEqual(ids("--id", "prod", "--source", "ecs/shop/cart"), set())
        path = self.fleet(self.deployment(), self.deployment(id="stage"))
        self.assertEqual(ids("-f", path), {first, second, other})
        self.assertEqual(ids("-f", path, "--deployment", "stage"), {other})

    def test_a_deployment_that_is_not_there(self):
        self.make_deployment()
        self.assertIn("there is 'prod'", self.refuses(1, "sessions", "list", "--id", "pord"))
        done = self.run_command("sessions", "list", "-f", self.fleet(self.deployment(id="new")))
        self.assertEqual(done.returncode, 0)
        self.assertIn("deployment 'new' has nothing in region 'us-east-1' yet", done.stderr)

    def test_names_of_others_cannot_steer_the_terminal(self):
        self.make_deployment(sources=["shop-web-1"])
        for tag in self.region.store("instance")[self.instance("shop-web-1")]["Tags"]:
            if tag["Key"] == "Name":
                tag["Value"] = "shop\u009b31m\u202eweb"
        out = self.succeeds("sessions", "list")
        self.assertIn("shop?31m?web", out)
        self.assertTrue(self.succeeds("sessions", "list", "--output", "json").isascii())

    def test_a_tag_that_names_no_deployment_is_none_of_ours(self):
        (session,) = self.make_deployment(sources=["shop-web-1"])
        for tag in self.region.store("traffic-mirror-session")[session]["Tags"]:
            if tag["Key"] == "metlo:deployment":
                tag["Value"] = "\u202e" * 200
        self.assertEqual(self.list()["sessions"], [])
        line = self.refuses(1, "sessions", "remove", "--yes", session)
        self.assertIn("was not made by metlo-appliance", line)

    def test_few_calls_however_many_sessions(self):
        self.make_deployment()
        self.aws.world.options.page_size = 1000
        self.aws.world.options.empty_pages = False
        self.aws.journal.clear()
        self.list()
        self.assertLessEqual(sum(self.aws.journal.counts().values()), 9)


    def test_the_documentation_knows_every_key_and_reason(self):
        self.make_deployment(sources=["shop-web-1"])
        with open(os.path.join(DOCS, "sessions.md"), encoding="utf-8") as file:
            documented = set(re.findall(r"^\| `([a-z_-]+)` \|", file.read(), re.MULTILINE))
        answer = self.list()
        for row in answer["sessions"] + answer["deployments"]:
            self.assertLessEqual(set(row), documented)
        with open(os.path.join(DOCS, "..", "provision", "session_status.h"), encoding="utf-8") as file:
            reasons = set(re.findall(r"X\(\w+, [A-Z]+, \"([a-z-]+)\"\)", file.read())) - {"none"}
        self.assertGreater(len(reasons), 10)
        self.assertLessEqual(reasons, documented)


class ListFaults(SessionsTest):
    def test_a_missing_permission_is_named(self):
        self.fault(kind="deny", action="DescribeTrafficMirrorSessions", times=0)
        line = self.refuses(1, "sessions", "list")
        self.assertIn("cannot list the sessions in region 'us-east-1'", line)
        self.assertIn('"Action": "ec2:DescribeTrafficMirrorSessions"', line)

    def test_faults_that_pass_are_borne(self):
        self.make_deployment()
        wanted = self.succeeds("sessions", "list")
        for fault in ({"kind": "throttle", "times": 2}, {"kind": "http", "status": 503}, {"kind": "reset"},
                      {"kind": "truncate"}):
            for action in ("DescribeTrafficMirrorSessions", "DescribeListeners"):
                with self.subTest(action=action, **fault):
                    self.fault(action=action, **fault)
                    self.assertEqual(self.succeeds("sessions", "list"), wanted)
                    self.aws.faults.clear()

    def test_faults_that_last_are_told(self):
        self.fault(kind="error", code="InternalError", times=0)
        self.assertIn("that is a failure of AWS", self.refuses(1, "sessions", "list", AWS_MAX_ATTEMPTS="2"))

    def test_one_region_that_fails_does_not_hide_the_others(self):
        (session,) = self.make_deployment(sources=["shop-web-1"])
        self.fault(kind="deny", region="eu-central-1", times=0)
        path = self.fleet(self.deployment(id="far", region="eu-central-1"), self.deployment())
        done = self.run_command("sessions", "list", "-f", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("in region 'eu-central-1'", done.stderr)
        self.assertIn(session, done.stdout)

    def test_wrong_command_lines(self):
        for wanted, arguments in (
            ("needs a command", []),
            ("did you mean 'list'?", ["lst"]),
            ("unknown command 'sessions x'", ["x"]),
            ("did you mean '--source'?", ["list", "--sorce", "x"]),
            ("--source: source 'x': it must be", ["list", "--source", "x"]),
            ("either -f FILE or --id ID", ["list", "-f", "x", "--id", "y"]),
            ("-f FILE is missing", ["list", "--deployment", "prod"]),
            ("unexpected argument 'x'", ["list", "x"]),
            ("expected one of table, json", ["list", "--output", "xml"]),
        ):
            self.assertIn(wanted, self.refuses(2, "sessions", *arguments))
        self.assertIn("is no deployment's id", self.refuses(1, "sessions", "list", "--id", "A!"))
        for name in ("list", "remove", "pause", "resume"):
            self.assertIn("usage: metlo-appliance sessions " + name, self.succeeds("sessions", name, "--help"))
            self.assertIn(name, self.succeeds("sessions", "--help"))


class Remove(SessionsTest):
    def remove(self, *arguments):
        return self.succeeds("sessions", "remove", "--yes", *arguments)

    def answer(self, text, *arguments):
        """What it says to somebody at a terminal who answers so; its exit code."""
        master, slave = pty.openpty()
        os.write(master, text)
        done = subprocess.run(
            [APPLIANCE, "sessions", "remove", *arguments],
            env=self.environment, stdin=slave, capture_output=True, text=True, timeout=60, check=False,
        )
        os.close(slave)
        os.close(master)
        return done.stderr, done.returncode

    def test_asks_first(self):
        first, second = self.make_deployment()
        for text in (b"\n", b"n\n", b"what?\n", b"\x04"):
            said, code = self.answer(text, "--all")
            self.assertEqual(code, 1, said)
            self.assertIn("  %s of deployment 'prod' on %s (tag/env" % (first, self.interface("shop-web-1")), said)
            self.assertIn("remove 2 mirror sessions in region 'us-east-1'? [y/N] ", said)
            self.assertIn("nothing was removed", said)
        self.assertEqual(self.ours_there(), {first, second})
        said, code = self.answer(b"yes\n", first)
        self.assertEqual(code, 0, said)
        self.assertIn("remove 1 mirror session in region", said)
        self.assertEqual(self.ours_there(), {second})

    def test_by_id(self):
        first, second = self.make_deployment()
        out = self.remove(first)
        self.assertIn("removed the session of '%s' ('%s')" % (self.interface("shop-web-1"), first), out)
        self.assertIn("1 of 1 removed\n'refresh' and 'apply' make them again", out)
        self.assertEqual(self.ours_there(), {second})

    def test_by_source(self):
        first, second = self.make_deployment()
        other = self.make_session("prod", self.interface("shop-web-3"), "ecs/shop/cart")
        self.remove("--source", "ecs/shop/cart")
        self.assertEqual(self.ours_there(), {first, second})
        self.assertIn("nothing to remove", self.remove("--source", "ecs/shop/cart"))
        self.assertNotIn(other, self.sessions_there())

    def test_all_of_one_deployment(self):
        self.make_deployment(sources=["shop-web-1", "shop-web-2", "billing-ledger"])
        foreign = self.sessions_there() - self.ours_there()
        self.remove("--all")
        self.assertEqual(self.sessions_there(), foreign)
        self.assertIn(self.filter, self.region.store("traffic-mirror-filter"))
        self.assertIn(self.target, self.region.store("traffic-mirror-target"))

    def test_all_needs_to_know_the_deployment_where_there_are_several(self):
        first, second = self.make_deployment()
        other = self.make_session("stage", self.interface("shop-web-3"), "ecs/shop/cart")
        line = self.refuses(1, "sessions", "remove", "--yes", "--all")
        self.assertIn("there are 2 deployments in region 'us-east-1', such as 'prod'; choose one with --id ID", line)
        self.remove("--all", "--id", "stage")
        self.assertEqual(self.ours_there(), {first, second})
        line = self.refuses(1, "sessions", "remove", "--yes", "--all", "--id", "stagee")
        self.assertIn("by deployment 'stagee'", line)
        self.assertNotIn(other, self.sessions_there())

    def test_many_deployments_by_their_ids(self):
        first, second = self.make_deployment()
        other = self.make_session("stage", self.interface("shop-web-3"), "ecs/shop/cart")
        self.assertIn("2 of 2 removed", self.remove(second, other))
        self.assertEqual(self.ours_there(), {first})

    def test_never_what_is_not_ours(self):
        (first,) = self.make_deployment(sources=["billing-ledger"])
        (foreign,) = self.sessions_there() - self.ours_there()
        line = self.refuses(1, "sessions", "remove", "--yes", first, foreign)
        self.assertIn("session '%s' was not made by metlo-appliance" % foreign, line)
        self.assertEqual(self.sessions_there(), {first, foreign})
        self.assertEqual(self.n_calls("DeleteTrafficMirrorSession"), 0)
        line = self.refuses(1, "sessions", "remove", "--yes", first, "--id", "stage")
        self.assertIn("by deployment 'stage'", line)

    def test_ids_that_are_wrong(self):
        self.make_deployment()
        unknown = "tms-0123456789abcdef0"
        self.assertIn("no mirror session '%s'" % unknown, self.refuses(1, "sessions", "remove", "--yes", unknown))
        self.assertIn("begins with 'tms-'", self.refuses(2, "sessions", "remove", "--yes", "eni-0123456789abcdef0"))
        for wanted, arguments in (
            ("which sessions?", ["--yes"]),
            ("not several", ["--all", "--source", "asg/web", "--yes"]),
            ("not several", ["--all", unknown, "--yes"]),
            ("--yes says so", ["--all"]),
            ("it must be", ["--source", "web", "--yes"]),
        ):
            self.assertIn(wanted, self.refuses(2, "sessions", "remove", *arguments))
        self.assertEqual(len(self.ours_there()), 2)

    def test_a_session_that_goes_at_the_same_time_is_gone(self):
        first, second = self.make_deployment()
        self.fault(
            kind="error", action="DeleteTrafficMirrorSession", status=400, times=0,
            code="InvalidTrafficMirrorSessionId.NotFound", message="The session does not exist",
        )
        self.assertIn("1 of 1 removed", self.remove(first))
        self.assertIn(second, self.ours_there())

    def test_a_missing_permission_is_told_once(self):
        first, _ = self.make_deployment()
        self.fault(kind="deny", action="DeleteTrafficMirrorSession", times=0)
        line = self.refuses(1, "sessions", "remove", "--yes", first)
        self.assertIn("cannot remove the mirror session of '%s'" % self.interface("shop-web-1"), line)
        self.assertIn('"Action": "ec2:DeleteTrafficMirrorSession"', line)
        self.assertEqual(len(self.ours_there()), 2)

    def test_faults_that_pass_are_borne(self):
        for fault in ({"kind": "throttle", "times": 2}, {"kind": "http", "status": 503},
                      {"kind": "reset", "when": "after"}):
            with self.subTest(fault):
                self.region.store("load-balancer").clear()
                self.region.store("target-group").clear()
                self.make_deployment()
                self.fault(action="DeleteTrafficMirrorSession", **fault)
                self.remove("--all")
                self.assertEqual(self.ours_there(), set())
                self.aws.faults.clear()

    def test_ctrl_c_ends_it_after_the_call_that_is_under_way(self):
        names = ["shop-web-1", "shop-web-2", "shop-web-3", "shop-search"]
        self.make_deployment(sources=names)
        self.fault(kind="hold", action="DeleteTrafficMirrorSession", times=0)
        with subprocess.Popen(
            [APPLIANCE, "sessions", "remove", "--all", "--yes"], env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:
            self.assertTrue(self.aws.faults.held.wait(30))
            process.send_signal(signal.SIGINT)
            while process.poll() is None:  # there are several threads
                self.aws.faults.held.wait(0.05)
                self.aws.faults.held.release()
            out, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, said)
        self.assertIn("stopped: could not", said)
        self.assertEqual(len(names) - len(self.ours_there()), out.count("removed the session of"))

    def test_the_vendor_is_still_there(self):
        self.make_deployment()
        self.remove("--all")
        (left,) = self.region.store("traffic-mirror-session").values()
        self.assertEqual(left["Tags"], [{"Key": "Name", "Value": VENDOR}])
