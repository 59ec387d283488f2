#![no_main]
//! Two codings in a chain.

#[path = "../../crates/reqs-proto/tests/support/checks.rs"]
#[allow(dead_code)]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::decoder("deflate, gzip", data));
