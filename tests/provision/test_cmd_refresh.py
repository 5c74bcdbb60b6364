"""metlo-appliance refresh."""

import contextlib
import signal
import subprocess
import threading

from commands import APPLIANCE, TIMEOUT_S, CommandTest
from standin import events


class Refresh(CommandTest):
    def setUp(self):
        super().setUp()
        self.path = self.fleet()

    def apply(self):
        self.succeeds("apply", "-f", self.path, "--yes")
        self.aws.journal.clear()

    def refresh(self, *arguments, **variables):
        return self.succeeds("refresh", "-f", self.path, *arguments, **variables)

    def scale(self, desired):
        with self.aws.world.lock:
            events.EVENTS["service_scaled"](self.region, "images", desired)

    def n_sessions(self):
        return len(self.region.store("traffic-mirror-session")) - self.n_foreign

    def populate(self):
        super().populate()
        self.n_foreign = len(self.region.store("traffic-mirror-session"))


class Once(Refresh):
    def test_says_what_is_missing_where_there_is_nothing_yet(self):
        before = self.state()
        line = self.refuses(1, "refresh", "-f", self.path)
        self.assertIn("deployment 'prod' in 'us-east-1' does not exist yet", line)
        self.assertIn("'metlo-appliance apply -f %s' makes it" % self.path, line)
        self.assertEqual(self.state(), before)

    def test_follows_what_comes_and_goes(self):
        self.apply()
        self.assertEqual(self.refresh(), "deployment 'prod' in us-east-1: nothing to do\n")
        self.scale(0)
        out = self.refresh().splitlines()
        self.assertEqual(out[0], "deployment 'prod' in us-east-1: 0 to create, 0 to change, 2 to delete, 19 stay")
        self.assertRegex(out[1], "^- mirror session +eni-.*  ")
        self.assertEqual(len(out), 3)
        self.assertEqual(self.n_sessions(), 5)
        self.scale(2)
        self.assertIn("2 to create, 0 to change, 0 to delete", self.refresh())
        self.assertEqual(self.n_sessions(), 7)

    def test_leaves_everything_else_to_apply(self):
        self.apply()
        made = self.state()
        self.path = self.fleet(self.deployment(filter={"server_ports": [80]}, health={"port": 9000}))
        done = self.run_command("refresh", "-f", self.path)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, "needs [0-9]+ other changes; 'plan' shows them and 'apply' makes them")
        self.assertEqual(self.state(), made)

    def test_does_not_build_on_what_is_missing(self):
        self.apply()
        with self.aws.world.lock:
            events.EVENTS["vxlan_listener_gone"](self.region)
        self.assertIn("is not complete", self.refuses(1, "refresh", "-f", self.path))

    def test_does_not_empty_a_deployment_unless_it_is_told_to(self):
        self.apply()
        self.path, made = self.fleet(self.deployment(sources=["tag/tier=nothing"])), self.state()
        line = self.refuses(1, "refresh", "-f", self.path)
        self.assertIn("refresh would remove all 7 sessions of deployment 'prod' in 'us-east-1'; if that is right, use "
                      "'metlo-appliance apply -f %s', or --allow-empty" % self.path, line)
        self.assertEqual(self.state(), made)
        self.assertIn("0 to create, 0 to change, 7 to delete", self.refresh("--allow-empty"))
        self.assertEqual(self.n_sessions(), 0)

    def test_one_session_may_be_the_last(self):
        self.path = self.fleet(self.deployment(sources=["ecs/shop/images"]))
        self.scale(1)
        self.apply()
        self.scale(0)
        self.assertIn("0 to create, 0 to change, 1 to delete", self.refresh())
        self.assertEqual(self.n_sessions(), 0)

    def test_begins_and_ends_pauses(self):
        self.apply()
        self.succeeds("sessions", "pause", "--id", "prod")
        self.assertEqual(self.refresh(), "deployment 'prod' in us-east-1: nothing to do, it is paused\n")
        self.assertEqual(self.n_sessions(), 0)

    def test_one_that_fails_does_not_stop_the_others(self):
        self.apply()
        self.scale(0)
        self.path = self.fleet(self.deployment(id="other"), self.deployment())
        done = self.run_command("refresh", "-f", self.path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("'other'", done.stderr)
        self.assertIn("2 to delete", done.stdout)

    def test_wrong_command_lines(self):
        self.assertIn("which deployment?", self.refuses(2, "refresh"))
        self.assertIn("unknown option '--id'", self.refuses(2, "refresh", "--id", "prod"))
        self.assertIn("expected a time", self.refuses(2, "refresh", "-f", "x", "--watch", "0"))
        self.assertIn("cannot read '/nowhere'", self.refuses(1, "refresh", "-f", "/nowhere", "--watch", "60"))

    def test_faults_that_last_are_told(self):
        self.apply()
        self.fault(kind="deny", action="DescribeTrafficMirrorSessions", times=0)
        self.assertIn("cannot refresh deployment 'prod'", self.refuses(1, "refresh", "-f", self.path))


class Watch(Refresh):
    @contextlib.contextmanager
    def watching(self):
        """The lines that it says, as they come; ended as a service manager does."""
        self.lines, self.arrived = [], threading.Condition()
        with subprocess.Popen([APPLIANCE, "refresh", "-f", self.path, "--watch", "60"], env=self.environment,
                              text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as child:
            reader = threading.Thread(target=self.read, args=(child.stdout,))
            reader.start()
            try:
                yield child
            finally:
                child.send_signal(signal.SIGTERM)
                self.code = child.wait(TIMEOUT_S)
                reader.join()

    def read(self, stream):
        for line in stream:
            with self.arrived:
                self.lines.append(line)
                self.arrived.notify_all()

    def wait_for(self, text):
        with self.arrived:
            found = self.arrived.wait_for(lambda: any(text in line for line in self.lines), TIMEOUT_S)
            self.assertTrue(found, (text, self.lines))
            while text not in self.lines.pop(0):
                pass

    def test_follows_what_comes_and_goes_until_it_is_told_to_end(self):
        self.apply()
        with self.watching():
            self.wait_for("nothing to do")
            self.scale(0)
            self.wait_for("2 to delete")
            self.wait_for("- mirror session")
            self.scale(2)
            self.wait_for("2 to create")
            self.wait_for("+ mirror session")
        self.assertEqual(self.code, 0)

    def test_survives_errors(self):
        self.apply()
        with self.watching():
            self.wait_for("nothing to do")
            self.fault(kind="expired", times=0)
            self.wait_for("cannot refresh deployment 'prod'")
            self.aws.faults.clear()
            self.wait_for("refreshing deployment 'prod' in 'us-east-1' works again")
            self.write("fleet.json", "{")
            self.wait_for("fleet.json': line 1")
            self.fleet()
            self.scale(0)
            self.wait_for("2 to delete")
        self.assertEqual(self.code, 0)

    def test_what_fails_does_not_hold_up_the_others_and_is_tried_less_often(self):
        self.apply()
        self.fault(kind="error", action="CreateTrafficMirrorSession", status=400, times=0,
                   code="NetworkInterfaceNotSupported", message="no")
        self.path = self.fleet(self.deployment(id="other"), self.deployment())
        with self.watching():
            self.wait_for("deployment 'other' in 'us-east-1' does not exist yet")
            self.wait_for("deployment 'prod' in us-east-1: nothing to do")
            self.scale(0)
            self.wait_for("2 to delete")
            self.scale(2)
            self.wait_for("AWS refuses to mirror 2 of the interfaces")
            n_tried = self.n_calls("CreateTrafficMirrorSession")
            for _ in range(2):
                self.wait_for("deployment 'other' in 'us-east-1' does not exist yet")
            self.assertEqual(self.n_calls("CreateTrafficMirrorSession"), n_tried)

    def test_ends_with_the_calls_that_are_under_way(self):
        self.apply()
        self.scale(0)
        self.aws.faults.add(kind="hold", action="DeleteTrafficMirrorSession", when="after")
        with self.watching() as child:
            self.assertTrue(self.aws.faults.held.wait(TIMEOUT_S))
            child.send_signal(signal.SIGINT)
            self.aws.faults.clear()
            self.code = child.wait(TIMEOUT_S)
        self.assertEqual(self.code, 0)
        self.path = self.fleet()
        self.refresh()
        self.assertEqual(self.n_sessions(), 5)
