#![no_main]
//! A whole exchange: the first byte chooses the request, the rest is the server.

#[path = "../../crates/reqs-proto/tests/support/checks.rs"]
#[allow(dead_code)]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::exchange(data));
