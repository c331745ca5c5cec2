//! What has to hold for any input: no panic, and nothing accepted that an untampered response would not give.
//! proptest checks it in the tests, and libFuzzer in the fuzz targets.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_hosted_ui::{
    AuthorizationCallback, AuthorizationResponse, HostedUi, IdToken, JsonWebKeySet, PendingSignIn,
    ReturnTo, Session, SignOut, TokenResponse, is_api_path, json, sign_in, token_endpoint,
};
use cognito_spa::locales::LOCALES;
use cognito_spa::messages;
use cognito_spa::settings::Settings;
use serde_json::{Value, json};

const NOW: u64 = 1_800_000_000;
const PAGE: &str = "https://app.example.com/app/";
const BASE: &str = "/app/";

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let config = json!({
        "userPoolDomain": "https://my-app.auth.eu-west-1.amazoncognito.com",
        "userPoolId": "eu-west-1_AbCdEfGhI",
        "clientId": "1example23456789",
        "apiUrl": "https://abc123.execute-api.eu-west-1.amazonaws.com/prod",
    });
    Settings::read(200, &config.to_string(), PAGE).unwrap()
});

/// An ID token that breaks no rule. Its signature is never verified here: it is compared.
static GOOD: LazyLock<String> = LazyLock::new(|| {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({ "kid": "the-key", "alg": "RS256" }));
    let payload = part(json!({
        "sub": "a4c8e0d2", "iss": hosted_ui().issuer.as_str(), "aud": "1example23456789",
        "token_use": "id", "iat": NOW, "exp": NOW + 3600, "auth_time": NOW, "nonce": "the-nonce",
        "email": "ada@example.com",
    }));
    format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode([7; 256]))
});

fn hosted_ui() -> &'static HostedUi {
    &SETTINGS.auth.hosted_ui
}

fn pending(state: &str) -> Option<PendingSignIn> {
    let stored = json!({ "state": state, "nonce": "the-nonce", "started_at": NOW });
    PendingSignIn::from_stored(&stored.to_string(), BASE)
}

/// A URL's query and fragment, with a `\n` between them.
pub fn callback(text: &str) {
    let (query, fragment) = text.split_once('\n').unwrap_or(("", text));
    let Some(callback) = AuthorizationCallback::find(query, fragment) else {
        return;
    };
    // What stays in the address bar is no response any more.
    assert_eq!(
        AuthorizationCallback::find(&callback.remaining_query, ""),
        None
    );
    assert!(callback.remaining_query.len() <= query.len());
    if let AuthorizationResponse::Tokens(tokens) = &callback.response {
        assert!(!tokens.id_token.authorization().is_empty());
        assert_eq!(tokens.refresh_token, None);
    }
    // Only the response to the pending request is accepted.
    let state = callback.state.clone();
    if let Ok((_, request)) = sign_in::accept(callback, pending("the-state"), None, NOW) {
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
    let request = pending("the-state").unwrap();
    let Ok(unverified) = sign_in::validate(hosted_ui(), response, &request, NOW) else {
        return;
    };
    // The signature is verified over the very bytes that arrived: if one differs, so does the signature.
    let signed = String::from_utf8(unverified.signed_part().to_vec()).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(unverified.signature());
    assert_eq!(format!("{signed}.{signature}"), text);
    let payload = signed.split('.').nth(1).unwrap();
    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["iss"], hosted_ui().issuer.as_str());
    assert_eq!(claims["nonce"], "the-nonce");
    assert_eq!(claims["token_use"], "id");
    // A time may be written as `1.0`.
    assert!(claims["exp"].as_f64().unwrap() + 120.0 > NOW as f64);
    // Without a valid signature there is no session.
    assert!(unverified.verify(false).is_err());
}

/// A JSON Web Key Set.
pub fn jwks(text: &str) {
    let keys = JsonWebKeySet::read(text);
    for kid in [None, Some(""), Some("a"), Some("the-key")] {
        let Some(key) = keys.find(kid) else { continue };
        let jwk: Value = serde_json::from_str(&key.to_json()).unwrap();
        let names: Vec<&String> = jwk.as_object().unwrap().keys().collect();
        assert_eq!(names, ["alg", "e", "kty", "n"]);
        assert_eq!((&jwk["kty"], &jwk["alg"]), (&json!("RSA"), &json!("RS256")));
        assert!(jwk["n"].as_str().unwrap().len() >= 342);
    }
}

/// The token endpoint's response.
pub fn token_response(text: &str) {
    for status in [200, 400, 500] {
        let Ok(tokens) = token_endpoint::read(status, text) else {
            continue;
        };
        assert_eq!(status, 200);
        let response: Value = serde_json::from_str(text).unwrap();
        assert_eq!(response["id_token"], tokens.id_token.authorization());
        check_jwt(tokens.id_token.authorization());
    }
}

/// `/config.json`.
pub fn settings(text: &str) {
    match Settings::read(200, text, PAGE) {
        Ok(settings) => {
            let hosted_ui = &settings.auth.hosted_ui;
            let client = &hosted_ui.client;
            let urls = [
                hosted_ui.issuer.as_str(),
                &hosted_ui.sign_out_url(),
                &hosted_ui.token_url(),
                client.redirect_uri.as_str(),
                settings.auth.api.url.as_str(),
            ];
            // Only a browser knows whether a name in Punycode is valid.
            let plain = |url: &&&str| !url.to_ascii_lowercase().contains("xn--");
            for url in urls.iter().filter(plain) {
                let url = url::Url::parse(url).unwrap();
                let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
                assert!(url.scheme() == "https" || loopback, "{url}");
                assert!(url.username().is_empty() && url.fragment().is_none());
            }
            assert!(client.scopes.iter().any(|scope| scope == "openid"));
            assert!(hosted_ui.clock_tolerance <= 600);
        }
        Err(error) => {
            for texts in LOCALES {
                let message = messages::settings(&error, texts);
                assert!(!message.happened.is_empty() && !message.remedy.is_empty());
                let quoted = message.quoted.unwrap_or_default();
                assert!(quoted.chars().count() <= 301);
            }
        }
    }
}

/// A stored session, a stored request, and a stored sign-out.
pub fn stored(text: &str) {
    check_session(text);
    check_pending(text);
    check_sign_out(text);
    return_to(text);
}

/// A member of a stored session and of a stored request, the rest of which is good.
pub fn stored_member(text: &str) {
    let session = json!({
        "id_token": *GOOD, "access_token": text, "refresh_token": text, "email": text,
        "email_verified": true, "clock_offset": -7, "sign_in": text,
    });
    assert!(check_session(&session.to_string()));
    let good = GOOD.as_str();
    check_session(&format!(
        r#"{{"id_token":"{good}","sign_in":"s","clock_offset":{text}}}"#
    ));
    check_session(&format!(
        r#"{{"id_token":"{good}","sign_in":"s","clock_offset":0,"email_verified":{text}}}"#
    ));
    let pending = json!({
        "state": text, "nonce": text, "code_verifier": text, "return_to": text, "sub": text,
        "sign_out": text, "started_at": NOW,
    });
    assert!(check_pending(&pending.to_string()));
    check_pending(&format!(
        r#"{{"state":"s","nonce":"n","started_at":{text}}}"#
    ));
}

/// Whether the record is a session. If it is one, it is stored and restored as the same.
fn check_session(record: &str) -> bool {
    let Ok(session) = Session::restore(record, hosted_ui()) else {
        return false;
    };
    assert_eq!(session.claims().iss, hosted_ui().issuer.as_str());
    for now in [0, NOW, u64::MAX] {
        let _ = (session.expiry(now), session.time_left(now));
    }
    let again = Session::restore(&session.to_stored(), hosted_ui());
    assert_eq!(again, Ok(session));
    true
}

/// Whether the record is a pending request. If it is one, it is stored and read as the same.
fn check_pending(record: &str) -> bool {
    let Some(pending) = PendingSignIn::from_stored(record, BASE) else {
        return false;
    };
    assert!(pending.is_expired(NOW) == (NOW.abs_diff(pending.started_at) > 3600));
    if let Some(place) = &pending.return_to {
        assert_within_app(place.as_str());
    }
    let again = PendingSignIn::from_stored(&pending.to_stored(), BASE);
    assert_eq!(again, Some(pending));
    true
}

/// If the record is a sign-out, it is stored and read as the same, and fits where any other one was.
fn check_sign_out(record: &str) {
    let Some(sign_out) = SignOut::from_stored(record) else {
        return;
    };
    assert_eq!(
        sign_out.to_stored().to_ascii_lowercase(),
        record.to_ascii_lowercase()
    );
    assert_eq!(record.len(), SignOut::ROOM.len());
    for now in [0, NOW, u64::MAX] {
        let _ = sign_out.unfinished_for(now);
    }
}

/// JSON. What serde reads is read as the same.
pub fn json_text(text: &str) {
    let read = json::from_str::<Value>(text);
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        assert_eq!(read.unwrap(), value);
    }
}

/// A path of the API. However a browser reads it, it is below the API's URL.
pub fn api_path(text: &str) {
    const API: &str = "https://api.example.com/prod";
    if !is_api_path(text) {
        return;
    }
    let url = url::Url::parse(&format!("{API}{text}")).unwrap();
    assert_eq!(
        url.origin(),
        url::Url::parse(API).unwrap().origin(),
        "{text}"
    );
    assert!(url.path().starts_with("/prod/"), "{text}");
    assert_eq!(url.fragment(), None, "{text}");
}

/// A place to return to. However a browser reads it, it is within the app.
pub fn return_to(text: &str) {
    if let Some(place) = ReturnTo::parse(text, BASE) {
        assert_within_app(place.as_str());
    }
}

fn assert_within_app(place: &str) {
    let page = url::Url::parse(PAGE).unwrap();
    let origin = page.origin();
    for url in [
        page.join(place).unwrap(),
        url::Url::parse(&format!("https://app.example.com{place}")).unwrap(),
    ] {
        assert_eq!(url.origin(), origin, "{place}");
        assert!(url.path().starts_with(BASE), "{place}");
        // A route is never read as a response of the Hosted UI.
        let route = url.fragment().unwrap_or_default();
        let is_route = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte);
        assert!(route.bytes().all(is_route), "{place}");
        assert!(AuthorizationCallback::find("", route).is_none(), "{place}");
    }
}
