//! The pages, by their routes: what follows `#` in the address.

pub mod home;

pub mod setup;

pub mod sign_in;

use super::guarded::Page;

/// Pages of your own, each one a line: `("orders", orders::page)`.
pub const OWN: &[Page] = &[];
