#![no_main]
//! Response heads: whole and in pieces, and sent again.

#[path = "../../crates/reqs-proto/tests/support/checks.rs"]
#[allow(dead_code)]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::response_head(data));
