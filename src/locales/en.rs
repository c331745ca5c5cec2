//! English.

use super::{Texts, quoted_list};

/// The texts in English.
pub const TEXTS: Texts = Texts {
    name: "English",
    tag: "en",
    direction: "ltr",

    // Everywhere
    one_moment: "One moment…",
    load_again: "Load again",
    copy: "Copy",
    copy_what: |what| format!("Copy: {what}"),
    copied: "Copied.",
    not_copied: "Your browser did not allow copying. Select the text and copy it yourself.",
    offline: "You are offline. The app will continue when you are back online.",
    setup: "Setup",
    home: "Home",

    // Units of time: abbreviations, which have no plural forms
    seconds: |number| format!("{number} s"),
    minutes: |number| format!("{number} min"),
    hours: |number| format!("{number} h"),
    days: |number| format!("{number} d"),
    ago: |duration| format!("{duration} ago"),

    // Signed out
    welcome: "Welcome",
    invitation: "Sign in with your account, and the server will greet you.",
    sign_in: "Sign in",
    sign_in_with: |provider| format!("Sign in with {provider}"),
    create_account: "Create account",
    forgot_password: "Forgot password",
    verifying: "Verifying your sign-in…",
    leaving: "Redirecting to the sign-in service…",

    // Signed in
    signed_in_as: |who| format!("Signed in as {who}"),
    no_greeting: "No greeting this time",
    slow: "The server is taking longer than usual. Please wait.",
    sign_out: "Sign out",
    person: "Your account",
    name_label: "Name",
    email: "Email",
    verified: "verified",
    not_verified: "not verified",
    groups: "Groups",
    none: "None",
    session: "Session",
    time_left: "Time left",
    signed_in_at: "Signed in",
    grant: "Grant type",
    grant_code: "Authorization code with PKCE. The session renews automatically.",
    grant_implicit: "Implicit. When the session expires, you sign in again.",
    renew: "Renew now",
    renewing: "Renewing…",
    stay_signed_in: "Stay signed in",
    api: "API",
    call: "Request",
    answer: "Response",
    answer_in: |status, milliseconds| format!("{status} in {milliseconds} ms"),
    no_answer_in: |milliseconds| format!("No response after {milliseconds} ms"),
    call_again: "Call the API again",
    calling: "Calling…",

    // For developers
    developer: "For developers",
    show_claims: "Show the ID token’s claims",
    hide_claims: "Hide the ID token’s claims",
    claims: "Claims in your ID token",
    claims_text: "The user pool signed these claims about you. The app verified the signature when it received them.",
    curl: "The API call as a curl command",
    curl_text: "Replace $TOKEN with your token.",
    with_token: "With my token",
    token_warning: |until| {
        format!(
            "Anyone with this token can act as you until {until}. Don’t send it to anyone or paste \
             it where others can see it."
        )
    },
    show_token: "I understand, show it",
    hide_token: "Hide the token",
    claim_iss: "The user pool that issued the token",
    claim_sub: "Your permanent, unique ID in this user pool",
    claim_aud: "The app client that the token is intended for",
    claim_azp: "The app client that the token was issued to",
    claim_exp: "When the token expires",
    claim_iat: "When the token was issued",
    claim_auth_time: "When you signed in",
    claim_token_use: "The type of token: ID or access",
    claim_nonce: "The random value that ties the token to your sign-in",
    claim_at_hash: "The hash that ties the token to the access token issued with it",
    claim_jti: "The unique ID of this token",
    claim_origin_jti: "The ID of your sign-in, used to revoke its tokens",
    claim_event_id: "The ID of your sign-in in the user pool’s logs",
    claim_email: "Your email address",
    claim_email_verified: "Whether your email address is verified",
    claim_username: "Your username in the user pool",
    claim_groups: "Your groups in the user pool",
    claim_roles: "The IAM roles of your groups",
    claim_preferred_role: "The IAM role of your highest-priority group",
    claim_identities: "The external identity providers linked to your account",
    claim_custom: "A custom attribute of this user pool",
    claim_other: "A user attribute, or a claim that a Lambda trigger added",

    // Setup
    setup_title: "Setup",
    setup_text: "For administrators: the app’s settings, the URLs to register in Cognito, and \
        checks that everything responds.",
    register: "URLs to register in Cognito",
    register_text: "Add these to the app client’s “Login pages”. They must match exactly, \
        including the trailing slash.",
    callback_url: "Allowed callback URL",
    sign_out_url: "Allowed sign-out URL",
    elsewhere: |page| {
        format!(
            "This page has a different address, {page}. Cognito redirects users to the URL above \
             instead."
        )
    },
    checks: "Checks",
    checks_text: "Run from this browser just now.",
    check_again: "Check again",
    checking: "Checking…",
    check_keys: "User pool keys",
    check_domain: "Hosted UI domain",
    check_api: "API",
    check_clock: "Device clock",
    check_storage: "Browser storage",
    keys_found: |count| format!("Found: {count}."),
    keys_none: "The issuer responded, but the response contains no RS256 key. Check “userPoolId” \
        and “issuer”.",
    keys_status: |status| {
        format!(
            "The issuer responded with status {status}. The user pool probably does not exist in \
             that Region. Check “userPoolId” and “issuer”."
        )
    },
    keys_unreachable: "This page received no readable response. Possible causes: the wrong Region \
        in “userPoolId”, a wrong “issuer”, no network connection, or a content security policy \
        that blocks the request.",
    domain_good: "The domain responds.",
    domain_unreachable: "No response. Possible causes: a typo in “userPoolDomain”, a domain that \
        does not exist yet or is only a few minutes old, no network connection, or a content \
        security policy that blocks the request.",
    api_good: "The API responds, lets this page read the response, and rejects requests without a \
        token.",
    api_open: "The API accepts requests without a token. Either the method has no authorizer, or \
        the API was not redeployed after you added one.",
    api_path: "The API has no such path or method, which API Gateway reports as “Missing \
        Authentication Token”. Check the path in “apiUrl”, including the stage name.",
    api_status: |status| {
        format!(
            "The API responded with status {status}. Without a valid token, it should respond with \
             401."
        )
    },
    api_preflight: |origin| {
        format!(
            "The API responds, but does not let this page send a token. Its OPTIONS method must \
             allow the “Authorization” header for {origin}."
        )
    },
    api_cors: |origin| {
        format!(
            "The API responds, but this page cannot read the response: it has no CORS headers for \
             {origin}, or it is a redirect. API Gateway adds them to its own error responses only if you \
             configure gateway responses (DEFAULT_4XX and DEFAULT_5XX)."
        )
    },
    api_unreachable: "No response. Possible causes: a typo in “apiUrl”, no network connection, or \
        a content security policy that blocks the request.",
    clock_good: |difference| format!("The clock is within {difference} of the server’s time."),
    clock_ahead: |difference| {
        format!(
            "The clock is ahead by {difference}, more than “clockSkewSeconds” allows, so sign-ins \
             fail. Correct this device’s date, time, and time zone."
        )
    },
    clock_behind: |difference| {
        format!(
            "The clock is behind by {difference}, more than “clockSkewSeconds” allows, so sign-ins \
             fail. Correct this device’s date, time, and time zone."
        )
    },
    clock_unknown: "The server that hosts this page does not report its time.",
    storage_good: "This browser stores what a sign-in needs.",
    storage_none: "This browser does not let the page store anything, so nobody can sign in. Allow \
        cookies and site data for this page, or turn off private browsing.",
    settings: "Effective settings",
    settings_text: "The settings that this app uses, including defaults. None of them is a secret.",

    // What most errors advise
    again: "Sign in again to continue.",
    again_or_tell: "Sign in again. If this keeps happening, contact the administrator of this app.",
    connection_remedy: "Check your connection, then sign in again.",

    // Why a session ended, and warnings about one
    ended_signed_out: "You have signed out.",
    ended_expired: "Your session has expired.",
    ended_elsewhere: "Your session ended in another tab.",
    ended_unreadable: "The app deleted the session stored in this browser because it could not be \
        read.",
    ended_rejected: "The server no longer accepts your session, so the app signed you out.",
    sign_out_unfinished: "You are signed out here, but not at Cognito yet.",
    sign_out_unfinished_remedy: "Until you finish signing out, anyone who uses this browser can sign \
        in to your account without a password. Choose “Finish signing out”. If you are offline, the app \
        will finish when you are back online.",
    finish_sign_out: "Finish signing out",
    sign_out_not_shared: "You have signed out, but the browser could not tell the app’s other \
        tabs.",
    sign_out_not_shared_remedy: "Close those tabs.",
    ends_soon: "Your session will expire in a few minutes.",
    ends_soon_remedy: "To continue without interruption, choose “Stay signed in”.",
    not_renewed: "The app could not renew your session.",
    not_renewed_remedy: "Check your connection. The app will keep trying.",
    perhaps_expired: "According to this device’s clock, your session has expired.",
    perhaps_expired_remedy: "The app cannot check this without a connection. If the clock is \
        wrong, correct it to stay signed in.",
    clock_wrong: "This device’s clock looks wrong.",
    clock_wrong_remedy: "You are still signed in. Correct the clock so that the app shows the \
        right times.",
    cannot_store: "Sign-in needs browser storage, but this browser does not let the page store \
        anything.",
    cannot_store_remedy: "Allow cookies and site data for this page, or turn off private browsing. \
        Then try again.",
    user_changed: "You are now signed in with a different account than before.",
    user_changed_remedy: "If this is not your account, sign out.",
    not_stored: "You are signed in, but this browser did not store your session.",
    not_stored_remedy: "The session lasts until you reload or close this page.",

    // Why a sign-in failed
    state_mismatch: "The app ignored a response that does not belong to a sign-in in progress.",
    state_mismatch_remedy: "Sign in from this page. Sign-in links and bookmarks work only once.",
    signed_out_since: "You have signed out since this sign-in began.",
    repeated_parameter: "The app ignored the sign-in response because it repeats a parameter.",
    no_id_token: "The sign-in response contains no ID token.",
    token_type: "The sign-in response has a token type that this app does not support.",
    tokens_in_query: "The app ignored the sign-in response because it carried tokens in the query \
        string, where servers and logs can see them.",
    wrong_grant: "The sign-in response does not match the grant type that the app requested.",
    exchange_refused: "The sign-in service did not accept the authorization code.",
    exchange_unreachable: "The app could not reach the sign-in service to complete your sign-in.",
    exchange_malformed: "The app could not understand the sign-in service’s response.",
    jwks_unavailable: "The app could not verify your sign-in because it could not load the user \
        pool’s keys.",
    denied: "The sign-in was canceled or denied.",
    invalid_scope: "The app requested a scope that its app client does not allow.",
    unauthorized_client: "The app client does not allow this grant type.",
    login_required: "You are no longer signed in.",
    server_error: "The sign-in service reported a problem.",
    not_completed: "The sign-in service did not complete the sign-in.",

    // Why an ID token was rejected
    clock_remedy: "Check that this device’s date, time, and time zone are correct, then sign in \
        again.",
    token_expired: "The ID token had already expired when it arrived (exp).",
    token_future: "According to this device’s clock, the ID token was issued in the future (iat).",
    token_before: "According to this device’s clock, the ID token is older than the sign-in (iat).",
    token_claim: |claim| {
        format!("The app rejected the ID token because it has no valid “{claim}” claim.")
    },
    token_refused: |reason| format!("The app rejected the ID token because {reason}."),
    token_not_jwt: "it is incomplete or damaged",
    token_not_base64url: "it is not valid base64url",
    token_not_json: "its content is not valid JSON",
    token_algorithm: "it is not signed with RS256 (alg)",
    token_critical: "it requires an extension that this app does not support (crit)",
    token_unknown_key: "the user pool has no key with its key ID (kid)",
    token_signature: "its signature is not valid",
    token_at_hash: "it does not match the access token that came with it (at_hash)",
    token_issuer: "another user pool issued it (iss)",
    token_audience: "it was issued for another app (aud)",
    token_extra_audience: "it was also issued for other apps (aud)",
    token_azp: "it was issued to another app (azp)",
    token_use: "it is not an ID token (token_use)",
    token_nonce: "it belongs to another sign-in (nonce)",
    token_subject: "it identifies a different user (sub)",

    // Why an API call failed
    later: "You are still signed in. Try again in a moment.",
    api_no_path: "The server has no such path or method, which API Gateway reports as “Missing \
        Authentication Token”.",
    api_no_path_remedy: "Contact the administrator of this app. The path in “apiUrl” is probably \
        wrong.",
    api_no_answer: "The app could not reach the server, or the server does not let this page read \
        the response.",
    api_no_answer_remedy: "You are still signed in. Check your connection, then try again.",
    api_unreachable_near_expiry: "The app got no readable response, and your session is about to \
        expire. The server probably rejected the request.",
    api_unreachable_near_expiry_remedy: "Choose “Stay signed in”.",
    api_failed: |status| format!("The request failed. The server responded with status {status}."),
    token_too_large: "The app got no readable response. The request is larger than API Gateway \
        accepts, probably because your account is in many groups or has many attributes.",
    no_access_token: "The server expects an access token, and Cognito issued none. The app’s \
        scopes probably lack “openid”.",
    administrator: "You are still signed in. Contact the administrator of this app.",
    api_invalid_response: "The app could not understand the server’s response.",
    api_invalid_request: "The app could not send the request because it is not valid.",
    api_aborted: "The request was canceled.",
    another_user: "The user who made this request is no longer signed in.",
    invalid_path: "The app requested a path that does not start with / or leads out of the API.",

    // What is wrong with the settings
    not_set_up: "This app is not set up yet",
    mend: "Correct the file, then reload this page.",
    config_unreachable: "The app could not load config.json.",
    config_unreachable_remedy: "Check your connection, then reload this page.",
    config_status: |status| {
        format!("The app could not load config.json. The server responded with status {status}.")
    },
    config_status_remedy: "Reload this page in a moment.",
    config_not_found: "There is no config.json next to this page.",
    config_not_found_remedy: "Create one from config.example.json, then reload this page.",
    config_not_json: "config.json is not valid JSON:",
    config_not_object: "config.json must be a JSON object that contains the settings.",
    config_unknown: "config.json contains an unknown setting. Check its spelling:",
    config_missing: |key, expected| format!("config.json has no “{key}”. Set it to {expected}."),
    config_invalid: |key, expected| {
        format!("In config.json, “{key}” must be {expected}. The current value is:")
    },
    expected_absolute: "a full URL that starts with https://",
    expected_short: "a URL of at most 2,000 characters",
    expected_encrypted: "an https:// URL (http:// is allowed only for localhost, 127.0.0.1, and \
        [::1])",
    expected_bare: "a URL without a query string (?), fragment (#), or user name (@)",
    expected_host: "a URL with a valid host name and, if present, a port from 1 to 65535",
    expected_characters: "a URL without spaces, backslashes, or other characters that need \
        encoding",
    expected_domain: "the domain without a path, such as \
        https://my-app.auth.eu-west-1.amazoncognito.com",
    expected_client_id: "the app client’s ID: letters and digits, such as 1example23456789",
    expected_pool_id: "the user pool’s ID: its Region, an underscore, and letters or digits, such \
        as eu-west-1_AbCdEfGhI",
    expected_scopes: "a list of scopes that includes \"openid\", such as [\"openid\", \"email\", \
        \"profile\"]",
    expected_providers: "a list of the names of identity providers in the user pool, such as \
        [\"Google\"]",
    expected_seconds: "a number of seconds from 0 to 600",
    expected_lang: "a language that managed login supports, such as \"es\" or \"pt-BR\"",
    expected_login_hint: "a username or an email address",
    one_of: |values| quoted_list(values, "or"),
};
