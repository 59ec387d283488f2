//! Any `WWW-Authenticate`: parsed, written back and parsed to the same; and answered by Digest without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reqs_auth::{Digest, Origin, Target, challenge};

fuzz_target!(|text: &str| {
    let origin = Origin { scheme: "https", host: "example.com", port: 443 };
    let target = Target { origin, method: "GET", uri: "/", body: Some(b"") };
    let digest = Digest::with_cnonces("user", "password", || "c".to_owned());
    if let Ok(Some(sent)) = digest.answer([text], target, None) {
        assert!(sent.starts_with("Digest "));
        assert!(!sent.contains(['\r', '\n']));
    }
    let _ = challenge::parse_params(text);
    let Ok(challenges) = challenge::parse([text]) else { return };
    for challenge in challenges.iter().filter(|challenge| !challenge.unclosed) {
        let Ok(written) = challenge.to_header() else { continue };
        let again = challenge::parse([written.as_str()]).expect("what was written can be read");
        assert_eq!(again.first(), Some(challenge));
    }
});
