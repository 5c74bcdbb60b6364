"""What goes wrong, and how each protocol says it."""

import json
from xml.sax.saxutils import escape


class AwsError(Exception):
    """An answer that AWS would give. `status` 0: what the model says, or 400."""

    def __init__(self, code, message="", status=0):
        super().__init__("%s: %s" % (code, message))
        self.code = code
        self.message = message
        self.status = status


class WireError(Exception):
    """A request that does not fit the model. `kind` is a key of REFUSALS."""

    def __init__(self, kind, path, detail=""):
        super().__init__("%s at '%s'%s" % (kind, path, ": " + detail if detail else ""))
        self.kind = kind
        self.path = path
        self.detail = detail


# Refusals that every service has, by protocol: (code, HTTP status).
_JSON = {
    "no_authentication": ("MissingAuthenticationTokenException", 400),
    "incomplete_signature": ("IncompleteSignatureException", 400),
    "bad_signature": ("InvalidSignatureException", 400),
    "skewed": ("InvalidSignatureException", 400),
    "unknown_key": ("UnrecognizedClientException", 400),
    "expired_token": ("ExpiredTokenException", 400),
    "denied": ("AccessDeniedException", 400),
    "throttled": ("ThrottlingException", 400),
    "unknown_action": ("UnknownOperationException", 400),
    "missing": ("ValidationException", 400),
    "unknown": ("ValidationException", 400),
    "invalid": ("ValidationException", 400),
    "malformed": ("SerializationException", 400),
    "internal": ("InternalServerException", 500),
}
REFUSALS = {
    "ec2": {
        "no_authentication": ("MissingAuthenticationToken", 403),
        "incomplete_signature": ("IncompleteSignature", 400),
        "bad_signature": ("AuthFailure", 401),
        "skewed": ("RequestExpired", 400),
        "unknown_key": ("AuthFailure", 401),
        "expired_token": ("RequestExpired", 400),
        "denied": ("UnauthorizedOperation", 403),
        "throttled": ("RequestLimitExceeded", 503),
        "unknown_action": ("InvalidAction", 400),
        "missing": ("MissingParameter", 400),
        "unknown": ("UnknownParameter", 400),
        "invalid": ("InvalidParameterValue", 400),
        "malformed": ("InvalidParameterValue", 400),
        "internal": ("InternalError", 500),
    },
    "query": {
        "no_authentication": ("MissingAuthenticationToken", 403),
        "incomplete_signature": ("IncompleteSignature", 400),
        "bad_signature": ("SignatureDoesNotMatch", 403),
        "skewed": ("SignatureDoesNotMatch", 403),
        "unknown_key": ("InvalidClientTokenId", 403),
        "expired_token": ("ExpiredToken", 403),
        "denied": ("AccessDenied", 403),
        "throttled": ("Throttling", 400),
        "unknown_action": ("InvalidAction", 400),
        "missing": ("ValidationError", 400),
        "unknown": ("ValidationError", 400),
        "invalid": ("ValidationError", 400),
        "malformed": ("MalformedInput", 400),
        "internal": ("InternalFailure", 500),
    },
    "json": _JSON,
    "rest-json": _JSON,
}
# ECS names its validation errors differently from the other JSON services.
SERVICE_REFUSALS = {
    ("ecs", "missing"): ("InvalidParameterException", 400),
    ("ecs", "invalid"): ("InvalidParameterException", 400),
    ("ecs", "unknown"): ("InvalidParameterException", 400),
}


def refusal(service, kind, message, status=0):
    """The AwsError with which `service` refuses for a common reason."""
    protocol = service.protocol if service else "query"
    name = service.name if service else ""
    code, usual = SERVICE_REFUSALS.get((name, kind)) or REFUSALS[protocol][kind]
    return AwsError(code, message, status or usual)


def from_wire_error(service, error):
    if service.protocol == "ec2":
        text = {
            "missing": "The request must contain the parameter %s" % error.path,
            "unknown": "The parameter %s is not recognized" % error.path,
        }.get(error.kind) or "Invalid value for parameter %s. %s" % (error.path, error.detail)
        return refusal(service, error.kind, text)
    text = {
        "missing": (
            "Value at '%s' failed to satisfy constraint: Member must not be null" % error.path
        ),
        "unknown": "Unexpected parameter: '%s'" % error.path,
    }.get(error.kind) or "Value at '%s' failed to satisfy constraint: %s" % (
        error.path,
        error.detail,
    )
    return refusal(service, error.kind, "1 validation error detected: " + text)


def status_of(service, error):
    if error.status:
        return error.status
    shape = service.error_shapes.get(error.code) if service else None
    modelled = shape.metadata.get("error", {}).get("httpStatusCode") if shape else None
    return modelled or 400


def body_of(service, error, status, request_id):
    """(content type, headers, body) of an error answer."""
    protocol = service.protocol if service else "query"
    code, message = escape(error.code), escape(error.message)
    if protocol == "ec2":
        text = (
            '<?xml version="1.0"'
            ' encoding="UTF-8"?>\n<Response><Errors><Error><Code>%s</Code><Message>%s</Message>'
            "</Error></Errors><RequestID>%s</RequestID></Response>" % (code, message, request_id)
        )
        return "text/xml;charset=UTF-8", {}, text.encode()
    if protocol == "query":
        text = (
            "<ErrorResponse"
            ' xmlns="%s"><Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error>'
            "<RequestId>%s</RequestId></ErrorResponse>"
            % (
                service.namespace if service else "",
                "Sender" if status < 500 else "Receiver",
                code,
                message,
                request_id,
            )
        )
        return "text/xml", {}, text.encode()
    shape = service.error_shapes.get(error.code)
    key = "Message" if shape is not None and "Message" in shape.members else "message"
    if protocol == "json":
        document = {
            "__type": "com.amazonaws.%s#%s" % (service.endpoint_prefix, error.code),
            key: error.message,
        }
        return "application/x-amz-json-" + service.json_version, {}, json.dumps(document).encode()
    headers = {"x-amzn-ErrorType": error.code + ":http://internal.amazon.com/coral/"}
    return "application/json", headers, json.dumps({key: error.message}).encode()
