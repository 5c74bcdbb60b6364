"""What a machine in AWS finds at link-local addresses: IMDSv2, a container's credentials."""

import json

INSTANCE_PREFIX, CONTAINER_PREFIX = "/latest/", "/container/"
PLAIN = {"Content-Type": "text/plain"}
FOLDERS = {
    "meta-data": "ami-id\niam/\ninstance-id\ninstance-type\nlocal-ipv4\nmac\nnetwork/\nplacement/",
    "meta-data/placement": "availability-zone\nregion",
}


def to_text(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def credentials_document(key, world):
    return {
        "Code": "Success",
        "LastUpdated": to_text(world.now()),
        "Type": "AWS-HMAC",
        "AccessKeyId": key.id,
        "SecretAccessKey": key.secret,
        "Token": key.token,
        "Expiration": to_text(key.expires),
    }


class InstanceMetadata:
    """IMDSv2 of one instance, whose role, instance and user data a test sets."""

    def __init__(self, world, region):
        self.world = world
        self.region = region
        self.tokens = {}
        self.role = None
        self.instance = None
        self.interfaces = []
        self.user_data = None
        self.seconds = 6 * 3600
        self.key = None

    def __call__(self, request):
        """(status, headers, body)"""
        if self.world.options.imds_disabled:
            return 403, PLAIN, b"Forbidden"
        path = request.target.partition("?")[0]
        if path == "/latest/api/token":
            return self.make_token(request)
        if request.method != "GET":
            return 405, PLAIN, b"Method Not Allowed"
        token = request.headers.get("X-aws-ec2-metadata-token")
        if (
            token is None
            and not self.world.options.imds_v1
            or token is not None
            and not self.is_valid(token)
        ):
            return 401, PLAIN, b"Unauthorized"
        text = self.find(path[len(INSTANCE_PREFIX) :].strip("/"))
        return (200, PLAIN, text.encode()) if text is not None else (404, PLAIN, b"Not Found")

    def make_token(self, request):
        seconds = request.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if request.method != "PUT" or "X-Forwarded-For" in request.headers:
            return 403, PLAIN, b"Forbidden"
        if not seconds.isdigit() or not 1 <= int(seconds) <= 21600:
            return 400, PLAIN, b"Bad Request"
        token = self.world.ids.letters(56)
        self.tokens[token] = self.world.now().timestamp() + int(seconds)
        return 200, {**PLAIN, "X-aws-ec2-metadata-token-ttl-seconds": seconds}, token.encode()

    def is_valid(self, token):
        return self.tokens.get(token, 0) > self.world.now().timestamp()

    def credentials(self):
        if self.key is None or self.key.expires <= self.world.now():
            name = self.instance["InstanceId"] if self.instance else "i-0123456789abcdef0"
            self.key = self.world.issue_session(self.role, name, self.seconds)
        return json.dumps(credentials_document(self.key, self.world))

    def find(self, path):
        """The text at a path below /latest, or None."""
        if path in FOLDERS:
            return FOLDERS[path]
        if path == "user-data":
            return self.user_data
        if path == "dynamic/instance-identity/document":
            return json.dumps(
                {
                    "region": self.region.name,
                    "accountId": self.region.account.id,
                    "instanceId": (
                        self.instance["InstanceId"] if self.instance else "i-0123456789abcdef0"
                    ),
                }
            )
        if self.role is not None:
            if path == "meta-data/iam/security-credentials":
                return self.role["RoleName"]
            if path == "meta-data/iam/security-credentials/" + self.role["RoleName"]:
                return self.credentials()
        return self.facts().get(path)

    def facts(self):
        instance = self.instance or {}
        zone = instance.get("Placement", {}).get("AvailabilityZone", self.region.zones[0])
        facts = {
            "meta-data/placement/region": self.region.name,
            "meta-data/placement/availability-zone": zone,
        }
        for path, name in (
            ("instance-id", "InstanceId"),
            ("ami-id", "ImageId"),
            ("instance-type", "InstanceType"),
            ("local-ipv4", "PrivateIpAddress"),
        ):
            if name in instance:
                facts["meta-data/" + path] = instance[name]
        base = "meta-data/network/interfaces/macs"
        if self.interfaces:
            facts["meta-data/mac"] = self.interfaces[0]["MacAddress"]
            facts[base] = "\n".join(i["MacAddress"] + "/" for i in self.interfaces)
        for interface in self.interfaces:
            facts.update(
                {
                    "%s/%s/%s" % (base, interface["MacAddress"], name): str(value)
                    for name, value in (
                        ("device-number", interface["Attachment"]["DeviceIndex"]),
                        ("interface-id", interface["NetworkInterfaceId"]),
                        ("local-ipv4s", interface.get("PrivateIpAddress", "")),
                        ("subnet-id", interface["SubnetId"]),
                        ("vpc-id", interface["VpcId"]),
                        ("mac", interface["MacAddress"]),
                    )
                }
            )
        return facts


class ContainerCredentials:
    """The credentials endpoint of ECS and EKS: AWS_CONTAINER_CREDENTIALS_FULL_URI."""

    def __init__(self, world):
        self.world = world
        self.role = None
        self.token = "container-token-1"
        self.seconds = 6 * 3600

    def __call__(self, request):
        if self.role is None:
            return 404, PLAIN, b"no role"
        if request.method != "GET" or request.target != CONTAINER_PREFIX + "credentials":
            return 400, PLAIN, b"bad request"
        if request.headers.get("Authorization") != self.token:
            return 401, PLAIN, b"bad token"
        key = self.world.issue_session(self.role, "task", self.seconds)
        document = credentials_document(key, self.world)
        document["RoleArn"] = self.role["Arn"]
        return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()
