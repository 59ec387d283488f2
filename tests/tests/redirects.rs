//! Redirects: what is followed, what the next request is, and what it must not know (RED-1 to RED-27).

#![allow(missing_docs, reason = "tests")]

#[path = "../examples/redirect_matrix.rs"]
#[allow(dead_code, reason = "an example's own main")]
mod matrix;

#[path = "redirects/chains.rs"]
mod chains;
#[path = "redirects/policy.rs"]
mod policy;
#[path = "redirects/rows.rs"]
mod rows;

pub(crate) use matrix::session_to;
