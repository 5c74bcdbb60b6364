"""metlo-appliance setup-aws where AWS refuses or fails."""

import os

from setup_world import WAY, SetupTest
from test_cmd_iam_policy import PolicyTest


class Trouble(SetupTest):
    def test_no_permission_to_list_regions_is_no_end(self):
        self.fault(kind="deny", action="DescribeRegions", times=0)
        session = self.start()
        session.until("which region? [us-east-1]")
        self.give(session, ["Mars", "enter"])
        session.until("a region is called such as eu-west-1")
        self.give(session, ["ctrl-u", "enter"])
        session.until("which VPC?")
        session.press("ctrl-c")
        self.nothing_was_made(session, 130)

    def test_no_region_is_configured(self):
        nowhere = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}
        session = self.start(**nowhere)
        session.until("which region?")
        session.until("eu-central-1")
        self.give(session, ["us-east-1", "enter"])
        session.until("which VPC?")
        session.press("ctrl-c")
        self.nothing_was_made(session, 130)
        self.fault(kind="error", action="DescribeRegions", status=401, code="AuthFailure", message="no", times=0)
        session = self.start(**nowhere)
        session.until("which region?")
        session.press("enter")
        session.until("an answer is needed")
        self.give(session, ["us-east-1", "enter"])
        session.until("which VPC?")
        session.press("ctrl-c")
        self.nothing_was_made(session, 130)

    def test_no_permission_for_sources_names_the_statement(self):
        self.fault(kind="deny", action="DescribeInstances", times=0)
        session = self.start(columns=200)
        self.walk(session, 2)
        session.press("enter")
        self.assertEqual(session.end(), 1)
        self.says(session, '"Action": "ec2:DescribeInstances"')
        self.assertEqual(session.changes(), [])
        self.assertEqual(self.state(), self.before)

    def test_without_credentials(self):
        session = self.start(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
        self.assertEqual(session.end(), 1)
        self.says(session, "cannot read the regions")
        self.assertEqual(session.changes(), [])

    def test_a_vpc_or_source_that_does_not_exist(self):
        line = self.refuses(1, "setup-aws", *self.flags(vpc="vpc-0123456789abcdef0"), "--yes")
        self.assertIn("vpc-0123456789abcdef0", line)
        self.assertEqual(self.state(), self.before)

    def test_sources_that_cannot_be_mirrored_are_warned_about(self):
        source = "instance/" + self.instance("shop-legacy")
        done = self.run_command("setup-aws", *self.flags(source=source), "--dry-run")
        self.assertEqual(done.returncode, 0)
        self.assertIn("nothing of the sources can be mirrored now", done.stderr)
        self.assertIn("t2.micro", done.stdout)

    def test_a_failure_of_any_call_ends_it_in_order(self):
        session = self.start()
        self.walk(session)
        session.press("ctrl-c")
        self.nothing_was_made(session, 130)
        actions = {name.split(":")[1] for name in self.aws.journal.counts()}
        self.assertGreater(len(actions), 10)
        for action in sorted(actions):
            fault = self.fault(kind="error", action=action, status=400, code="Broken", message="it broke", times=0)
            session = self.start(columns=200)
            for question, keys in WAY:
                if not self.comes(session, question):
                    break
                self.give(session, keys)
            if question != "do this?" or session.status is not None:
                self.assertEqual(session.status, 1, action)
                self.says(session, action + ": Broken: it broke")
            else:
                session.press("ctrl-c")
                session.end()
            self.assertEqual(session.changes(), [], action)
            self.assertIsNotNone(fault)
            self.aws.faults.clear()
        self.assertEqual(self.state(), self.before)

    @staticmethod
    def comes(session, question):
        """Whether the question comes; else the program has ended, and its status is known."""
        while question not in session.screen.text():
            if not session.read_some():
                session.end()
                return False
        return True

    def test_a_folder_that_does_not_exist(self):
        line = self.refuses(1, "setup-aws", *self.flags(), "--save", "/no/such/folder/f.json", "--yes")
        self.assertIn("cannot write '/no/such/folder/f.json': No such file or directory; nothing was made", line)
        self.assertEqual(self.aws.journal.counts(), {})


class Permissions(PolicyTest, SetupTest):
    def test_the_policy_for_it_is_enough(self):
        limited = self.limit(self.documents())
        path = os.path.join(self.home, "f.json")
        session = self.start(**limited)
        self.walk(session, len(WAY) - 2)
        self.give(session, ["ctrl-u", path, "enter"])
        session.until("do this?")
        self.give(session, ["y", "enter"])
        self.assertEqual(session.end(), 0, session.screen.history())
        self.assertIn(b"good   3 mirror sessions", session.output)
