"""Lives of deployments under exactly the policy that iam-policy prints."""

import json
import os
import re
import unittest.mock

from policy_world import APPLIANCES, GROUP, PolicyTest
from setup_world import SetupTest
from standin.services import resources
from standin.state import policy

# What a user does in the life of a deployment; FILE and CHANGED stand for files.
LIFE = [
    "plan -f FILE",
    "apply -f FILE --yes",
    "estimate -f FILE",
    "estimate --id prod --gbps 1",
    "sessions list -f FILE",
    "sessions list --id prod --all",
    "doctor -f FILE --output json",
    "doctor --id prod --output json",
    "refresh -f FILE",
    "apply -f CHANGED --yes",
    "sessions pause --id prod",
    "sessions resume -f FILE",
    "apply -f FILE --yes",
    "sessions remove --all --id prod --yes",
    "destroy -f FILE --yes",
]


ADVICE = re.compile(r"this policy statement allows it: (\{.*\}|\[.*\])")


class LifeTest(PolicyTest):
    def live(self, files, variables):
        """Every command, as the limited user: the first that fails with what it said, or None."""
        for line in LIFE:
            done = self.run_command(*(files.get(w, w) for w in line.split()), **variables)
            if line.startswith("doctor"):
                self.assert_seen_through(json.loads(done.stdout))
            elif done.returncode != 0:
                return line, done.stderr
        return None

    def assert_seen_through(self, report):
        """Whether all is well is another matter."""
        (deployment,) = report["deployments"]
        self.assertEqual(deployment["counts"]["unknown"], 0)
        states = {f["check"]: (f["state"], f["text"]) for f in deployment["findings"]}
        self.assertEqual(states["permissions"][0], "ok", states["permissions"])

    def files(self, **keys):
        changed = {
            "health": {"port": 9000},
            "filter": {"server_ports": [80], "dns": True},
            "sources": ["ecs/shop/images"],
            "session": {"packet_length": 1000},
        }
        if "appliances" in keys:
            changed["appliances"] = {**keys["appliances"], "instance_type": "c6i.xlarge"}
        return {
            "FILE": self.fleet(self.deployment(**keys)),
            "CHANGED": self.write(
                "changed.json", {"deployments": [self.deployment(**{**keys, **changed})]}
            ),
        }


# Allowed and not asked for in this life.
UNUSED = {
    "ec2:DescribeInstanceTypes",  # where appliances are launched
    "ec2:DescribeVpcPeeringConnections",  # where sources are in another VPC
    "iam:GetRole",  # of a caller that is a role
    "elasticloadbalancing:ModifyListener",  # where someone else has changed it
    "ec2:TerminateInstances",  # of a group that does not know them yet
    "autoscaling:CreateOrUpdateTags",  # the stand-in does not ask for it
    "iam:CreateServiceLinkedRole",  # the first time in an account
}


class IsEnough(LifeTest):
    def check(self, **keys):
        files, before = self.files(**keys), self.state()
        documents = self.documents("-f", files["FILE"])
        with unittest.mock.patch.object(resources, "touched", self.touched):
            self.assertIsNone(self.live(files, self.limit(documents)))
        self.assertEqual(self.state(), before)
        allowed = {
            action
            for document in documents
            for statement in document["Statement"]
            for action in policy.as_list(statement["Action"])
        }
        self.assertLessEqual(allowed - self.asked, UNUSED)

    def setUp(self):
        super().setUp()
        self.asked = set()
        touched = resources.touched

        def note(call):
            rows = touched(call)
            self.asked |= {row[0] for row in rows}
            return rows

        self.touched = note

    def test_for_sessions_behind_a_load_balancer(self):
        self.check()

    def test_for_a_first_load_balancer_and_group_in_an_account(self):
        self.aws.account.service_linked_roles.clear()
        self.check(appliances=GROUP)

    def test_for_single_appliances(self):
        self.check(mode="dpdk", appliances={**APPLIANCES, "count": 2})


class IsEnoughInChina(IsEnough):
    """The same where ARNs, regions and the name of EC2 are others."""

    partition = "aws-cn"

    def setUp(self):
        super().setUp()
        self.environment.update(AWS_REGION="cn-north-1", AWS_DEFAULT_REGION="cn-north-1")

    def vpc(self, name="shop", region="cn-north-1"):
        return super().vpc(name, region)

    def deployment(self, **keys):
        return super().deployment(**{"region": "cn-north-1", **keys})

    def state(self, region="cn-north-1"):
        return super().state(region)


# With ALL_STATEMENTS every one is tried, in the whole life; that takes a minute or two.
ALL_STATEMENTS = os.environ.get("ALL_STATEMENTS")
SAMPLE = ["ReadParameters", "TagWhatIsMade", "PassRole", "MakeServiceRoles"]
SHORT_LIFE = ["plan -f FILE", "apply -f FILE --yes", "destroy -f FILE --yes"]


class Denials(LifeTest):
    def test_each_names_the_statement_that_allows_it(self):
        files = self.files(appliances=GROUP)
        whole = self.documents("-f", files["FILE"])
        sids = [s["Sid"] for document in whole for s in document["Statement"]]
        self.assertEqual(len(sids), len(set(sids)))
        sids.remove("Simulate")  # whose refusal is a finding of doctor
        for sid in sids if ALL_STATEMENTS else SAMPLE:
            with self.subTest(sid):
                self.live_with_advice(files, whole, sid)

    def live_with_advice(self, files, whole, sid):
        """Without one statement at first; then with those that the refusals show, one after the other."""
        self.aws.account.service_linked_roles.clear()
        statements = [s for document in whole for s in document["Statement"]]
        (left_out,) = [s for s in statements if s["Sid"] == sid]
        document = {
            "Version": "2012-10-17",
            "Statement": [s for s in statements if s is not left_out],
        }
        variables = self.limit([document])
        shown = []
        for line in LIFE if ALL_STATEMENTS else SHORT_LIFE:
            while True:
                done = self.run_command(*(files.get(w, w) for w in line.split()), **variables)
                if done.returncode == 0 or line.startswith("doctor"):
                    break
                advice = ADVICE.search(done.stderr + done.stdout)
                self.assertTrue(advice, (line, done.stderr, done.stdout))
                found = json.loads(advice.group(1))
                shown += found if isinstance(found, list) else [found]
                self.assertNotIn(shown[-1], shown[:-1], line)
                document["Statement"] += [shown[-1]]
                self.limit([document])
        actions = {a for s in shown for a in policy.as_list(s["Action"])}
        self.assertTrue(actions, "nothing needs it")
        self.assertLessEqual(actions, set(policy.as_list(left_out["Action"])))


class Wizard(SetupTest, PolicyTest):
    KINDS = ("network interfaces", "ECS services", "load balancers", "tags", "Auto Scaling")

    def setUp(self):
        super().setUp()
        self.variables = self.limit(self.documents())

    def assert_not_denied(self):
        denied = [c for c in self.aws.journal.find() if c.get("status") == 403]
        self.assertEqual(denied, [])

    def test_may_do_all_that_it_asks_about(self):
        session = self.start(**self.variables)
        self.walk(session)
        self.give(session, ["y", "enter"])
        self.assertEqual(session.end(), 0, session.screen.history())
        self.succeeds("destroy", "--id", "prod", "--yes", **self.variables)
        self.assertEqual(self.state(), self.before)
        self.assert_not_denied()

    def test_may_see_every_kind_of_source(self):
        for kind in self.KINDS:
            session = self.start(columns=200, rows=60, **self.variables)
            self.walk(session, 2)
            session.type(kind)
            session.until("1 of 8")
            session.press("enter")
            session.until(" chosen")
            session.press("ctrl-c")
            self.nothing_was_made(session, 130)
        self.assert_not_denied()
