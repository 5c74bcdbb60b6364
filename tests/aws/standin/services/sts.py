"""STS: who is calling, and roles."""

import base64
import re

from ..core.errors import AwsError

LONGEST_CHAINED_S = 3600


def get_caller_identity(call):
    principal = call.principal
    return {"UserId": principal.user_id, "Account": principal.account.id, "Arn": principal.arn}


def get_session_token(call):
    if call.principal.role:
        raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    role = {
        "Arn": call.principal.arn,
        "RoleName": "session",
        "RoleId": call.principal.user_id,
        "_policies": call.principal.policies,
    }
    key = call.world.issue_session(role, "token", call.get("DurationSeconds") or 43200)
    key.principal = call.principal
    return {"Credentials": credentials_of(key)}


def assume_role(call):
    role = call.world.role_by_arn(call["RoleArn"])
    caller = call.principal
    trusted = role is not None and (
        caller.account.id in role["_trust"]
        or caller.arn in role["_trust"]
        or (caller.role is not None and caller.role["Arn"] in role["_trust"])
    )
    wanted_id = role.get("_external_id") if role else None
    if not trusted or (wanted_id and call.get("ExternalId") != wanted_id):
        raise AwsError(
            "AccessDenied",
            "User: %s is not authorized to perform: sts:AssumeRole on resource: %s"
            % (caller.arn, call["RoleArn"]),
            403,
        )
    if role.get("_mfa") and (call.get("SerialNumber"), call.get("TokenCode")) != role["_mfa"]:
        raise AwsError(
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code.",
            403,
        )
    seconds = call.get("DurationSeconds") or 3600
    if caller.role and seconds > LONGEST_CHAINED_S:
        raise call.refuse(
            "invalid",
            (
                "The requested DurationSeconds exceeds the 1 hour session limit for roles "
                "assumed by role chaining"
            ),
        )
    return assumed(call, role, seconds)


def assume_role_with_web_identity(call):
    role = call.world.role_by_arn(call["RoleArn"])
    token = call.world.web_tokens.get(call["WebIdentityToken"])
    if token is None:
        raise AwsError("InvalidIdentityToken", "No OpenIDConnect provider found for the token")
    if token["expires"] <= call.world.now():
        raise AwsError(
            "ExpiredTokenException",
            "Token expired: current date/time must be before the expiration",
        )
    if role is None or token["provider"] not in role["_trust"]:
        raise AwsError(
            "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403
        )
    answer = assumed(call, role, call.get("DurationSeconds") or 3600)
    return dict(
        answer,
        SubjectFromWebIdentityToken=token["subject"],
        Audience="sts.amazonaws.com",
        Provider=token["provider"],
    )


def assumed(call, role, seconds):
    if not 900 <= seconds <= role["MaxSessionDuration"]:
        raise call.refuse(
            "invalid",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    key = call.world.issue_session(role, call["RoleSessionName"], seconds)
    return {
        "Credentials": credentials_of(key),
        "AssumedRoleUser": {"AssumedRoleId": key.principal.user_id, "Arn": key.principal.arn},
    }


def credentials_of(key):
    return {
        "AccessKeyId": key.id,
        "SecretAccessKey": key.secret,
        "SessionToken": key.token,
        "Expiration": key.expires,
    }


def decode_authorization_message(call):
    text = call["EncodedMessage"]
    if not re.fullmatch(r"[A-Za-z0-9_=-]+", text):
        raise AwsError("InvalidAuthorizationMessageException", "The message is invalid")
    return {"DecodedMessage": base64.urlsafe_b64decode(text).decode()}
