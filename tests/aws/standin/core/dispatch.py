"""From an HTTP request to an HTTP answer: who calls what, may they, and what happens then."""

import dataclasses
import http.client
import time
import traceback

from . import check, endpoints, errors, jsonwire, query, sigv4, xmlwire
from .call import Call, DryRun
from .errors import AwsError, WireError
from ..services import HANDLERS, authorization
from ..state.partitions import PARTITIONS, partition_of

DEFAULT_REGION = "us-east-1"
FORM = "application/x-www-form-urlencoded"
FOREIGN = {  # well-formed answers, but not to the call
    "portal": (
        "text/html",
        b"<html><head><title>Log in</title></head><body><p>Log in to go on.</p></body></html>",
    ),
    "other": (
        "text/xml",
        b"<DescribeAddressesResponse><requestId>1</requestId><DescribeAddressesResult/>"
        b"<addressesSet/></DescribeAddressesResponse>",
    ),
}


@dataclasses.dataclass
class Request:
    method: str
    target: str  # path and query as they came
    headers: http.client.HTTPMessage
    body: bytes
    host: str = ""

    @property
    def url(self):
        return "https://%s%s" % (self.host, self.target)


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: bytes
    fate: str = ""  # what happens to the connection: reset, stall, truncate


@dataclasses.dataclass
class Visit:
    """What is known so far about a request while it is being answered."""

    request: Request
    request_id: str
    scope: sigv4.Scope = None
    service: object = None
    operation: object = None
    action: str = "?"
    region: str = DEFAULT_REGION
    form: dict = None
    path_values: dict = None
    parameters: dict = None
    principal: object = None
    violation: str = ""
    code: str = ""
    faults: list = dataclasses.field(default_factory=list)


class Dispatcher:
    def __init__(self, world, models, faults, journal):
        self.world = world
        self.models = models
        self.faults = faults
        self.journal = journal

    def answer(self, request):
        visit = Visit(request, self.world.ids.uuid())
        started = time.monotonic()
        try:
            answer = self.serve(visit)
        except AwsError as error:
            if visit.operation is None:
                visit.violation = visit.violation or str(error)
            answer = self.error_answer(visit, error)
        except (WireError, sigv4.SignatureError) as error:
            visit.violation = str(error)
            answer = self.error_answer(visit, self.as_aws_error(visit, error))
        except Exception as error:  # pylint: disable=broad-except
            visit.violation = "the stand-in failed: " + traceback.format_exc()
            answer = self.error_answer(
                visit, errors.refusal(visit.service, "internal", "stand-in: %r" % error)
            )
        answer.headers["x-amzn-RequestId"] = visit.request_id
        for fault in visit.faults:
            if fault.when == "after":
                answer = self.damage(fault, answer)
        self.journal.add(
            service=visit.service.name if visit.service else "?",
            action=visit.action,
            region=visit.region,
            parameters=visit.parameters,
            status=answer.status,
            code=visit.code,
            request_id=visit.request_id,
            key=visit.scope.access_key if visit.scope else None,
            violation=visit.violation,
            faults=[f.kind for f in visit.faults],
            user_agent=request.headers.get("User-Agent", ""),
            host=request.host,
            seconds=round(time.monotonic() - started, 6),
        )
        return answer

    def serve(self, visit):
        visit.scope = sigv4.parse_scope(visit.request.headers)
        if visit.scope:
            visit.region = visit.scope.region
        self.route(visit)
        endpoints.check_host(visit.service, visit.scope, visit.request.host)
        self.identify(visit)
        visit.faults = self.faults.take(visit.service.name, visit.action, visit.region)
        for fault in visit.faults:
            if fault.when == "before":
                answer = self.strike(visit, fault)
                if answer:
                    return answer
        visit.parameters = self.read(visit)
        with self.world.lock:
            return self.perform(visit)

    # --- which call is it

    def route(self, visit):
        """Sets service, operation and action; refuses what no model has."""
        path, _, text = visit.request.target.partition("?")
        headers = visit.request.headers
        target = headers.get("X-Amz-Target")
        if target is not None:
            prefix, _, name = target.rpartition(".")
            visit.service = self.models.by_target_prefix(prefix)
            self.require(visit, name, path == "/" and visit.request.method == "POST" and not text)
            wanted = "application/x-amz-json-" + visit.service.json_version
            if headers.get("Content-Type") != wanted:
                raise errors.refusal(visit.service, "malformed", "Content-Type must be " + wanted)
            return
        kind = headers.get("Content-Type", "").split(";")[0]
        if path == "/" and visit.request.method == "GET" and text and not visit.request.body:
            self.route_form(visit, text)
            return
        if path == "/" and visit.request.method == "POST" and kind == FORM and not text:
            self.route_form(visit, visit.request.body)
            return
        found = jsonwire.find_rest_operation(
            self.models.rest_services(), visit.request.method, path
        )
        if not found:
            raise AwsError("UnknownOperationException", "There is no such call here", 404)
        visit.service, visit.operation, visit.path_values = found
        visit.action = visit.operation.name
        visit.form = query.parse_form(text)

    def route_form(self, visit, text):
        visit.service = (
            self.models.by_signing_name(visit.scope.service) if visit.scope else self.models["sts"]
        )
        if visit.service is None or visit.service.protocol not in ("query", "ec2"):
            raise AwsError("InvalidAction", "No such service takes form parameters")
        form = query.parse_form(text)
        name, version = form.pop("Action", ""), form.pop("Version", "")
        visit.action = name or "?"
        signing_name = visit.scope.service if visit.scope else None
        visit.service = self.models.by_query(name, version, signing_name) or visit.service
        if visit.service.api_version != version:
            raise errors.refusal(
                visit.service, "unknown_action", "There is no version '%s' of this API" % version
            )
        self.require(visit, name, True)
        visit.form = form

    def require(self, visit, name, is_well_formed):
        if visit.service is None:
            raise AwsError("UnknownOperationException", "There is no such service here", 404)
        visit.action = name or "?"
        if name not in visit.service.operation_names or not is_well_formed:
            visit.violation = "there is no call '%s'" % name
            raise errors.refusal(
                visit.service,
                "unknown_action",
                "The action %s is not valid for this web service." % name,
            )
        visit.operation = visit.service.operation(name)

    # --- who calls

    def identify(self, visit):
        scope, request, service = visit.scope, visit.request, visit.service
        if visit.operation.is_unsigned:
            if scope:
                raise sigv4.SignatureError("incomplete_signature", "This call must not be signed")
            return
        if scope is None:
            raise sigv4.SignatureError(
                "no_authentication", "Request is missing Authentication Token"
            )
        if scope.service != service.signing_name:
            raise sigv4.SignatureError(
                "bad_signature",
                "Credential should be scoped to correct service: '%s'." % service.signing_name,
            )
        key = self.world.keys.get(scope.access_key)
        if key is None or (request.headers.get("X-Amz-Security-Token") or None) != key.token:
            raise errors.refusal(
                service,
                "unknown_key",
                (
                    "AWS was not able to validate the provided access credentials"
                    if service.protocol == "ec2"
                    else "The security token included in the request is invalid."
                ),
            )
        self.check_region(visit, key.principal.account)
        sigv4.verify(
            request, scope, key.secret, self.world.now(), visit.operation.may_leave_body_unsigned
        )
        if key.expires and key.expires <= self.world.now():
            raise self.expired(service)
        visit.principal = key.principal

    def check_region(self, visit, account):
        region, service = visit.scope.region, visit.service
        partition = partition_of(region)
        is_right = partition == account.partition
        if is_right and service.name == "iam":
            is_right = region == PARTITIONS[partition]["iam_region"]
        if is_right and service.name == "pricing":
            is_right = region in PARTITIONS[partition]["pricing"]
        if not is_right:
            raise sigv4.SignatureError(
                "bad_signature", "Credential should be scoped to a valid region."
            )
        if region in account.opted_out:
            raise errors.refusal(
                service, "unknown_key", "The account is not opted in to region '%s'" % region
            )

    @staticmethod
    def expired(service):
        text = (
            "Request has expired."
            if service.protocol == "ec2"
            else ("The security token included in the request is expired")
        )
        return errors.refusal(service, "expired_token", text)

    # --- faults

    def strike(self, visit, fault):
        service = visit.service
        if fault.kind == "error":
            raise AwsError(fault.code, fault.message, fault.status)
        if fault.kind == "throttle":
            raise errors.refusal(service, "throttled", "Rate exceeded")
        if fault.kind == "expired":
            raise self.expired(service)
        if fault.kind == "deny":
            raise authorization.denied(service, visit.principal, visit.action, "*")
        if fault.kind == "http":
            visit.code = "http"
            return Answer(
                fault.status,
                {"Content-Type": "text/html"},
                b"<html><body>Service Unavailable</body></html>",
            )
        if fault.kind in ("reset", "stall"):
            visit.code = fault.kind
            return Answer(0, {}, b"", fault.kind)
        self.wait(fault)
        return None

    def wait(self, fault):
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        elif fault.kind == "hold":
            self.faults.held.hold()

    def damage(self, fault, answer):
        self.wait(fault)
        if fault.kind in ("reset", "stall", "truncate"):
            answer.fate = fault.kind
        elif fault.kind == "empty":
            answer.status, answer.body = 200, b""
        elif fault.kind == "garbage":
            answer.status, answer.body = 200, b'\x00\xff<a><b></a>{"unfinished'
        elif fault.kind in FOREIGN:
            answer.status, answer.headers["Content-Type"] = 200, FOREIGN[fault.kind][0]
            answer.body = FOREIGN[fault.kind][1]
        return answer

    # --- the call itself

    def read(self, visit):
        """Parameters that fit the model."""
        operation, protocol = visit.operation, visit.service.protocol
        if protocol in ("query", "ec2"):
            value = query.read_request(operation, visit.form)
        elif protocol == "json":
            value = jsonwire.read_request(operation, visit.request.body)
        else:
            value = jsonwire.read_rest_request(
                operation, visit.path_values, visit.form, visit.request.headers, visit.request.body
            )
        if operation.input is not None:
            check.check(operation.input, value)
        return value

    def perform(self, visit):
        operation, service = visit.operation, visit.service
        account = visit.principal.account if visit.principal else None
        region = account.region(visit.region) if account else None
        call = Call(self.world, operation, visit.principal, region, visit.parameters)
        handler = HANDLERS.find(service.name, operation.python_name)
        if handler is None:
            visit.violation = "the stand-in does not have this call"
            raise errors.refusal(
                service, "unknown_action", "The stand-in does not have %s" % operation.name
            )
        authorization.check(call)
        try:
            if visit.parameters.get("DryRun") and operation.name.startswith(("Describe", "Get")):
                raise DryRun
            value = handler(call) or {}
        except DryRun:
            raise AwsError(
                "DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412
            ) from None
        except AwsError as error:
            self.require_modelled(operation, error)
            raise
        if visit.parameters.get("DryRun"):
            raise AssertionError("%s did not commit" % operation.name)
        return self.write(visit, value)

    @staticmethod
    def require_modelled(operation, error):
        """Services other than EC2 list their errors: the stand-in must not make up others."""
        service = operation.service
        common = {code for code, _ in errors.REFUSALS[service.protocol].values()}
        common |= {
            code for (name, _), (code, _) in errors.SERVICE_REFUSALS.items() if name == service.name
        }
        if service.name == "sso":
            common.add("ForbiddenException")  # what the portal answers, although no model lists it
        if service.protocol != "ec2" and error.code not in operation.error_codes | common:
            raise AssertionError("%s has no error %s" % (operation.name, error.code))

    def write(self, visit, value):
        operation = visit.operation
        try:
            if operation.output is not None:
                check.check(operation.output, value)
        except WireError as error:
            raise AssertionError(
                "the answer of %s does not fit the model: %s" % (operation.name, error)
            ) from None
        protocol = visit.service.protocol
        if protocol == "rest-json":
            status, kind, headers, body = jsonwire.write_rest_answer(operation, value)
            return Answer(status, dict(headers, **{"Content-Type": kind}), body)
        if protocol == "json":
            kind, body = jsonwire.write_answer(operation, value)
        else:
            kind, body = xmlwire.write_answer(operation, value, visit.request_id)
        return Answer(200, {"Content-Type": kind}, body)

    @staticmethod
    def as_aws_error(visit, error):
        if isinstance(error, WireError):
            service = visit.service
            return (
                errors.from_wire_error(service, error)
                if service
                else AwsError("MalformedInput", str(error))
            )
        text = error.message
        if visit.service and visit.service.protocol == "ec2" and error.kind == "bad_signature":
            text = "AWS was not able to validate the provided access credentials"
        return errors.refusal(visit.service, error.kind, text)

    @staticmethod
    def error_answer(visit, error):
        visit.code = error.code
        status = errors.status_of(visit.service, error)
        kind, headers, body = errors.body_of(visit.service, error, status, visit.request_id)
        return Answer(status, dict(headers, **{"Content-Type": kind}), body)
