//! The components that the pages use, one file each.

pub mod header;

pub mod footer;

pub mod hero;

pub mod alert;

pub mod row;

pub mod copy_button;

pub mod busy_button;
