//! The dev-stack's responses, request by request, compared with the documentation of Cognito and API Gateway.
#![allow(clippy::unwrap_used)]

mod fixtures;

mod hosted_ui;

mod tokens;

mod api;

mod faults;
