//! JSON of a wrong shape never panics. It can come from a server, from an attacker or from another version of the app.

use cognito_hosted_ui::{
    AccessToken, IdToken, JsonWebKeySet, PendingSignIn, Session, TokenEndpointError, TokenSource,
    token_endpoint,
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{claims, implicit_grant, jwt, jwt_with_header, restored, stored_session};

/// Values of every kind.
fn values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!("text"),
        json!("\u{0}é😀"),
        json!([]),
        json!([null, 1, "a", [], {}]),
        json!({}),
        json!({ "": { "": [] } }),
    ]
}

/// Documents that are not a JSON object.
fn non_objects() -> Vec<String> {
    let values = values().into_iter().filter(|value| !value.is_object());
    let mut documents: Vec<String> = values.map(|value| value.to_string()).collect();
    documents.extend(
        [
            // Arrays with the fields of a token response, an error and a session in their order.
            r#"["a.b.c","d","r","Bearer"]"#,
            r#"["invalid_grant"]"#,
            r#"["a.b.c","d","r","ada@example.com",true,0,"s"]"#,
            "",
            " ",
            "{",
            "}",
            "{]",
            "[}",
            "{\"a\"}",
            "{,}",
            "nul",
            "1e999",
            "-",
            "\"",
            "\\",
            "\u{0}",
            "\u{feff}{}",
            "{}{}",
            "<html>",
        ]
        .map(str::to_owned),
    );
    documents.push("[".repeat(100_000));
    documents.push("{\"a\":".repeat(100_000));
    documents.push(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    documents
}

/// The document with each of its members replaced by each of the values, and with one more member.
fn variants(document: &Value) -> Vec<String> {
    let members = document.as_object().unwrap();
    let names = members.keys().map(String::as_str).chain(["another"]);
    names
        .flat_map(|name| {
            values().into_iter().map(move |value| {
                let mut variant = document.clone();
                variant[name] = value;
                variant.to_string()
            })
        })
        .collect()
}

fn beginning(document: &str) -> String {
    document.chars().take(80).collect()
}

#[wasm_bindgen_test(unsupported = test)]
fn a_stored_session_never_panics() {
    let mut stored = stored_session(&claims());
    stored["refresh_token"] = "r".into();
    stored["email"] = "ada@example.com".into();
    stored["email_verified"] = true.into();
    let restore = |stored: &str| Session::restore(stored, &implicit_grant());
    assert!(restore(&stored.to_string()).is_ok());
    for document in non_objects() {
        assert!(restore(&document).is_err(), "{}", beginning(&document));
    }
    for document in variants(&stored) {
        if let Ok(session) = restore(&document) {
            assert_eq!(restore(&session.to_stored()), Ok(session), "{document}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_stored_pending_sign_in_never_panics() {
    let stored = json!({
        "state": "s",
        "nonce": "n",
        "code_verifier": "v",
        "return_to": "/orders",
        "sub": "a4c8e0d2",
        "sign_out": "0123456789abcdef",
        "started_at": 1,
    });
    let read = |stored: &str| PendingSignIn::from_stored(stored, "/");
    assert!(read(&stored.to_string()).is_some());
    for document in non_objects() {
        assert_eq!(read(&document), None, "{}", beginning(&document));
    }
    for document in variants(&stored) {
        if let Some(pending) = read(&document) {
            assert_eq!(read(&pending.to_stored()), Some(pending), "{document}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_token_endpoint_response_never_panics() {
    let response = json!({
        "id_token": "a.b.c",
        "access_token": "d.e.f",
        "refresh_token": "r",
        "token_type": "Bearer",
    });
    let error = json!({ "error": "invalid_grant" });
    let invalid = Err(TokenEndpointError::InvalidResponse);
    for status in [0, 200, 204, 302, 400, 401, 404] {
        for document in non_objects() {
            let read = token_endpoint::read(status, &document);
            assert_eq!(read, invalid, "{status} {}", beginning(&document));
        }
        for document in variants(&response).iter().chain(&variants(&error)) {
            let read = token_endpoint::read(status, document);
            assert!(status == 200 || read.is_err(), "{status} {document}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_key_set_never_panics() {
    let key = json!({
        "alg": "RS256", "e": "AQAB", "kid": "k", "kty": "RSA", "n": "n".repeat(342), "use": "sig",
    });
    for document in non_objects() {
        assert!(
            JsonWebKeySet::read(&document).is_empty(),
            "{}",
            beginning(&document)
        );
    }
    for document in variants(&json!({ "keys": [key] })) {
        assert!(JsonWebKeySet::read(&document).len() <= 1, "{document}");
    }
    // One key that cannot be read does not hide another.
    for unusual in variants(&key) {
        let document = format!(r#"{{"keys":[{unusual},{key}]}}"#);
        let keys = JsonWebKeySet::read(&document);
        assert!(keys.find(Some("k")).is_some(), "{document}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn an_id_token_never_panics() {
    let read = |text: String| {
        let token = IdToken::new(text);
        let _ = token.all_claims_unverified();
        token.read_unverified()
    };
    let payload = claims().to_string();
    let header = json!({ "alg": "RS256", "kid": "k" });
    for document in non_objects() {
        assert!(read(jwt(&document)).is_err(), "{}", beginning(&document));
        let token = jwt_with_header(&document, &payload);
        assert!(read(token).is_err(), "{}", beginning(&document));
    }
    for document in variants(&claims()) {
        if let Ok(unverified) = read(jwt(&document)) {
            let hosted_ui = implicit_grant();
            let _ = unverified
                .claims
                .validate(hosted_ui.validation(TokenSource::Storage), u64::MAX);
            let access_token = AccessToken::new("d.e.f".to_owned());
            let _ = unverified.claims.validate_access_token(&access_token);
        }
    }
    for document in variants(&header) {
        let _ = read(jwt_with_header(&document, &payload));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_user_info_response_never_panics() {
    let session = restored(&stored_session(&claims()));
    let user_info = json!({
        "sub": session.claims().sub,
        "email": "ada@example.com",
        "email_verified": "true",
    });
    for document in non_objects() {
        let unchanged = session.clone().with_user_info(&document);
        assert_eq!(unchanged.as_ref(), Ok(&session), "{}", beginning(&document));
    }
    for document in variants(&user_info) {
        if let Ok(known) = session.clone().with_user_info(&document) {
            assert_eq!(known.claims().email, session.claims().email, "{document}");
        }
    }
}
