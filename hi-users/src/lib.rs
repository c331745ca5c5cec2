//! What `GET /hiUsers` answers: from API Gateway's event to API Gateway's answer, with nothing between.
//! Knows nothing of tokens: the authorizer has checked them and hands over the claims.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An answer in the form that API Gateway's Lambda proxy integration takes
/// ([AWS: output format](https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The HTTP status.
    pub status_code: u16,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The body: JSON.
    pub body: String,
}

/// Greets the person whom the authorizer let in: `{"message": "Hi, ada@example.com!"}`.
///
/// `event` is the proxy event, whose `requestContext.authorizer.claims` are the ID token's. Without them somebody has
/// taken the authorizer off the method, and the answer is 500 rather than a greeting for anybody. A browser's question
/// whether it may ask (`OPTIONS`) needs no authorizer.
///
/// `allowed_origins`, separated by spaces, are those whose pages may read the answer.
#[must_use]
pub fn answer(event: &Value, allowed_origins: &str) -> Answer {
    let origin = allowed_origin(event, allowed_origins);
    if event["httpMethod"] == "OPTIONS" {
        return Answer {
            status_code: 204,
            headers: headers(&[
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Methods", "GET"),
                ("Access-Control-Allow-Headers", "Authorization"),
                // In seconds; browsers ask again after two hours at the latest.
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
        None if claims.is_object() => (500, "The token names nobody.".to_owned()),
        None => (500, "The method has no Cognito authorizer.".to_owned()),
    };
    Answer {
        status_code,
        headers: headers(&[
            // A proxy integration has to set the CORS header itself.
            ("Access-Control-Allow-Origin", origin),
            ("Cache-Control", "no-store"),
            ("Content-Type", "application/json"),
            ("Vary", "Origin"),
        ]),
        body: json!({ "message": message }).to_string(),
    }
}

/// The request's origin if it is allowed, else the first that is.
fn allowed_origin<'a>(event: &Value, allowed_origins: &'a str) -> &'a str {
    let header = |name: &str| event["headers"][name].as_str();
    // Over HTTP/2 the names of headers arrive in small letters.
    let asking = header("origin").or_else(|| header("Origin"));
    let mut allowed = allowed_origins.split_whitespace();
    let first = allowed.clone().next().unwrap_or_default();
    allowed
        .find(|origin| Some(*origin) == asking)
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
        let answer = answer(&event, ALLOWED);
        assert_eq!(answer.status_code, status_code);
        assert_eq!(answer.body, json!({ "message": message }).to_string());
        assert_eq!(
            answer.headers["Access-Control-Allow-Origin"],
            "https://app.example.com"
        );
    }

    #[test]
    fn a_person_is_greeted_by_e_mail_or_else_by_name() {
        let claims = json!({ "sub": "1", "cognito:username": "ada", "email": "ada@example.com" });
        check(&claims, 200, "Hi, ada@example.com!");
        let claims = json!({ "sub": "1", "cognito:username": "ada" });
        check(&claims, 200, "Hi, ada!");
        check(&json!({ "sub": "1" }), 200, "Hi, 1!");
    }

    #[test]
    fn without_an_authorizer_or_a_name_nobody_is_greeted() {
        check(&Value::Null, 500, "The method has no Cognito authorizer.");
        check(&json!({}), 500, "The token names nobody.");
        check(&json!({ "email": 7 }), 500, "The token names nobody.");
        for event in [Value::Null, json!([]), json!({ "requestContext": "x" })] {
            assert_eq!(answer(&event, ALLOWED).status_code, 500);
        }
    }

    #[test]
    fn a_name_stays_text() {
        let claims = json!({ "email": "\"<b>@example.com" });
        check(&claims, 200, "Hi, \"<b>@example.com!");
    }

    #[test]
    fn allowed_origins_may_read_the_answer_and_no_others() {
        #[track_caller]
        fn check(headers: &Value, expected: &str) {
            for method in ["GET", "OPTIONS"] {
                let answer = answer(
                    &json!({ "httpMethod": method, "headers": headers }),
                    ALLOWED,
                );
                assert_eq!(answer.headers["Access-Control-Allow-Origin"], expected);
                assert_eq!(answer.headers["Vary"], "Origin");
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
    fn a_browser_may_ask_whether_it_may_ask() {
        let answer = answer(&json!({ "httpMethod": "OPTIONS" }), ALLOWED);
        assert_eq!((answer.status_code, answer.body.as_str()), (204, ""));
        assert_eq!(
            answer.headers["Access-Control-Allow-Headers"],
            "Authorization"
        );
    }
}
