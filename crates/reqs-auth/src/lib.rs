#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// What a server sends must not be able to bring its client down.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable
    )
)]

pub mod challenge;
pub mod netrc;

mod any;
mod basic;
mod bearer;
mod digest;
mod error;
mod target;

pub use any::AnyAuth;
pub use basic::Basic;
pub use bearer::Bearer;
pub use challenge::Challenge;
pub use digest::Digest;
pub use error::Error;
pub use netrc::Netrc;
pub use target::{Origin, Target};
