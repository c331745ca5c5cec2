//! What has to hold whatever comes in: no panic, and nothing accepted that an untampered answer would not give.
//! Asked by proptest in the tests, and by the fuzz targets.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_spa::app::words::Words;
use cognito_spa::cognito::authorization::{AuthorizationResponse, Callback, PendingSignIn};
use cognito_spa::cognito::hosted_ui::HostedUi;
use cognito_spa::cognito::id_token::Origin;
use cognito_spa::cognito::keys::JsonWebKeySet;
use cognito_spa::cognito::return_to::ReturnTo;
use cognito_spa::cognito::session::{Session, SessionTokens};
use cognito_spa::cognito::sign_in;
use cognito_spa::cognito::token_endpoint;
use cognito_spa::cognito::tokens::{IdToken, TokenResponse};
use cognito_spa::config::Config;
use serde_json::{Value, json};

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::read("en", include_str!("../../languages/en.txt")).unwrap_or(Words::ENGLISH)
});

const NOW: u64 = 1_800_000_000;
const PAGE: &str = "https://app.example.com/app/";
const BASE: &str = "/app/";

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let settings = json!({
        "userPoolDomain": "https://my-app.auth.eu-west-1.amazoncognito.com",
        "userPoolId": "eu-west-1_AbCdEfGhI",
        "clientId": "1example23456789",
        "apiUrl": "https://abc123.execute-api.eu-west-1.amazonaws.com/prod",
    });
    Config::read(200, &settings.to_string(), PAGE).unwrap()
});

/// The text of an ID token that is good but for its signature, which is told by comparison.
static GOOD: LazyLock<String> = LazyLock::new(|| {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({ "kid": "the-pools", "alg": "RS256" }));
    let payload = part(json!({
        "sub": "a4c8e0d2", "iss": hosted_ui().issuer.as_str(), "aud": "1example23456789",
        "token_use": "id", "iat": NOW, "exp": NOW + 3600, "auth_time": NOW, "nonce": "the-nonce",
        "email": "ada@example.com",
    }));
    format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode([7; 256]))
});

fn hosted_ui() -> &'static HostedUi {
    &CONFIG.hosted_ui
}

fn pending(state: &str) -> Option<PendingSignIn> {
    let stored = json!({ "state": state, "nonce": "the-nonce", "started_at": NOW.to_string() });
    PendingSignIn::from_stored(&stored.to_string(), BASE)
}

/// An address's fragment and query, with a `\n` between them.
pub fn callback(text: &str) {
    let (query, fragment) = text.split_once('\n').unwrap_or(("", text));
    let Some(callback) = Callback::find(query, fragment) else {
        return;
    };
    // What stays in the address is no answer any more.
    assert_eq!(Callback::find(&callback.remaining_query, ""), None);
    assert!(callback.remaining_query.len() <= query.len());
    if let AuthorizationResponse::Tokens(tokens) = &callback.response {
        assert!(!tokens.id_token.authorization().is_empty());
        assert_eq!(tokens.refresh_token, None);
    }
    // Only the answer to the request that is waited for is accepted.
    let state = callback.state.clone();
    if let Ok((_, request)) = sign_in::accept(callback, pending("the-state"), NOW) {
        assert_eq!(state.as_deref(), Some("the-state"));
        assert_eq!(request.nonce.as_str(), "the-nonce");
    }
}

/// A JWT as it is, and a good one with a part of it replaced.
pub fn jwt(text: &str) {
    check_jwt(text);
    let mut place = text.len() % GOOD.len();
    let tampered = GOOD.get(..place).unwrap_or_default().to_owned() + text;
    place = tampered.len().min(GOOD.len());
    check_jwt(&(tampered + &GOOD[place..]));
}

fn check_jwt(text: &str) {
    let response = TokenResponse {
        id_token: IdToken::new(text.to_owned()),
        access_token: None,
        refresh_token: None,
    };
    let origin = Origin::SignIn {
        nonce: "the-nonce",
        started_at: NOW,
    };
    let Ok(unverified) = sign_in::check(hosted_ui(), response, origin, NOW) else {
        return;
    };
    // The signature is asked for over the very bytes that came, so a byte that differs is a signature that does.
    let signed = String::from_utf8(unverified.signed_part().to_vec()).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(unverified.signature());
    assert_eq!(format!("{signed}.{signature}"), text);
    let payload = signed.split('.').nth(1).unwrap();
    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["iss"], hosted_ui().issuer.as_str());
    assert_eq!(claims["nonce"], "the-nonce");
    assert_eq!(claims["token_use"], "id");
    assert!(claims["exp"].as_u64().unwrap() + 120 > NOW);
    // Without a verdict in its favour there is no session.
    assert!(unverified.verified(false, None).is_err());
}

/// A JSON Web Key Set.
pub fn jwks(text: &str) {
    let keys = JsonWebKeySet::read(text);
    for kid in [None, Some(""), Some("a"), Some("the-pools")] {
        let Some(key) = keys.find(kid) else { continue };
        let jwk: Value = serde_json::from_str(&key.to_json()).unwrap();
        let names: Vec<&String> = jwk.as_object().unwrap().keys().collect();
        assert_eq!(names, ["alg", "e", "kty", "n"]);
        assert_eq!((&jwk["kty"], &jwk["alg"]), (&json!("RSA"), &json!("RS256")));
        assert!(jwk["n"].as_str().unwrap().len() >= 342);
    }
}

/// The token endpoint's answer.
pub fn token_answer(text: &str) {
    for status in [200, 400, 500] {
        let Ok(tokens) = token_endpoint::read(status, text) else {
            continue;
        };
        assert_eq!(status, 200);
        let answer: Value = serde_json::from_str(text).unwrap();
        assert_eq!(answer["id_token"], tokens.id_token.authorization());
        check_jwt(tokens.id_token.authorization());
    }
}

/// `/config.json`.
pub fn config(text: &str) {
    match Config::read(200, text, PAGE) {
        Ok(config) => {
            let client = &config.hosted_ui.client;
            let urls = [
                config.hosted_ui.issuer.as_str(),
                &config.hosted_ui.sign_out_url(),
                &config.hosted_ui.token_url(),
                client.redirect_uri.as_str(),
                config.api.url.as_str(),
            ];
            // Whether a name in Punycode is one is the browser's business.
            let plain = |url: &&&str| !url.to_ascii_lowercase().contains("xn--");
            for url in urls.iter().filter(plain) {
                let url = url::Url::parse(url).unwrap();
                let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
                assert!(url.scheme() == "https" || loopback, "{url}");
                assert!(url.username().is_empty() && url.fragment().is_none());
            }
            assert!(client.scopes.iter().any(|scope| scope == "openid"));
            assert!(config.hosted_ui.clock_skew <= 600);
        }
        Err(error) => assert!(!WORDS.config(&error).happened.is_empty()),
    }
}

/// A stored session, and a stored request.
pub fn stored(text: &str) {
    if let Some(tokens) = SessionTokens::from_stored(text) {
        let again = SessionTokens::from_stored(&tokens.to_stored());
        // What is empty is as good as absent.
        assert_eq!(again.is_none(), tokens.id_token.authorization().is_empty());
        if let Ok(session) = Session::restore(tokens, hosted_ui()) {
            assert_eq!(session.claims().iss, hosted_ui().issuer.as_str());
            for now in [0, NOW, u64::MAX] {
                let _ = (session.due(now), session.time_left(now));
            }
        }
    }
    if let Some(pending) = PendingSignIn::from_stored(text, BASE) {
        assert!(pending.is_over(NOW) == (NOW.abs_diff(pending.started_at) > 3600));
        if let Some(place) = pending.return_to {
            stays_within(place.as_str());
        }
    }
    return_to(text);
}

/// A place to return to, which a browser's own reading of addresses has to find within the app.
pub fn return_to(text: &str) {
    if let Some(place) = ReturnTo::parse(text, BASE) {
        stays_within(place.as_str());
    }
}

fn stays_within(place: &str) {
    let page = url::Url::parse(PAGE).unwrap();
    let origin = page.origin();
    for url in [
        page.join(place).unwrap(),
        url::Url::parse(&format!("https://app.example.com{place}")).unwrap(),
    ] {
        assert_eq!(url.origin(), origin, "{place}");
        assert!(url.path().starts_with(BASE), "{place}");
        // A route, which is never taken for an answer of the Hosted UI.
        let route = url.fragment().unwrap_or_default();
        let is_route = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte);
        assert!(route.bytes().all(is_route), "{place}");
        assert!(Callback::find("", route).is_none(), "{place}");
    }
}
