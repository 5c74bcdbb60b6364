"""Where credentials come from: roles, web identity, SSO, the instance, the container."""

import datetime
import json
import urllib.error
import urllib.request

from botocore import UNSIGNED

from harness import KEY_ID, SECRET, AwsTest
from standin.services import sso_oidc
from standin.state import compute, network

ACCOUNT = "111122223333"


class Roles(AwsTest):
    def populate(self):
        self.world = self.aws.world
        self.sts = self.client("sts")

    def assume(self, role, sts=None, **more):
        return (sts or self.sts).assume_role(RoleArn=role["Arn"], RoleSessionName="session", **more)

    def as_client(self, credentials):
        return self.client(
            "sts",
            key=credentials["AccessKeyId"],
            secret=credentials["SecretAccessKey"],
            token=credentials["SessionToken"],
        )

    def test_a_role_is_assumed_and_chained(self):
        first = self.world.add_role(self.aws.account, "first")
        second = self.world.add_role(self.aws.account, "second", trust=[first["Arn"]])
        with self.refused("AccessDenied", 403):
            self.assume(second)
        inner = self.as_client(self.assume(first)["Credentials"])
        self.assertEqual(
            inner.get_caller_identity()["Arn"],
            "arn:aws:sts::%s:assumed-role/first/session" % ACCOUNT,
        )
        self.assertRegex(
            self.assume(second, inner)["AssumedRoleUser"]["AssumedRoleId"],
            "^AROA[A-Z2-7]{17}:session$",
        )
        self.world.accounts[ACCOUNT].roles["second"]["MaxSessionDuration"] = 43200
        with self.refused("ValidationError", 400, "chaining"):
            self.assume(second, inner, DurationSeconds=7200)

    def test_conditions_of_a_role_hold(self):
        role = self.world.add_role(self.aws.account, "guarded")
        role["_external_id"], role["_mfa"] = "x-1", ("arn:aws:iam::%s:mfa/me" % ACCOUNT, "123456")
        mfa = {"SerialNumber": role["_mfa"][0], "TokenCode": "123456"}
        for wrong in (
            {},
            mfa,
            {"ExternalId": "x-1"},
            {"ExternalId": "x-1", **mfa, "TokenCode": "654321"},
        ):
            with self.refused("AccessDenied"):
                self.assume(role, **wrong)
        self.assume(role, ExternalId="x-1", **mfa)
        with self.refused("ValidationError"):
            self.assume(role, ExternalId="x-1", **mfa, DurationSeconds=7200)
        with self.refused("ValidationError"):
            self.assume(role, DurationSeconds=899)
        with self.refused("AccessDenied"):
            self.sts.assume_role(
                RoleArn="arn:aws:iam::%s:role/nothing" % ACCOUNT, RoleSessionName="session"
            )

    def test_web_identity_is_unsigned_and_checked(self):
        provider = "arn:aws:iam::%s:oidc-provider/oidc.example" % ACCOUNT
        role = self.world.add_role(self.aws.account, "pod", trust=[provider])
        later = self.world.now() + datetime.timedelta(hours=1)
        for name, expires in (
            ("good-token", later),
            ("stale-token", later - datetime.timedelta(hours=2)),
        ):
            self.world.web_tokens[name] = {
                "provider": provider,
                "subject": "pod-one",
                "expires": expires,
            }
        wanted = {"RoleArn": role["Arn"], "RoleSessionName": "session"}
        unsigned = self.client("sts", signature_version=UNSIGNED)
        made = unsigned.assume_role_with_web_identity(WebIdentityToken="good-token", **wanted)
        self.assertEqual(
            self.as_client(made["Credentials"]).get_caller_identity()["Account"], ACCOUNT
        )
        with self.refused("ExpiredTokenException"):
            unsigned.assume_role_with_web_identity(WebIdentityToken="stale-token", **wanted)
        with self.refused("InvalidIdentityToken"):
            unsigned.assume_role_with_web_identity(WebIdentityToken="other-token", **wanted)

    def test_a_session_ends(self):
        role = self.world.add_role(self.aws.account, "short")
        credentials = self.assume(role)["Credentials"]
        self.control("POST", "expire", {"key": credentials["AccessKeyId"]})
        with self.refused("ExpiredToken", 403):
            self.as_client(credentials).get_caller_identity()

    def test_single_sign_on_gives_and_renews(self):
        self.world.add_role(self.aws.account, "Reader", "/aws-reserved/sso.amazonaws.com/")
        self.world.oidc_clients["client-1"] = {"secret": "client-secret"}
        access = sso_oidc.add_session(
            self.world, "me@example", [(ACCOUNT, "Reader")], refresh="refresh-1"
        )
        sso, oidc = self.client("sso"), self.client("sso-oidc")
        found = sso.get_role_credentials(roleName="Reader", accountId=ACCOUNT, accessToken=access)[
            "roleCredentials"
        ]
        left_ms = found["expiration"] - self.world.now().timestamp() * 1000
        self.assertTrue(3_500_000 < left_ms <= 3_600_000)
        with self.refused("UnauthorizedException", 401):
            sso.get_role_credentials(roleName="Reader", accountId=ACCOUNT, accessToken="wrong")
        with self.refused("ForbiddenException", 403):
            sso.get_role_credentials(roleName="Admin", accountId=ACCOUNT, accessToken=access)
        wanted = {
            "clientId": "client-1",
            "clientSecret": "client-secret",
            "grantType": "refresh_token",
        }
        made = oidc.create_token(refreshToken="refresh-1", **wanted)
        sso.get_role_credentials(
            roleName="Reader", accountId=ACCOUNT, accessToken=made["accessToken"]
        )
        with self.refused("InvalidGrantException"):
            oidc.create_token(refreshToken="refresh-1", **wanted)
        with self.refused("InvalidClientException", 401):
            oidc.create_token(refreshToken=made["refreshToken"], **dict(wanted, clientSecret="x"))


class Endpoints(AwsTest):
    def fetch(self, path, method="GET", **headers):
        """(status, text)"""
        request = urllib.request.Request(
            self.aws.plain_url + path,
            method=method,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def token(self):
        status, token = self.fetch(
            "/latest/api/token", "PUT", X_aws_ec2_metadata_token_ttl_seconds="21600"
        )
        self.assertEqual(status, 200)
        return {"X_aws_ec2_metadata_token": token}

    def populate(self):
        vpc = network.make_vpc(self.region, "10.0.0.0/16")
        subnet = network.make_subnet(self.region, vpc, "10.0.1.0/24", "us-east-1a")
        instance = compute.make_instance(self.region, subnet, "c6in.large", [])
        compute.add_interface(self.region, instance, subnet, [])
        self.aws.imds.instance = instance
        self.aws.imds.interfaces = compute.interfaces_of(self.region, instance["InstanceId"])
        self.aws.imds.role = self.aws.world.add_role(
            self.aws.account, "appliance", trust=["ec2.amazonaws.com"]
        )

    def test_metadata_needs_a_token(self):
        path = "/latest/meta-data/placement/region"
        self.assertEqual(self.fetch(path)[0], 401)
        self.assertEqual(self.fetch(path, X_aws_ec2_metadata_token="x")[0], 401)
        self.assertEqual(self.fetch(path, **self.token()), (200, "us-east-1"))
        self.assertEqual(self.fetch("/latest/api/token", "PUT")[0], 400)
        self.assertEqual(self.fetch("/latest/api/token", "GET")[0], 403)
        self.aws.world.options.imds_v1 = True
        self.assertEqual(self.fetch(path)[0], 200)
        self.aws.world.options.imds_disabled = True
        self.assertEqual(
            self.fetch("/latest/api/token", "PUT", X_aws_ec2_metadata_token_ttl_seconds="60")[0],
            403,
        )

    def test_the_role_of_the_instance_works(self):
        token = self.token()
        self.assertEqual(
            self.fetch("/latest/meta-data/iam/security-credentials/", **token), (200, "appliance")
        )
        found = json.loads(
            self.fetch("/latest/meta-data/iam/security-credentials/appliance", **token)[1]
        )
        self.assertEqual(found["Code"], "Success")
        who = self.client(
            "sts", key=found["AccessKeyId"], secret=found["SecretAccessKey"], token=found["Token"]
        )
        self.assertRegex(who.get_caller_identity()["Arn"], "assumed-role/appliance/i-0")

    def test_interfaces_are_listed_by_address(self):
        token = self.token()
        base = "/latest/meta-data/network/interfaces/macs/"
        macs = self.fetch(base, **token)[1].split()
        self.assertEqual(
            [self.fetch(base + mac + "device-number", **token)[1] for mac in macs], ["0", "1"]
        )
        self.assertEqual(self.fetch("/latest/user-data", **token)[0], 404)

    def test_a_container_gets_credentials_for_its_token(self):
        self.aws.container.role = self.aws.imds.role
        self.assertEqual(self.fetch("/container/credentials")[0], 401)
        status, text = self.fetch("/container/credentials", Authorization="container-token-1")
        self.assertEqual(
            (
                status,
                set(json.loads(text)) >= {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"},
            ),
            (200, True),
        )


class Places(AwsTest):
    """Real names, led to the stand-in by a proxy."""

    def through_proxy(self, service, region, **more):
        import boto3  # pylint: disable=import-outside-toplevel
        import botocore.config  # pylint: disable=import-outside-toplevel

        config = botocore.config.Config(
            proxies={"https": self.aws.plain_url}, retries={"max_attempts": 0}, **more
        )
        return boto3.session.Session().client(
            service,
            region_name=region,
            verify=self.aws.ca_path,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            config=config,
        )

    def test_every_service_is_found_at_its_own_name(self):
        for service, operation in (
            ("ec2", "describe_vpcs"),
            ("elbv2", "describe_load_balancers"),
            ("ecs", "list_clusters"),
            ("iam", "list_instance_profiles"),
            ("autoscaling", "describe_policies"),
        ):
            getattr(self.through_proxy(service, "us-west-2"), operation)()
        self.through_proxy("pricing", "us-east-1").describe_services(FormatVersion="aws_v1")
        self.assertEqual(self.aws.journal.violations(), [])
        hosts = self.aws.servers[1].proxied
        self.assertEqual(
            hosts,
            [
                "ec2.us-west-2.amazonaws.com",
                "elasticloadbalancing.us-west-2.amazonaws.com",
                "ecs.us-west-2.amazonaws.com",
                "iam.amazonaws.com",
                "autoscaling.us-west-2.amazonaws.com",
                "api.pricing.us-east-1.amazonaws.com",
            ],
        )

    def test_a_name_of_another_service_or_region_is_refused(self):
        client = self.through_proxy("ec2", "us-west-2")

        def elsewhere(request, **_more):
            request.url = request.url.replace("us-west-2", "eu-central-1")

        client.meta.events.register("before-sign.ec2", elsewhere)
        with self.refused("UnknownEndpoint", 404):
            client.describe_vpcs()


class China(AwsTest):
    partition = "aws-cn"

    def test_its_names_and_arns_are_its_own(self):
        who = self.client("sts", "cn-north-1").get_caller_identity()
        self.assertEqual(who["Arn"], "arn:aws-cn:iam::111122223333:user/tester")
        regions = self.client("ec2", "cn-north-1").describe_regions()["Regions"]
        self.assertIn("ec2.cn-north-1.amazonaws.com.cn", [r["Endpoint"] for r in regions])
        with self.refused("SignatureDoesNotMatch"):
            self.client("sts", "us-east-1").get_caller_identity()


class Government(AwsTest):
    partition = "aws-us-gov"

    def test_it_has_no_price_list(self):
        with self.refused("InvalidSignatureException"):
            self.client("pricing", "us-gov-west-1").describe_services(FormatVersion="aws_v1")
        with self.refused("NoSuchEntity"):
            self.client("iam", "us-gov-west-1").get_role(RoleName="x")
