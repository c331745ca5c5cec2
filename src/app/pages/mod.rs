//! One file for each page that a person knows by sight.

mod broken_settings;
mod signed_in;
mod signed_out;

pub use broken_settings::BrokenSettings;
pub use signed_in::SignedIn;
pub use signed_out::SignedOut;
