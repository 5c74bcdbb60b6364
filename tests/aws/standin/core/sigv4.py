"""Verifies a request's Signature Version 4 with botocore's own signer."""

import datetime
import hashlib
import hmac
import re

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
MAXIMUM_SKEW_S = 300
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<credential>[^,\s]+),\s*SignedHeaders=(?P<headers>[^,\s]+),\s*"
    r"Signature=(?P<signature>[0-9a-f]{64})\Z"
)
SCOPE = re.compile(
    r"(?P<key>[A-Z0-9]{16,128})/(?P<date>\d{8})/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)"
    r"/aws4_request\Z"
)
UNSIGNED = "UNSIGNED-PAYLOAD"


class SignatureError(Exception):
    """`kind` is a key of errors.REFUSALS."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind
        self.message = message


class Scope:
    def __init__(self, match, headers, signature):
        self.access_key = match["key"]
        self.date = match["date"]
        self.region = match["region"]
        self.service = match["service"]
        self.signed_headers = headers
        self.signature = signature


class ExactSigner(SigV4Auth):
    """botocore's signer over exactly the headers that the client says it signed."""

    def headers_to_sign(self, request):
        headers = HTTPHeaders()
        for name, value in request.headers.items():
            headers.add_header(name.lower(), value)
        return headers


def parse_scope(headers):
    """The Scope of the Authorization header; None without one."""
    text = headers.get("Authorization")
    if text is None:
        return None
    match = AUTHORIZATION.match(text)
    if not match:
        raise SignatureError(
            "incomplete_signature",
            "Authorization header is not a complete %s signature" % ALGORITHM,
        )
    scope = SCOPE.match(match["credential"])
    if not scope:
        raise SignatureError(
            "incomplete_signature", "Credential should be scoped to a valid region and service"
        )
    return Scope(scope, match["headers"].split(";"), match["signature"])


def check_signed_headers(request, names):
    if names != sorted(set(names)) or any(name != name.lower() for name in names):
        raise SignatureError("bad_signature", "SignedHeaders must be lower case, unique and sorted")
    present = {name.lower() for name in request.headers.keys()}
    for name in names:
        if name not in present:
            raise SignatureError(
                "bad_signature", "'%s' is listed in SignedHeaders but was not sent" % name
            )
    required = {"host"} | {name for name in present if name.startswith("x-amz-")}
    missing = sorted(required - set(names))
    if missing:
        raise SignatureError("bad_signature", "'%s' must be a signed header" % missing[0])


def check_date(request, scope, now):
    text = request.headers.get("X-Amz-Date", "")
    try:
        date = datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(
            tzinfo=datetime.timezone.utc
        )
    except ValueError:
        raise SignatureError(
            "incomplete_signature", "Date must be in ISO-8601 'basic format'. Got '%s'" % text
        ) from None
    if scope.date != text[:8]:
        raise SignatureError(
            "bad_signature",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version",
        )
    skew = (date - now).total_seconds()
    if abs(skew) > MAXIMUM_SKEW_S:
        word = "expired" if skew < 0 else "not yet current"
        raise SignatureError(
            "skewed",
            "Signature %s: %s is not within 5 min. of %s"
            % (word, text, now.strftime("%Y%m%dT%H%M%SZ")),
        )
    return text


def check_payload(request, allow_unsigned):
    """The stated hash must be that of the body; where none is stated botocore computes it."""
    stated = request.headers.get("X-Amz-Content-SHA256")
    if stated is None:
        return
    if stated == UNSIGNED:
        if not allow_unsigned:
            raise SignatureError("bad_signature", "UNSIGNED-PAYLOAD is not accepted for this call")
        return
    if stated != hashlib.sha256(request.body).hexdigest():
        raise SignatureError(
            "bad_signature", "The provided x-amz-content-sha256 does not match what was computed"
        )


def expected_signature(request, scope, secret, timestamp):
    headers = HTTPHeaders()
    for name, value in request.headers.items():
        if name.lower() in scope.signed_headers:
            headers.add_header(name, value)
    copy = AWSRequest(method=request.method, url=request.url, data=request.body)
    copy.headers = headers
    copy.context["timestamp"] = timestamp
    signer = ExactSigner(Credentials(scope.access_key, secret), scope.service, scope.region)
    prepared = PreparedView(copy, request)
    canonical = signer.canonical_request(prepared)
    return signer.signature(signer.string_to_sign(prepared, canonical), prepared), canonical


class PreparedView:
    """What the signer reads of a request; botocore's own class would encode it again."""

    def __init__(self, copy, request):
        self.method = request.method
        self.url = request.url
        self.headers = copy.headers
        self.body = request.body
        self.params = {}
        self.context = copy.context


def verify(request, scope, secret, now, allow_unsigned):
    """Raises SignatureError when anything about the signature is wrong."""
    check_signed_headers(request, scope.signed_headers)
    timestamp = check_date(request, scope, now)
    check_payload(request, allow_unsigned)
    signature, canonical = expected_signature(request, scope, secret, timestamp)
    if not hmac.compare_digest(signature, scope.signature):
        raise SignatureError(
            "bad_signature",
            "The request signature we calculated does not match the signature you provided. "
            "The Canonical String for this request should have been\n'%s'" % canonical,
        )
