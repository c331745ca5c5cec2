//! Handles `GET /hiUsers`: turns API Gateway's event into its response.
//! Knows nothing of tokens: the authorizer has verified them and passes the claims on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The output of a Lambda proxy integration
/// ([AWS: output format](https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProxyResponse {
    /// The HTTP status.
    pub status_code: u16,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The body: JSON.
    pub body: String,
}

/// Greets the user: `{"message": "Hi, ada@example.com!"}`.
///
/// `event` is the proxy event. Its `requestContext.authorizer.claims` are the token's claims. If they are missing, the
/// method has no authorizer, and the response is a 500 instead of a greeting. A preflight request (`OPTIONS`) needs no
/// authorizer.
///
/// `allowed_origins` lists the origins that may read the response, separated by spaces.
#[must_use]
pub fn handle(event: &Value, allowed_origins: &str) -> ProxyResponse {
    let origin = allowed_origin(event, allowed_origins);
    if event["httpMethod"] == "OPTIONS" {
        return ProxyResponse {
            status_code: 204,
            headers: headers(&[
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Methods", "GET"),
                ("Access-Control-Allow-Headers", "Authorization"),
                // In seconds. Chromium caps it at two hours.
                ("Access-Control-Max-Age", "7200"),
                ("Vary", "Origin"),
            ]),
            body: String::new(),
        };
    }
    let claims = &event["requestContext"]["authorizer"]["claims"];
    let name = ["email", "cognito:username", "username", "sub"]
        .iter()
        .find_map(|claim| claims[claim].as_str());
    let (status_code, message) = match name {
        Some(name) => (200, format!("Hi, {name}!")),
        None if claims.is_object() => (500, "The token does not name a user.".to_owned()),
        None => (500, "The method has no Cognito authorizer.".to_owned()),
    };
    ProxyResponse {
        status_code,
        headers: headers(&[
            // With a proxy integration, the function has to set the CORS header.
            ("Access-Control-Allow-Origin", origin),
            ("Cache-Control", "no-store"),
            ("Content-Type", "application/json"),
            ("Vary", "Origin"),
        ]),
        body: json!({ "message": message }).to_string(),
    }
}

/// Returns the request's origin if it is allowed, otherwise the first allowed origin.
fn allowed_origin<'a>(event: &Value, allowed_origins: &'a str) -> &'a str {
    let header = |name: &str| event["headers"][name].as_str();
    // Over HTTP/2, header names are lowercase.
    let request_origin = header("origin").or_else(|| header("Origin"));
    let mut allowed = allowed_origins.split_whitespace();
    let first = allowed.clone().next().unwrap_or_default();
    allowed
        .find(|origin| Some(*origin) == request_origin)
        .unwrap_or(first)
}

fn headers(headers: &[(&str, &str)]) -> BTreeMap<String, String> {
    headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &str = "https://app.example.com http://localhost:8080";

    #[track_caller]
    fn check(claims: &Value, status_code: u16, message: &str) {
        let event = json!({ "httpMethod": "GET", "requestContext": { "authorizer": { "claims": claims } } });
        let response = handle(&event, ALLOWED);
        assert_eq!(response.status_code, status_code);
        assert_eq!(response.body, json!({ "message": message }).to_string());
        assert_eq!(
            response.headers["Access-Control-Allow-Origin"],
            "https://app.example.com"
        );
    }

    #[test]
    fn greets_by_email_or_else_by_user_name() {
        let claims = json!({ "sub": "1", "cognito:username": "ada", "email": "ada@example.com" });
        check(&claims, 200, "Hi, ada@example.com!");
        let claims = json!({ "sub": "1", "cognito:username": "ada" });
        check(&claims, 200, "Hi, ada!");
        check(&json!({ "sub": "1" }), 200, "Hi, 1!");
    }

    #[test]
    fn missing_authorizer_or_user_name_is_an_error() {
        check(&Value::Null, 500, "The method has no Cognito authorizer.");
        check(&json!({}), 500, "The token does not name a user.");
        check(
            &json!({ "email": 7 }),
            500,
            "The token does not name a user.",
        );
        for event in [Value::Null, json!([]), json!({ "requestContext": "x" })] {
            assert_eq!(handle(&event, ALLOWED).status_code, 500);
        }
    }

    #[test]
    fn names_are_escaped_as_json() {
        let claims = json!({ "email": "\"<b>@example.com" });
        check(&claims, 200, "Hi, \"<b>@example.com!");
    }

    #[test]
    fn only_allowed_origins_may_read_the_response() {
        #[track_caller]
        fn check(headers: &Value, expected: &str) {
            for method in ["GET", "OPTIONS"] {
                let response = handle(
                    &json!({ "httpMethod": method, "headers": headers }),
                    ALLOWED,
                );
                assert_eq!(response.headers["Access-Control-Allow-Origin"], expected);
                assert_eq!(response.headers["Vary"], "Origin");
            }
        }
        let (site, local) = ("https://app.example.com", "http://localhost:8080");
        check(&json!({ "origin": site }), site);
        check(&json!({ "origin": local }), local);
        check(&json!({ "Origin": local }), local);
        check(&json!({ "origin": "https://example.org" }), site);
        check(
            &json!({ "origin": "https://app.example.com.example.org" }),
            site,
        );
        check(&Value::Null, site);
    }

    #[test]
    fn preflight_needs_no_authorizer() {
        let response = handle(&json!({ "httpMethod": "OPTIONS" }), ALLOWED);
        assert_eq!((response.status_code, response.body.as_str()), (204, ""));
        assert_eq!(
            response.headers["Access-Control-Allow-Headers"],
            "Authorization"
        );
    }
}
