//! What is logged: enough to see why something took long or went elsewhere, and never a secret. A process has one logger,
//! so this is one test in a binary of its own.

#![allow(missing_docs, reason = "tests")]

use reqs::Session;
use reqs_tests::scripted::{ok, response};
use reqs_tests::{Scripted, logged};

#[test]
fn msc_3_the_log_tells_the_steps_and_no_secret() {
    logged();
    let server = Scripted::answers([
        response("302 Found", &[("Location", "/next?token=hush-4"), ("Set-Cookie", "s=hush-5")], ""),
        ok("body"),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec(),
    ]);
    let mut s = Session::new();
    s.trust_env = false;
    let url = server.url("/first").replace("//", "//user:hush-1@");
    s.get(url).header("cookie", "c=hush-2").params([("key", "hush-3")]).send().unwrap();
    s.get(server.url("/")).auth(("user", "hush-6")).send().unwrap();

    let lines = logged();
    let peer = server.address().to_string();
    let step = |words: &[&str]| {
        let is_there = lines.iter().any(|line| words.iter().all(|word| line.contains(word)));
        assert!(is_there, "nothing says {words:?}: {lines:#?}");
    };
    step(&["DEBUG reqs_pool", "connection", &peer]);
    step(&["GET", &peer]);
    step(&["302"]);
    step(&["DEBUG reqs::", "redirect 302"]);
    step(&["200"]);
    step(&["closing connection"]);
    for line in &lines {
        assert!(!line.contains("hush") && !line.contains("aHVzaC"), "a secret is told: {line}");
        assert!(!line.contains('\n'), "{line:?}");
    }
}
