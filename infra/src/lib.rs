//! Reads `template.yaml`, so that other tools take the stack's properties from the template.
//! Knows nothing of AWS: it resolves parameters, mappings and conditions, and leaves all other functions to CloudFormation.

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
/// the full form of a function that needs the deployed stack.
///
/// `property` is a JSON pointer, as in `property("UserPool", "/Policies/PasswordPolicy/MinimumLength")`.
#[must_use]
pub fn property(resource: &str, property: &str) -> Value {
    property_with(&[], resource, property)
}

/// The same with these values of parameters instead of their defaults.
#[must_use]
pub fn property_with(parameters: &[(&str, &str)], resource: &str, property: &str) -> Value {
    let properties = &template()["Resources"][resource]["Properties"];
    let properties = resolve(parameters, properties).unwrap_or_default();
    properties.pointer(property).cloned().unwrap_or_default()
}

/// The value with its references to parameters, mappings and conditions resolved. `None` for `AWS::NoValue`.
fn resolve(parameters: &[(&str, &str)], value: &Value) -> Option<Value> {
    let resolve_all = |items: &[Value]| -> Vec<Value> {
        let items = items.iter().filter_map(|item| resolve(parameters, item));
        items.collect()
    };
    let entries = match value {
        Value::Array(items) => return Some(resolve_all(items).into()),
        Value::Object(entries) => entries,
        _ => return Some(value.clone()),
    };
    let function = entries.iter().next().filter(|_| entries.len() == 1);
    match function.map(|(name, argument)| (name.as_str(), argument)) {
        Some(("Ref", name)) if name == "AWS::NoValue" => None,
        Some(("Ref", name)) => {
            let name = name.as_str().unwrap_or_default();
            let given = parameters.iter().find(|(given, _)| *given == name);
            let default = &template()["Parameters"][name]["Default"];
            match (given, default) {
                (Some((_, given)), _) => Some((*given).into()),
                (None, Value::Null) => Some(value.clone()),
                (None, default) => Some(default.clone()),
            }
        }
        Some(("Fn::If", arguments)) => {
            let name = arguments[0].as_str().unwrap_or_default();
            let is_met = is_met(parameters, &template()["Conditions"][name]);
            resolve(parameters, &arguments[if is_met { 1 } else { 2 }])
        }
        Some(("Fn::FindInMap", Value::Array(keys))) => {
            let keys = resolve_all(keys);
            let keys = keys.iter().map(|key| key.as_str().unwrap_or_default());
            Some(
                keys.fold(&template()["Mappings"], |map, key| &map[key])
                    .clone(),
            )
        }
        Some((function, _)) if function.starts_with("Fn::") => Some(value.clone()),
        _ => {
            let entries = entries.iter();
            let resolved =
                entries.filter_map(|(key, value)| Some((key.clone(), resolve(parameters, value)?)));
            Some(Value::Object(resolved.collect()))
        }
    }
}

/// Whether a condition is met.
fn is_met(parameters: &[(&str, &str)], condition: &Value) -> bool {
    let Some((function, argument)) = condition
        .as_object()
        .and_then(|entries| entries.iter().next())
    else {
        return false;
    };
    let all = argument.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut conditions = all.iter().map(|condition| is_met(parameters, condition));
    match function.as_str() {
        "Condition" => {
            let name = argument.as_str().unwrap_or_default();
            is_met(parameters, &template()["Conditions"][name])
        }
        "Fn::Equals" => resolve(parameters, &all[0]) == resolve(parameters, &all[1]),
        "Fn::Not" => !conditions.any(|is_met| is_met),
        "Fn::And" => conditions.all(|is_met| is_met),
        "Fn::Or" => conditions.any(|is_met| is_met),
        _ => false,
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
        let policy = |rule: &str| pool(&format!("/Policies/PasswordPolicy/{rule}"));
        assert_eq!(policy("MinimumLength"), 6);
        assert_eq!(policy("RequireUppercase"), "true");
        assert_eq!(policy("RequireNumbers"), "true");
        assert_eq!(policy("RequireLowercase"), "false");
        assert_eq!(policy("RequireSymbols"), "false");
    }

    #[test]
    fn a_preset_fills_in_the_parameters_that_are_empty() {
        #[track_caller]
        fn check(parameters: &[(&str, &str)], length: Value, mfa: &str, minutes: Value) {
            let pool = |pointer: &str| property_with(parameters, "UserPool", pointer);
            let client = |pointer: &str| property_with(parameters, "UserPoolClient", pointer);
            assert_eq!(pool("/Policies/PasswordPolicy/MinimumLength"), length);
            assert_eq!(pool("/MfaConfiguration"), mfa);
            // Cognito rejects factors without MFA.
            let factors = json!(["SOFTWARE_TOKEN_MFA"]);
            let factors = if mfa == "OFF" { Value::Null } else { factors };
            assert_eq!(pool("/EnabledMfas"), factors);
            assert_eq!(client("/IdTokenValidity"), minutes);
            assert_eq!(client("/AccessTokenValidity"), minutes);
            assert_eq!(pool("/DeletionProtection"), "ACTIVE");
        }
        let production = ("Preset", "production");
        check(&[], json!(6), "OFF", json!(60));
        check(&[production], json!(12), "OPTIONAL", json!(15));
        check(
            &[production, ("Grant", "implicit")],
            json!(12),
            "OPTIONAL",
            json!(60),
        );
        let own = [
            ("PasswordMinimumLength", "8"),
            ("Mfa", "ON"),
            ("TokenValidityMinutes", "30"),
        ];
        check(&own, json!("8"), "ON", json!("30"));
        check(
            &[&own[..], &[production]].concat(),
            json!("8"),
            "ON",
            json!("30"),
        );
        check(&[production, ("Mfa", "OFF")], json!(12), "OFF", json!(15));
    }

    #[test]
    fn the_plan_plus_has_threat_protection() {
        for (tier, mode) in [
            ("LITE", Value::Null),
            ("ESSENTIALS", Value::Null),
            ("PLUS", "ENFORCED".into()),
        ] {
            let pointer = "/UserPoolAddOns/AdvancedSecurityMode";
            let found = property_with(&[("UserPoolTier", tier)], "UserPool", pointer);
            assert_eq!(found, mode, "{tier}");
        }
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
    fn refresh_tokens_that_are_not_rotated_live_a_day() {
        let rotated = json!({ "Feature": "ENABLED", "RetryGracePeriodSeconds": 60 });
        let flows = json!(["ALLOW_USER_SRP_AUTH"]);
        let flows_without_rotation = json!(["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]);
        for (grant, tier, days) in [
            ("code", "ESSENTIALS", 30),
            ("code", "PLUS", 30),
            ("code", "LITE", 1),
            ("implicit", "ESSENTIALS", 1),
        ] {
            let parameters = [("Grant", grant), ("UserPoolTier", tier)];
            let client = |pointer: &str| property_with(&parameters, "UserPoolClient", pointer);
            let is_rotated = days > 1;
            let (rotation, flows) = match is_rotated {
                true => (&rotated, &flows),
                false => (&Value::Null, &flows_without_rotation),
            };
            assert_eq!(client("/RefreshTokenValidity"), days, "{grant} {tier}");
            assert_eq!(client("/RefreshTokenRotation"), *rotation, "{grant} {tier}");
            assert_eq!(client("/ExplicitAuthFlows"), *flows, "{grant} {tier}");
        }
        let own = [("RefreshTokenValidityDays", "7")];
        let days = property_with(&own, "UserPoolClient", "/RefreshTokenValidity");
        assert_eq!(days, "7");
    }

    #[test]
    fn the_api_accepts_id_tokens_of_this_app_client_or_else_access_tokens_with_a_scope() {
        let check = |token: &str, audience: Value, scopes: Value| {
            let parameters = [("ApiToken", token)];
            let expression =
                property_with(&parameters, "Authorizer", "/IdentityValidationExpression");
            assert_eq!(expression, audience, "{token}");
            let required = property_with(&parameters, "GetHiUsers", "/AuthorizationScopes");
            assert_eq!(required, scopes, "{token}");
        };
        check(
            "id",
            json!({ "Fn::Sub": "^${UserPoolClient}$" }),
            Value::Null,
        );
        check("access", Value::Null, json!(["openid"]));
    }

    #[test]
    fn the_access_log_names_the_user_and_the_source_and_no_token() {
        let format = property("ApiStage", "/AccessLogSetting/Format");
        let format: Value = serde_json::from_str(format.as_str().unwrap()).unwrap();
        let expected = json!({
            "time": "$context.requestTime",
            "request": "$context.requestId",
            "method": "$context.httpMethod",
            "path": "$context.path",
            "status": "$context.status",
            "milliseconds": "$context.responseLatency",
            "gatewayError": "$context.error.responseType",
            "sub": "$context.authorizer.claims.sub",
            "sourceIp": "$context.identity.sourceIp",
        });
        assert_eq!(format, expected);
    }

    #[test]
    fn hsts_does_not_cover_subdomains_unless_asked_for() {
        let pointer = "/ResponseHeadersPolicyConfig/SecurityHeadersConfig/StrictTransportSecurity/IncludeSubdomains";
        assert_eq!(property("ResponseHeaders", pointer), "false");
        let asked = [("HstsIncludeSubDomains", "true")];
        assert_eq!(property_with(&asked, "ResponseHeaders", pointer), "true");
    }

    #[test]
    fn managed_login_has_branding() {
        let template = template();
        let branding = &template["Resources"]["ManagedLoginBranding"];
        assert_eq!(branding["Condition"], "UsesManagedLogin");
        let managed = [("LoginPages", "managed")];
        let version = property_with(&managed, "UserPoolDomain", "/ManagedLoginVersion");
        assert_eq!(version, 2);
        assert_eq!(property("UserPoolDomain", "/ManagedLoginVersion"), 1);
    }

    #[test]
    fn every_check_that_checkov_skips_has_a_reason() {
        let resources = template()["Resources"].as_object().unwrap();
        let skips = resources.iter().flat_map(|(name, resource)| {
            let skips = resource["Metadata"]["checkov"]["skip"].as_array();
            let skips = skips.into_iter().flatten();
            skips.map(move |skip| (name, &skip["comment"]))
        });
        assert!(skips.clone().count() > 0);
        for (name, reason) in skips {
            let reason = reason.as_str().unwrap_or_default();
            assert!(
                reason.ends_with('.') && reason.contains(' '),
                "{name}: {reason}"
            );
        }
    }
}
