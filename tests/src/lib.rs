//! The servers that the integration tests, the examples and `cargo xtask serve` run against, and the lists that they are
//! held to.
//!
//! - [`httpbin`]: a whole HTTP and HTTPS server with the endpoints of <https://httpbin.org>, for
//!   tests about what a client does.
//! - [`scripted`]: a raw socket server that sends exactly the bytes it was told to and keeps exactly
//!   the bytes it got, for tests about the wire and about servers that misbehave.
//! - [`certificates`]: one certificate authority per process; both servers get theirs from it.
//! - [`tarpit`]: addresses to which no connection can be made, slowly or at once.
//! - [`mod@logged`]: what a process logs.
//! - [`machine`]: what a machine may lack that a test needs.
//! - [`inventory`]: Requests' own tests, and what became of each here.
//! - [`named`]: finds the tests that the pages and lists name.
//! - [`typed_away`]: what does not compile, as documentation that is tested.
//!
//! Nothing here depends on the client under test, but for those tests of documentation.

#![forbid(unsafe_code)]

pub mod certificates;
pub mod httpbin;
pub mod inventory;
pub mod logged;
pub mod machine;
pub mod named;
pub mod scripted;
pub mod tarpit;
pub mod typed_away;

pub use certificates::{ca_file, ca_pem};
pub use logged::logged;
pub use scripted::{Connection, Gate, Received, Scripted};
