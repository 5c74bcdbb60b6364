"""The library's credentials and transport against the stand-in: real files, processes, TLS and faults.

WHOAMI names the program, see whoami.c.
"""

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import tempfile

from harness import AwsTest
from standin.services import sso_oidc
from standin.standin import ACCOUNT, KEY_ID, SECRET

USER = "arn:aws:iam::%s:user/tester" % ACCOUNT


class Whoami(AwsTest):
    def setUp(self):
        super().setUp()
        self.home = tempfile.mkdtemp(prefix="whoami-")
        self.addCleanup(shutil.rmtree, self.home)
        self.environment = {
            name: value
            for name, value in self.aws.environment().items()
            if name.startswith(("AWS_ENDPOINT", "AWS_CA", "AWS_REGION"))
        }
        self.environment.update(HOME=self.home, PATH=os.environ["PATH"], AWS_EC2_METADATA_DISABLED="true")

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def keys(self, name="base"):
        return "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (name, KEY_ID, SECRET)

    def use_keys(self):
        self.environment.update(AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET)

    def run_program(self, *arguments, **variables):
        """What it printed; a secret is never among it."""
        done = subprocess.run(
            [os.environ["WHOAMI"], *arguments], capture_output=True, text=True, timeout=120, check=False,
            env={**self.environment, **variables})
        for text in (done.stdout, done.stderr):
            self.assertNotIn(SECRET, text)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.stdout.strip()

    def asks(self, wanted, *arguments, **variables):
        self.assertRegex(self.run_program(*arguments, **variables), wanted)

    def fault(self, **fields):
        self.aws.faults.add(action="GetCallerIdentity", **fields)


class Sources(Whoami):
    def test_keys_of_the_environment(self):
        self.use_keys()
        self.asks("^%s environment us-east-1$" % USER)

    def test_keys_of_both_files(self):
        self.write(".aws/credentials", self.keys("default"))
        self.asks("^%s credentials-file us-east-1$" % USER)
        os.remove(os.path.join(self.home, ".aws/credentials"))
        self.write(".aws/config", self.keys("profile x"))
        self.asks("^%s config-file us-east-1$" % USER, "x")

    def test_a_process(self):
        script = self.write("keys.sh", "#!/bin/sh\nprintf '%%s' '%s'\n" % json.dumps(
            {"Version": 1, "AccessKeyId": KEY_ID, "SecretAccessKey": SECRET}))
        os.chmod(script, 0o700)
        self.write(".aws/config", "[default]\ncredential_process = \"%s\" --for test\n" % script)
        self.asks("^%s process us-east-1$" % USER)

    def test_roles_upon_roles(self):
        world, account = self.aws.world, self.aws.account
        inner = world.add_role(account, "inner")
        outer = world.add_role(account, "outer", trust=[inner["Arn"]])
        self.write(".aws/credentials", self.keys())
        self.write(".aws/config", "[profile outer]\nrole_arn = %s\nsource_profile = inner\nrole_session_name = me\n"
                   "[profile inner]\nrole_arn = %s\nsource_profile = base\n" % (outer["Arn"], inner["Arn"]))
        self.asks("assumed-role/outer/me assume-role us-east-1$", "outer")
        self.assertEqual(self.aws.journal.counts()["sts:AssumeRole"], 2)

    def test_a_web_identity(self):
        provider = "arn:aws:iam::%s:oidc-provider/oidc.example" % ACCOUNT
        role = self.aws.world.add_role(self.aws.account, "pod", trust=[provider])
        later = self.aws.world.now() + datetime.timedelta(hours=1)
        self.aws.world.web_tokens["good-token"] = {"provider": provider, "subject": "pod-one", "expires": later}
        token = self.write("token", "good-token")
        self.asks("assumed-role/pod/.* web-identity us-east-1$",
                  AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN=role["Arn"])

    def test_single_sign_on_with_a_token_that_must_be_renewed(self):
        world = self.aws.world
        world.add_role(self.aws.account, "Reader", "/aws-reserved/sso.amazonaws.com/")
        world.oidc_clients["client-1"] = {"secret": "client-secret"}
        sso_oidc.add_session(world, "me@example", [(ACCOUNT, "Reader")], refresh="refresh-1")
        self.write(".aws/config", "[default]\nsso_session = corp\nsso_account_id = %s\nsso_role_name = Reader\n"
                   "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.example\n" % ACCOUNT)
        path = self.write(".aws/sso/cache/%s.json" % hashlib.sha1(b"corp").hexdigest(), json.dumps(
            {"accessToken": "ended", "expiresAt": "2020-01-01T00:00:00Z", "refreshToken": "refresh-1",
             "clientId": "client-1", "clientSecret": "client-secret"}))
        self.asks("assumed-role/Reader/me@example sso us-east-1$")
        with open(path, encoding="utf-8") as file:
            self.assertNotEqual(json.load(file)["refreshToken"], "refresh-1")
        self.asks("assumed-role/Reader/me@example sso us-east-1$")

    def test_the_instance_and_its_region(self):
        self.aws.imds.role = self.aws.world.add_role(self.aws.account, "appliance", trust=["ec2.amazonaws.com"])
        del self.environment["AWS_REGION"], self.environment["AWS_EC2_METADATA_DISABLED"]
        self.asks("assumed-role/appliance/i-.* instance-metadata us-east-1$",
                  AWS_EC2_METADATA_SERVICE_ENDPOINT=self.aws.plain_url)
        self.aws.world.options.imds_disabled = True
        self.asks("^NoRegion: ", AWS_EC2_METADATA_SERVICE_ENDPOINT=self.aws.plain_url)

    def test_the_container(self):
        self.aws.container.role = self.aws.world.add_role(
            self.aws.account, "task", trust=["ecs-tasks.amazonaws.com"])
        url = self.aws.plain_url + "/container/credentials"
        token = self.write("token", "container-token-1")
        self.asks("assumed-role/task/.* container us-east-1$",
                  AWS_CONTAINER_CREDENTIALS_FULL_URI=url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token)
        self.asks("^ContainerCredentialsFailed: .*401", AWS_CONTAINER_CREDENTIALS_FULL_URI=url)

    def test_nothing_at_all(self):
        self.asks("^NoCredentials: ")


class Faults(Whoami):
    def setUp(self):
        super().setUp()
        self.use_keys()

    def test_what_passes_is_borne(self):
        for fault in ({"kind": "throttle", "times": 2}, {"kind": "http", "status": 503}, {"kind": "reset"},
                      {"kind": "truncate"}, {"kind": "garbage"}, {"kind": "empty"},
                      {"kind": "error", "code": "InternalFailure"}):
            with self.subTest(fault):
                self.fault(**fault)
                self.asks("^%s " % USER)
                self.aws.faults.clear()

    def test_what_lasts_is_told(self):
        self.fault(kind="error", code="InternalFailure", times=0)
        self.asks("^InternalFailure: ", AWS_MAX_ATTEMPTS="2")
        self.assertEqual(self.aws.journal.counts()["sts:GetCallerIdentity"], 2)

    def test_a_wrong_clock_is_corrected_once(self):
        self.aws.world.options.clock_offset_s = 3600
        self.asks("^%s " % USER, "", "3")
        self.assertEqual(len(self.aws.journal.find("sts", "GetCallerIdentity", "*")), 4)

    def test_keys_that_are_wrong(self):
        self.asks("^SignatureDoesNotMatch: ", AWS_SECRET_ACCESS_KEY="wrong")
        self.asks("^InvalidClientTokenId: ", AWS_ACCESS_KEY_ID="AKIA" + "X" * 16)

    def test_a_certificate_that_nobody_vouches_for(self):
        del self.environment["AWS_CA_BUNDLE"]
        self.asks("^TlsFailed: ")

    def test_an_address_where_nobody_listens(self):
        self.asks("^ConnectionFailed: ", AWS_ENDPOINT_URL="https://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")

    def test_real_names_through_a_proxy(self):
        del self.environment["AWS_ENDPOINT_URL"]
        proxied = self.aws.servers[1].proxied
        for wanted, variables in (
            ("sts.us-east-1.amazonaws.com", {}),
            ("sts-fips.us-east-1.amazonaws.com", {"AWS_USE_FIPS_ENDPOINT": "true"}),
        ):
            self.asks("^%s " % USER, HTTPS_PROXY=self.aws.plain_url, **variables)
            self.assertEqual(proxied.pop(), wanted)

    def test_a_proxy_is_passed_by(self):
        self.asks("^%s " % USER, HTTPS_PROXY=self.aws.plain_url, NO_PROXY="127.0.0.1")
        self.assertFalse(self.aws.servers[1].proxied)

    def test_a_connection_is_kept(self):
        self.asks("^%s " % USER, "", "20")
        self.assertEqual(self.aws.journal.violations(), [])
