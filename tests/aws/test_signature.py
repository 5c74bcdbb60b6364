"""The stand-in accepts AWS's own SDK and refuses a signature that is wrong in any part."""

import datetime
import hashlib
import http.client
import re
import ssl

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness import KEY_ID, REGION, SECRET, AwsTest

FORM = "application/x-www-form-urlencoded; charset=utf-8"
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"


class Signature(AwsTest):
    def signed(self, body=BODY, headers=None, **more):
        """Headers of a signed request. `more`: service, region, secret, path, method, unsigned."""
        every = {"content-type": FORM, "host": self.aws.url.partition("//")[2], **(headers or {})}
        unsigned = {
            name: value for name, value in every.items() if name in more.get("unsigned", ())
        }
        request = AWSRequest(
            more.get("method", "POST"),
            self.aws.url + more.get("path", "/"),
            data=body,
            headers={name: value for name, value in every.items() if name not in unsigned},
        )
        credentials = Credentials(KEY_ID, more.get("secret", SECRET))
        SigV4Auth(credentials, more.get("service", "sts"), more.get("region", REGION)).add_auth(
            request
        )
        return {**{name.lower(): value for name, value in request.headers.items()}, **unsigned}

    def send(self, headers, body=BODY, path="/", method="POST"):
        """(status, error code or '')"""
        context = ssl.create_default_context(cafile=self.aws.ca_path)
        connection = http.client.HTTPSConnection(
            self.aws.url.partition("//")[2], context=context, timeout=10
        )
        self.addCleanup(connection.close)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        code = re.search(r"<Code>(.*?)</Code>", text)
        return answer.status, code.group(1) if code else ""

    def assert_refused(self, headers, code="SignatureDoesNotMatch", **more):
        self.assertEqual(self.send(headers, **more)[1], code)

    def test_accepts_a_right_signature(self):
        self.assertEqual(self.send(self.signed()), (200, ""))

    def test_refuses_another_secret(self):
        self.assert_refused(self.signed(secret=SECRET + "x"))

    def test_refuses_an_unknown_key(self):
        headers = self.signed()
        headers["authorization"] = headers["authorization"].replace(KEY_ID, "AKIANOSUCHKEY0000000")
        self.assert_refused(headers, "InvalidClientTokenId")

    def test_refuses_no_signature(self):
        headers = self.signed()
        del headers["authorization"]
        self.assertEqual(self.send(headers), (403, "MissingAuthenticationToken"))

    def test_refuses_a_torn_authorization_header(self):
        headers = self.signed()
        headers["authorization"] = headers["authorization"][:-1]
        self.assert_refused(headers, "IncompleteSignature")

    def test_refuses_a_changed_body(self):
        self.assert_refused(self.signed(), body=BODY.replace(b"2011-06-15", b"2011%2D06-15"))

    def test_refuses_a_body_that_is_not_what_its_hash_says(self):
        wrong = {"X-Amz-Content-SHA256": hashlib.sha256(b"else").hexdigest()}
        self.assert_refused(self.signed(headers=wrong))

    def test_accepts_a_stated_hash_of_the_body(self):
        right = {"X-Amz-Content-SHA256": hashlib.sha256(BODY).hexdigest()}
        self.assertEqual(self.send(self.signed(headers=right)), (200, ""))

    def test_refuses_an_unsigned_payload(self):
        self.assert_refused(self.signed(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}))

    def test_refuses_another_path_than_the_signed_one(self):
        self.assertEqual(self.send(self.signed(path="/x"), path="/")[1], "SignatureDoesNotMatch")

    def test_refuses_another_method_than_the_signed_one(self):
        path = "/?" + BODY.decode()
        headers = self.signed(body=b"", method="GET", path=path)
        self.assertEqual(self.send(headers, body=b"", path=path, method="GET"), (200, ""))
        headers = self.signed(body=b"", method="POST", path=path)
        self.assert_refused(headers, body=b"", path=path, method="GET")

    def test_refuses_another_host_than_the_signed_one(self):
        headers = self.signed()
        headers["host"] = "localhost:1"
        self.assert_refused(headers)

    def test_refuses_a_changed_content_type(self):
        headers = self.signed()
        headers["content-type"] = FORM.replace("utf-8", "UTF-8")
        self.assert_refused(headers)

    def test_accepts_a_content_type_that_is_not_signed_as_curl_sends_it(self):
        headers = self.signed(unsigned={"content-type"})
        self.assertNotIn("content-type", headers["authorization"])
        self.assertEqual(self.send(headers), (200, ""))

    def test_refuses_a_host_that_is_not_signed(self):
        headers = self.signed()
        headers["authorization"] = headers["authorization"].replace("host;", "")
        self.assert_refused(headers)

    def test_refuses_an_amz_header_that_is_not_signed(self):
        headers = self.signed()
        headers["x-amz-extra"] = "1"
        self.assert_refused(headers)

    def test_refuses_a_signed_header_that_is_missing(self):
        headers = self.signed(headers={"X-Amz-Meta": "1"})
        del headers["x-amz-meta"]
        self.assert_refused(headers)

    def test_refuses_unsorted_signed_headers(self):
        headers = self.signed()
        headers["authorization"] = headers["authorization"].replace(
            "content-type;host", "host;content-type"
        )
        self.assert_refused(headers)

    def test_refuses_signed_headers_in_upper_case(self):
        headers = self.signed()
        headers["authorization"] = headers["authorization"].replace("host;", "Host;")
        self.assert_refused(headers)

    def test_refuses_a_date_that_differs_from_the_scope(self):
        headers = self.signed()
        headers["authorization"] = re.sub(r"/\d{8}/", "/20200101/", headers["authorization"])
        self.assert_refused(headers)

    def test_refuses_no_date(self):
        headers = self.signed()
        headers["authorization"] = headers["authorization"].replace(";x-amz-date", "")
        del headers["x-amz-date"]
        self.assert_refused(headers, "IncompleteSignature")

    def test_refuses_a_clock_that_is_six_minutes_off(self):
        for offset_s in (360, -360):
            self.aws.world.options.clock_offset_s = offset_s
            self.assert_refused(self.signed())
        self.aws.world.options.clock_offset_s = 240
        self.assertEqual(self.send(self.signed())[0], 200)

    def test_says_its_own_time_when_it_refuses(self):
        self.aws.world.options.clock_offset_s = 3600
        client = self.client("sts")
        with self.refused("SignatureDoesNotMatch", 403, "Signature expired"):
            client.get_caller_identity()
        with self.refused("RequestExpired", 400):
            self.client("ec2").describe_vpcs()

    def test_refuses_the_scope_of_another_service(self):
        self.assertEqual(self.send(self.signed(service="iam"))[1], "InvalidAction")
        self.assertEqual(
            self.send(self.signed(service="sts", region="mars-north-1"))[1], "SignatureDoesNotMatch"
        )

    def test_refuses_a_region_of_another_partition(self):
        with self.refused("SignatureDoesNotMatch"):
            self.client("sts", "cn-north-1").get_caller_identity()

    def test_refuses_a_region_that_is_not_opted_in(self):
        with self.refused("AuthFailure", 401):
            self.client("ec2", "ap-east-1").describe_vpcs()

    def test_checks_the_session_token(self):
        role = self.aws.world.add_role(self.aws.account, "reader")
        key = self.aws.world.issue_session(role, "s", 3600)
        who = self.client(
            "sts", key=key.id, secret=key.secret, token=key.token
        ).get_caller_identity()
        self.assertEqual(who["Arn"], "arn:aws:sts::111122223333:assumed-role/reader/s")
        for token in (None, key.token + "x"):
            with self.refused("InvalidClientTokenId", 403):
                self.client("sts", key=key.id, secret=key.secret, token=token).get_caller_identity()
        key.expires = self.aws.world.now() - datetime.timedelta(seconds=1)
        with self.refused("ExpiredToken", 403):
            self.client("sts", key=key.id, secret=key.secret, token=key.token).get_caller_identity()
        with self.refused("RequestExpired", 400):
            self.client("ec2", key=key.id, secret=key.secret, token=key.token).describe_vpcs()
