//! The pages. A page for signed-in users takes a session, so it cannot be shown without one.

mod home;

mod orders;

mod profile;

pub use home::Home;
pub use orders::Orders;
pub use profile::Profile;
