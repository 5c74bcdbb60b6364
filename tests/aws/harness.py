"""What the tests share: a fresh stand-in for each, and AWS's own SDK as its client."""

import contextlib
import functools
import json
import subprocess
import unittest
import urllib.request

import botocore.config
import botocore.session
from botocore.exceptions import ClientError

from standin.standin import KEY_ID, SECRET, Standin
from standin.state import network
from standin.state.world import Options

try:
    import boto3
except ImportError:
    boto3 = None

REGION = "us-east-1"


@functools.lru_cache(maxsize=None)
def client_maker():
    """One session for all tests: it reads each model once."""
    return boto3.session.Session().client if boto3 else botocore.session.Session().create_client


class AwsTest(unittest.TestCase):
    options = {}
    partition = "aws"

    def setUp(self):
        self.aws = Standin(Options(**self.options), partition=self.partition).start()
        self.addCleanup(self.aws.stop)
        self.region = self.aws.account.region(REGION)
        self.populate()

    def populate(self):
        """Makes what the tests of a class need."""

    def client(self, name, region=REGION, key=KEY_ID, secret=SECRET, token=None, **config):
        """A client that tries once and leaves the checking of parameters to the stand-in."""
        make = client_maker()
        settings = {
            "retries": {"max_attempts": 0},
            "parameter_validation": False,
            "read_timeout": 10,
            **config,
        }
        client = make(
            name,
            region_name=region,
            endpoint_url=self.aws.url,
            verify=self.aws.ca_path,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=botocore.config.Config(**settings),
        )
        self.addCleanup(close, client)
        return client

    @contextlib.contextmanager
    def refused(self, code, status=None, text=""):
        """What is done inside must be answered with this error."""
        with self.assertRaises(ClientError) as caught:
            yield
        answer = caught.exception.response
        self.assertEqual(answer["Error"]["Code"], code, answer["Error"].get("Message"))
        self.assertIn(text, answer["Error"].get("Message", ""))
        if status is not None:
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], status)

    def control(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            self.aws.plain_url + "/_standin/" + path, data, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())


class WithNetwork(AwsTest):
    """A VPC over three zones, and short ways to make load balancers."""

    def populate(self):
        self.vpc = network.make_vpc(self.region, "10.0.0.0/16", {"Name": "shop"})
        self.subnets = [
            network.make_subnet(self.region, self.vpc, "10.0.%d.0/24" % n, "us-east-1" + zone)
            for n, zone in enumerate("abc", 1)
        ]
        self.group = network.make_security_group(self.region, self.vpc["VpcId"], "nlb", "nlb")[
            "GroupId"
        ]
        self.elb, self.ec2 = self.client("elbv2"), self.client("ec2")

    def balancer(self, name="metlo-a1", **more):
        wanted = {
            "Type": "network",
            "Scheme": "internal",
            "Subnets": [s["SubnetId"] for s in self.subnets[:2]],
            "SecurityGroups": [self.group],
            **more,
        }
        return self.elb.create_load_balancer(
            Name=name, **{k: v for k, v in wanted.items() if v is not None}
        )["LoadBalancers"][0]

    def active(self, **more):
        arn = self.balancer(**more)["LoadBalancerArn"]
        while (
            self.elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]["State"][
                "Code"
            ]
            != "active"
        ):
            pass
        return arn

    def targets(self, name="metlo-a1", **more):
        wanted = {
            "Protocol": "UDP",
            "Port": 4789,
            "VpcId": self.vpc["VpcId"],
            "TargetType": "ip",
            "HealthCheckProtocol": "TCP",
            "HealthCheckPort": "8000",
            **more,
        }
        return self.elb.create_target_group(
            Name=name, **{k: v for k, v in wanted.items() if v is not None}
        )["TargetGroups"][0]

    def listener(self, balancer, group, **more):
        return self.elb.create_listener(
            LoadBalancerArn=balancer,
            **{
                "Protocol": "UDP",
                "Port": 4789,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
                **more,
            }
        )["Listeners"][0]


def killed_at(aws, number, when, arguments, environment):
    """Runs a command and kills it while its call `number` (from 1) is held, before or `after` it.

    Returns True when it was killed; False when it ended by itself because it made fewer calls.
    """
    aws.faults.clear()
    aws.faults.add(kind="hold", skip=number - 1, when=when)
    with subprocess.Popen(
        arguments,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while not aws.faults.held.wait(0.05) and process.poll() is None:
            pass
        was_killed = process.poll() is None
        process.kill()
    aws.faults.clear()
    return was_killed


def close(client):
    """Older versions of botocore leave closing to the garbage collector."""
    client._endpoint.http_session.close()  # pylint: disable=protected-access


def pages(client, operation, key, **parameters):
    """Every item of a paged call, and how many pages they came in."""
    found = list(client.get_paginator(operation).paginate(**parameters))
    return [item for page in found for item in page[key]], len(found)
