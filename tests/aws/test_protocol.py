"""What does not fit the models is refused, in each protocol's words; what fits comes back."""

import http.client
import ssl

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness import KEY_ID, REGION, SECRET, AwsTest, pages
from standin.state import compute, network

FORM = "application/x-www-form-urlencoded; charset=utf-8"


class Protocol(AwsTest):
    def populate(self):
        self.vpc = network.make_vpc(
            self.region, "10.0.0.0/16", {"Name": "shop & <co> \u00e9\u4e16"}
        )
        self.subnet = network.make_subnet(
            self.region, self.vpc, "10.0.1.0/24", "us-east-1a", {"Name": "a"}
        )
        self.group = network.make_security_group(self.region, self.vpc["VpcId"], "web", "web")[
            "GroupId"
        ]
        self.instances = [
            compute.make_instance(
                self.region, self.subnet, "m5.large", [self.group], {"Name": "web-%d" % n}
            )
            for n in range(12)
        ]

    def post(self, body, service="ec2", version="2016-11-15", **headers):
        """(status, text) of a signed form."""
        body = (body + "&Version=" + version).encode()
        request = AWSRequest(
            "POST", self.aws.url + "/", headers={"Content-Type": FORM, **headers}, data=body
        )
        request.headers["Host"] = self.aws.url.partition("//")[2]
        SigV4Auth(Credentials(KEY_ID, SECRET), service, REGION).add_auth(request)
        connection = http.client.HTTPSConnection(
            request.headers["Host"],
            context=ssl.create_default_context(cafile=self.aws.ca_path),
            timeout=10,
        )
        self.addCleanup(connection.close)
        connection.request("POST", "/", body, dict(request.headers.items()))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def assert_refused(self, body, code, text="", **more):
        status, answer = self.post(body, **more)
        self.assertGreaterEqual(status, 400)
        self.assertIn("<Code>%s</Code>" % code, answer)
        self.assertIn(text, answer)

    def test_refuses_an_unknown_parameter(self):
        self.assert_refused("Action=DescribeVpcs&Colour=red", "UnknownParameter", "Colour")
        self.assert_refused("Action=DescribeVpcs&VpcId=vpc-1", "UnknownParameter", "VpcId")
        self.assert_refused("Action=DescribeVpcs&Filter.member.1.Name=x", "UnknownParameter")
        self.assertEqual(len(self.aws.journal.violations()), 3)

    def test_refuses_an_unknown_action(self):
        self.assert_refused("Action=DescribeClouds", "InvalidAction")
        self.assert_refused("Action=DescribeVpcs", "InvalidAction", version="2014-01-01")

    def test_refuses_values_of_the_wrong_type(self):
        for body in (
            "MaxResults=five",
            "MaxResults=%2B5",
            "MaxResults=99999999999",
            "DryRun=True",
            "DryRun=1",
        ):
            self.assert_refused("Action=DescribeVpcs&" + body, "InvalidParameterValue")

    def test_refuses_numbers_out_of_range(self):
        for number in ("4", "1001", "-1"):
            self.assert_refused("Action=DescribeVpcs&MaxResults=" + number, "InvalidParameterValue")

    def test_refuses_a_value_that_no_enumeration_has(self):
        self.assert_refused(
            "Action=RunInstances&MinCount=1&MaxCount=1&InstanceInitiatedShutdownBehavior=explode",
            "InvalidParameterValue",
        )

    def test_refuses_what_is_required_and_missing(self):
        self.assert_refused("Action=StopInstances", "MissingParameter", "InstanceIds")
        self.assert_refused("Action=CreateTags&ResourceId.1=i-1", "MissingParameter", "Tags")

    def test_refuses_lists_with_gaps_and_twins(self):
        self.assert_refused(
            "Action=DescribeVpcs&VpcId.2=" + self.vpc["VpcId"], "InvalidParameterValue"
        )
        self.assert_refused("Action=DescribeVpcs&VpcId.0=" + self.vpc["VpcId"], "UnknownParameter")
        self.assert_refused(
            "Action=DescribeVpcs&MaxResults=5&MaxResults=5", "InvalidParameterValue", "twice"
        )

    def test_refuses_bad_percent_encoding(self):
        self.assert_refused("Action=DescribeVpcs&NextToken=%zz", "InvalidParameterValue", "form")
        self.assert_refused("Action=DescribeVpcs&NextToken=%ff", "InvalidParameterValue", "UTF-8")

    def test_refuses_what_the_query_services_refuse(self):
        sts = {"service": "sts", "version": "2011-06-15"}
        self.assert_refused(
            "Action=AssumeRole&RoleArn=x&RoleSessionName=ab", "ValidationError", "length", **sts
        )
        self.assert_refused(
            "Action=AssumeRole&RoleArn=%s&RoleSessionName=a%%20b" % ("x" * 20),
            "ValidationError",
            "pattern",
            **sts
        )
        self.assert_refused("Action=GetCallerIdentity&X=1", "ValidationError", "Unexpected", **sts)

    def test_answers_text_that_needs_escaping(self):
        vpc = self.client("ec2").describe_vpcs(VpcIds=[self.vpc["VpcId"]])["Vpcs"][0]
        self.assertEqual(vpc["Tags"], [{"Key": "Name", "Value": "shop & <co> \u00e9\u4e16"}])

    def test_pages_are_small_and_complete(self):
        ec2 = self.client("ec2")
        items, count = pages(ec2, "describe_network_interfaces", "NetworkInterfaces")
        self.assertEqual((len({i["NetworkInterfaceId"] for i in items}), count), (12, 3))
        items, count = pages(
            ec2, "describe_instances", "Reservations", PaginationConfig={"PageSize": 1000}
        )
        self.assertEqual((len(items), count), (12, 3))

    def test_filtered_lists_begin_with_an_empty_page(self):
        named = [{"Name": "tag:Name", "Values": ["web-1*"]}]
        first = self.client("ec2").describe_instances(Filters=named)
        self.assertEqual(first["Reservations"], [])
        items, _ = pages(self.client("ec2"), "describe_instances", "Reservations", Filters=named)
        self.assertEqual(len(items), 3)

    def test_refuses_a_token_of_another_question(self):
        ec2 = self.client("ec2")
        token = ec2.describe_instances()["NextToken"]
        with self.refused("InvalidParameterValue", 400, "token"):
            ec2.describe_network_interfaces(NextToken=token)
        with self.refused("InvalidParameterValue", 400, "token"):
            ec2.describe_instances(NextToken=token[:-1])
        with self.refused("InvalidParameterValue", 400, "token"):
            ec2.describe_instances(NextToken=token, Filters=[{"Name": "vpc-id", "Values": ["x"]}])

    def test_filters_know_wildcards_and_escapes(self):
        def count(name, *values):
            return len(
                pages(
                    self.client("ec2"),
                    "describe_instances",
                    "Reservations",
                    Filters=[{"Name": name, "Values": list(values)}],
                )[0]
            )

        self.assertEqual(count("tag:Name", "web-?"), 10)
        self.assertEqual(count("tag:Name", "web-1", "web-2"), 2)
        self.assertEqual(count("tag:Name", r"web-\?"), 0)
        self.assertEqual(count("tag-key", "Name"), 12)
        self.assertEqual(count("instance-type", "M5.LARGE"), 0)

    def test_refuses_filters_that_the_call_does_not_have(self):
        ec2 = self.client("ec2")
        for bad in ([{"Name": "colour", "Values": ["red"]}], [{"Name": "vpc-id", "Values": []}]):
            with self.refused("InvalidParameterValue"):
                ec2.describe_instances(Filters=bad)
        with self.refused("MissingParameter"):
            ec2.describe_instances(Filters=[{"Values": ["x"]}])
        with self.refused("FilterLimitExceeded"):
            ec2.describe_instances(
                Filters=[{"Name": "vpc-id", "Values": [str(n) for n in range(201)]}]
            )

    def test_ids_must_be_ids_and_exist(self):
        ec2 = self.client("ec2")
        with self.refused("InvalidInstanceID.Malformed"):
            ec2.describe_instances(InstanceIds=["i-1"])
        with self.refused("InvalidInstanceID.NotFound"):
            ec2.describe_instances(InstanceIds=["i-0123456789abcdef0"])
        with self.refused("InvalidParameterCombination"):
            ec2.describe_instances(InstanceIds=[self.instances[0]["InstanceId"]], MaxResults=5)

    def test_a_dry_run_changes_nothing(self):
        ec2, target = self.client("ec2"), self.instances[0]["InstanceId"]
        with self.refused("DryRunOperation", 412):
            ec2.terminate_instances(InstanceIds=[target], DryRun=True)
        with self.refused("InvalidInstanceID.NotFound"):
            ec2.terminate_instances(InstanceIds=["i-0123456789abcdef0"], DryRun=True)
        self.assertEqual(self.instances[0]["State"]["Name"], "running")

    def test_connections_are_kept(self):
        host = self.aws.url.partition("//")[2]
        context = ssl.create_default_context(cafile=self.aws.ca_path)
        connection = http.client.HTTPSConnection(host, context=context, timeout=10)
        for _ in range(3):
            connection.request("POST", "/", b"x", {"Content-Type": FORM})
            connection.getresponse().read()
            self.assertIsNotNone(connection.sock)
        connection.close()
