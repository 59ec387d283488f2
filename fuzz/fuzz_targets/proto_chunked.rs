#![no_main]
//! The chunked coding: whole and in pieces, and encoded again.

#[path = "../../crates/reqs-proto/tests/support/checks.rs"]
#[allow(dead_code)]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::chunked(data));
