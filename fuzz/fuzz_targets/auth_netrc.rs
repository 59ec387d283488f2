//! Any netrc: read, and asked for hosts, without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reqs_auth::Netrc;

fuzz_target!(|text: &str| {
    if let Ok(netrc) = text.parse::<Netrc>() {
        let _ = netrc.lookup("example.com");
        let _ = netrc.lookup("[::1]");
    }
});
