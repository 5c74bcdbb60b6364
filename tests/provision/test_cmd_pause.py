"""metlo-appliance sessions pause and resume."""

import json

from commands import APPLIANCE
from harness import killed_at
from sessions_world import SessionsTest

PAST, FUTURE = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"


class Pause(SessionsTest):
    def deployments(self):
        return json.loads(self.succeeds("sessions", "list", "--output", "json"))["deployments"]

    def planned(self, path):
        """What a plan would do with sessions, and its notes."""
        plan = json.loads(self.succeeds("plan", "-f", path, "--output", "json"))["deployments"][0]
        actions = [step["action"] for step in plan["steps"] if step["kind"] == "session"]
        return actions, " ".join(plan["notes"])

    def test_takes_the_sessions_away_and_remembers_it(self):
        self.make_deployment(sources=["shop-web-1", "billing-ledger"])
        foreign = self.sessions_there() - self.ours_there()
        out = self.succeeds("sessions", "pause", "--id", "prod")
        self.assertIn("deployment 'prod' is paused until 'metlo-appliance sessions resume --id prod'", out)
        self.assertEqual(self.sessions_there(), foreign)
        self.assertEqual(self.pause_tag(), ["paused"])
        self.assertEqual(self.pause_tag("traffic-mirror-target"), ["paused"])
        one = self.deployments()[0]
        self.assertEqual((one["is_paused"], one["until"], one["mirroring"]), (True, None, "paused"))
        done = self.run_command("sessions", "list")
        self.assertEqual((done.returncode, done.stdout), (0, "deployment 'prod' is paused\n"))

    def test_for_some_time(self):
        self.make_deployment()
        out = self.succeeds("sessions", "pause", "--for", "2h")
        self.assertRegex(out, r"deployment 'prod' is paused until 20\d\d-\S+Z; the first 'refresh' after that")
        self.assertRegex(self.pause_tag()[0], r"^paused-until 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        one = self.deployments()[0]
        self.assertTrue(one["is_paused"])
        self.assertEqual(self.pause_tag(), ["paused-until " + one["until"]])

    def test_every_plan_honours_it(self):
        self.make_deployment()
        path = self.fleet(self.deployment(sources=["tag/env=production,tier=api"]))
        self.succeeds("sessions", "pause", "-f", path)
        self.assertEqual(self.planned(path)[0], [])
        self.assertIn("mirroring is paused, so that 5 sessions are not made", self.planned(path)[1])
        self.set_pause_tag("paused-until " + FUTURE)
        self.assertEqual(self.planned(path)[0], [])
        self.assertIn("paused until " + FUTURE, self.planned(path)[1])
        self.set_pause_tag("paused-until " + PAST)
        self.assertEqual(self.planned(path)[0], ["create"] * 5)
        self.assertNotIn("paused", self.planned(path)[1])

    def test_active_for_some_time(self):
        self.make_deployment()
        path = self.fleet(self.deployment(sources=["tag/env=production,tier=api"]))
        out = self.succeeds("sessions", "resume", "--for", "30m")
        self.assertRegex(out, r"'prod' is active until 20\d\d-\S+Z\nthe first 'refresh' after that pauses it\n")
        self.assertIn("mirroring is active until 20", self.planned(path)[1])
        self.assertNotIn("delete", self.planned(path)[0])
        self.set_pause_tag("active-until " + PAST)
        self.assertEqual(self.planned(path)[0], ["delete"] * 2)
        self.assertEqual(self.deployments()[0]["mirroring"], "paused")

    def test_a_session_that_is_left_over_says_so(self):
        self.make_deployment(sources=["shop-web-1"])
        self.fault(kind="deny", action="DeleteTrafficMirrorSession", times=0)
        err = self.fails(1, "sessions", "pause")
        self.assertIn('"Action": "ec2:DeleteTrafficMirrorSession"', err)
        self.assertIn("some of its sessions are still there; 'refresh' removes them", err)
        one = json.loads(self.succeeds("sessions", "list", "--output", "json"))["sessions"][0]
        self.assertEqual(one["reason"], "paused")
        self.aws.faults.clear()
        self.succeeds("sessions", "pause")
        self.assertEqual(self.ours_there(), set())

    def test_pausing_twice_is_pausing_once(self):
        self.make_deployment()
        self.succeeds("sessions", "pause", "--for", "1d")
        self.succeeds("sessions", "pause")
        self.assertEqual(self.pause_tag(), ["paused"])


class Resume(SessionsTest):
    def test_forgets_the_pause(self):
        self.make_deployment()
        self.succeeds("sessions", "pause")
        out = self.succeeds("sessions", "resume")
        self.assertIn("deployment 'prod' is active\nits sessions come with the next", out)
        self.assertEqual(self.pause_tag() + self.pause_tag("traffic-mirror-target"), [])
        self.assertEqual(self.ours_there(), set())

    def test_makes_the_sessions_at_once_with_a_file(self):
        self.make_deployment()
        path = self.fleet(self.deployment(sources=["tag/env=production,tier=api"]))
        self.succeeds("sessions", "pause", "-f", path)
        groups = len(self.region.store("security-group"))
        out = self.succeeds("sessions", "resume", "-f", path, "--for", "2h")
        self.assertEqual(out.count("+ mirror session"), 5)
        self.assertIn("deployment 'prod' is active until 20", out)
        self.assertEqual(len(self.ours_there()), 5)
        self.assertEqual(len(self.region.store("security-group")), groups)
        self.assertIn("active until 20", self.succeeds("sessions", "list"))

    def test_makes_the_others_where_aws_refuses_one(self):
        self.make_deployment()
        path = self.fleet(self.deployment(sources=["tag/env=production,tier=api"]))
        self.succeeds("sessions", "pause", "-f", path)
        self.fault(
            kind="error", action="CreateTrafficMirrorSession", status=400, code="NetworkInterfaceNotSupported",
            message="must be attached to a supported instance",
        )
        done = self.run_command("sessions", "resume", "-f", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(": failed: ec2:CreateTrafficMirrorSession: NetworkInterfaceNotSupported", done.stdout)
        self.assertIn("AWS refuses to mirror 1 of the interfaces of deployment 'prod'", done.stderr)
        self.assertEqual(len(self.ours_there()), 4)

    def test_a_tag_that_cannot_be_read_counts_for_nothing_and_goes(self):
        self.make_deployment()
        path = self.fleet(self.deployment(sources=["tag/env=production,tier=api"]))
        self.succeeds("sessions", "pause")
        self.set_pause_tag("perhaps")
        self.assertIn("tag 'metlo:mirroring' of deployment 'prod' cannot be read", self.succeeds("plan", "-f", path))
        self.succeeds("sessions", "resume")
        self.assertEqual(self.pause_tag(), [])


class WithRefresh(SessionsTest):
    """A deployment that 'apply' has made; 'refresh' is what a timer runs."""

    def setUp(self):
        super().setUp()
        self.path = self.fleet()
        self.succeeds("apply", "-f", self.path, "--yes")
        self.assertEqual(len(self.ours_there()), 7)

    def refresh(self):
        return self.succeeds("refresh", "-f", self.path)

    def test_a_pause_that_is_over_ends_with_the_next_refresh(self):
        before = self.state()
        self.succeeds("sessions", "pause", "-f", self.path, "--for", "2h")
        self.assertIn("nothing to do, it is paused", self.refresh())
        self.assertEqual(len(self.ours_there()), 0)
        self.set_pause_tag("paused-until " + PAST)
        self.refresh()
        self.assertEqual(len(self.ours_there()), 7)
        self.succeeds("sessions", "resume", "--id", "prod")
        self.assertEqual(self.state(), before)

    def test_a_time_that_is_over_pauses_with_the_next_refresh(self):
        self.succeeds("sessions", "resume", "-f", self.path, "--for", "2h")
        self.assertIn("nothing to do\n", self.refresh())
        self.set_pause_tag("active-until " + PAST)
        self.refresh()
        self.assertEqual(len(self.ours_there()), 0)
        self.assertIn("nothing to do, it is paused", self.refresh())

    def test_sessions_that_are_removed_come_back(self):
        self.succeeds("sessions", "remove", "--all", "--yes")
        self.refresh()
        self.assertEqual(len(self.ours_there()), 7)

    def test_apply_honours_it_and_destroy_takes_it_away(self):
        self.succeeds("sessions", "pause", "--id", "prod")
        out = self.succeeds("apply", "-f", self.path, "--yes")
        self.assertIn("mirroring is paused, so that 7 sessions are not made", out)
        self.assertEqual(len(self.ours_there()), 0)
        self.succeeds("destroy", "-f", self.path, "--yes")
        self.succeeds("apply", "-f", self.path, "--yes")
        self.assertEqual(len(self.ours_there()), 7)

    def test_a_kill_in_the_middle_is_finished_by_refresh(self):
        for when in ("before", "after"):
            for number in range(1, 16, 3):
                with self.subTest(when=when, number=number):
                    arguments = [APPLIANCE, "sessions", "pause", "--id", "prod"]
                    was_killed = killed_at(self.aws, number, when, arguments, self.environment)
                    is_paused = bool(self.pause_tag())
                    self.refresh()
                    self.assertEqual(len(self.ours_there()), 0 if is_paused else 7)
                    self.succeeds("sessions", "resume", "-f", self.path)
                    self.assertEqual(len(self.ours_there()), 7)
                    if not was_killed:
                        break


class Refusals(SessionsTest):
    def test_nothing_of_its_own_to_remember_on(self):
        self.make_deployment(sources=["shop-web-1"])
        for kind in ("traffic-mirror-filter", "traffic-mirror-target"):
            for one in self.region.store(kind).values():
                one["Tags"] = []
        line = self.refuses(1, "sessions", "pause")
        self.assertIn("uses a mirror filter and a mirror target of others", line)
        self.assertEqual(len(self.ours_there()), 1)

    def test_which_deployment(self):
        self.assertIn("no deployment in region 'us-east-1'", self.refuses(1, "sessions", "pause"))
        self.assertIn("nor by any other", self.refuses(1, "sessions", "pause", "--id", "prod"))
        self.make_deployment()
        self.make_session("stage", self.interface("shop-web-3"), "ecs/shop/cart")
        self.assertIn("there are 2 deployments", self.refuses(1, "sessions", "pause"))
        self.assertIn("there are 'prod', 'stage'", self.refuses(1, "sessions", "resume", "--id", "x"))
        self.assertEqual(len(self.ours_there()), 3)

    def test_wrong_command_lines(self):
        for wanted, arguments in (
            ("expected a time such as 90s, 30m, 2h or 1d, found '2'", ["--for", "2 h"]),
            ("expected a time", ["--for", "0h"]),
            ("expected a time", ["--for", "-1h"]),
            ("unknown option '--source'", ["--source", "asg/web"]),
            ("either -f FILE or --id ID", ["-f", "x", "--id", "y"]),
        ):
            line = self.refuses(2, "sessions", "pause", *arguments)
            self.assertIn(wanted.rstrip("'2"), line)

    def test_a_missing_permission_leaves_all_as_it_was(self):
        self.make_deployment()
        self.fault(kind="deny", action="CreateTags", times=0)
        line = self.refuses(1, "sessions", "pause")
        self.assertIn("cannot pause deployment 'prod'", line)
        self.assertIn('"Action": "ec2:CreateTags"', line)
        self.assertIn('"aws:ResourceTag/metlo:managed": "true"', line)
        self.assertEqual(len(self.ours_there()), 2)

    def test_a_run_that_is_cut_short_is_finished_by_the_next(self):
        self.make_deployment()
        self.fault(kind="error", action="DeleteTrafficMirrorSession", times=0)
        self.fails(1, "sessions", "pause", AWS_MAX_ATTEMPTS="1")
        self.aws.faults.clear()
        self.assertEqual(self.pause_tag(), ["paused"])
        path = self.fleet(self.deployment(sources=["tag/env=production,tier=api"]))
        out = self.succeeds("plan", "-f", path)
        self.assertIn("- mirror session", out)
