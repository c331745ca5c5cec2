"""Starts MiniStack 1.5.33 with corrections, mostly so that it refuses what Cognito, API Gateway and S3 refuse.

Each correction names the page that requires it.
"""

import re

from ministack.app import main
from ministack.core import iam_evaluator
from ministack.services import apigateway_v1, cognito, s3
from ministack.services.cloudformation import provisioners

original_signed_jwt = cognito._signed_jwt
auth_times = {}


def signed_jwt(claims, pool_id="", use=""):
    """A refreshed ID token keeps the `auth_time` of its sign-in. The app rejects one with another `auth_time`.

    OpenID Connect Core 1.0, section 12.2
    """
    if "auth_time" in claims:
        # All tokens of one sign-in share their origin_jti.
        origin_jti = claims["origin_jti"]
        claims["auth_time"] = auth_times.setdefault(origin_jti, claims["auth_time"])
    return original_signed_jwt(claims, pool_id, use)


original_delete_user_pool = provisioners._RESOURCE_HANDLERS["AWS::Cognito::UserPool"]["delete"]


def delete_user_pool(pool_id, properties):
    """A user pool cannot be deleted while its deletion protection is active.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html
    """
    pool = cognito._user_pools.get(pool_id) or {}
    if pool.get("DeletionProtection") == "ACTIVE":
        raise ValueError("The user pool cannot be deleted because deletion protection is activated.")
    original_delete_user_pool(pool_id, properties)


original_validate = apigateway_v1._validate_cognito_authorizer


async def validate(authorizer, *arguments):
    """The authorizer matches the token's `aud` against its expression. Access tokens have no `aud`.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
    """
    claims, error = await original_validate(authorizer, *arguments)
    expression = authorizer.get("identityValidationExpression")
    if not error and expression and not re.search(expression, claims.get("aud", "")):
        return None, apigateway_v1._gw_error("UNAUTHORIZED", "Unauthorized")
    return claims, error


original_apply_bucket_scope = s3._apply_bucket_scope


def apply_bucket_scope(method, bucket, key, headers, *arguments):
    """S3 refuses a request for a bucket of another account than the expected one.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    """
    owner = s3._bucket_owner_account(bucket)
    if owner and headers.get("x-amz-expected-bucket-owner", owner) != owner:
        return s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}")
    return original_apply_bucket_scope(method, bucket, key, headers, *arguments)


original_origin_fetch = s3.serve_cloudfront_origin_fetch


def origin_fetch(*arguments, **options):
    """CloudFront reads from S3 with the viewer's protocol: HTTPS, because our distribution redirects plain HTTP.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-s3-origin.html
    """
    iam_evaluator.pin_request_origin("127.0.0.1", secure_transport=True)
    return original_origin_fetch(*arguments, **options)


cognito._signed_jwt = signed_jwt
provisioners._RESOURCE_HANDLERS["AWS::Cognito::UserPool"]["delete"] = delete_user_pool
apigateway_v1._validate_cognito_authorizer = validate
s3._apply_bucket_scope = apply_bucket_scope
s3.serve_cloudfront_origin_fetch = origin_fetch
main()
