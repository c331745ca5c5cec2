"""Starts MiniStack with a correction: a refreshed ID token keeps the `auth_time` of its sign-in.

OpenID Connect Core 1.0, section 12.2, requires that. MiniStack 1.5.33 sets a new `auth_time`, and the app rejects such a
token.
"""

from ministack.app import main
from ministack.services import cognito

original_signed_jwt = cognito._signed_jwt
auth_times = {}


def signed_jwt(claims, pool_id="", use=""):
    if "auth_time" in claims:
        # All tokens of one sign-in share their origin_jti.
        origin_jti = claims["origin_jti"]
        claims["auth_time"] = auth_times.setdefault(origin_jti, claims["auth_time"])
    return original_signed_jwt(claims, pool_id, use)


cognito._signed_jwt = signed_jwt
main()
