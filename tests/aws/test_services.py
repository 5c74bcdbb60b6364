"""ECS, SSM, Service Quotas, IAM, CloudWatch, the price list and EBS direct."""

import base64
import datetime
import hashlib
import json

from harness import AwsTest, pages
from standin import events, sample


class Containers(AwsTest):
    def populate(self):
        sample.populate(self.aws.account)
        self.ecs, self.ec2 = self.client("ecs"), self.client("ec2")

    def tasks(self, service):
        arns, _ = pages(self.ecs, "list_tasks", "taskArns", cluster="shop", serviceName=service)
        return self.ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"] if arns else []

    def interface_of(self, task):
        details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
        return self.ec2.describe_network_interfaces(
            NetworkInterfaceIds=[details["networkInterfaceId"]]
        )["NetworkInterfaces"][0]

    def test_a_fargate_task_has_an_interface_that_no_instance_has(self):
        tasks = self.tasks("payments")
        self.assertEqual(len(tasks), 3)
        interface = self.interface_of(tasks[0])
        self.assertTrue(interface["RequesterManaged"])
        self.assertEqual(interface["RequesterId"], "578734482556")
        self.assertRegex(
            interface["Description"],
            r"^arn:aws:ecs:us-east-1:111122223333:attachment/[0-9a-f-]{36}$",
        )
        self.assertNotIn("InstanceId", interface["Attachment"])
        self.assertIn({"Key": "aws:ecs:serviceName", "Value": "payments"}, interface["TagSet"])

    def test_an_awsvpc_task_on_ec2_has_an_interface_on_its_host(self):
        task = self.tasks("cart")[0]
        host = self.ecs.describe_container_instances(
            cluster="shop", containerInstances=[task["containerInstanceArn"]]
        )
        self.assertEqual(
            self.interface_of(task)["Attachment"]["InstanceId"],
            host["containerInstances"][0]["ec2InstanceId"],
        )

    def test_bridge_and_host_tasks_share_their_hosts(self):
        hosts = {
            t["containerInstanceArn"]
            for name in ("images", "mail", "metrics")
            for t in self.tasks(name)
        }
        self.assertEqual(len(hosts), 2)
        task = self.tasks("images")[0]
        self.assertEqual(task["attachments"], [])
        self.assertEqual(task["containers"][0]["networkBindings"][0]["containerPort"], 3000)
        definition = self.ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])[
            "taskDefinition"
        ]
        self.assertEqual(definition["networkMode"], "bridge")

    def test_a_service_scales_and_its_interfaces_and_targets_follow(self):
        before = self.interface_of(self.tasks("payments")[2])["NetworkInterfaceId"]
        events.service_scaled(self.region, "payments", 2)
        self.assertEqual(len(self.tasks("payments")), 2)
        with self.refused("InvalidNetworkInterfaceID.NotFound"):
            self.ec2.describe_network_interfaces(NetworkInterfaceIds=[before])
        events.service_scaled(self.region, "payments", 4)
        self.assertEqual(len(self.tasks("payments")), 4)
        elb = self.client("elbv2")
        group = elb.describe_target_groups(Names=["shop-payments"])["TargetGroups"][0][
            "TargetGroupArn"
        ]
        self.assertEqual(
            len(elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]), 4
        )

    def test_what_is_not_there_is_said(self):
        with self.refused("ClusterNotFoundException"):
            self.ecs.list_services(cluster="nothing")
        with self.refused("ClusterNotFoundException"):
            self.ecs.list_services()
        with self.refused("ServiceNotFoundException"):
            self.ecs.list_tasks(cluster="shop", serviceName="nothing")
        failures = self.ecs.describe_services(cluster="shop", services=["nothing"])["failures"]
        self.assertEqual(failures, [{"arn": "nothing", "reason": "MISSING"}])

    def test_calls_have_limits(self):
        with self.refused("InvalidParameterException"):
            self.ecs.describe_services(cluster="shop", services=["s%d" % n for n in range(11)])
        with self.refused("InvalidParameterException"):
            self.ecs.describe_tasks(cluster="shop", tasks=["t%d" % n for n in range(101)])
        with self.refused("InvalidParameterException"):
            self.ecs.list_services(cluster="shop", maxResults=101)
        with self.refused("InvalidParameterException", 400, "Unexpected"):
            self.raw("ListServices", {"cluster": "shop", "colour": "red"})
        with self.refused("SerializationException"):
            self.raw("ListServices", {"cluster": 7})

    def raw(self, operation, body):
        """A call with a body that the SDK would not make."""

        def replace(params, **_more):
            params["body"] = json.dumps(body).encode()

        client = self.client("ecs")
        client.meta.events.register("before-call.ecs." + operation, replace)
        return client.list_services(cluster="x")


class Parameters(AwsTest):
    def populate(self):
        sample.populate(self.aws.account)
        self.ssm = self.client("ssm")

    def test_parameters_are_found_by_name_and_path(self):
        name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
        self.assertRegex(self.ssm.get_parameter(Name=name)["Parameter"]["Value"], "^ami-")
        with self.refused("ParameterNotFound"):
            self.ssm.get_parameter(Name="/nothing")
        found = self.ssm.get_parameters(Names=[name, "/nothing"])
        self.assertEqual((len(found["Parameters"]), found["InvalidParameters"]), (1, ["/nothing"]))
        self.assertEqual(
            len(
                pages(
                    self.ssm, "get_parameters_by_path", "Parameters", Path="/metlo", Recursive=True
                )[0]
            ),
            2,
        )

    def test_secrets_are_encrypted_unless_asked_for(self):
        name = "/metlo/appliance/api-key"
        self.assertNotEqual(
            self.ssm.get_parameter(Name=name)["Parameter"]["Value"], "metlo-key-for-tests"
        )
        self.assertEqual(
            self.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"],
            "metlo-key-for-tests",
        )

    def test_parameters_are_put_once_unless_overwritten(self):
        self.ssm.put_parameter(Name="/a/b", Value="1", Type="String")
        with self.refused("ParameterAlreadyExists"):
            self.ssm.put_parameter(Name="/a/b", Value="2", Type="String")
        self.assertEqual(
            self.ssm.put_parameter(Name="/a/b", Value="2", Overwrite=True)["Version"], 2
        )
        with self.refused("ValidationException"):
            self.ssm.put_parameter(Name="/a/c", Value="1")
        with self.refused("ValidationException"):
            self.ssm.put_parameter(
                Name="/a/c", Value="ami-0123456789abcdef0", Type="String", DataType="aws:ec2:image"
            )
        self.ssm.delete_parameter(Name="/a/b")


class Quotas(AwsTest):
    def test_a_quota_has_an_applied_value_only_when_it_was_given(self):
        quotas = self.client("service-quotas")
        wanted = {"ServiceCode": "elasticloadbalancing", "QuotaCode": "L-69A177A2"}
        with self.refused("NoSuchResourceException"):
            quotas.get_service_quota(**wanted)
        self.assertEqual(quotas.get_aws_default_service_quota(**wanted)["Quota"]["Value"], 50)
        events.quota(self.region, "elasticloadbalancing", "L-69A177A2", 80)
        self.assertEqual(quotas.get_service_quota(**wanted)["Quota"]["Value"], 80)
        items, count = pages(
            quotas, "list_service_quotas", "Quotas", ServiceCode="elasticloadbalancing"
        )
        self.assertEqual((len(items), count), (6, 2))
        with self.refused("NoSuchResourceException"):
            quotas.get_aws_default_service_quota(ServiceCode="nothing", QuotaCode="L-1")


class Identity(AwsTest):
    def populate(self):
        self.iam = self.client("iam")

    def test_the_simulator_says_what_a_policy_allows(self):
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "elasticloadbalancing:Describe*", "Resource": "*"},
                {"Effect": "Deny", "Action": "ecs:*", "Resource": "*"},
                {
                    "Effect": "Allow",
                    "Action": "ec2:CreateTags",
                    "Resource": "*",
                    "Condition": {
                        "StringEquals": {"ec2:CreateAction": "CreateTrafficMirrorSession"}
                    },
                },
            ],
        }
        role = self.aws.world.add_role(self.aws.account, "deployer", policies=[policy])

        def decide(actions, **more):
            rows, _ = pages(
                self.iam,
                "simulate_principal_policy",
                "EvaluationResults",
                PolicySourceArn=role["Arn"],
                ActionNames=actions,
                **more
            )
            return [r["EvalDecision"] for r in rows]

        self.assertEqual(
            decide(["elasticloadbalancing:DescribeTags", "ecs:ListTasks", "ec2:CreateTags"]),
            ["allowed", "explicitDeny", "implicitDeny"],
        )
        context = [
            {
                "ContextKeyName": "ec2:CreateAction",
                "ContextKeyType": "string",
                "ContextKeyValues": ["CreateTrafficMirrorSession"],
            }
        ]
        self.assertEqual(decide(["ec2:CreateTags"], ContextEntries=context), ["allowed"])
        self.assertEqual(len(decide(["a:B%d" % n for n in range(12)])), 12)

    def test_only_users_and_roles_are_simulated(self):
        for arn in (
            "arn:aws:sts::111122223333:assumed-role/r/session",
            "arn:aws:iam::111122223333:root",
        ):
            with self.refused("InvalidInput"):
                self.iam.simulate_principal_policy(
                    PolicySourceArn=arn, ActionNames=["ec2:DescribeVpcs"]
                )
        with self.refused("NoSuchEntity"):
            self.iam.simulate_principal_policy(
                PolicySourceArn="arn:aws:iam::111122223333:role/nothing",
                ActionNames=["ec2:DescribeVpcs"],
            )

    def test_roles_and_profiles_are_made_and_removed(self):
        trust = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "ec2.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        )
        self.iam.create_role(RoleName="appliance", AssumeRolePolicyDocument=trust)
        with self.refused("EntityAlreadyExists", 409):
            self.iam.create_role(RoleName="appliance", AssumeRolePolicyDocument=trust)
        with self.refused("MalformedPolicyDocument"):
            self.iam.create_role(RoleName="other", AssumeRolePolicyDocument="{}")
        self.iam.put_role_policy(
            RoleName="appliance",
            PolicyName="p",
            PolicyDocument=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
                }
            ),
        )
        self.iam.create_instance_profile(InstanceProfileName="appliance")
        self.iam.add_role_to_instance_profile(InstanceProfileName="appliance", RoleName="appliance")
        found = self.iam.get_instance_profile(InstanceProfileName="appliance")["InstanceProfile"]
        self.assertEqual(found["Roles"][0]["RoleName"], "appliance")
        with self.refused("DeleteConflict", 409):
            self.iam.delete_role(RoleName="appliance")
        self.iam.remove_role_from_instance_profile(
            InstanceProfileName="appliance", RoleName="appliance"
        )
        self.iam.delete_role_policy(RoleName="appliance", PolicyName="p")
        self.iam.delete_role(RoleName="appliance")
        self.iam.delete_instance_profile(InstanceProfileName="appliance")
        with self.refused("NoSuchEntity", 404):
            self.iam.get_role(RoleName="appliance")

    def test_it_is_signed_for_its_own_region_only(self):
        client = self.client("iam", "eu-central-1")

        def scope(**_more):
            client._request_signer._region_name = "eu-central-1"  # pylint: disable=protected-access

        client.meta.events.register("before-sign.iam", scope)
        with self.refused("SignatureDoesNotMatch"):
            client.get_user(UserName="tester")
        self.assertEqual(self.iam.get_user()["User"]["UserName"], "tester")


class Metrics(AwsTest):
    def test_data_comes_back_by_period(self):
        watch = self.client("cloudwatch")
        if watch.meta.service_model.metadata["protocol"] != "query":
            self.skipTest("this SDK speaks another protocol with CloudWatch")
        dimensions = {"InstanceId": "i-0123456789abcdef0"}
        for value in (5, 7):
            events.metric(self.region, "AWS/EC2", "NetworkSkipMirrorIn", dimensions, value)
        metric = {
            "Namespace": "AWS/EC2",
            "MetricName": "NetworkSkipMirrorIn",
            "Dimensions": [{"Name": "InstanceId", "Value": "i-0123456789abcdef0"}],
        }
        now = datetime.datetime.now(datetime.timezone.utc)
        span = {
            "StartTime": now - datetime.timedelta(hours=1),
            "EndTime": now + datetime.timedelta(minutes=5),
        }

        def query(name, stat):
            return {"Id": name, "MetricStat": {"Metric": metric, "Period": 3600, "Stat": stat}}

        rows, _ = pages(
            watch,
            "get_metric_data",
            "MetricDataResults",
            MetricDataQueries=[query("a", "Sum"), query("b", "Maximum")],
            **span
        )
        self.assertEqual([r["Values"] for r in rows], [[12.0], [7.0]])
        points = watch.get_metric_statistics(**metric, **span, Period=3600, Statistics=["Average"])[
            "Datapoints"
        ]
        self.assertEqual([p["Average"] for p in points], [6.0])
        self.assertEqual(len(pages(watch, "list_metrics", "Metrics", Namespace="AWS/EC2")[0]), 1)
        for bad in (
            [query("A", "Sum")],
            [query("a", "Sum")] * 2,
            [query("a%d" % n, "Sum") for n in range(501)],
            [query("a", "Median")],
        ):
            with self.refused("ValidationError"):
                watch.get_metric_data(MetricDataQueries=bad, **span)


class Prices(AwsTest):
    def products(self, service, region="us-east-1", **fields):
        filters = [
            {"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in fields.items()
        ]
        rows, _ = pages(
            self.client("pricing", region),
            "get_products",
            "PriceList",
            ServiceCode=service,
            Filters=filters,
        )
        return [json.loads(row) for row in rows]

    def test_terms_match_exactly(self):
        rows = self.products("AmazonVPC", regionCode="us-east-1")
        mirror = [r for r in rows if "ENI-Mirror" in r["product"]["attributes"]["usagetype"]]
        self.assertEqual(len(mirror), 1)
        term = next(iter(mirror[0]["terms"]["OnDemand"].values()))
        price = next(iter(term["priceDimensions"].values()))["pricePerUnit"]
        self.assertEqual(price, {"USD": "0.0150000000"})
        self.assertEqual(self.products("AmazonVPC", regionCode="us-east"), [])
        rows = self.products(
            "AWSELB", regionCode="eu-central-1", productFamily="Load Balancer-Network"
        )
        self.assertEqual(
            {r["product"]["attributes"]["usagetype"] for r in rows},
            {"EUC1-LoadBalancerUsage", "EUC1-LCUUsage"},
        )

    def test_it_answers_in_three_regions(self):
        self.products("AmazonVPC", "ap-south-1")
        with self.refused("InvalidSignatureException"):
            self.products("AmazonVPC", "us-west-2")
        with self.refused("NotFoundException"):
            self.products("AmazonNothing")
        with self.refused("InvalidParameterException"):
            self.products("AmazonVPC", colour="red")


class Snapshots(AwsTest):
    BLOCK = b"\x5a" * 524288

    def put(self, ebs, snapshot, index, data=BLOCK, checksum=None):
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        return ebs.put_snapshot_block(
            SnapshotId=snapshot,
            BlockIndex=index,
            BlockData=data,
            DataLength=len(data),
            Checksum=checksum or digest,
            ChecksumAlgorithm="SHA256",
        )

    def test_blocks_are_checked_and_counted(self):
        ebs, ec2 = self.client("ebs"), self.client("ec2")
        snapshot = ebs.start_snapshot(VolumeSize=1, ClientToken="t", Description="d")["SnapshotId"]
        self.assertEqual(
            ebs.start_snapshot(VolumeSize=1, ClientToken="t", Description="d")["SnapshotId"],
            snapshot,
        )
        for index in (0, 5):
            self.put(ebs, snapshot, index)
        with self.refused("ValidationException"):
            self.put(ebs, snapshot, 2048)
        with self.refused("ValidationException"):
            self.put(ebs, snapshot, 1, b"short")
        with self.refused("ValidationException"):
            self.put(ebs, snapshot, 1, checksum=base64.b64encode(b"x" * 32).decode())
        with self.refused("ValidationException"):
            ebs.complete_snapshot(SnapshotId=snapshot, ChangedBlocksCount=3)
        digest = hashlib.sha256(self.BLOCK).digest() * 2
        ebs.complete_snapshot(
            SnapshotId=snapshot,
            ChangedBlocksCount=2,
            ChecksumAlgorithm="SHA256",
            ChecksumAggregationMethod="LINEAR",
            Checksum=base64.b64encode(hashlib.sha256(digest).digest()).decode(),
        )
        self.assertEqual(
            [b["BlockIndex"] for b in ebs.list_snapshot_blocks(SnapshotId=snapshot)["Blocks"]],
            [0, 5],
        )
        states = [
            ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]["State"]
            for _ in range(3)
        ]
        self.assertEqual(states, ["pending", "pending", "completed"])

    def test_a_snapshot_becomes_an_image(self):
        self.aws.world.options.settle_reads = 0
        ebs, ec2 = self.client("ebs"), self.client("ec2")
        snapshot = ebs.start_snapshot(VolumeSize=1)["SnapshotId"]
        self.put(ebs, snapshot, 0)
        ebs.complete_snapshot(SnapshotId=snapshot, ChangedBlocksCount=1)
        ec2.describe_snapshots(SnapshotIds=[snapshot])
        wanted = {
            "Name": "appliance",
            "Architecture": "x86_64",
            "VirtualizationType": "hvm",
            "EnaSupport": True,
            "RootDeviceName": "/dev/xvda",
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}}],
        }
        image = ec2.register_image(**wanted)["ImageId"]
        with self.refused("InvalidAMIName.Duplicate"):
            ec2.register_image(**wanted)
        ec2.modify_image_attribute(
            ImageId=image, LaunchPermission={"Add": [{"UserId": "444455556666"}]}
        )
        found = ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")[
            "LaunchPermissions"
        ]
        self.assertEqual(found, [{"UserId": "444455556666"}])
        with self.refused("InvalidSnapshot.InUse"):
            ec2.delete_snapshot(SnapshotId=snapshot)
        far = self.client("ec2", "eu-central-1")
        copy = far.copy_image(Name="copy", SourceImageId=image, SourceRegion="us-east-1")
        found = far.describe_images(ImageIds=[copy["ImageId"]])["Images"][0]
        self.assertEqual(found["Name"], "copy")
        ec2.deregister_image(ImageId=image)
        ec2.delete_snapshot(SnapshotId=snapshot)
