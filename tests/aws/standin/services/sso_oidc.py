"""SSO's OIDC service: a new token for a refresh token."""

import datetime

from ..core.errors import AwsError

TOKEN_S = 8 * 3600


def create_token(call):
    client = call.world.oidc_clients.get(call["clientId"])
    if client is None or client["secret"] != call["clientSecret"]:
        raise AwsError("InvalidClientException", "The client is not known", 401)
    if call["grantType"] != "refresh_token":
        raise AwsError("UnsupportedGrantTypeException", "Only refresh_token is served here", 400)
    old = next(
        (
            t
            for t in call.world.sso_tokens.values()
            if t["refresh"] and t["refresh"] == call.get("refreshToken")
        ),
        None,
    )
    if old is None:
        raise AwsError("InvalidGrantException", "The refresh token is not valid", 400)
    refresh = "refresh-" + call.world.ids.letters(40)
    access = add_session(call.world, old["user"], old["roles"], refresh=refresh)
    old["refresh"] = None
    return {
        "accessToken": access,
        "tokenType": "Bearer",
        "expiresIn": TOKEN_S,
        "refreshToken": refresh,
    }


def add_session(world, user, roles, seconds=TOKEN_S, refresh=None):
    """A person's session: the access token. `roles`: [(account id, role name)]."""
    access = "access-" + world.ids.letters(40)
    world.sso_tokens[access] = {
        "user": user,
        "roles": [tuple(r) for r in roles],
        "refresh": refresh,
        "expires": world.now() + datetime.timedelta(seconds=seconds),
    }
    return access
