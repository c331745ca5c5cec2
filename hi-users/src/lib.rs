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
/// taken the authorizer off the method, and the answer is 500 rather than a greeting for anybody.
#[must_use]
pub fn answer(event: &Value) -> Answer {
    let claims = &event["requestContext"]["authorizer"]["claims"];
    let name = ["email", "cognito:username", "username", "sub"]
        .iter()
        .find_map(|claim| claims[claim].as_str());
    match name {
        Some(name) => json_answer(200, &format!("Hi, {name}!")),
        None => json_answer(500, "The method has no Cognito authorizer."),
    }
}

fn json_answer(status_code: u16, message: &str) -> Answer {
    Answer {
        status_code,
        headers: BTreeMap::from(
            [
                // A proxy integration has to set the CORS header itself.
                ("Access-Control-Allow-Origin", "*"),
                ("Cache-Control", "no-store"),
                ("Content-Type", "application/json"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        ),
        body: json!({ "message": message }).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(claims: &Value, status_code: u16, message: &str) {
        let answer = answer(&json!({ "requestContext": { "authorizer": { "claims": claims } } }));
        assert_eq!(answer.status_code, status_code);
        assert_eq!(answer.body, json!({ "message": message }).to_string());
        assert_eq!(answer.headers["Access-Control-Allow-Origin"], "*");
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
    fn without_an_authorizer_nobody_is_greeted() {
        let message = "The method has no Cognito authorizer.";
        check(&json!({}), 500, message);
        assert_eq!(answer(&json!({})).status_code, 500);
    }

    #[test]
    fn a_name_stays_text() {
        let claims = json!({ "email": "\"<b>@example.com" });
        check(&claims, 200, "Hi, \"<b>@example.com!");
    }
}
