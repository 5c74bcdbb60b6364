"""The sample account can be read through by AWS's own SDK, and the script serves it."""

import os
import subprocess

from harness import AwsTest, pages
from standin import sample

LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lab")
# call and the key of its list, for everything that can be listed without parameters
LISTS = {
    "ec2": (
        ("describe_vpcs", "Vpcs"),
        ("describe_subnets", "Subnets"),
        ("describe_network_interfaces", "NetworkInterfaces"),
        ("describe_instances", "Reservations"),
        ("describe_security_groups", "SecurityGroups"),
        ("describe_security_group_rules", "SecurityGroupRules"),
        ("describe_route_tables", "RouteTables"),
        ("describe_network_acls", "NetworkAcls"),
        ("describe_tags", "Tags"),
        ("describe_instance_types", "InstanceTypes"),
        ("describe_instance_type_offerings", "InstanceTypeOfferings"),
        ("describe_launch_templates", "LaunchTemplates"),
        ("describe_traffic_mirror_targets", "TrafficMirrorTargets"),
        ("describe_instance_status", "InstanceStatuses"),
        ("describe_traffic_mirror_filters", "TrafficMirrorFilters"),
        ("describe_traffic_mirror_sessions", "TrafficMirrorSessions"),
    ),
    "elbv2": (
        ("describe_load_balancers", "LoadBalancers"),
        ("describe_target_groups", "TargetGroups"),
        ("describe_account_limits", "Limits"),
    ),
    "elb": (("describe_load_balancers", "LoadBalancerDescriptions"),),
    "ecs": (("list_clusters", "clusterArns"),),
    "autoscaling": (
        ("describe_auto_scaling_groups", "AutoScalingGroups"),
        ("describe_auto_scaling_instances", "AutoScalingInstances"),
    ),
    "iam": (("list_instance_profiles", "InstanceProfiles"),),
}


class Sample(AwsTest):
    def populate(self):
        sample.populate(self.aws.account)

    def test_everything_can_be_listed(self):
        for service, calls in LISTS.items():
            client = self.client(service)
            for operation, key in calls:
                items, _ = pages(client, operation, key)
                self.assertTrue(items, operation)
        self.assertEqual(self.aws.journal.violations(), [])

    def test_it_has_three_vpcs_and_sources_of_every_kind(self):
        ec2 = self.client("ec2")
        self.assertEqual(len(pages(ec2, "describe_vpcs", "Vpcs")[0]), 3)
        kinds = {
            i["InterfaceType"]
            for i in pages(ec2, "describe_network_interfaces", "NetworkInterfaces")[0]
        }
        self.assertLessEqual(
            {"interface", "network_load_balancer", "lambda", "natGateway", "vpc_endpoint"}, kinds
        )
        ecs = self.client("ecs")
        services = ecs.describe_services(
            cluster="shop", services=["cart", "payments", "images", "mail", "metrics"]
        )["services"]
        self.assertEqual({s["launchType"] for s in services}, {"EC2", "FARGATE"})
        self.assertEqual(sum(s["runningCount"] for s in services), 11)
        images = [i["ImageId"] for i in ec2.describe_images(Owners=["self"])["Images"]]
        found = self.client("ssm").get_parameter(Name="/metlo/appliance/ami/latest")["Parameter"][
            "Value"
        ]
        self.assertIn(found, images)

    def test_targets_of_the_sample_are_healthy(self):
        elb = self.client("elbv2")
        for group in pages(elb, "describe_target_groups", "TargetGroups")[0]:
            rows = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])[
                "TargetHealthDescriptions"
            ]
            self.assertTrue(rows)

    def test_interfaces_can_be_made_by_the_thousand(self):
        self.aws.world.options.page_size = 1000
        sample.populate_at_scale(self.region, 3000)
        items, count = pages(
            self.client("ec2"),
            "describe_network_interfaces",
            "NetworkInterfaces",
            PaginationConfig={"PageSize": 1000},
        )
        self.assertGreaterEqual(len(items), 3000)
        self.assertLessEqual(count, 4)


class Script(AwsTest):
    def run_lab(self, *arguments):
        return subprocess.run(
            [LAB, *arguments], capture_output=True, text=True, timeout=60, check=False
        )

    def test_a_command_finds_the_account(self):
        code = (
            "import os, botocore.session as s; e = os.environ; c = s.Session().create_client('sts',"
            " endpoint_url=e['AWS_ENDPOINT_URL'], verify=e['AWS_CA_BUNDLE']);"
            " print(c.get_caller_identity()['Arn'])"
        )
        done = self.run_lab("--", "/usr/bin/python3", "-c", code)
        self.assertEqual(
            (done.stdout, done.returncode),
            ("arn:aws:iam::111122223333:user/tester\n", 0),
            done.stderr,
        )

    def test_the_status_of_the_command_is_passed_on(self):
        self.assertEqual(self.run_lab("--empty", "--", "sh", "-c", "exit 7").returncode, 7)

    def test_it_serves_other_partitions(self):
        done = self.run_lab("--partition", "aws-cn", "--", "sh", "-c", "echo $AWS_REGION")
        self.assertEqual(done.stdout, "cn-north-1\n", done.stderr)

    def test_improper_calls_can_be_made_to_fail_a_command(self):
        call = "curl -s --cacert $AWS_CA_BUNDLE -d 'Action=Nothing&Version=1' $AWS_ENDPOINT_URL/"
        self.assertEqual(self.run_lab("--empty", "--", "sh", "-c", call).returncode, 0)
        done = self.run_lab("--empty", "--check", "--", "sh", "-c", call)
        self.assertEqual((done.returncode, "sts:Nothing" in done.stderr), (70, True), done.stderr)


class Shell(AwsTest):
    def shell(self, commands):
        done = subprocess.run(
            ["/usr/bin/python3", LAB, "--shell"],
            input=commands,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout

    def test_it_has_the_variables_and_the_events(self):
        code, out = self.shell("echo region $AWS_REGION\naws-event\nexit 7\n")
        self.assertEqual(code, 7)
        self.assertIn("three VPCs", out)
        self.assertIn("region us-east-1\n", out)
        self.assertRegex(out, r"(?m)^service_scaled service=\.\.\. desired=\.\.\. +An ECS service")

    def test_events_happen_or_are_refused(self):
        counts = 'python3 -c "%s"' % (
            "import os, urllib.request as u;"
            "print(u.urlopen(os.environ['AWS_LAB_CONTROL'] + '/state').read().count(b'm8g.large'))"
        )
        _, out = self.shell(
            "%s\naws-event source_retyped name=shop-web-1\necho did $?\n%s\n" % (counts, counts)
            + "aws-event nonsense\necho refused $?\n"
        )
        before, after = [int(line) for line in out.splitlines() if line.isdigit()]
        self.assertGreater(after, before)
        self.assertIn("did 0\n", out)
        self.assertIn("refused 1\n", out)
