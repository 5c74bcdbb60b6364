"""metlo-appliance iam-policy: what it prints is enough for each command, and for nothing foreign."""

import json
import re

from botocore.exceptions import ClientError

from commands import REGION, CommandTest
from standin.state import policy

LIMITED_KEY, LIMITED_SECRET = "AKIASTANDINLIMITED01", "limited-secret"
NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
APPLIANCES = {
    "image_parameter": "/metlo/appliance/ami/latest",
    "instance_type": "c6i.large",
    "instance_profile": "metlo-appliance",
    "count": 1,
}
GROUP = {**APPLIANCES, "auto_scaling": True, "count": 2, "max": 3}


def documents_in(text):
    found = json.loads(text)
    return found if isinstance(found, list) else [found]


class PolicyTest(CommandTest):
    def documents(self, *arguments, **variables):
        done = self.run_command("iam-policy", *arguments, **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        return documents_in(done.stdout)

    def limit(self, documents):
        """The variables of a user with these policies and no other."""
        if LIMITED_KEY not in self.aws.world.keys:
            self.aws.world.add_user(
                self.aws.account, "limited", LIMITED_KEY, LIMITED_SECRET, documents
            )
        principal = self.aws.world.keys[LIMITED_KEY].principal
        principal.policies[:] = documents
        return {"AWS_ACCESS_KEY_ID": LIMITED_KEY, "AWS_SECRET_ACCESS_KEY": LIMITED_SECRET}

    def limited(self, service):
        return self.client(service, key=LIMITED_KEY, secret=LIMITED_SECRET)


class Prints(PolicyTest):
    def test_everything_without_credentials(self):
        found = self.documents(**NO_KEYS)
        self.assertGreater(len(found), 1)
        for document in found:
            self.assertEqual(document["Version"], "2012-10-17")
            self.assertLessEqual(len(re.sub(r"\s", "", json.dumps(document))), 6144)
        text = json.dumps(found)
        self.assertIn("arn:aws:ec2:*:*:traffic-mirror-session/*", text)
        for action in ("iam:PassRole", "ecs:ListClusters", "servicequotas:GetServiceQuota"):
            self.assertIn(action, text)

    def test_the_account_is_that_of_the_credentials_or_of_the_flag(self):
        self.assertIn(":111122223333:", json.dumps(self.documents()))
        text = json.dumps(self.documents("--account", "999900001111"))
        self.assertIn(":999900001111:", text)
        self.assertEqual(self.n_calls("GetCallerIdentity"), 1)

    def test_one_of_several_policies(self):
        found = self.documents()
        for number, document in enumerate(found, 1):
            self.assertEqual(self.documents("--part", number), [document])
        line = self.refuses(2, "iam-policy", "--part", len(found) + 1)
        self.assertIn("there are only %d" % len(found), line)

    def test_of_a_file_only_what_it_needs(self):
        text = json.dumps(self.documents("-f", self.fleet()))
        for part in (
            "arn:aws:ec2:us-east-1:111122223333:vpc/" + self.vpc(),
            "targetgroup/metlo-prod/*",
            '"aws:ResourceTag/metlo:deployment": "prod"',
            "task/shop/*",
        ):
            self.assertIn(part, text)
        for part in ("RunInstances", "PassRole", "ListClusters", "autoscaling:Create", "ssm:"):
            self.assertNotIn(part, text)

    def test_of_some_features(self):
        text = json.dumps(self.documents("--feature", "refresh", "--id", "prod"))
        self.assertIn("ec2:CreateTrafficMirrorSession", text)
        self.assertNotIn("CreateLoadBalancer", text)
        self.assertNotIn("ecs:", text)
        text = json.dumps(self.documents("--feature", "refresh", "--feature", "ecs"))
        self.assertIn("ecs:ListTasks", text)

    def test_many_partitions_have_arns_of_their_own(self):
        for region, partition in (("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")):
            text = json.dumps(self.documents("--region", region, **NO_KEYS))
            self.assertIn("arn:%s:ec2:%s:" % (partition, region), text)
            self.assertNotIn("arn:aws:", text)

    def test_the_role_is_named_after_the_profile_unless_said(self):
        path = self.fleet(self.deployment(appliances=GROUP))
        done = self.run_command("iam-policy", "-f", path)
        self.assertIn(':role/metlo-appliance"', done.stdout)
        self.assertIn("--role NAME", done.stderr)
        done = self.run_command("iam-policy", "-f", path, "--role", "boss")
        self.assertIn(':role/boss"', done.stdout)
        self.assertNotIn("--role NAME", done.stderr)

    def test_wrong_command_lines(self):
        for wanted, arguments in (
            ("did you mean 'refresh'?", ["--feature", "refrsh"]),
            ("12 digits", ["--account", "12"]),
            ("-f FILE is missing", ["--deployment", "prod"]),
            ("--for appliance", ["--trust"]),
            ("--for appliance", ["--secret", "x"]),
            ("none to choose", ["--for", "appliance", "--feature", "plan"]),
            ("expected one of user, appliance", ["--for", "me"]),
        ):
            self.assertIn(wanted, self.refuses(2, "iam-policy", *arguments))


class Appliance(PolicyTest):
    def test_registers_its_address_and_nothing_else(self):
        path = self.fleet(self.deployment(mode="dpdk", appliances=APPLIANCES))
        text = json.dumps(self.documents("-f", path, "--for", "appliance"))
        self.assertIn("elasticloadbalancing:RegisterTargets", text)
        self.assertIn("targetgroup/metlo-prod/*", text)
        for action in ("ec2:Create", "ec2:Delete", "Listener", "Balancer"):
            self.assertNotIn(action, text)

    def test_reads_what_its_user_data_names(self):
        data = '{"key": "ssm:/metlo/key", "password": "secretsmanager:metlo/kafka"}'
        path = self.fleet(self.deployment(appliances={**GROUP, "user_data": data}))
        (document,) = self.documents("-f", path, "--for", "appliance")
        resources = [s["Resource"] for s in document["Statement"]]
        self.assertIn("arn:aws:ssm:us-east-1:111122223333:parameter/metlo/key", resources)
        self.assertIn(
            "arn:aws:secretsmanager:us-east-1:111122223333:secret:metlo/kafka-??????", resources
        )
        self.assertNotIn("RegisterTargets", json.dumps(document))

    def test_needs_nothing_where_it_calls_nothing(self):
        path = self.fleet(self.deployment(appliances={**GROUP, "user_data": "{}"}))
        done = self.run_command("iam-policy", "-f", path, "--for", "appliance")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertIn("no permission is needed", done.stderr)

    def test_is_trusted_to_ec2(self):
        (document,) = self.documents("--for", "appliance", "--trust")
        self.assertEqual(document["Statement"]["Principal"], {"Service": "ec2.amazonaws.com"})


class IsEnough(PolicyTest):
    def run_all(self, path, variables):
        """Every command, as the limited user: the first that fails, or None."""
        for arguments in COMMANDS:
            done = self.run_command(*(path if a == "FILE" else a for a in arguments), **variables)
            if done.returncode != 0:
                return " ".join(arguments), done.stderr
        return None

    def check(self, **keys):
        path = self.fleet(self.deployment(**keys))
        variables = self.limit(self.documents("-f", path))
        self.assertIsNone(self.run_all(path, variables))

    def test_for_sessions_behind_a_load_balancer(self):
        self.check()


COMMANDS = [
    ("plan", "-f", "FILE"),
]

__all__ = ["APPLIANCES", "ClientError", "REGION", "policy"]
