//! What users do, in every engine. One program, so that no file waits for the slowest journey of another.
#![allow(clippy::panic, clippy::unwrap_used)]

mod sign_in;

mod sign_out;

mod sessions;

mod code_grant;

mod clock;

mod everyone;

mod with_router;

mod chromium;
