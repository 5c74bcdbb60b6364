"""metlo-appliance doctor where calls are refused or fail, and about what the caller may do."""

import json

from doctor_world import DoctorTest

# without them the names of what we make must do
NOT_NEEDED = ("DescribeTags", "DescribeLaunchTemplates")
LIMITED_KEY, LIMITED_SECRET = "AKIA" + "L" * 16, "limited-secret-0123456789"


class Blind(DoctorTest):
    """Every call that it makes, taken away one by one: neither a crash, nor well, nor a false alarm."""

    def operations(self):
        self.aws.journal.clear()
        self.examine()
        return sorted(name.split(":")[1] for name in self.aws.journal.counts() if not name.startswith("sts:"))

    def assert_unknown(self, operation, text):
        code, findings = self.examine()
        states = {f["state"] for f in findings}
        self.assertEqual(code, 1, operation)
        self.assertIn("unknown", states, operation)
        self.assertEqual([f for f in findings if f["state"] in ("problem", "warning")], [], operation)
        for finding in findings:
            if finding["state"] == "unknown":
                self.assertIn(operation, finding["text"])
                self.assertRegex(finding["text"], text)
                self.assertTrue(finding["fix"])
        return findings

    def test_no_permission_for_single_calls(self):
        for operation in self.operations():
            if operation in NOT_NEEDED or operation.endswith("TrafficMirrorSession"):
                continue  # the latter are dry runs
            with self.subTest(operation):
                self.fault(kind="deny", action=operation, times=0)
                findings = self.assert_unknown(operation, "no permission for ")
                fixes = {f["fix"] for f in findings if f["state"] == "unknown"}
                self.assertTrue(any(operation in fix for fix in fixes), fixes)
                self.aws.faults.clear()
        self.is_well()

    def test_calls_that_fail_all_the_time(self):
        for kind, wanted in (("throttle", "Limit|Thrott"), ("http", "503|500|Http|Unavailable|Error")):
            for operation in ("DescribeTrafficMirrorSessions", "DescribeTargetHealth", "GetMetricData", "GetServiceQuota", "SimulatePrincipalPolicy"):
                with self.subTest(kind + operation):
                    self.fault(kind=kind, action=operation, times=0, status=503)
                    self.assert_unknown(operation, wanted)
                    self.aws.faults.clear()

    def test_calls_that_fail_at_times(self):
        for fault in (
            {"kind": "throttle", "times": 4},
            {"kind": "http", "status": 502, "times": 2},
            {"kind": "truncate", "action": "Describe*", "times": 2},
            {"kind": "reset", "times": 2},
        ):
            self.fault(**fault)
            self.is_well()
            self.aws.faults.clear()

    def test_nothing_may_be_looked_at(self):
        self.fault(kind="deny", action="Describe*", times=0)
        self.fault(kind="deny", action="Get[MSR]*", times=0)
        self.fault(kind="deny", action="Simulate*", times=0)
        code, findings = self.examine()
        self.assertEqual(code, 1)
        self.assertFalse([f for f in findings if f["state"] in ("problem", "warning")], findings)
        self.assertIn("iam-policy", json.dumps(findings))

    def test_without_a_file_the_deployments_must_be_seen(self):
        self.fault(kind="deny", action="DescribeTrafficMirrorSessions", times=0)
        line = self.refuses(1, "doctor")
        self.assertIn("cannot find the deployments in region 'us-east-1'", line)
        self.assertIn('"Action":"ec2:DescribeTrafficMirrorSessions"', line.replace(" ", ""))

    def test_a_denied_dry_run_counts(self):
        self.fault(kind="deny", action="CreateTrafficMirrorSession", times=0)
        self.names("permissions", "lacks 1 permission that 'refresh' needs: ec2:CreateTrafficMirrorSession")


class Permissions(DoctorTest):
    def setUp(self):
        super().setUp()
        self.aws.world.add_user(self.aws.account, "limited", LIMITED_KEY, LIMITED_SECRET, [])
        self.environment.update(AWS_ACCESS_KEY_ID=LIMITED_KEY, AWS_SECRET_ACCESS_KEY=LIMITED_SECRET)

    def may(self, *actions, but=()):
        statements = [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]
        if but:
            statements.append({"Effect": "Deny", "Action": list(but), "Resource": "*"})
        document = {"Version": "2012-10-17", "Statement": statements}
        self.aws.world.keys[LIMITED_KEY].principal.policies[:] = [document]

    def test_what_refresh_needs(self):
        self.may("*", but=["ec2:DeleteTrafficMirrorSession", "ec2:CreateTags"])
        found = self.names("permissions", "lacks 2 permissions that 'refresh' needs")
        self.assertEqual(sorted(found["subjects"]), ["ec2:CreateTags", "ec2:DeleteTrafficMirrorSession"])
        self.assertIn("metlo-appliance iam-policy -f " + self.path, found["fix"])

    def test_what_only_apply_needs(self):
        self.may("*", but=["elasticloadbalancing:CreateListener"])
        found = self.names("permissions", "lacks 1 permission that 'apply' needs", "warning")
        self.assertEqual(found["subjects"], ["elasticloadbalancing:CreateListener"])
        self.is_well("--id", "prod")

    def test_a_caller_who_only_looks(self):
        self.may("ec2:Describe*", "elasticloadbalancing:Describe*", "autoscaling:Describe*", "ecs:*", "cloudwatch:*", "servicequotas:*", "iam:*")
        found = [f for f in self.bad() if f["state"] == "problem"]
        self.assertEqual([f["check"] for f in found], ["permissions"])
        self.is_well("-f", self.path, "--skip", "permissions")

    def test_a_caller_who_may_not_ask(self):
        self.may("*", but=["iam:SimulatePrincipalPolicy"])
        found = self.names("permissions", "no permission for iam:SimulatePrincipalPolicy", "unknown")
        self.assertIn("SimulatePrincipalPolicy", found["fix"])

    def role(self, name="operator", path="/teams/shop/", documents=None):
        """A session of a role, whose path its ARN does not have."""
        world, account = self.aws.world, self.aws.account
        user = world.keys[LIMITED_KEY].principal.arn
        self.may("*")
        role = world.add_role(account, name, path, [user], documents)
        answer = self.client("sts", key=LIMITED_KEY, secret=LIMITED_SECRET).assume_role(RoleArn=role["Arn"], RoleSessionName="me")
        keys = answer["Credentials"]
        self.environment.update(
            AWS_ACCESS_KEY_ID=keys["AccessKeyId"],
            AWS_SECRET_ACCESS_KEY=keys["SecretAccessKey"],
            AWS_SESSION_TOKEN=keys["SessionToken"],
        )
        return role

    def test_a_role_is_found_with_its_path(self):
        role = self.role()
        self.is_well()
        (asked,) = {c["parameters"]["PolicySourceArn"] for c in self.aws.journal.find("iam", "SimulatePrincipalPolicy")}
        self.assertEqual(asked, role["Arn"])
        self.assertIn("/teams/shop/", asked)

    def test_a_role_that_may_not_look_itself_up(self):
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        but = {"Effect": "Deny", "Action": "iam:GetRole", "Resource": "*"}
        self.role("plain", "/", [{"Version": "2012-10-17", "Statement": [everything, but]}])
        self.is_well()
        self.role("hidden", "/deep/", [{"Version": "2012-10-17", "Statement": [everything, but]}])
        self.names("permissions", "cannot be judged", "unknown")
