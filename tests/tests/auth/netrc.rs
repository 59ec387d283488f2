//! netrc over the wire: who is signed for, and what happens to a file that cannot be used.

use std::path::Path;

use reqs::{Environment, Session};
use reqs_tests::scripted::ok;
use reqs_tests::{Scripted, logged};

use crate::authorization;

fn signed(netrc: &Path) -> Option<String> {
    let server = Scripted::with(|_| ok(""));
    let mut s = Session::new();
    s.set_environment(Environment::new([("NETRC", netrc)]));
    assert_eq!(s.get(server.url("/")).send().unwrap().status(), 200);
    authorization(&server.requests()[0])
}

/// The documented fall-back: no credentials, and a line in the log that says which file, which line and why.
#[test]
fn aut_5_a_netrc_that_cannot_be_used_is_logged_and_nobody_signs() {
    logged();
    let directory = tempfile::tempdir().unwrap();
    let cases: [(&str, &[u8], &str); 5] = [
        ("quote", b"machine 127.0.0.1\nlogin u password \"s3cr3t", "line 2: a quoted value is not closed"),
        (
            "keyword",
            b"machine 127.0.0.1 login u password s3c r3t",
            "line 1: expected login, account or password",
        ),
        (
            "encoding",
            b"machine 127.0.0.1\n# caf\xe9\nlogin u password s3cr3t",
            "line 2: the text is not UTF-8",
        ),
        ("value", b"machine 127.0.0.1 login u password", "line 1: password has no value"),
        ("large", &[b'\n'; (1 << 20) + 1], "larger than 1048576 bytes"),
    ];
    for (name, bytes, why) in cases {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(signed(&path), None, "{name}");
        let start = format!("WARN reqs::session: netrc is not used: {}", path.display());
        let lines: Vec<_> = logged().into_iter().filter(|line| line.starts_with(&start)).collect();
        assert_eq!(lines.len(), 1, "{name}");
        assert!(lines[0].contains(why) && !lines[0].contains("s3c"), "{lines:?}");
    }
    for path in [directory.path().join("missing"), directory.path().to_owned()] {
        assert_eq!(signed(&path), None);
        let start = format!("WARN reqs::session: netrc is not used: {}", path.display());
        assert!(logged().iter().any(|line| line.starts_with(&start)), "{}", path.display());
    }
}

#[cfg(unix)]
#[test]
fn aut_5_a_netrc_that_others_can_read_is_warned_about_and_used() {
    use std::os::unix::fs::PermissionsExt;

    logged();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "machine 127.0.0.1 login user password pass").unwrap();
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(signed(file.path()).as_deref(), Some("Basic dXNlcjpwYXNz"));
    let line = format!(
        "WARN reqs::session: {} has passwords and is open to others (mode 644)",
        file.path().display()
    );
    assert!(logged().iter().any(|logged| logged.starts_with(&line)), "{:?}", logged());
}

/// Read once: a session that sends a thousand requests asks the disk once.
#[test]
fn aut_5_a_session_reads_it_once() {
    let server = Scripted::with(|_| ok(""));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "machine 127.0.0.1 login user password pass").unwrap();
    let mut s = Session::new();
    s.set_environment(Environment::new([("NETRC", file.path())]));
    s.get(server.url("/")).send().unwrap();
    std::fs::write(file.path(), "machine 127.0.0.1 login other password word").unwrap();
    s.get(server.url("/")).send().unwrap();
    let sent: Vec<_> = server.requests().iter().filter_map(authorization).collect();
    assert_eq!(sent, ["Basic dXNlcjpwYXNz", "Basic dXNlcjpwYXNz"]);
}
