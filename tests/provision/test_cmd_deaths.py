"""Set-ups whose process is killed at one of its calls: the next run makes the same as one that was left alone.

Some calls are tried; with DEATHS=all every one, before and after it was done.
"""

import os
import unittest

from commands import APPLIANCE, CommandTest
from harness import killed_at

READS = ("Describe", "Get", "List")
STEP = 1 if os.environ.get("DEATHS") == "all" else 4


class Deaths(CommandTest):
    def setUp(self):
        super().setUp()
        self.path = self.fleet()
        self.command = [APPLIANCE, "apply", "-f", self.path, "--yes"]
        self.before = self.state()

    def undisturbed(self):
        """What a run that is left alone makes, and which of its calls change something, from 1."""
        self.aws.journal.clear()
        self.succeeds("apply", "-f", self.path, "--yes")
        made = self.state()
        calls = self.aws.journal.find()
        self.succeeds("destroy", "-f", self.path, "--yes")
        self.assertEqual(self.state(), self.before)
        return made, [n for n, call in enumerate(calls, 1) if not call["action"].startswith(READS)], len(calls)

    def dies_at(self, number, when, made):
        self.assertTrue(killed_at(self.aws, number, when, self.command, self.environment))
        self.succeeds("apply", "-f", self.path, "--yes")
        self.assertEqual(self.state(), made)
        self.assertIn("nothing to do", self.succeeds("apply", "-f", self.path, "--yes"))
        self.succeeds("destroy", "-f", self.path, "--yes")
        self.assertEqual(self.state(), self.before)

    def test_after_a_change_that_nobody_heard_of(self):
        made, changes, _ = self.undisturbed()
        self.assertGreater(len(changes), 20)
        for number in changes[::STEP]:
            with self.subTest(number):
                self.dies_at(number, "after", made)

    def test_before_a_change(self):
        made, changes, _ = self.undisturbed()
        for number in changes[STEP // 2::STEP]:
            with self.subTest(number):
                self.dies_at(number, "before", made)

    @unittest.skipUnless(STEP == 1, "DEATHS=all")
    def test_at_any_call(self):
        made, _, n = self.undisturbed()
        for number in range(1, n + 1):
            with self.subTest(number):
                self.dies_at(number, "after", made)

    def test_while_it_destroys(self):
        made, _, _ = self.undisturbed()
        for number in range(STEP, 200, 3 * STEP):
            self.succeeds("apply", "-f", self.path, "--yes")
            self.assertEqual(self.state(), made)
            self.aws.journal.clear()
            command = [APPLIANCE, "destroy", "-f", self.path, "--yes"]
            was_killed = killed_at(self.aws, number, "after", command, self.environment)
            self.succeeds("destroy", "--id", "prod", "--yes")
            self.assertEqual(self.state(), self.before)
            if not was_killed:
                break
