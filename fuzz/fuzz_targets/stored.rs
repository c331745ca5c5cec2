#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    cognito_spa_fuzz::stored(text);
    cognito_spa_fuzz::stored_member(text);
    cognito_spa_fuzz::api_path(text);
});
