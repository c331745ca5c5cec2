//! The pages, one file each.

pub mod sign_in;

pub mod home;

pub mod setup;

pub mod not_set_up;
