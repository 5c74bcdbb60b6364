"""The SSO portal: credentials of a role for a token of a person who signed in."""

from ..core.errors import AwsError


def get_role_credentials(call):
    token = call.world.sso_tokens.get(call["accessToken"])
    if token is None or token["expires"] <= call.world.now():
        raise AwsError("UnauthorizedException", "Session token not found or invalid", 401)
    account = call.world.accounts.get(call["accountId"])
    role = account.roles.get(call["roleName"]) if account else None
    if role is None or (call["accountId"], call["roleName"]) not in token["roles"]:
        raise AwsError("ForbiddenException", "No access", 403)
    key = call.world.issue_session(role, token["user"], 3600)
    return {
        "roleCredentials": {
            "accessKeyId": key.id,
            "secretAccessKey": key.secret,
            "sessionToken": key.token,
            "expiration": int(key.expires.timestamp() * 1000),
        }
    }
