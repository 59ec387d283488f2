//! Authentication over the wire, byte for byte: what is sent, to whom, how often, and what is never shown.
//! Who signs before whom, and each algorithm with each `qop`, are in `session/auth.rs`.

#![allow(missing_docs, reason = "tests")]

#[path = "auth/answers.rs"]
mod answers;
#[path = "auth/leaks.rs"]
mod leaks;
#[path = "auth/netrc.rs"]
mod netrc;

use reqs::Session;
use reqs_tests::Received;
use reqs_tests::scripted::response;

/// A session that the machine's own settings do not reach.
fn session() -> Session {
    let mut session = Session::new();
    session.trust_env = false;
    session
}

fn authorization(request: &Received) -> Option<String> {
    request.header("authorization")
}

fn unauthorized(challenge: &str) -> Vec<u8> {
    response("401 Unauthorized", &[("WWW-Authenticate", challenge)], "who are you?")
}

const DIGEST: &str = "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"";
