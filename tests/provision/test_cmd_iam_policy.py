"""metlo-appliance iam-policy: what it prints, and that it is for nothing foreign."""

import json
import re

from botocore.exceptions import ClientError

from policy_world import APPLIANCES, DENIED, GROUP, NO_KEYS, PolicyTest


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

    def test_its_policy_is_enough_for_what_it_does(self):
        data = '{"key": "ssm:/metlo/appliance/api-key"}'
        path = self.fleet(
            self.deployment(mode="dpdk", appliances={**APPLIANCES, "user_data": data})
        )
        self.succeeds("apply", "-f", path, "--yes")
        self.limit(self.documents("-f", path, "--for", "appliance"))
        elb, ssm = self.limited("elbv2"), self.limited("ssm")
        groups = {
            group["TargetGroupName"]: arn
            for arn, group in self.region.store("target-group").items()
        }
        subnet = next(iter(self.region.store("subnet").values()))
        address = [{"Id": subnet["CidrBlock"].rpartition(".")[0] + ".77"}]
        elb.register_targets(TargetGroupArn=groups["metlo-prod"], Targets=address)
        elb.describe_target_health(TargetGroupArn=groups["metlo-prod"])
        elb.deregister_targets(TargetGroupArn=groups["metlo-prod"], Targets=address)
        ssm.get_parameter(Name="/metlo/appliance/api-key", WithDecryption=True)
        for call, parameters in (
            (elb.register_targets, {"TargetGroupArn": groups["shop-api"], "Targets": address}),
            (ssm.get_parameter, {"Name": "/metlo/appliance/ami/latest"}),
            (self.limited("ec2").describe_traffic_mirror_sessions, {}),
        ):
            with self.assertRaises(ClientError) as caught:
                call(**parameters)
            self.assertIn(caught.exception.response["Error"]["Code"], DENIED)

    def test_is_trusted_to_ec2(self):
        (document,) = self.documents("--for", "appliance", "--trust")
        self.assertEqual(document["Statement"]["Principal"], {"Service": "ec2.amazonaws.com"})


class Foreign(PolicyTest):
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
        self.assertIn(caught.exception.response["Error"]["Code"], DENIED, parameters)

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
