//! The protocol, as pure values in and pure values out: `now` and random bytes are arguments.
//! Knows nothing of the page, the network, the storage or the clock.
//!
//! The flow, lettered; the letters are the README's:
//!
//! - (B) [`sign_in::begin`] makes the request and what must survive the redirect.
//! - (C) Cognito's Hosted UI asks the person and comes back.
//! - (D) [`authorization::Callback::find`] reads what came back; [`sign_in::accept`] and [`sign_in::check`] say whether it
//!   is believed and what is left to fetch and to verify.
//! - (F) [`session::Session::due`] says when a session is to be renewed or ended.
//! - (G) [`hosted_ui::HostedUi::sign_out_url`] ends Cognito's own session.

pub mod hosted_ui;

pub mod authorization;

pub mod return_to;

pub mod tokens;

pub mod token_endpoint;

pub mod id_token;

pub mod keys;

pub mod session;

pub mod sign_in;

pub mod secure_url;

pub mod should_be;

pub mod json;
