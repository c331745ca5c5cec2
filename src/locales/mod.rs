//! The app's texts in all languages. A language is one value of [`Texts`] in its own file, so a missing text is a
//! compile error. Knows neither the browser nor when a text is shown.
//!
//! To add a language, copy `en.rs`, translate it, and add it to [`LOCALES`].

pub mod en;

pub mod es;

/// The texts of one language. A text with placeholders is a function of their values.
// Most names describe the text; the others have a comment.
#[allow(missing_docs)]
#[derive(Debug)]
pub struct Texts {
    /// The language's name, in the language itself.
    pub name: &'static str,
    /// The RFC 5646 tag, for `<html lang>` and Cognito's `lang` parameter.
    pub tag: &'static str,
    /// The writing direction for `<html dir>`: `ltr` or `rtl`.
    pub direction: &'static str,

    // Everywhere
    pub one_moment: &'static str,
    /// Label of the button that reloads the page.
    pub load_again: &'static str,
    pub copy: &'static str,
    /// Accessible name of a copy button.
    pub copy_what: fn(what: &str) -> String,
    pub copied: &'static str,
    pub not_copied: &'static str,
    pub offline: &'static str,
    pub setup: &'static str,
    pub home: &'static str,

    // Units of time: abbreviations, which have no plural forms
    pub seconds: fn(u64) -> String,
    pub minutes: fn(u64) -> String,
    pub hours: fn(u64) -> String,
    pub days: fn(u64) -> String,
    pub ago: fn(duration: &str) -> String,

    // Signed out
    pub welcome: &'static str,
    /// The line below [`welcome`](Self::welcome). `index.html` contains the English one too.
    pub invitation: &'static str,
    pub sign_in: &'static str,
    pub sign_in_with: fn(provider: &str) -> String,
    pub create_account: &'static str,
    pub forgot_password: &'static str,
    /// Shown while a sign-in is verified.
    pub verifying: &'static str,
    /// Shown on the way to the Hosted UI, for sign-in and sign-out.
    pub leaving: &'static str,

    // Signed in
    pub signed_in_as: fn(who: &str) -> String,
    /// The heading if the API call fails.
    pub no_greeting: &'static str,
    /// Shown if the API takes longer than a few seconds.
    pub slow: &'static str,
    pub sign_out: &'static str,
    /// Title of the section about the user.
    pub person: &'static str,
    /// Label of the user's name, for a user without an email address.
    pub name_label: &'static str,
    pub email: &'static str,
    pub verified: &'static str,
    pub not_verified: &'static str,
    pub groups: &'static str,
    /// The value of [`groups`](Self::groups) if the user is in none.
    pub none: &'static str,
    pub session: &'static str,
    pub time_left: &'static str,
    /// Label of the time of sign-in.
    pub signed_in_at: &'static str,
    pub grant: &'static str,
    pub grant_code: &'static str,
    pub grant_implicit: &'static str,
    pub renew: &'static str,
    pub renewing: &'static str,
    pub stay_signed_in: &'static str,
    pub api: &'static str,
    /// Label of the request's method and URL.
    pub call: &'static str,
    pub answer: &'static str,
    pub answer_in: fn(status: u16, milliseconds: u64) -> String,
    pub no_answer_in: fn(milliseconds: u64) -> String,
    pub call_again: &'static str,
    pub calling: &'static str,

    // For developers
    pub developer: &'static str,
    pub show_claims: &'static str,
    pub hide_claims: &'static str,
    pub claims: &'static str,
    pub claims_text: &'static str,
    pub curl: &'static str,
    pub curl_text: &'static str,
    pub with_token: &'static str,
    pub token_warning: fn(until: &str) -> String,
    pub show_token: &'static str,
    pub hide_token: &'static str,
    pub claim_iss: &'static str,
    pub claim_sub: &'static str,
    pub claim_aud: &'static str,
    pub claim_azp: &'static str,
    pub claim_exp: &'static str,
    pub claim_iat: &'static str,
    pub claim_auth_time: &'static str,
    pub claim_token_use: &'static str,
    pub claim_nonce: &'static str,
    pub claim_at_hash: &'static str,
    pub claim_jti: &'static str,
    pub claim_origin_jti: &'static str,
    pub claim_event_id: &'static str,
    pub claim_email: &'static str,
    pub claim_email_verified: &'static str,
    /// `cognito:username`
    pub claim_username: &'static str,
    /// `cognito:groups`
    pub claim_groups: &'static str,
    /// `cognito:roles`
    pub claim_roles: &'static str,
    /// `cognito:preferred_role`
    pub claim_preferred_role: &'static str,
    pub claim_identities: &'static str,
    /// Any claim whose name starts with `custom:`.
    pub claim_custom: &'static str,
    /// Any other claim.
    pub claim_other: &'static str,

    // Setup
    pub setup_title: &'static str,
    pub setup_text: &'static str,
    pub register: &'static str,
    pub register_text: &'static str,
    pub callback_url: &'static str,
    pub sign_out_url: &'static str,
    /// Shown below a URL that is not the page's own address.
    pub elsewhere: fn(page: &str) -> String,
    pub checks: &'static str,
    pub checks_text: &'static str,
    pub check_again: &'static str,
    pub checking: &'static str,
    pub check_keys: &'static str,
    pub check_domain: &'static str,
    pub check_api: &'static str,
    pub check_clock: &'static str,
    pub check_storage: &'static str,
    pub keys_found: fn(count: u64) -> String,
    pub keys_none: &'static str,
    pub keys_status: fn(status: u16) -> String,
    pub keys_unreachable: &'static str,
    pub domain_good: &'static str,
    pub domain_unreachable: &'static str,
    pub api_good: &'static str,
    /// The API accepts requests without a token.
    pub api_open: &'static str,
    /// The API does not know the path.
    pub api_path: &'static str,
    /// The API responds with a status other than 401.
    pub api_status: fn(status: u16) -> String,
    /// The preflight request fails.
    pub api_preflight: fn(origin: &str) -> String,
    /// The response has no CORS headers.
    pub api_cors: fn(origin: &str) -> String,
    pub api_unreachable: &'static str,
    pub clock_good: fn(difference: &str) -> String,
    pub clock_ahead: fn(difference: &str) -> String,
    pub clock_behind: fn(difference: &str) -> String,
    pub clock_unknown: &'static str,
    pub storage_good: &'static str,
    pub storage_none: &'static str,
    pub settings: &'static str,
    pub settings_text: &'static str,

    // What most errors advise
    pub again: &'static str,
    pub again_or_tell: &'static str,
    pub connection_remedy: &'static str,

    // Why a session ended, and warnings about one
    pub ended_signed_out: &'static str,
    pub ended_expired: &'static str,
    pub ended_elsewhere: &'static str,
    pub ended_unreadable: &'static str,
    pub ended_rejected: &'static str,
    /// The user has signed out without a network. Cognito still has its own session.
    pub sign_out_unfinished: &'static str,
    pub sign_out_unfinished_remedy: &'static str,
    pub finish_sign_out: &'static str,
    pub sign_out_not_shared: &'static str,
    pub sign_out_not_shared_remedy: &'static str,
    pub ends_soon: &'static str,
    pub ends_soon_remedy: &'static str,
    pub not_renewed: &'static str,
    pub not_renewed_remedy: &'static str,
    /// Only this device's clock says so.
    pub perhaps_expired: &'static str,
    pub perhaps_expired_remedy: &'static str,
    pub clock_wrong: &'static str,
    pub clock_wrong_remedy: &'static str,
    pub cannot_store: &'static str,
    pub cannot_store_remedy: &'static str,
    pub user_changed: &'static str,
    pub user_changed_remedy: &'static str,
    /// The session is not stored, so it ends when the page is reloaded or closed.
    pub not_stored: &'static str,
    pub not_stored_remedy: &'static str,

    // Why a sign-in failed
    pub state_mismatch: &'static str,
    pub state_mismatch_remedy: &'static str,
    pub signed_out_since: &'static str,
    pub repeated_parameter: &'static str,
    pub no_id_token: &'static str,
    pub token_type: &'static str,
    pub tokens_in_query: &'static str,
    pub wrong_grant: &'static str,
    pub exchange_refused: &'static str,
    pub exchange_unreachable: &'static str,
    pub exchange_malformed: &'static str,
    pub jwks_unavailable: &'static str,
    pub denied: &'static str,
    pub invalid_scope: &'static str,
    pub unauthorized_client: &'static str,
    pub login_required: &'static str,
    pub server_error: &'static str,
    /// Any other error code of the Hosted UI.
    pub not_completed: &'static str,

    // Why an ID token was rejected
    pub clock_remedy: &'static str,
    pub token_expired: &'static str,
    pub token_future: &'static str,
    pub token_before: &'static str,
    pub token_claim: fn(claim: &str) -> String,
    /// Takes one of the reasons that follow, each a clause.
    pub token_refused: fn(reason: &str) -> String,
    pub token_not_jwt: &'static str,
    pub token_not_base64url: &'static str,
    pub token_not_json: &'static str,
    pub token_algorithm: &'static str,
    pub token_critical: &'static str,
    pub token_unknown_key: &'static str,
    pub token_signature: &'static str,
    pub token_at_hash: &'static str,
    pub token_issuer: &'static str,
    pub token_audience: &'static str,
    pub token_extra_audience: &'static str,
    pub token_azp: &'static str,
    pub token_use: &'static str,
    pub token_nonce: &'static str,
    pub token_subject: &'static str,

    // Why an API call failed
    /// The advice if the API itself fails.
    pub later: &'static str,
    pub api_no_path: &'static str,
    pub api_no_path_remedy: &'static str,
    pub api_no_answer: &'static str,
    pub api_no_answer_remedy: &'static str,
    pub api_unreachable_near_expiry: &'static str,
    pub api_unreachable_near_expiry_remedy: &'static str,
    pub api_failed: fn(status: u16) -> String,
    pub token_too_large: &'static str,
    pub no_access_token: &'static str,
    /// What to do about it.
    pub administrator: &'static str,
    pub api_invalid_response: &'static str,
    /// The browser does not send the request.
    pub api_invalid_request: &'static str,
    pub api_aborted: &'static str,
    /// The user changed while the request was in flight.
    pub another_user: &'static str,
    pub invalid_path: &'static str,

    // What is wrong with the settings
    pub not_set_up: &'static str,
    /// The advice for a mistake in the file.
    pub mend: &'static str,
    pub config_unreachable: &'static str,
    pub config_unreachable_remedy: &'static str,
    pub config_status: fn(status: u16) -> String,
    pub config_status_remedy: &'static str,
    pub config_not_found: &'static str,
    pub config_not_found_remedy: &'static str,
    /// The parser's message follows as a quotation.
    pub config_not_json: &'static str,
    pub config_not_object: &'static str,
    /// The key follows as a quotation.
    pub config_unknown: &'static str,
    /// `expected` is one of the phrases that follow.
    pub config_missing: fn(key: &str, expected: &str) -> String,
    /// The same for an invalid value, which follows as a quotation.
    pub config_invalid: fn(key: &str, expected: &str) -> String,
    pub expected_absolute: &'static str,
    pub expected_short: &'static str,
    pub expected_encrypted: &'static str,
    pub expected_bare: &'static str,
    pub expected_host: &'static str,
    pub expected_characters: &'static str,
    pub expected_domain: &'static str,
    pub expected_client_id: &'static str,
    pub expected_pool_id: &'static str,
    pub expected_scopes: &'static str,
    pub expected_providers: &'static str,
    pub expected_seconds: &'static str,
    pub expected_lang: &'static str,
    pub expected_login_hint: &'static str,
    /// The allowed values of a setting, as they are written in the file.
    pub one_of: fn(values: &[&str]) -> String,
}

/// All languages, in the order in which the page offers them.
pub const LOCALES: [&Texts; 2] = [&en::TEXTS, &es::TEXTS];

/// Returns the first of the `wanted` languages (RFC 5646 tags, in order of preference) that the app has, compared by
/// the whole tag or else by the first subtag. Returns English if there is none.
#[must_use]
pub fn choose<'a>(wanted: impl IntoIterator<Item = &'a str>) -> &'static Texts {
    let find = |tag: &str| {
        let exact = |texts: &&Texts| texts.tag.eq_ignore_ascii_case(tag);
        let similar = |texts: &&Texts| language(texts.tag).eq_ignore_ascii_case(language(tag));
        let locales = || LOCALES.into_iter();
        locales().find(exact).or_else(|| locales().find(similar))
    };
    wanted.into_iter().find_map(find).unwrap_or(&en::TEXTS)
}

/// The first subtag.
fn language(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

impl Texts {
    /// A duration in whole days, hours or minutes, or in seconds if it is shorter than two minutes.
    #[must_use]
    pub fn duration(&self, seconds: u64) -> String {
        match seconds {
            0..120 => (self.seconds)(seconds),
            120..7200 => (self.minutes)(seconds / 60),
            7200..172_800 => (self.hours)(seconds / 3600),
            _ => (self.days)(seconds / 86_400),
        }
    }
}

/// Quotes the values and joins them: `"a", "b" or "c"`.
fn quoted_list(values: &[&str], or: &str) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} {or} {last}", others.join(", ")),
    }
}
