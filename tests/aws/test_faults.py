"""Faults that tests order happen, and happen only where they were ordered."""

import os
import subprocess
import sys
import threading
import time

from botocore import UNSIGNED
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    HTTPClientError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from harness import AwsTest, killed_at


class Faults(AwsTest):
    def populate(self):
        self.ec2, self.sts = self.client("ec2"), self.client("sts")

    def order(self, kind, **more):
        self.control("POST", "faults", {"kind": kind, **more})

    def filters(self):
        return len(self.region.store("traffic-mirror-filter"))

    def test_throttling_has_the_code_of_each_service(self):
        self.order("throttle", times=0)
        for service, operation, code, status in (
            ("ec2", "describe_vpcs", "RequestLimitExceeded", 503),
            ("elbv2", "describe_load_balancers", "Throttling", 400),
            ("ecs", "list_clusters", "ThrottlingException", 400),
        ):
            with self.refused(code, status):
                getattr(self.client(service), operation)()

    def test_a_fault_hits_the_calls_it_names(self):
        self.order(
            "error",
            service="ec2",
            action="DescribeSub*",
            skip=1,
            times=2,
            code="InternalError",
            status=500,
        )
        self.ec2.describe_subnets()
        for _ in range(2):
            self.ec2.describe_vpcs()
            with self.refused("InternalError", 500):
                self.ec2.describe_subnets()
        self.ec2.describe_subnets()
        self.control("DELETE", "faults")
        self.assertEqual(self.control("GET", "faults"), [])

    def test_an_answer_may_be_no_answer_of_aws(self):
        self.order("http", status=503)
        with self.assertRaises(ClientError) as caught:
            self.ec2.describe_vpcs()
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 503)
        for kind in ("garbage", "empty", "portal", "other"):
            self.order(kind)
            try:
                self.assertEqual(self.ec2.describe_vpcs().get("Vpcs", []), [])
            except ResponseParserError:
                pass

    def test_a_connection_is_cut_before_or_after_the_effect(self):
        self.order("reset", action="CreateTrafficMirrorFilter")
        with self.assertRaises((ConnectionClosedError, HTTPClientError)):
            self.ec2.create_traffic_mirror_filter()
        self.assertEqual(self.filters(), 0)
        self.order("reset", action="CreateTrafficMirrorFilter", when="after")
        with self.assertRaises((ConnectionClosedError, HTTPClientError)):
            self.ec2.create_traffic_mirror_filter(ClientToken="t")
        self.assertEqual(self.filters(), 1)
        self.ec2.create_traffic_mirror_filter(ClientToken="t")
        self.assertEqual(self.filters(), 1)

    def test_a_body_ends_early(self):
        self.order("truncate", action="DescribeVpcs")
        with self.assertRaises((HTTPClientError, ResponseParserError)):
            self.ec2.describe_vpcs()

    def test_a_call_is_never_answered(self):
        self.order("stall", action="CreateTrafficMirrorFilter", when="after")
        with self.assertRaises((ReadTimeoutError, HTTPClientError)):
            self.client("ec2", read_timeout=0.3).create_traffic_mirror_filter()
        self.assertEqual(self.filters(), 1)

    def test_a_call_is_slow(self):
        self.order("slow", action="DescribeVpcs", seconds=0.6)
        with self.assertRaises(ReadTimeoutError):
            self.client("ec2", read_timeout=0.2).describe_vpcs()
        self.ec2.describe_vpcs()

    def test_a_token_expires_on_the_way(self):
        self.order("expired", times=0)
        with self.refused("RequestExpired"):
            self.ec2.describe_vpcs()
        with self.refused("ExpiredToken"):
            self.sts.get_caller_identity()

    def test_an_action_is_denied(self):
        self.order("deny", action="CreateTrafficMirrorSession", times=0)
        with self.refused("UnauthorizedOperation", 403, "ec2:CreateTrafficMirrorSession"):
            self.ec2.create_traffic_mirror_session(
                NetworkInterfaceId="x",
                TrafficMirrorTargetId="x",
                TrafficMirrorFilterId="x",
                SessionNumber=1,
            )

    def test_a_wrong_signature_stays_refused_whatever_was_ordered(self):
        self.order("throttle", times=0)
        with self.refused("SignatureDoesNotMatch"):
            self.client("sts", secret="wrong").get_caller_identity()

    def test_a_client_can_be_killed_while_its_call_is_held(self):
        self.order("hold", action="CreateTrafficMirrorFilter", when="after")
        code = (
            "import sys; sys.path.insert(0, %r); import botocore.session as s;"
            " s.Session().create_client('ec2', region_name='us-east-1', endpoint_url=%r, verify=%r,"
            " aws_access_key_id=%r, aws_secret_access_key=%r).create_traffic_mirror_filter()"
            % (
                sys.path[0],
                self.aws.url,
                self.aws.ca_path,
                "AKIASTANDINTESTKEY01",
                "stand-in+secret/with+special/characters==",
            )
        )
        with subprocess.Popen([sys.executable, "-c", code]) as client:
            self.assertEqual(self.control("GET", "held?seconds=30"), {"held": True})
            client.kill()
            client.wait()
        self.control("POST", "release")
        self.assertEqual(self.filters(), 1)

    def test_a_client_is_killed_at_each_of_its_calls(self):
        code = (
            "import botocore.session as s; c = s.Session().create_client('ec2'); "
            "[c.create_traffic_mirror_filter(ClientToken='t%d' % n) for n in range(2)]"
        )
        lab = [sys.executable, "-c", code.replace("'ec2'", "'ec2', endpoint_url=%r" % self.aws.url)]
        environment = {**os.environ, **self.aws.environment()}
        seen = []
        for number, when in ((1, "before"), (1, "after"), (2, "after"), (3, "after")):
            seen.append((killed_at(self.aws, number, when, lab, environment), self.filters()))
        self.assertEqual(seen, [(True, 0), (True, 1), (True, 2), (False, 2)])

    def test_other_calls_go_on_while_one_is_held(self):
        self.order("hold", action="DescribeVpcs")
        held = threading.Thread(target=self.ec2.describe_vpcs)
        held.start()
        self.assertTrue(self.control("GET", "held?seconds=30")["held"])
        self.ec2.describe_subnets()
        self.control("POST", "release")
        held.join(30)
        self.assertFalse(held.is_alive())

    def test_a_fault_that_does_not_exist_is_refused(self):
        for bad in (
            {"kind": "flood"},
            {"kind": "empty", "colour": 1},
            {"kind": "throttle", "when": "after"},
        ):
            with self.assertRaises(Exception):
                self.control("POST", "faults", bad)


class Control(AwsTest):
    def test_calls_are_counted_and_kept(self):
        ec2 = self.client("ec2")
        ec2.describe_vpcs(Filters=[{"Name": "vpc-id", "Values": ["vpc-1"]}])
        ec2.describe_subnets()
        ec2.describe_subnets()
        self.assertEqual(
            self.control("GET", "counts"), {"ec2:DescribeVpcs": 1, "ec2:DescribeSubnets": 2}
        )
        calls = self.control("GET", "calls?action=DescribeVpcs")
        self.assertEqual(
            (calls[0]["parameters"]["Filters"][0]["Values"], calls[0]["status"]), (["vpc-1"], 200)
        )
        self.assertEqual(self.control("GET", "violations"), [])
        self.control("DELETE", "calls")
        self.assertEqual(self.control("GET", "counts"), {})

    def test_options_are_changed_by_name_and_type(self):
        self.assertEqual(self.control("PUT", "options", {"page_size": 7})["page_size"], 7)
        for bad in ({"page_size": "7"}, {"colour": 1}, {"empty_pages": 1}):
            with self.assertRaises(Exception):
                self.control("PUT", "options", bad)

    def test_the_world_is_seen_and_changed_behind_the_api(self):
        made = self.client("ec2").create_traffic_mirror_filter(Description="a")[
            "TrafficMirrorFilter"
        ]["TrafficMirrorFilterId"]
        state = self.control("GET", "state?region=us-east-1&kind=traffic-mirror-filter")
        self.assertEqual(state["traffic-mirror-filter"][0]["Description"], "a")
        before = self.control("GET", "digest?region=us-east-1")
        self.control(
            "POST",
            "change",
            {"kind": "traffic-mirror-filter", "id": made, "set": {"Description": "b"}},
        )
        self.assertNotEqual(self.control("GET", "digest?region=us-east-1"), before)
        self.control("POST", "remove", {"kind": "traffic-mirror-filter", "id": made})
        self.assertEqual(
            self.control("GET", "state?kind=traffic-mirror-filter"), {"traffic-mirror-filter": []}
        )

    def test_users_come_with_their_policies(self):
        self.control(
            "POST",
            "user",
            {"name": "u", "key": "AKIASTANDINOTHER0001", "secret": "s", "documents": []},
        )
        with self.refused("UnauthorizedOperation"):
            self.client("ec2", key="AKIASTANDINOTHER0001", secret="s").describe_vpcs()
        self.control(
            "POST",
            "user",
            {"name": "v", "key": "AKIASTANDINFOREIGN01", "secret": "s", "account": "444455556666"},
        )
        who = self.client("sts", key="AKIASTANDINFOREIGN01", secret="s").get_caller_identity()
        self.assertEqual(who["Account"], "444455556666")

    def test_identities_are_made_without_python(self):
        provider = "arn:aws:iam::111122223333:oidc-provider/x"
        role = self.control(
            "POST", "role", {"name": "pod", "trust": [provider, "ec2.amazonaws.com"]}
        )
        self.control(
            "POST", "web-token", {"token": "web-token", "provider": provider, "subject": "pod-one"}
        )
        made = self.client("sts", signature_version=UNSIGNED).assume_role_with_web_identity(
            RoleArn=role["Arn"], RoleSessionName="session", WebIdentityToken="web-token"
        )
        self.assertIn("Credentials", made)
        self.control("POST", "metadata", {"role": "pod", "user_data": "{}"})
        self.control("POST", "container", {"role": "pod", "token": "t"})
        self.assertEqual((self.aws.imds.user_data, self.aws.container.token), ("{}", "t"))
        access = self.control(
            "POST", "sign-on", {"user": "me", "roles": [["111122223333", "pod"]]}
        )["accessToken"]
        self.client("sso").get_role_credentials(
            roleName="pod", accountId="111122223333", accessToken=access
        )

    def test_time_moves_with_the_clock_of_the_stand_in(self):
        started = time.time()
        self.control("PUT", "options", {"clock_offset_s": 200})
        self.client("sts").get_caller_identity()
        self.assertGreater(self.aws.world.now().timestamp(), started + 190)
