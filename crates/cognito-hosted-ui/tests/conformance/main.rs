//! The OpenID Foundation's tests for relying parties, by their names: what a client has to accept and to refuse.
//! [Conformance suite](https://openid.net/certification/connect_rp_testing/), as far as it applies to a user pool: there
//! is no discovery at run time, no client registration, no `form_post`, and the client is public.
//!
//! A module that refuses a response first accepts the same response without its one fault.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic, clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../protocol/fixtures.rs"]
mod fixtures;

mod pool;

use cognito_hosted_ui::{
    HostedUi, HostedUiPage, SignInError, TokenEndpointError, TokenError, sign_in,
};
use jsonwebtoken::Algorithm;
use serde_json::json;

use fixtures::{CLIENT_ID, NOW, code_grant, implicit_grant};
use pool::{ACCESS, FOREIGN, Flow, POOL, Response};

/// What a client has to do with a response.
enum Verdict {
    Accepted,
    Refused(SignInError),
}

fn refused(error: TokenError) -> Verdict {
    Verdict::Refused(SignInError::Token(error))
}

#[track_caller]
fn check(flow: Flow, alter: fn(&mut Response), verdict: &Verdict) {
    let without_fault = flow(|_| {});
    assert!(without_fault.is_ok(), "{without_fault:?}");
    let outcome = flow(alter);
    match verdict {
        Verdict::Accepted => assert!(outcome.is_ok(), "{outcome:?}"),
        Verdict::Refused(error) => assert_eq!(outcome.as_ref(), Err(error)),
    }
}

/// A test plan. Each of its modules becomes one test.
macro_rules! plan {
    ($plan:ident, $flow:expr; $($module:ident: $alter:expr => $verdict:expr;)+) => {
        mod $plan {
            use super::*;

            $(
                #[test]
                fn $module() {
                    check($flow, $alter, &$verdict);
                }
            )+
        }
    };
}

// oidcc-client-implicit-certification-test-plan, with `id_token token`, which Cognito calls `token`.
plan! { implicit, pool::implicit;
    oidcc_client_test: |_| {} => Verdict::Accepted;
    oidcc_client_test_invalid_iss: |response| response.claims["iss"] = json!("https://evil.example") => refused(TokenError::Issuer);
    oidcc_client_test_missing_sub: |response| response.remove_claim("sub") => refused(TokenError::InvalidClaim("sub"));
    oidcc_client_test_invalid_aud: |response| response.claims["aud"] = json!("another") => refused(TokenError::Audience);
    oidcc_client_test_missing_aud: |response| response.remove_claim("aud") => refused(TokenError::InvalidClaim("aud"));
    oidcc_client_test_missing_iat: |response| response.remove_claim("iat") => refused(TokenError::InvalidClaim("iat"));
    oidcc_client_test_kid_absent_single_jwks: |response| {
        response.header = json!({ "alg": "RS256" });
        response.cached_keys = vec![POOL.jwk()];
    } => Verdict::Accepted;
    oidcc_client_test_kid_absent_multiple_jwks: |response| response.header = json!({ "alg": "RS256" }) => refused(TokenError::UnknownKey);
    oidcc_client_test_idtoken_sig_rs256: |response| response.header = json!({ "alg": "RS256", "kid": POOL.kid, "typ": "JWT" }) => Verdict::Accepted;
    oidcc_client_test_idtoken_sig_none: |response| {
        response.header = json!({ "alg": "none" });
        response.signature = Some(String::new());
    } => refused(TokenError::Algorithm);
    oidcc_client_test_invalid_sig_rs256: |response| response.signer = &FOREIGN => refused(TokenError::Signature);
    oidcc_client_test_invalid_sig_hs256: |response| {
        response.header = json!({ "alg": "HS256", "kid": POOL.kid });
        response.algorithm = Algorithm::HS256;
    } => refused(TokenError::Algorithm);
    oidcc_client_test_invalid_sig_es256: |response| response.header = json!({ "alg": "ES256", "kid": POOL.kid }) => refused(TokenError::Algorithm);
    oidcc_client_test_nonce_invalid: |response| response.claims["nonce"] = json!("another") => refused(TokenError::Nonce);
    oidcc_client_test_nonce_missing: |response| response.remove_claim("nonce") => refused(TokenError::Nonce);
    oidcc_client_test_invalid_athash: |response| response.access_token = "another".to_owned() => refused(TokenError::AccessTokenHash);
    // Cognito sends `at_hash` and does not document it, so a token without it is accepted.
    oidcc_client_test_missing_athash_is_accepted_from_cognito: |response| response.remove_claim("at_hash") => Verdict::Accepted;
}

// oidcc-client-basic-certification-test-plan. client-secret-basic does not apply to a public client.
plan! { basic, pool::code;
    oidcc_client_test: |_| {} => Verdict::Accepted;
    oidcc_client_test_invalid_iss: |response| response.claims["iss"] = json!("https://evil.example") => refused(TokenError::Issuer);
    oidcc_client_test_missing_sub: |response| response.remove_claim("sub") => refused(TokenError::InvalidClaim("sub"));
    oidcc_client_test_invalid_aud: |response| response.claims["aud"] = json!("another") => refused(TokenError::Audience);
    oidcc_client_test_missing_iat: |response| response.remove_claim("iat") => refused(TokenError::InvalidClaim("iat"));
    oidcc_client_test_kid_absent_single_jwks: |response| {
        response.header = json!({ "alg": "RS256" });
        response.cached_keys = vec![POOL.jwk()];
    } => Verdict::Accepted;
    oidcc_client_test_kid_absent_multiple_jwks: |response| response.header = json!({ "alg": "RS256" }) => refused(TokenError::UnknownKey);
    oidcc_client_test_idtoken_sig_rs256: |response| response.header = json!({ "alg": "RS256", "kid": POOL.kid, "typ": "JWT" }) => Verdict::Accepted;
    oidcc_client_test_idtoken_sig_none: |response| {
        response.header = json!({ "alg": "none" });
        response.signature = Some(String::new());
    } => refused(TokenError::Algorithm);
    oidcc_client_test_invalid_sig_rs256: |response| response.signer = &FOREIGN => refused(TokenError::Signature);
    oidcc_client_test_nonce_invalid: |response| response.claims["nonce"] = json!("another") => refused(TokenError::Nonce);
    oidcc_client_test_invalid_athash: |response| response.access_token = "another".to_owned() => refused(TokenError::AccessTokenHash);
}

// oidcc-client-config-certification-test-plan, the part on keys. The rest is discovery, which a user pool's client does not
// need: its issuer is configured, and the keys are at the issuer.
plan! { config, pool::implicit;
    oidcc_client_test_discovery_jwks_uri_keys: |response| response.cached_keys = Vec::new() => Verdict::Accepted;
    oidcc_client_test_idtoken_sig_none: |response| {
        response.header = json!({ "alg": "none", "kid": POOL.kid });
        response.signature = Some(String::new());
    } => refused(TokenError::Algorithm);
    oidcc_client_test_signing_key_rotation_just_before_signing: |response| response.cached_keys = vec![ACCESS.jwk()] => Verdict::Accepted;
    oidcc_client_test_signing_key_rotation: |response| {
        response.cached_keys = vec![POOL.jwk()];
        response.fetched_keys = Some(vec![ACCESS.jwk()]);
        response.signer = &ACCESS;
        response.header["kid"] = json!(ACCESS.kid);
    } => Verdict::Accepted;
    jwks_unavailable: |response| {
        response.cached_keys = Vec::new();
        response.fetched_keys = None;
    } => Verdict::Refused(SignInError::JwksUnavailable);
    removed_key: |response| {
        response.cached_keys = Vec::new();
        response.fetched_keys = Some(vec![ACCESS.jwk()]);
    } => refused(TokenError::UnknownKey);
}

// oidcc-client-refreshtoken-test-plan. Of the rest of OIDC Core, section 12.2, this client checks what protects the user. Cognito
// itself changes `auth_time` when the same user signs in again elsewhere, and a device's clock or a server's can make an honest
// `iat` look too early: refusing such a token would only end a good session.
plan! { refresh, pool::refresh;
    oidcc_client_test_refresh_token: |_| {} => Verdict::Accepted;
    oidcc_client_test_refresh_token_invalid_issuer: |response| response.claims["iss"] = json!("https://evil.example") => refused(TokenError::Issuer);
    oidcc_client_test_refresh_token_invalid_sub: |response| response.claims["sub"] = json!("another") => refused(TokenError::Subject);
    another_aud: |response| response.claims["aud"] = json!("another") => refused(TokenError::Audience);
    an_added_azp_is_accepted: |response| response.claims["azp"] = json!(CLIENT_ID) => Verdict::Accepted;
    another_azp: |response| response.claims["azp"] = json!("another") => refused(TokenError::AuthorizedParty);
    another_auth_time_is_accepted_from_cognito: |response| response.claims["auth_time"] = json!(NOW + 3000) => Verdict::Accepted;
    another_nonce_is_accepted: |response| response.claims["nonce"] = json!("another") => Verdict::Accepted;
    no_nonce: |response| response.remove_claim("nonce") => Verdict::Accepted;
    an_older_iat_is_accepted: |response| response.claims["iat"] = json!(NOW - 1) => Verdict::Accepted;
    foreign_signature: |response| response.signer = &FOREIGN => refused(TokenError::Signature);
    another_at_hash: |response| response.access_token = "another".to_owned() => refused(TokenError::AccessTokenHash);
    invalid_grant: |response| {
        response.status = 400;
        response.error = Some("invalid_grant".to_owned());
    } => Verdict::Refused(SignInError::TokenEndpoint(TokenEndpointError::Refused("invalid_grant".to_owned())));
}

// The modules of the FAPI plans that apply here.
plan! { fapi, pool::code;
    invalid_alternate_alg: |response| {
        response.header = json!({ "alg": "RS512", "kid": POOL.kid });
        response.algorithm = Algorithm::RS512;
    } => refused(TokenError::Algorithm);
    invalid_null_alg: |response| response.header = json!({ "alg": null, "kid": POOL.kid }) => refused(TokenError::Algorithm);
    invalid_expired_exp: |response| response.claims["exp"] = json!(NOW - 300) => refused(TokenError::Expired);
    iat_is_week_in_past: |response| response.claims["iat"] = json!(NOW - 7 * 24 * 3600) => refused(TokenError::IssuedTooEarly);
    invalid_secondary_aud: |response| response.claims["aud"] = json!([CLIENT_ID, "another"]) => refused(TokenError::UntrustedAudience);
    valid_aud_as_array: |response| response.claims["aud"] = json!([CLIENT_ID]) => Verdict::Accepted;
    missing_state: |response| response.state = None => Verdict::Refused(SignInError::StateMismatch);
    invalid_state: |response| response.state = Some("another".to_owned()) => Verdict::Refused(SignInError::StateMismatch);
    token_type_case_insensitivity: |response| response.token_type = "bEaReR".to_owned() => Verdict::Accepted;
    invalid_token_type: |response| response.token_type = "mac".to_owned() => Verdict::Refused(SignInError::TokenEndpoint(TokenEndpointError::InvalidResponse));
    token_endpoint_response_without_expires_in: |response| response.members = json!({}) => Verdict::Accepted;
}

mod requests {
    use super::*;

    fn url_of(hosted_ui: &HostedUi) -> String {
        let pending = sign_in::begin(hosted_ui, || [7; 32], None, None, None, NOW);
        hosted_ui.authorization_url(&pending, &HostedUiPage::SignIn, "")
    }

    #[test]
    fn oidcc_client_test_nonce_unless_code_flow() {
        // This client sends a nonce in the code grant as well.
        for hosted_ui in [implicit_grant(), code_grant()] {
            let url = url_of(&hosted_ui);
            let nonce = url.split('&').find_map(|part| part.strip_prefix("nonce="));
            assert_eq!(nonce.map(str::len), Some(22), "{url}");
        }
    }

    #[test]
    fn pkce_with_s256_in_the_code_grant() {
        let url = url_of(&code_grant());
        assert!(url.contains("code_challenge_method=S256"), "{url}");
    }

    #[test]
    fn oidcc_client_test_userinfo_invalid_sub() {
        for flow in [pool::implicit, pool::code] {
            let session = || flow(|response| response.remove_claim("email")).unwrap();
            let body = |sub: &str| json!({ "sub": sub, "email": "ada@example.com" }).to_string();
            let own = session().with_user_info(&body(&session().claims().sub));
            let email = own.unwrap().claims().email.clone();
            assert_eq!(email.as_deref(), Some("ada@example.com"));
            let refused = session().with_user_info(&body("another"));
            assert_eq!(refused, Err(TokenError::Subject));
        }
    }

    #[test]
    fn oidcc_client_test_scope_userinfo_claims() {
        // Cognito puts the claims of a scope into the ID token.
        for flow in [pool::implicit, pool::code] {
            let session = flow(|_| {}).unwrap();
            assert_eq!(session.claims().email.as_deref(), Some("ada@example.com"));
        }
    }
}
