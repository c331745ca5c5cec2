"""MiniStack, and one more rule of Cognito's: a renewed ID token keeps the time of its sign-in.

OpenID Connect Core 1.0, section 12.2. MiniStack 1.5.33 dates it anew, and the app refuses such a token, as it should.
"""

from ministack.app import main
from ministack.services import cognito

sign = cognito._signed_jwt
times_of_sign_in = {}


def sign_with_time_of_sign_in(claims, pool_id="", use=""):
    if "auth_time" in claims:
        # The same in all tokens that come of one sign-in.
        origin = claims["origin_jti"]
        claims["auth_time"] = times_of_sign_in.setdefault(origin, claims["auth_time"])
    return sign(claims, pool_id, use)


cognito._signed_jwt = sign_with_time_of_sign_in
main()
