//! Attacks on redirects, cookies, credentials and proxies: one test for each line that a client has shipped.

#![allow(missing_docs, reason = "tests")]

#[path = "../examples/redirect_matrix.rs"]
#[allow(dead_code, reason = "an example's own main and table")]
mod matrix;

#[path = "security/credentials.rs"]
mod credentials;
#[path = "security/proxies.rs"]
mod proxies;
#[path = "security/tls.rs"]
mod tls;

pub(crate) use matrix::session_to;
