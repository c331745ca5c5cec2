//! WebCrypto. It exists only in a secure context: on `https://` pages and on loopback hosts.

use js_sys::{JSON, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

use super::window;

/// Whether `signature` is an RS256 signature of `signed` by the key `jwk` (RFC 7518, section 3.3). Returns `false` on any
/// failure.
pub async fn verify_rs256(jwk: &str, signature: &[u8], signed: &[u8]) -> bool {
    let verdict = try_verify_rs256(jwk, signature, signed).await;
    verdict.is_ok_and(|verdict| verdict.is_truthy())
}

async fn try_verify_rs256(jwk: &str, signature: &[u8], signed: &[u8]) -> Result<JsValue, JsValue> {
    let object = |json: &str| JSON::parse(json)?.dyn_into::<Object>();
    let algorithm = object(r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-256"}"#)?;
    let usages = JSON::parse(r#"["verify"]"#)?;
    let subtle = subtle()?;
    let key = subtle.import_key_with_object("jwk", &object(jwk)?, &algorithm, false, &usages)?;
    let key: CryptoKey = JsFuture::from(key).await?.dyn_into()?;
    let verdict = subtle.verify_with_object_and_js_u8_array_and_js_u8_array(
        &algorithm,
        &key,
        &Uint8Array::from(signature),
        &Uint8Array::from(signed),
    )?;
    JsFuture::from(verdict).await
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    // Outside of a secure context, `subtle` is undefined despite its type in web-sys.
    JsValue::from(window().crypto()?.subtle()).dyn_into()
}
