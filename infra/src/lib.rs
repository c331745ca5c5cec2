//! Reads `template.yaml`, so that other tools take the stack's properties from the template.
//! Knows nothing of AWS: it resolves references to parameters and leaves all other functions to CloudFormation.

use std::sync::LazyLock;

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// The text of the template.
pub const TEMPLATE: &str = include_str!("../template.yaml");

/// The template as JSON, with functions in their full form: `{"Ref": "UserPool"}`, `{"Fn::Sub": "…"}`.
#[must_use]
pub fn template() -> &'static Value {
    static TEMPLATE_JSON: LazyLock<Value> = LazyLock::new(|| {
        let documents = Yaml::load_from_str(TEMPLATE).unwrap_or_default();
        documents.first().map_or(Value::Null, to_json)
    });
    &TEMPLATE_JSON
}

/// The value of a resource's property with the parameters' defaults. Returns `null` if the property does not exist, and
/// the full form of any function other than a reference to a parameter.
///
/// `property` is a JSON pointer, as in `property("UserPool", "/Policies/PasswordPolicy/MinimumLength")`.
#[must_use]
pub fn property(resource: &str, property: &str) -> Value {
    let template = template();
    let value = &template["Resources"][resource]["Properties"];
    let value = value.pointer(property).unwrap_or(&Value::Null);
    let parameter = value["Ref"].as_str().unwrap_or_default();
    match &template["Parameters"][parameter]["Default"] {
        Value::Null => value.clone(),
        default => default.clone(),
    }
}

fn to_json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::String(text)) => text.as_ref().into(),
        Yaml::Value(Scalar::Integer(number)) => (*number).into(),
        Yaml::Value(Scalar::Boolean(boolean)) => (*boolean).into(),
        Yaml::Value(Scalar::FloatingPoint(number)) => number.into_inner().into(),
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(entries) => {
            let entries = entries.iter().filter_map(|(key, value)| {
                let key = key.as_str()?.to_owned();
                Some((key, to_json(value)))
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Yaml::Tagged(tag, value) => {
            let name = match tag.suffix.as_str() {
                "Ref" | "Condition" => tag.suffix.clone(),
                function => format!("Fn::{function}"),
            };
            json!({ name: to_json(value) })
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_outputs_have_descriptions() {
        let template = template();
        for section in ["Parameters", "Outputs"] {
            let entries = template[section].as_object().unwrap();
            assert!(entries.len() > 10, "{section}");
            for (name, entry) in entries {
                let description = entry["Description"].as_str().unwrap_or_default();
                assert!(description.ends_with('.'), "{name}: {description}");
            }
        }
    }

    #[test]
    fn user_pool_has_email_user_names_and_the_password_policy() {
        let pool = |pointer: &str| property("UserPool", pointer);
        assert_eq!(pool("/UsernameAttributes"), json!(["email"]));
        assert_eq!(pool("/AutoVerifiedAttributes"), json!(["email"]));
        assert_eq!(pool("/MfaConfiguration"), "OFF");
        let policy = |rule: &str| pool(&format!("/Policies/PasswordPolicy/{rule}"));
        assert_eq!(policy("MinimumLength"), 6);
        assert_eq!(policy("RequireUppercase"), "true");
        assert_eq!(policy("RequireNumbers"), "true");
        assert_eq!(policy("RequireLowercase"), "false");
        assert_eq!(policy("RequireSymbols"), "false");
    }

    #[test]
    fn app_client_is_public_and_has_exact_urls() {
        let client = |pointer: &str| property("UserPoolClient", pointer);
        assert_eq!(client("/GenerateSecret"), false);
        assert_eq!(client("/AllowedOAuthFlowsUserPoolClient"), true);
        assert_eq!(client("/AllowedOAuthFlows/0"), "code");
        assert_eq!(client("/PreventUserExistenceErrors"), "ENABLED");
        assert_eq!(client("/EnableTokenRevocation"), true);
        assert_eq!(client("/CallbackURLs"), client("/LogoutURLs"));
        assert!(!client("/CallbackURLs").to_string().contains('*'));
    }

    #[test]
    fn managed_login_has_branding() {
        let template = template();
        let branding = &template["Resources"]["ManagedLoginBranding"];
        assert_eq!(branding["Condition"], "UsesManagedLogin");
        let version = property("UserPoolDomain", "/ManagedLoginVersion");
        assert_eq!(version, json!({ "Fn::If": ["UsesManagedLogin", 2, 1] }));
    }
}
