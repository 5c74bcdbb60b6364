"""metlo-appliance iam-policy: what it prints is enough for each command, and for nothing foreign."""

import json
import os
import re
import unittest.mock

from botocore.exceptions import ClientError

from commands import CommandTest
from setup_world import SetupTest
from standin.services import resources
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


class Foreign(LifeTest):
    def setUp(self):
        super().setUp()
        path = self.fleet(self.deployment(mode="dpdk", appliances=APPLIANCES))
        self.succeeds("apply", "-f", path, "--yes")
        self.limit(self.documents("-f", path))
        self.ec2, self.elb = self.limited("ec2"), self.limited("elbv2")

    def ids(self, kind, ours):
        """Identifiers of things of this kind that are the deployment's or that are not."""
        found = []
        for key, item in self.region.store(kind).items():
            tags = {t["Key"]: t["Value"] for t in item.get("_tags") or item.get("Tags") or []}
            if (tags.get("metlo:deployment") == "prod") == ours:
                found.append(key)
        return found

    def denied(self, call, **parameters):
        with self.assertRaises(ClientError) as caught:
            call(**parameters)
        code = caught.exception.response["Error"]["Code"]
        self.assertIn(code, ("UnauthorizedOperation", "AccessDenied"), parameters)

    def test_things_of_others_cannot_be_deleted_or_changed(self):
        before, ec2, elb = self.state(), self.ec2, self.elb
        mirror = "traffic-mirror-"
        for kind, parameter, calls in (
            (mirror + "session", "TrafficMirrorSessionId", ["delete", "modify"]),
            (mirror + "filter", "TrafficMirrorFilterId", ["delete"]),
            (mirror + "target", "TrafficMirrorTargetId", ["delete"]),
        ):
            (theirs,) = self.ids(kind, False)
            for verb in calls:
                call = getattr(ec2, "%s_%s" % (verb, kind.replace("-", "_")))
                self.denied(call, **{parameter: theirs})
        for rule, item in self.region.store(mirror + "filter-rule").items():
            if item["TrafficMirrorFilterId"] in self.ids(mirror + "filter", False):
                self.denied(ec2.delete_traffic_mirror_filter_rule, TrafficMirrorFilterRuleId=rule)
        group = self.ids("security-group", False)[0]
        self.denied(ec2.delete_security_group, GroupId=group)
        permission = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        self.denied(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[permission])
        self.denied(ec2.terminate_instances, InstanceIds=[self.ids("instance", False)[0]])
        for arn in self.ids("load-balancer", False):
            self.denied(elb.delete_load_balancer, LoadBalancerArn=arn)
            self.denied(
                elb.modify_load_balancer_attributes,
                LoadBalancerArn=arn,
                Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}],
            )
        for arn in self.ids("target-group", False):
            self.denied(elb.delete_target_group, TargetGroupArn=arn)
            self.denied(elb.register_targets, TargetGroupArn=arn, Targets=[{"Id": "10.10.1.9"}])
        self.assertEqual(self.state(), before)

    def test_things_of_others_cannot_be_made_ours(self):
        tags = [
            {"Key": "metlo:managed", "Value": "true"},
            {"Key": "metlo:deployment", "Value": "prod"},
        ]
        for kind in ("instance", "security-group", "traffic-mirror-session", "subnet", "vpc"):
            self.denied(self.ec2.create_tags, Resources=self.ids(kind, False)[:1], Tags=tags)
        for kind in ("load-balancer", "target-group"):
            arns = self.ids(kind, False)[:1]
            self.denied(self.elb.add_tags, ResourceArns=arns, Tags=tags)

    def test_things_of_others_cannot_be_used(self):
        mirror = "traffic-mirror-"
        wanted = {
            "NetworkInterfaceId": self.ids("network-interface", False)[0],
            "SessionNumber": 9,
            "TagSpecifications": [
                {
                    "ResourceType": mirror + "session",
                    "Tags": [
                        {"Key": "metlo:managed", "Value": "true"},
                        {"Key": "metlo:deployment", "Value": "prod"},
                    ],
                }
            ],
        }
        for filter_is_ours in (True, False):
            self.denied(
                self.ec2.create_traffic_mirror_session,
                TrafficMirrorFilterId=self.ids(mirror + "filter", filter_is_ours)[0],
                TrafficMirrorTargetId=self.ids(mirror + "target", not filter_is_ours)[0],
                **wanted,
            )

    def test_nothing_is_made_without_our_tags(self):
        self.denied(self.ec2.create_traffic_mirror_filter)
        self.denied(
            self.ec2.create_security_group, GroupName="x", Description="x", VpcId=self.vpc()
        )
        self.denied(
            self.ec2.create_security_group,
            GroupName="x",
            Description="x",
            VpcId=self.vpc("billing"),
            TagSpecifications=[
                {
                    "ResourceType": "security-group",
                    "Tags": [
                        {"Key": "metlo:managed", "Value": "true"},
                        {"Key": "metlo:deployment", "Value": "prod"},
                    ],
                }
            ],
        )
        image = next(iter(self.region.store("image")))
        self.denied(
            self.ec2.run_instances,
            ImageId=image,
            InstanceType="c6i.large",
            MinCount=1,
            MaxCount=1,
            SubnetId=self.ids("subnet", False)[0],
        )


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
