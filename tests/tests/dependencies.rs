//! What is built in has no flaw that is known: the versions of Cargo.lock against the advisories that concern reqs.

#![allow(missing_docs, reason = "tests")]

use std::fs;
use std::path::Path;

/// A crate and the first version without the flaw.
const AT_LEAST: [(&str, [u64; 3], &str); 9] = [
    ("rustls", [0, 23, 5], "RUSTSEC-2024-0336"),
    ("rustls-webpki", [0, 103, 13], "RUSTSEC-2023-0053, RUSTSEC-2026-0049, -0098, -0099, -0104"),
    ("idna", [1, 0, 0], "RUSTSEC-2024-0421"),
    ("bytes", [1, 11, 1], "RUSTSEC-2026-0007"),
    ("smallvec", [1, 6, 1], "RUSTSEC-2021-0003"),
    ("base64", [0, 5, 2], "RUSTSEC-2017-0004"),
    ("time", [0, 3, 47], "RUSTSEC-2020-0071, RUSTSEC-2026-0009"),
    ("http", [0, 1, 20], "RUSTSEC-2019-0033, RUSTSEC-2019-0034"),
    ("ring", [0, 17, 12], "RUSTSEC-2025-0009"),
];

/// Crates that have no place here: unmaintained, or with advisories of their own that others answer better.
const ABSENT: [&str; 6] = ["multipart", "brotli-sys", "libflate", "tungstenite", "tiny_http", "async-h1"];

#[test]
fn sec_90_to_99_nothing_with_a_known_flaw_is_built_in() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    let lock = fs::read_to_string(lock).unwrap();
    let packages: Vec<(&str, [u64; 3])> = lock.split("[[package]]").filter_map(package).collect();
    assert!(packages.len() > 80, "the lock file was read wrongly: {} packages", packages.len());
    for (name, least, why) in AT_LEAST {
        let mut versions = packages.iter().filter(|(known, _)| *known == name).peekable();
        assert!(versions.peek().is_some(), "{name} is not used any more: take it off the list");
        for (_, version) in versions {
            assert!(*version >= least, "{name} {version:?} has {why}: {least:?} has not");
        }
    }
    for name in ABSENT {
        assert!(packages.iter().all(|(known, _)| *known != name), "{name} came in");
    }
}

/// Name and version of one entry.
fn package(entry: &str) -> Option<(&str, [u64; 3])> {
    let value = |key: &str| {
        let line = entry.lines().find_map(|line| line.strip_prefix(key))?;
        line.strip_prefix(" = \"")?.strip_suffix('"')
    };
    let plain = value("version")?.split(['-', '+']).next()?;
    let mut numbers = plain.split('.').map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some((value("name")?, [next()?, next()?, next()?]))
}
