"""Answers with status 200 that are not AWS's: those of a proxy that wants a login, or to another call."""

import itertools

from commands import CommandTest

KINDS = ("portal", "other")
READS = ("Describe", "Get", "List")
TOLERATED = {"GetProducts"}  # a plan without prices says so


class Foreign(CommandTest):
    def setUp(self):
        super().setUp()
        self.path = self.fleet()
        self.succeeds("apply", "-f", self.path, "--yes")
        self.made = self.state()

    def reads(self, *arguments):
        """What the command reads before it changes anything, by name."""
        self.aws.journal.clear()
        self.succeeds(*arguments)
        names = [call["action"] for call in self.aws.journal.find()]
        reads = itertools.takewhile(lambda name: name.startswith(READS), names)
        return sorted(set(reads) - TOLERATED)

    def assert_refused(self, action, *arguments):
        for kind in KINDS:
            with self.subTest(kind=kind, action=action, command=arguments[0]):
                self.fault(kind=kind, action=action, times=0)
                told = self.fails(1, *arguments, AWS_MAX_ATTEMPTS="1")
                self.aws.faults.clear()
                self.assertRegex(told, ":%s: the answer (is not one to|to) %s" % (action, action))
                self.assertEqual(self.state(), self.made)

    def check(self, *arguments, reads):
        for action in reads:
            self.assert_refused(action, *arguments)
        return set(reads)

    def test_no_read_of_plan_believes_them(self):
        command = ("plan", "-f", self.path)
        seen = self.check(*command, reads=self.reads(*command))
        self.assertLessEqual({"DescribeTrafficMirrorSessions", "DescribeTargetHealth", "ListTasks"}, seen)

    def test_no_read_of_refresh_believes_them(self):
        command = ("refresh", "-f", self.path)
        seen = self.check(*command, reads=self.reads(*command))
        self.assertLessEqual({"DescribeTrafficMirrorSessions", "DescribeNetworkInterfaces"}, seen)

    def test_no_read_of_destroy_believes_them(self):
        reads = self.reads("destroy", "-f", self.path, "--yes")
        self.succeeds("apply", "-f", self.path, "--yes")
        self.made = self.state()
        seen = self.check("destroy", "-f", self.path, "--yes", reads=reads)
        self.assertLessEqual({"DescribeTrafficMirrorSessions", "DescribeLoadBalancers"}, seen)

    def test_the_message_says_what_may_be_in_between(self):
        self.fault(kind="portal", action="DescribeTrafficMirrorSessions", times=0)
        line = self.refuses(1, "refresh", "-f", self.path, AWS_MAX_ATTEMPTS="1")
        self.assertIn("cannot refresh deployment 'prod' in 'us-east-1'", line)
        self.assertIn("the answer is not one to DescribeTrafficMirrorSessions; is there a proxy or a portal in "
                      "between?", line)

    def test_one_that_passes_is_borne(self):
        self.fault(kind="portal", action="DescribeTrafficMirrorSessions")
        self.assertIn("nothing to do", self.succeeds("refresh", "-f", self.path))

    def test_a_deletion_that_a_portal_answers_is_not_believed(self):
        self.fault(kind="http", action="DeleteTrafficMirrorSession", status=200, times=0)
        self.fails(1, "destroy", "-f", self.path, "--yes", AWS_MAX_ATTEMPTS="1")
        self.aws.faults.clear()
        self.succeeds("destroy", "-f", self.path, "--yes")
