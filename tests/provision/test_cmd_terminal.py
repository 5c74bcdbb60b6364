"""The commands that change things, with a person in front of them."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from commands import APPLIANCE, CommandTest  # pylint: disable=wrong-import-position
from pty_session import PtySession  # pylint: disable=wrong-import-position


class Terminal(CommandTest):
    def setUp(self):
        super().setUp()
        self.before = self.state()

    def start(self, *arguments, columns=100, rows=40, **variables):
        environment = {**self.environment, "TERM": "xterm-256color", **variables}
        session = PtySession([APPLIANCE, *arguments], environment, columns, rows, merged=True)
        self.addCleanup(session.close)
        return session

    def test_a_no_changes_nothing(self):
        for answer in ("n", "", "maybe"):
            session = self.start("apply", "-f", self.fleet())
            session.until("apply this? [y/N]")
            self.assertIn("cost a month:", session.screen.text())
            session.type(answer)
            session.press("enter")
            self.assertEqual(session.end(), 1)
            self.assertIn("nothing was changed", session.screen.text())
            self.assertEqual(self.state(), self.before)

    def test_ctrl_c_at_the_question_changes_nothing(self):
        session = self.start("apply", "-f", self.fleet())
        session.until("apply this? [y/N]")
        session.press("ctrl-c")
        self.assertEqual(session.end(), -2)
        self.assertEqual(self.state(), self.before)

    def test_a_yes_is_followed_step_by_step(self):
        self.aws.faults.add(kind="hold", action="CreateTrafficMirrorFilter")
        session = self.start("apply", "-f", self.fleet())
        session.until("apply this? [y/N]")
        session.type("yes")
        session.press("enter")
        session.until("[4/21] creating mirror filter 'metlo-prod'")
        self.assertIn("+ listener               UDP 4789", session.screen.text())
        self.aws.faults.clear()
        self.assertEqual(session.end(), 0)
        text = session.screen.history()
        self.assertIn("\x1b[32m+", session.raw)
        self.assertRegex(session.raw, r"\[\d+/21\] waiting for the load balancer to become active, \d+ s")
        self.assertIn("deployment 'prod' is set up:", text)
        self.assertNotIn("creating", text)
        session = self.start("destroy", "--id", "prod", NO_COLOR="1")
        session.until("delete all of this? [y/N]")
        session.type("y")
        session.press("enter")
        self.assertEqual(session.end(), 0)
        self.assertNotIn("\x1b[3", session.raw)
        self.assertIn("nothing is left of deployment 'prod'", session.screen.text())
        self.assertEqual(self.state(), self.before)

    def test_ctrl_c_in_the_middle_says_what_is_there(self):
        self.aws.faults.add(kind="hold", action="CreateTrafficMirrorFilter", when="after")
        session = self.start("apply", "-f", self.fleet(), "--yes", columns=60)
        session.until("creating mirror filter")
        session.press("ctrl-c")
        session.until("^C")
        self.aws.faults.clear()
        self.assertEqual(session.end(), 130)
        text = session.screen.history()
        self.assertIn("stopped in the middle of deployment 'prod'", text)
        self.assertIn("to go on: metlo-appliance apply -f ", text)
        self.succeeds("destroy", "--id", "prod", "--yes")
        self.assertEqual(self.state(), self.before)

    def test_windows_of_all_sizes(self):
        for columns in (40, 200):
            session = self.start("apply", "-f", self.fleet(), "--yes", columns=columns)
            self.assertEqual(session.end(), 0)
            self.assertIn("7 mirror sessions", session.screen.history())
            self.succeeds("destroy", "--id", "prod", "--yes")
