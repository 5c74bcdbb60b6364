"""Whether the caller may: the caller's policies against the resources that the call touches."""

import base64
import json

from . import resources
from ..core.errors import refusal
from ..state import policy


def denied(service, principal, action, resource, verdict=policy.IMPLICIT_DENY):
    """The error of a call that no policy allows. EC2 adds a message that STS can decode."""
    full = (
        action
        if ":" in action
        else "%s:%s" % (resources.PREFIXES.get(service.name, service.name), action)
    )
    reason = (
        "with an explicit deny in an identity-based policy"
        if verdict == policy.EXPLICIT_DENY
        else "because no identity-based policy allows the %s action" % full
    )
    arn = principal.arn if principal else "anonymous"
    text = "User: %s is not authorized to perform: %s on resource: %s %s" % (
        arn,
        full,
        resource,
        reason,
    )
    if service.protocol == "ec2":
        text = "You are not authorized to perform this operation. " + text
        text += ". Encoded authorization failure message: " + encode(full, resource, verdict, arn)
    return refusal(service, "denied", text)


def encode(action, resource, verdict, arn):
    document = {
        "allowed": False,
        "explicitDeny": verdict == policy.EXPLICIT_DENY,
        "matchedStatements": {"items": []},
        "context": {"principal": {"arn": arn}, "action": action, "resource": resource},
    }
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()


def check(call):
    """Raises when a policy does not allow the call on one of the resources that it touches."""
    if call.principal is None or call.operation.name == "GetCallerIdentity":
        return
    for action, arn, context in resources.touched(call):
        verdict = policy.evaluate(call.principal.policies, action, arn, context)
        if verdict != policy.ALLOWED:
            raise denied(call.service, call.principal, action, arn, verdict)
