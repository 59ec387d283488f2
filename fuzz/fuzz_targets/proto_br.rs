#![no_main]
//! br.

#[path = "../../crates/reqs-proto/tests/support/checks.rs"]
#[allow(dead_code)]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::decoder("br", data));
