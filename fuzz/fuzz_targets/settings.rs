#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| cognito_spa_fuzz::settings(text));
