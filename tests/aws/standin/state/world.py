"""Everything that exists: accounts, who may enter, and the regions with what is in them."""

import dataclasses
import datetime
import random
import threading

from . import policy
from .partitions import PARTITIONS, partition_of

UTC = datetime.timezone.utc


@dataclasses.dataclass
class Options:
    """What tests change about the stand-in; all of it can be set through the control endpoint."""

    page_size: int = 5  # no answer lists more, whatever was asked for
    empty_pages: bool = True  # filtered lists begin with an empty page, as AWS's may
    hidden_reads: int = 0  # this many reads after a create do not see the new resource
    settle_reads: int = 2  # this many reads until a state such as `provisioning` or `pending` ends
    clock_offset_s: int = 0  # the stand-in's clock is wrong by this much
    imds_v1: bool = False
    imds_disabled: bool = False
    sessions_per_account: int = 10000
    sources_per_target: int = 10  # of a network interface target
    rules_per_direction: int = 10


class Ids:
    """Identifiers that look like AWS's and are the same in every run."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def hex(self, digits):
        return "%0*x" % (digits, self.random.getrandbits(4 * digits))

    def make(self, prefix):
        return "%s-0%s" % (prefix, self.hex(16))

    def uuid(self):
        text = self.hex(32)
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def letters(self, length, alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
        return "".join(self.random.choice(alphabet) for _ in range(length))


@dataclasses.dataclass
class Principal:
    account: "Account"
    arn: str
    user_id: str
    role: dict = None  # the role of an assumed-role session
    policies: list = dataclasses.field(default_factory=lambda: [policy.ADMINISTRATOR])


@dataclasses.dataclass
class AccessKey:
    id: str
    secret: str
    principal: Principal
    token: str = None
    expires: datetime.datetime = None


class Store(dict):
    """Resources of one kind by identifier, in the order in which they were made."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind


class Region:
    """One account's resources in one region. Kinds come into being when first named."""

    def __init__(self, account, name):
        self.account = account
        self.name = name
        self.stores = {}
        self.client_tokens = {}
        self.zones = [name + letter for letter in "abc"]

    def store(self, kind):
        if kind not in self.stores:
            self.stores[kind] = Store(kind)
        return self.stores[kind]

    def arn(self, service, rest):
        return "arn:%s:%s:%s:%s:%s" % (
            self.account.partition,
            service,
            self.name,
            self.account.id,
            rest,
        )


class Account:
    def __init__(self, world, account_id, partition):
        self.world = world
        self.id = account_id
        self.partition = partition
        self.regions = {}
        self.opted_out = set(PARTITIONS[partition]["opt_in"])
        self.roles = {}
        self.users = {}
        self.instance_profiles = {}
        self.service_linked_roles = {
            "elasticloadbalancing.amazonaws.com",
            "autoscaling.amazonaws.com",
        }

    def region(self, name):
        if name not in self.regions:
            self.regions[name] = Region(self, name)
        return self.regions[name]

    def iam_arn(self, rest):
        return "arn:%s:iam::%s:%s" % (self.partition, self.id, rest)


class World:
    def __init__(self, options=None, seed=1):
        self.options = options or Options()
        self.ids = Ids(seed)
        self.accounts = {}
        self.keys = {}
        self.oidc_clients = {}
        self.web_tokens = {}
        self.sso_tokens = {}
        self.lock = threading.RLock()

    def now(self):
        return datetime.datetime.now(UTC) + datetime.timedelta(seconds=self.options.clock_offset_s)

    def add_account(self, account_id, partition="aws"):
        account = self.accounts[account_id] = Account(self, account_id, partition)
        return account

    def add_user(self, account, name, key_id, secret, policies=None):
        """A user with a lasting access key."""
        user = {
            "UserName": name,
            "UserId": "AIDA" + self.ids.letters(17),
            "Path": "/",
            "Arn": account.iam_arn("user/" + name),
            "CreateDate": self.now(),
        }
        account.users[name] = user
        principal = Principal(account, user["Arn"], user["UserId"])
        if policies is not None:
            principal.policies = policies
        user["_principal"] = principal
        self.keys[key_id] = AccessKey(key_id, secret, principal)
        return principal

    def add_role(self, account, name, path="/", trust=None, policies=None):
        """`trust`: account ids, service names or provider ARNs that may assume it."""
        role = {
            "RoleName": name,
            "RoleId": "AROA" + self.ids.letters(17),
            "Path": path,
            "Arn": account.iam_arn("role" + path + name),
            "CreateDate": self.now(),
            "AssumeRolePolicyDocument": "%7B%7D",
            "MaxSessionDuration": 3600,
            "_trust": trust if trust is not None else [account.id],
            "_policies": policies if policies is not None else [policy.ADMINISTRATOR],
        }
        account.roles[name] = role
        return role

    def issue_session(self, role, session_name, seconds):
        """Temporary credentials of a role."""
        account = self.accounts[role["Arn"].split(":")[4]]
        arn = "arn:%s:sts::%s:assumed-role/%s/%s" % (
            account.partition,
            account.id,
            role["RoleName"],
            session_name,
        )
        principal = Principal(
            account, arn, "%s:%s" % (role["RoleId"], session_name), role, role["_policies"]
        )
        key = AccessKey(
            "ASIA" + self.ids.letters(16),
            self.ids.hex(40),
            principal,
            "IQoJ" + self.ids.letters(120),
            self.now() + datetime.timedelta(seconds=seconds),
        )
        self.keys[key.id] = key
        return key

    def role_by_arn(self, arn):
        return next(
            (r for a in self.accounts.values() for r in a.roles.values() if r["Arn"] == arn), None
        )

    @staticmethod
    def partition_of(region):
        return partition_of(region)
