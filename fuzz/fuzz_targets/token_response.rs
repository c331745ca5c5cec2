#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    cognito_spa_fuzz::token_response(text);
    cognito_spa_fuzz::json_text(text);
});
