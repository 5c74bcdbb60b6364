"""Launch templates, instances and Auto Scaling groups."""

from harness import AwsTest, pages
from standin import sample
from standin.state import balancing


class WithImage(AwsTest):
    def populate(self):
        sample.populate(self.aws.account)
        self.ec2, self.scaling = self.client("ec2"), self.client("autoscaling")
        self.image = self.ec2.describe_images(Owners=["self"])["Images"][0]["ImageId"]
        vpc = next(
            v
            for v in self.region.store("vpc").values()
            if {"Key": "Name", "Value": "shop"} in v["Tags"]
        )
        self.vpc_id = vpc["VpcId"]
        self.subnets = [
            s["SubnetId"] for s in self.region.store("subnet").values() if s["VpcId"] == self.vpc_id
        ][:2]
        self.group = next(
            g["GroupId"]
            for g in self.region.store("security-group").values()
            if g["GroupName"] == "web"
        )

    def template(self, name="metlo-appliance", **more):
        data = {
            "ImageId": self.image,
            "InstanceType": "c6in.xlarge",
            "SecurityGroupIds": [self.group],
            "IamInstanceProfile": {"Name": "metlo-appliance"},
            "MetadataOptions": {"HttpTokens": "required"},
            **more,
        }
        return self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)[
            "LaunchTemplate"
        ]["LaunchTemplateId"]


class Templates(WithImage):
    def test_versions_are_numbered(self):
        template = self.template()
        made = self.ec2.create_launch_template_version(
            LaunchTemplateId=template,
            SourceVersion="1",
            LaunchTemplateData={"InstanceType": "c6in.2xlarge"},
        )["LaunchTemplateVersion"]
        self.assertEqual((made["VersionNumber"], made["DefaultVersion"]), (2, False))
        self.assertEqual(made["LaunchTemplateData"]["ImageId"], self.image)
        self.ec2.modify_launch_template(LaunchTemplateName="metlo-appliance", DefaultVersion="2")
        found, _ = pages(
            self.ec2,
            "describe_launch_template_versions",
            "LaunchTemplateVersions",
            LaunchTemplateId=template,
        )
        self.assertEqual(
            [(v["VersionNumber"], v["DefaultVersion"]) for v in found], [(2, True), (1, False)]
        )
        gone = self.ec2.delete_launch_template_versions(
            LaunchTemplateId=template, Versions=["1", "2"]
        )
        self.assertEqual(
            [v["VersionNumber"] for v in gone["SuccessfullyDeletedLaunchTemplateVersions"]], [1]
        )

    def test_names_are_taken_once(self):
        template = self.template()
        with self.refused("InvalidLaunchTemplateName.AlreadyExistsException"):
            self.template()
        self.ec2.delete_launch_template(LaunchTemplateId=template)
        with self.refused("InvalidLaunchTemplateId.NotFound"):
            self.ec2.delete_launch_template(LaunchTemplateId=template)
        with self.refused("InvalidLaunchTemplateName.NotFoundException"):
            self.ec2.describe_launch_templates(LaunchTemplateNames=["metlo-appliance"])
        with self.refused("InvalidParameterCombination"):
            self.template(NetworkInterfaces=[{"DeviceIndex": 0}])


class Instances(WithImage):
    def start(self, **more):
        wanted = {
            "ImageId": self.image,
            "InstanceType": "c6in.large",
            "SubnetId": self.subnets[0],
            "MinCount": 1,
            "MaxCount": 1,
            "SecurityGroupIds": [self.group],
            **more,
        }
        return self.ec2.run_instances(**{k: v for k, v in wanted.items() if v is not None})[
            "Instances"
        ][0]

    def test_an_instance_is_pending_before_it_runs(self):
        made = self.start(
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]
        )
        states = [
            self.ec2.describe_instances(InstanceIds=[made["InstanceId"]])["Reservations"][0][
                "Instances"
            ][0]["State"]["Name"]
            for _ in range(3)
        ]
        self.assertEqual(states, ["pending", "pending", "running"])
        self.assertEqual(made["Tags"], [{"Key": "a", "Value": "b"}])

    def test_a_client_token_launches_once(self):
        first = self.start(ClientToken="t")["InstanceId"]
        self.assertEqual(self.start(ClientToken="t")["InstanceId"], first)
        with self.refused("IdempotentParameterMismatch"):
            self.start(ClientToken="t", InstanceType="c6i.large")

    def test_two_interfaces_come_with_the_instance(self):
        interfaces = [
            {
                "DeviceIndex": n,
                "SubnetId": self.subnets[0],
                "Groups": [self.group],
                "Description": "if%d" % n,
            }
            for n in range(2)
        ]
        made = self.start(
            SubnetId=None,
            SecurityGroupIds=None,
            NetworkInterfaces=interfaces,
            MetadataOptions={"HttpTokens": "required"},
        )
        self.assertEqual(
            [i["Attachment"]["DeviceIndex"] for i in made["NetworkInterfaces"]], [0, 1]
        )
        self.assertEqual(made["MetadataOptions"]["HttpTokens"], "required")
        with self.refused("AttachmentLimitExceeded"):
            self.start(
                SubnetId=None,
                SecurityGroupIds=None,
                NetworkInterfaces=[
                    {"DeviceIndex": n, "SubnetId": self.subnets[0]} for n in range(4)
                ],
            )

    def test_what_cannot_be_launched_is_refused(self):
        for code, bad in (
            ("InvalidAMIID.NotFound", {"ImageId": "ami-0123456789abcdef0"}),
            ("InvalidInstanceType", {"InstanceType": "q9.large"}),
            ("InvalidSubnetID.NotFound", {"SubnetId": "subnet-0123456789abcdef0"}),
            ("MissingParameter", {"ImageId": None}),
            ("InvalidParameterValue", {"InstanceType": "m7g.large"}),
            ("InvalidParameterValue", {"IamInstanceProfile": {"Name": "nothing"}}),
            ("InvalidParameterValue", {"MinCount": 2}),
        ):
            with self.refused(code):
                self.start(**bad)

    def test_a_template_gives_what_the_call_does_not(self):
        self.template()
        made = self.ec2.run_instances(
            LaunchTemplate={"LaunchTemplateName": "metlo-appliance"},
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnets[1],
            InstanceType="c6in.2xlarge",
        )["Instances"][0]
        self.assertEqual((made["InstanceType"], made["ImageId"]), ("c6in.2xlarge", self.image))
        self.assertRegex(made["IamInstanceProfile"]["Arn"], "instance-profile/metlo-appliance$")

    def test_a_type_is_changed_only_when_stopped(self):
        made = self.start()["InstanceId"]
        change = {"InstanceId": made, "InstanceType": {"Value": "m8g.large"}}
        with self.refused("IncorrectInstanceState"):
            self.ec2.modify_instance_attribute(**change)
        self.ec2.stop_instances(InstanceIds=[made])
        for _ in range(3):
            self.ec2.describe_instances(InstanceIds=[made])
        self.ec2.modify_instance_attribute(**change)
        found = self.ec2.describe_instances(InstanceIds=[made])["Reservations"][0]["Instances"][0]
        self.assertEqual((found["State"]["Name"], found["InstanceType"]), ("stopped", "m8g.large"))


class Groups(WithImage):
    def populate(self):
        super().populate()
        self.template_id = self.template()

    def make(self, **more):
        wanted = {
            "AutoScalingGroupName": "metlo",
            "MinSize": 1,
            "MaxSize": 3,
            "DesiredCapacity": 2,
            "VPCZoneIdentifier": ",".join(self.subnets),
            "LaunchTemplate": {"LaunchTemplateId": self.template_id, "Version": "$Latest"},
            **more,
        }
        self.scaling.create_auto_scaling_group(**wanted)

    def found(self):
        return self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["metlo"])[
            "AutoScalingGroups"
        ][0]

    def test_it_launches_what_is_wanted_over_its_subnets(self):
        self.make(Tags=[{"Key": "metlo:managed", "Value": "true", "PropagateAtLaunch": True}])
        group = self.found()
        ids = [i["InstanceId"] for i in group["Instances"]]
        self.assertEqual(len(ids), 2)
        rows = [
            i
            for r in self.ec2.describe_instances(InstanceIds=ids)["Reservations"]
            for i in r["Instances"]
        ]
        self.assertEqual({r["SubnetId"] for r in rows}, set(self.subnets))
        self.assertIn({"Key": "metlo:managed", "Value": "true"}, rows[0]["Tags"])
        self.assertIn({"Key": "aws:autoscaling:groupName", "Value": "metlo"}, rows[0]["Tags"])
        states = [{i["LifecycleState"] for i in self.found()["Instances"]} for _ in range(2)]
        self.assertEqual(states[-1], {"InService"})

    def test_it_registers_instances_with_its_target_groups(self):
        group = balancing.make_target_group(self.region, "t", "UDP", 4789, self.vpc_id)
        self.make(TargetGroupARNs=[group["TargetGroupArn"]])
        rows = self.client("elbv2").describe_target_health(TargetGroupArn=group["TargetGroupArn"])[
            "TargetHealthDescriptions"
        ]
        self.assertEqual(
            {r["Target"]["Id"] for r in rows}, {i["InstanceId"] for i in self.found()["Instances"]}
        )
        by_address = balancing.make_target_group(
            self.region, "ip", "UDP", 4789, self.vpc_id, TargetType="ip"
        )
        with self.refused("ValidationError", 400, "target type ip"):
            self.make(AutoScalingGroupName="other", TargetGroupARNs=[by_address["TargetGroupArn"]])

    def test_it_replaces_what_is_terminated_and_scales(self):
        self.make()
        first = self.found()["Instances"][0]["InstanceId"]
        self.ec2.terminate_instances(InstanceIds=[first])
        ids = [i["InstanceId"] for i in self.found()["Instances"]]
        self.assertEqual((len(ids), first in ids), (2, False))
        self.scaling.set_desired_capacity(AutoScalingGroupName="metlo", DesiredCapacity=3)
        self.assertEqual(len(self.found()["Instances"]), 3)
        self.scaling.update_auto_scaling_group(AutoScalingGroupName="metlo", MinSize=1, MaxSize=1)
        self.assertEqual(len(self.found()["Instances"]), 1)
        with self.refused("ValidationError"):
            self.scaling.set_desired_capacity(AutoScalingGroupName="metlo", DesiredCapacity=4)

    def test_it_is_deleted_with_its_instances_only_by_force(self):
        self.make()
        with self.refused("AlreadyExists"):
            self.make()
        with self.refused("ResourceInUse"):
            self.scaling.delete_auto_scaling_group(AutoScalingGroupName="metlo")
        self.scaling.delete_auto_scaling_group(AutoScalingGroupName="metlo", ForceDelete=True)
        with self.refused("ValidationError", 400, "not found"):
            self.scaling.delete_auto_scaling_group(AutoScalingGroupName="metlo")
        self.assertEqual(
            self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["metlo"])[
                "AutoScalingGroups"
            ],
            [],
        )

    def test_a_refresh_brings_the_new_version(self):
        self.make()
        self.ec2.create_launch_template_version(
            LaunchTemplateId=self.template_id,
            SourceVersion="1",
            LaunchTemplateData={"InstanceType": "c6in.2xlarge"},
        )
        started = self.scaling.start_instance_refresh(AutoScalingGroupName="metlo")[
            "InstanceRefreshId"
        ]
        with self.refused("InstanceRefreshInProgress"):
            self.scaling.start_instance_refresh(AutoScalingGroupName="metlo")
        states = []
        while not states or states[-1] != "Successful":
            refresh = self.scaling.describe_instance_refreshes(
                AutoScalingGroupName="metlo", InstanceRefreshIds=[started]
            )
            states.append(refresh["InstanceRefreshes"][0]["Status"])
            self.assertLess(len(states), 10)
        self.assertEqual({i["LaunchTemplate"]["Version"] for i in self.found()["Instances"]}, {"2"})
        self.assertEqual({i["InstanceType"] for i in self.found()["Instances"]}, {"c6in.2xlarge"})
        with self.refused("ActiveInstanceRefreshNotFound"):
            self.scaling.cancel_instance_refresh(AutoScalingGroupName="metlo")

    def test_what_cannot_work_is_refused(self):
        for bad in (
            {"LaunchTemplate": {"LaunchTemplateId": "lt-0123456789abcdef0"}},
            {"VPCZoneIdentifier": "subnet-1"},
            {"MinSize": 4},
            {"DesiredCapacity": 9},
            {"TargetGroupARNs": ["arn:aws:x"]},
        ):
            with self.refused("ValidationError"):
                self.make(**bad)

    def test_tags_are_found(self):
        self.make(Tags=[{"Key": "metlo:deployment", "Value": "d1"}])
        rows, _ = pages(
            self.scaling,
            "describe_tags",
            "Tags",
            Filters=[{"Name": "key", "Values": ["metlo:deployment"]}],
        )
        self.assertEqual([(r["ResourceId"], r["Value"]) for r in rows], [("metlo", "d1")])
        found, _ = pages(
            self.scaling,
            "describe_auto_scaling_groups",
            "AutoScalingGroups",
            Filters=[{"Name": "tag:metlo:deployment", "Values": ["d1"]}],
        )
        self.assertEqual([g["AutoScalingGroupName"] for g in found], ["metlo"])
        self.scaling.delete_tags(
            Tags=[
                {
                    "ResourceId": "metlo",
                    "ResourceType": "auto-scaling-group",
                    "Key": "metlo:deployment",
                }
            ]
        )
        self.assertEqual(pages(self.scaling, "describe_tags", "Tags")[0], [])
