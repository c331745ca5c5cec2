//! The OpenID Foundation's tests for relying parties, by their names: what a client has to accept and to refuse.
//! [Conformance suite](https://openid.net/certification/connect_rp_testing/), read for a user pool: there is no discovery
//! at run time, no client registration, no `form_post`, and the client is public.
//!
//! A module that refuses something first accepts the same answer without its one fault.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic, clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../web/given.rs"]
mod given;

mod pool;

use cognito_spa::cognito::hosted_ui::Door;
use cognito_spa::cognito::id_token::TokenError;
use cognito_spa::cognito::sign_in::{self, SignInError};
use cognito_spa::cognito::token_endpoint::TokenEndpointError;
use cognito_spa::config::Config;
use jsonwebtoken::Algorithm;
use serde_json::json;

use given::{CLIENT_ID, NOW, config_with};
use pool::{ACCESS, Answer, Flow, POOL, STRANGER};

/// What has to become of an answer.
enum Verdict {
    Accepted,
    Refused(SignInError),
}

fn refused(error: TokenError) -> Verdict {
    Verdict::Refused(SignInError::Token(error))
}

#[track_caller]
fn check(flow: Flow, spoil: fn(&mut Answer), verdict: &Verdict) {
    let without_fault = flow(|_| {});
    assert!(without_fault.is_ok(), "{without_fault:?}");
    let outcome = flow(spoil);
    match verdict {
        Verdict::Accepted => assert!(outcome.is_ok(), "{outcome:?}"),
        Verdict::Refused(error) => assert_eq!(outcome.as_ref(), Err(error)),
    }
}

/// A plan: each module is a test of its own.
macro_rules! plan {
    ($plan:ident, $flow:expr; $($module:ident: $spoil:expr => $verdict:expr;)+) => {
        mod $plan {
            use super::*;

            $(
                #[test]
                fn $module() {
                    check($flow, $spoil, &$verdict);
                }
            )+
        }
    };
}

// oidcc-client-implicit-certification-test-plan, with `id_token token`: what Cognito calls `token`.
plan! { implicit, pool::implicit;
    oidcc_client_test: |_| {} => Verdict::Accepted;
    oidcc_client_test_invalid_iss: |answer| answer.claims["iss"] = json!("https://evil.example") => refused(TokenError::Issuer);
    oidcc_client_test_missing_sub: |answer| answer.without("sub") => refused(TokenError::Claim("sub"));
    oidcc_client_test_invalid_aud: |answer| answer.claims["aud"] = json!("another") => refused(TokenError::Audience);
    oidcc_client_test_missing_aud: |answer| answer.without("aud") => refused(TokenError::Claim("aud"));
    oidcc_client_test_missing_iat: |answer| answer.without("iat") => refused(TokenError::Claim("iat"));
    oidcc_client_test_kid_absent_single_jwks: |answer| {
        answer.header = json!({ "alg": "RS256" });
        answer.kept_keys = vec![POOL.jwk()];
    } => Verdict::Accepted;
    oidcc_client_test_kid_absent_multiple_jwks: |answer| answer.header = json!({ "alg": "RS256" }) => refused(TokenError::UnknownKey);
    oidcc_client_test_idtoken_sig_rs256: |answer| answer.header = json!({ "alg": "RS256", "kid": POOL.kid, "typ": "JWT" }) => Verdict::Accepted;
    oidcc_client_test_idtoken_sig_none: |answer| {
        answer.header = json!({ "alg": "none" });
        answer.signature = Some(String::new());
    } => refused(TokenError::Algorithm);
    oidcc_client_test_invalid_sig_rs256: |answer| answer.signer = &STRANGER => refused(TokenError::Signature);
    oidcc_client_test_invalid_sig_hs256: |answer| {
        answer.header = json!({ "alg": "HS256", "kid": POOL.kid });
        answer.algorithm = Algorithm::HS256;
    } => refused(TokenError::Algorithm);
    oidcc_client_test_invalid_sig_es256: |answer| answer.header = json!({ "alg": "ES256", "kid": POOL.kid }) => refused(TokenError::Algorithm);
    oidcc_client_test_nonce_invalid: |answer| answer.claims["nonce"] = json!("another") => refused(TokenError::Nonce);
    oidcc_client_test_nonce_missing: |answer| answer.without("nonce") => refused(TokenError::Nonce);
    oidcc_client_test_invalid_athash: |answer| answer.access_token = "another".to_owned() => refused(TokenError::AccessTokenHash);
    // Cognito sends `at_hash` and does not document it: its absence is no fault of the pool's.
    oidcc_client_test_missing_athash_is_accepted_from_cognito: |answer| answer.without("at_hash") => Verdict::Accepted;
}

// oidcc-client-basic-certification-test-plan; client-secret-basic does not concern a public client.
plan! { basic, pool::code;
    oidcc_client_test: |_| {} => Verdict::Accepted;
    oidcc_client_test_invalid_iss: |answer| answer.claims["iss"] = json!("https://evil.example") => refused(TokenError::Issuer);
    oidcc_client_test_missing_sub: |answer| answer.without("sub") => refused(TokenError::Claim("sub"));
    oidcc_client_test_invalid_aud: |answer| answer.claims["aud"] = json!("another") => refused(TokenError::Audience);
    oidcc_client_test_missing_iat: |answer| answer.without("iat") => refused(TokenError::Claim("iat"));
    oidcc_client_test_kid_absent_single_jwks: |answer| {
        answer.header = json!({ "alg": "RS256" });
        answer.kept_keys = vec![POOL.jwk()];
    } => Verdict::Accepted;
    oidcc_client_test_kid_absent_multiple_jwks: |answer| answer.header = json!({ "alg": "RS256" }) => refused(TokenError::UnknownKey);
    oidcc_client_test_idtoken_sig_rs256: |answer| answer.header = json!({ "alg": "RS256", "kid": POOL.kid, "typ": "JWT" }) => Verdict::Accepted;
    oidcc_client_test_idtoken_sig_none: |answer| {
        answer.header = json!({ "alg": "none" });
        answer.signature = Some(String::new());
    } => refused(TokenError::Algorithm);
    oidcc_client_test_invalid_sig_rs256: |answer| answer.signer = &STRANGER => refused(TokenError::Signature);
    oidcc_client_test_nonce_invalid: |answer| answer.claims["nonce"] = json!("another") => refused(TokenError::Nonce);
    oidcc_client_test_invalid_athash: |answer| answer.access_token = "another".to_owned() => refused(TokenError::AccessTokenHash);
}

// oidcc-client-config-certification-test-plan, the part on keys. The others are discovery, which a user pool's client
// does not need: its issuer is a setting, and its keys are at the issuer.
plan! { config, pool::implicit;
    oidcc_client_test_discovery_jwks_uri_keys: |answer| answer.kept_keys = Vec::new() => Verdict::Accepted;
    oidcc_client_test_idtoken_sig_none: |answer| {
        answer.header = json!({ "alg": "none", "kid": POOL.kid });
        answer.signature = Some(String::new());
    } => refused(TokenError::Algorithm);
    oidcc_client_test_signing_key_rotation_just_before_signing: |answer| answer.kept_keys = vec![ACCESS.jwk()] => Verdict::Accepted;
    oidcc_client_test_signing_key_rotation: |answer| {
        answer.kept_keys = vec![POOL.jwk()];
        answer.fresh_keys = Some(vec![ACCESS.jwk()]);
        answer.signer = &ACCESS;
        answer.header["kid"] = json!(ACCESS.kid);
    } => Verdict::Accepted;
    no_keys_no_sign_in: |answer| {
        answer.kept_keys = Vec::new();
        answer.fresh_keys = None;
    } => Verdict::Refused(SignInError::NoKeys);
    a_key_that_is_gone_signs_nobody_in: |answer| {
        answer.kept_keys = Vec::new();
        answer.fresh_keys = Some(vec![ACCESS.jwk()]);
    } => refused(TokenError::UnknownKey);
}

// oidcc-client-refreshtoken-test-plan, and the rest of OIDC Core, section 12.2.
plan! { refresh, pool::refresh;
    oidcc_client_test_refresh_token: |_| {} => Verdict::Accepted;
    oidcc_client_test_refresh_token_invalid_issuer: |answer| answer.claims["iss"] = json!("https://evil.example") => refused(TokenError::Issuer);
    oidcc_client_test_refresh_token_invalid_sub: |answer| answer.claims["sub"] = json!("another") => refused(TokenError::Subject);
    another_aud: |answer| answer.claims["aud"] = json!("another") => refused(TokenError::Audience);
    another_azp: |answer| answer.claims["azp"] = json!(CLIENT_ID) => refused(TokenError::AuthorizedParty);
    another_auth_time: |answer| answer.claims["auth_time"] = json!(NOW + 3000) => refused(TokenError::AuthTime);
    another_nonce: |answer| answer.claims["nonce"] = json!("another") => refused(TokenError::Nonce);
    no_nonce: |answer| answer.without("nonce") => Verdict::Accepted;
    an_older_iat: |answer| answer.claims["iat"] = json!(NOW - 1) => refused(TokenError::IssuedBefore);
    a_strangers_signature: |answer| answer.signer = &STRANGER => refused(TokenError::Signature);
    another_at_hash: |answer| answer.access_token = "another".to_owned() => refused(TokenError::AccessTokenHash);
    invalid_grant: |answer| {
        answer.status = 400;
        answer.error = Some("invalid_grant".to_owned());
    } => Verdict::Refused(SignInError::TokenEndpoint(TokenEndpointError::Refused("invalid_grant".to_owned())));
}

// What is worth borrowing from the FAPI plans.
plan! { fapi, pool::code;
    invalid_alternate_alg: |answer| {
        answer.header = json!({ "alg": "RS512", "kid": POOL.kid });
        answer.algorithm = Algorithm::RS512;
    } => refused(TokenError::Algorithm);
    invalid_null_alg: |answer| answer.header = json!({ "alg": null, "kid": POOL.kid }) => refused(TokenError::Algorithm);
    invalid_expired_exp: |answer| answer.claims["exp"] = json!(NOW - 300) => refused(TokenError::Expired);
    iat_is_week_in_past: |answer| answer.claims["iat"] = json!(NOW - 7 * 24 * 3600) => refused(TokenError::IssuedBefore);
    invalid_secondary_aud: |answer| answer.claims["aud"] = json!([CLIENT_ID, "another"]) => refused(TokenError::ExtraAudience);
    valid_aud_as_array: |answer| answer.claims["aud"] = json!([CLIENT_ID]) => Verdict::Accepted;
    missing_state: |answer| answer.state = None => Verdict::Refused(SignInError::Unsolicited);
    invalid_state: |answer| answer.state = Some("another".to_owned()) => Verdict::Refused(SignInError::Unsolicited);
    token_type_case_insensitivity: |answer| answer.token_type = "bEaReR".to_owned() => Verdict::Accepted;
    invalid_token_type: |answer| answer.token_type = "mac".to_owned() => Verdict::Refused(SignInError::TokenEndpoint(TokenEndpointError::Malformed));
    token_endpoint_response_without_expires_in: |answer| answer.members = json!({}) => Verdict::Accepted;
}

mod requests {
    use super::*;

    fn url_of(config: &Config) -> String {
        let pending = sign_in::begin(&config.hosted_ui, || [7; 32], None, NOW);
        let challenge = pending.code_verifier.is_some().then_some([0; 32]);
        let hosted_ui = &config.hosted_ui;
        hosted_ui.authorization_url(&pending, challenge.as_ref(), &Door::SignIn, "")
    }

    #[test]
    fn oidcc_client_test_nonce_unless_code_flow() {
        // And in the code grant as well.
        for grant in ["implicit", "code"] {
            let url = url_of(&config_with("grant", json!(grant)));
            let nonce = url.split('&').find_map(|part| part.strip_prefix("nonce="));
            assert_eq!(nonce.map(str::len), Some(22), "{url}");
        }
    }

    #[test]
    fn pkce_with_s256_in_the_code_grant() {
        let url = url_of(&config_with("grant", json!("code")));
        assert!(url.contains("code_challenge_method=S256"), "{url}");
    }

    #[test]
    fn oidcc_client_test_userinfo_invalid_sub() {
        for flow in [pool::implicit, pool::code] {
            let session = || flow(|answer| answer.without("email")).unwrap();
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
