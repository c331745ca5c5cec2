//! What several pages are made of.

mod frame;
mod message;

pub use frame::Frame;
pub use message::Message;
