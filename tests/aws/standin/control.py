"""The control endpoint: orders faults, reads the journal and changes the world, in any language.

All under /_standin on the plain port; bodies and answers are JSON.

GET calls?service=&action=&region=  the calls so far; DELETE calls forgets them
GET counts      service:Action -> how many
GET violations  calls that no correct client makes
GET proxied     host names that were asked for through the proxy
GET options     PUT options {name: value}: see state/world.py
POST faults     {kind, action, ...}: see core/faults.py; GET faults, DELETE faults
GET held?seconds=  waits until a call is held; POST release lets it go
GET state?region=&kind=  resources as they are
GET digest?region=       the state with identifiers replaced by what they stand for
POST change     {region, kind, id, set: {...}}: changes a resource behind the API's back
POST remove     {region, kind, id}
POST act        {event, ...}: see events.py (a service scales, a target turns unhealthy, ...)
PUT policies    {key, documents}: what the owner of an access key may do
POST user       {name, key, secret, documents, account}: another user
POST expire     {key}: this access key's session has ended
POST role       {name, path, trust, documents, external_id}; trust: account ids or ARNs
POST metadata   {role, instance, user_data, seconds}: what IMDS serves, and whose credentials
POST container  {role, token, seconds}: what /container/credentials serves
POST web-token  {token, provider, subject, seconds}: for AssumeRoleWithWebIdentity
POST sign-on    {user, roles: [[account, role]], seconds, refresh, client: [id, secret]}: an SSO
                session; answers with its access token
"""

import datetime
import json
import urllib.parse

from . import digest, events
from .services import sso_oidc
from .state import compute
from .state.world import Options


def plain(value):
    """JSON out of resources: private members go, times become text."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if not str(k).startswith("_")}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


class Control:
    def __init__(self, standin):
        self.standin = standin
        self.world = standin.world

    def __call__(self, request):
        """(status, headers, body) for a Request under /_standin."""
        path, _, text = request.target.partition("?")
        query = dict(urllib.parse.parse_qsl(text))
        action = getattr(
            self,
            "%s_%s" % (request.method.lower(), path.rpartition("/")[2].replace("-", "_")),
            None,
        )
        if action is None:
            return 404, {"Content-Type": "text/plain"}, b"there is no such control"
        try:
            body = json.loads(request.body) if request.body else {}
            answer = action(query, body)
        except (KeyError, TypeError, ValueError, StopIteration) as error:
            return 400, {"Content-Type": "text/plain"}, repr(error).encode()
        return 200, {"Content-Type": "application/json"}, json.dumps(plain(answer)).encode()

    def get_calls(self, query, _body):
        return self.standin.journal.find(
            query.get("service", "*"), query.get("action", "*"), query.get("region", "*")
        )

    def delete_calls(self, _query, _body):
        self.standin.journal.clear()

    def get_counts(self, _query, _body):
        return self.standin.journal.counts()

    def get_violations(self, _query, _body):
        return self.standin.journal.violations()

    def get_proxied(self, _query, _body):
        return self.standin.servers[1].proxied

    def get_options(self, _query, _body):
        return vars(self.world.options)

    def put_options(self, _query, body):
        for name, value in body.items():
            if not hasattr(Options, name) or not isinstance(value, type(getattr(Options, name))):
                raise ValueError("option '%s' cannot be %r" % (name, value))
        for name, value in body.items():
            setattr(self.world.options, name, value)
        return vars(self.world.options)

    def post_faults(self, _query, body):
        return vars(self.standin.faults.add(**body))

    def get_faults(self, _query, _body):
        return [vars(fault) for fault in self.standin.faults.faults]

    def delete_faults(self, _query, _body):
        self.standin.faults.clear()

    def get_held(self, query, _body):
        return {"held": self.standin.faults.held.wait(float(query.get("seconds", 30)))}

    def post_release(self, _query, _body):
        self.standin.faults.held.release()

    def region(self, query):
        account = self.world.accounts[query.get("account", self.standin.account.id)]
        return account.region(query.get("region", "us-east-1"))

    def get_state(self, query, _body):
        stores = self.region(query).stores
        with self.world.lock:
            return {
                kind: list(store.values())
                for kind, store in stores.items()
                if not kind.startswith("_") and kind == query.get("kind", kind)
            }

    def get_digest(self, query, _body):
        with self.world.lock:
            return digest.of_region(self.region(query))

    def post_change(self, _query, body):
        with self.world.lock:
            item = self.region(body).store(body["kind"])[body["id"]]
            item.update(body["set"])
            return item

    def post_remove(self, _query, body):
        with self.world.lock:
            del self.region(body).store(body["kind"])[body["id"]]

    def post_act(self, _query, body):
        with self.world.lock:
            return events.EVENTS[body["event"]](
                self.region(body),
                **{k: v for k, v in body.items() if k not in ("event", "region", "account")}
            )

    def put_policies(self, _query, body):
        principal = self.world.keys[body["key"]].principal
        principal.policies[:] = body["documents"]
        if principal.role:
            principal.role["_policies"][:] = body["documents"]

    def post_user(self, _query, body):
        account = self.world.accounts[body.get("account", self.standin.account.id)]
        return {
            "arn": self.world.add_user(
                account, body["name"], body["key"], body["secret"], body.get("documents")
            ).arn
        }

    def post_expire(self, _query, body):
        self.world.keys[body["key"]].expires = self.world.now() - datetime.timedelta(seconds=1)

    def post_role(self, _query, body):
        account = self.world.accounts[body.get("account", self.standin.account.id)]
        role = self.world.add_role(
            account, body["name"], body.get("path", "/"), body.get("trust"), body.get("documents")
        )
        role["_external_id"] = body.get("external_id")
        return role

    def post_metadata(self, query, body):
        imds, region = self.standin.imds, self.region(query)
        imds.region = region
        if "role" in body:
            imds.role, imds.key = self.standin.account.roles[body["role"]], None
        if "instance" in body:
            imds.instance = region.store("instance")[body["instance"]]
            imds.interfaces = compute.interfaces_of(region, body["instance"])
        imds.user_data = body.get("user_data", imds.user_data)
        imds.seconds = body.get("seconds", imds.seconds)

    def post_container(self, _query, body):
        container = self.standin.container
        container.role = self.standin.account.roles[body["role"]]
        container.token = body.get("token", container.token)
        container.seconds = body.get("seconds", container.seconds)

    def post_web_token(self, _query, body):
        self.world.web_tokens[body["token"]] = {
            "provider": body["provider"],
            "subject": body.get("subject", "subject"),
            "expires": self.world.now() + datetime.timedelta(seconds=body.get("seconds", 3600)),
        }

    def post_sign_on(self, _query, body):
        if body.get("client"):
            self.world.oidc_clients[body["client"][0]] = {"secret": body["client"][1]}
        return {
            "accessToken": sso_oidc.add_session(
                self.world,
                body["user"],
                body["roles"],
                body.get("seconds", 28800),
                body.get("refresh"),
            )
        }
