//! What WebCrypto computes. Only there on pages that came by `https://` or from this computer.

use js_sys::{JSON, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto, window};

const RS256: &str = r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-256"}"#;

/// Whether `signature` is `jwk`'s RS256 signature of `signed` (RFC 7518, section 3.3). Anything that goes wrong on the
/// way is a no.
pub async fn is_rs256_signature(jwk: &str, signature: &[u8], signed: &[u8]) -> bool {
    matches!(verify(jwk, signature, signed).await, Ok(verdict) if verdict.is_truthy())
}

/// The SHA-256 of `data`, computed from now on and not only when it is awaited; `None` if there is no WebCrypto.
pub fn sha_256(data: &[u8]) -> impl Future<Output = Option<[u8; 32]>> + use<> {
    let digest =
        subtle().and_then(|subtle| subtle.digest_with_str_and_js_u8_array("SHA-256", &data.into()));
    async {
        let digest = JsFuture::from(digest.ok()?).await.ok()?;
        let mut bytes = [0; 32];
        Uint8Array::new(&digest).copy_to(&mut bytes);
        Some(bytes)
    }
}

async fn verify(jwk: &str, signature: &[u8], signed: &[u8]) -> Result<JsValue, JsValue> {
    let object = |json: &str| JSON::parse(json)?.dyn_into::<Object>();
    let usages = JSON::parse(r#"["verify"]"#)?;
    let key =
        subtle()?.import_key_with_object("jwk", &object(jwk)?, &object(RS256)?, false, &usages)?;
    let key: CryptoKey = JsFuture::from(key).await?.dyn_into()?;
    let (signature, signed) = (Uint8Array::from(signature), Uint8Array::from(signed));
    let verdict = subtle()?.verify_with_str_and_js_u8_array_and_js_u8_array(
        "RSASSA-PKCS1-v1_5",
        &key,
        &signature,
        &signed,
    )?;
    JsFuture::from(verdict).await
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    let crypto = window().ok_or(JsValue::NULL)?.crypto()?;
    // On an insecure page there is no such property, whatever its type promises.
    let subtle: JsValue = crypto.subtle().into();
    subtle.dyn_into()
}
