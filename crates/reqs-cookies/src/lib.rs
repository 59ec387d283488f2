#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | module | owns |
//! |---|---|
//! | `cookie` | one cookie: its fields, how a user builds one, what makes it acceptable |
//! | `parse` | a `Set-Cookie` value read by the grammar of the standard, then judged for the URL that sent it |
//! | `date` | the cookie date algorithm |
//! | `scope` | hosts, domain-match, path-match, which connections are secure |
//! | `suffix` | public suffixes |
//! | `index` | cookies by domain: replacement, expiry, eviction, retrieval |
//! | `header` | the `Cookie` header, a request's own cookies laid over the jar's |
//! | `jar`, `dict` | [`CookieJar`]: the index behind a lock, and its dict-like face |
//! | `store` | [`CookieStore`], the trait for jars of your own, and [`NoCookies`] |
//! | `netscape`, `json`, `file` | loading and saving |
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod cookie;
mod date;
mod dict;
mod error;
mod file;
mod header;
mod index;
mod jar;
#[cfg(feature = "json")]
mod json;
mod limits;
mod netscape;
mod parse;
mod scope;
mod store;
mod suffix;

pub use cookie::{Cookie, SameSite};
pub use date::parse_cookie_date;
pub use dict::{Existing, Select};
pub use error::{CookieConflict, InvalidCookie};
pub use file::{Loaded, Saved};
pub use jar::CookieJar;
pub use limits::Limits;
pub use store::{CookieStore, NoCookies};
