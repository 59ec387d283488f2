//! What a machine may lack that a test needs: said aloud, and a failure where CI runs.

use std::io::Write;
use std::net::TcpListener;

/// Whether this is CI, which must have everything: the variable `CI`, as `.ci/run` and every service sets it.
pub fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// Says that something is missing, so that what follows is not tested.
///
/// # Panics
/// Where this is CI: a test that did not run must not pass there.
pub fn lacks(what: &str) {
    assert!(!is_ci(), "this machine has no {what}");
    say(what);
}

/// Whether the machine has IPv6's loopback; where not, says so. Many containers have none and none can be installed, so
/// that this is no failure in CI.
pub fn has_ipv6() -> bool {
    let has = TcpListener::bind("[::1]:0").is_ok();
    if !has {
        say("IPv6");
    }
    has
}

/// Past the test's capture: what is not tested is read by whoever runs it.
fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "not tested: this machine has no {what}");
}
