//! One session, many threads.

use std::sync::{Arc, Mutex};

use reqs::{Digest, Session};
use reqs_tests::Scripted;
use reqs_tests::scripted::{ok, response};

use crate::SERVER;

const THREADS: usize = 32;
const ROUNDS: usize = 20;

/// No deadlock, no lost cookie: every thread sets cookies by redirects and finds all of its own at the end.
#[test]
fn must_show_5_thirty_two_threads_share_a_session_under_redirects_and_cookies() {
    let server = Scripted::with(|request| match request.target().strip_prefix("/set/") {
        Some(name) => {
            let location = format!("/seen/{name}");
            response(
                "302 Found",
                &[("Location", &location), ("Set-Cookie", &format!("{name}=1; Path=/"))],
                "",
            )
        }
        None => ok(request.header("cookie").unwrap_or_default()),
    });
    let session = {
        let mut session = Session::new();
        session.trust_env = false;
        let limits = reqs_cookies_limits();
        session.cookies = limits.into();
        session
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (session, server) = (&session, &server);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let name = format!("t{thread}r{round}");
                    let r = session.get(server.url(&format!("/set/{name}"))).send().unwrap();
                    assert_eq!(r.history().len(), 1);
                    let sent = r.text();
                    let has = |name: &str| sent.split("; ").any(|cookie| cookie == format!("{name}=1"));
                    assert!(
                        (0..=round).all(|earlier| has(&format!("t{thread}r{earlier}"))),
                        "{name}: {sent}"
                    );
                }
            });
        }
    });
    assert_eq!(session.cookies.jar().unwrap().len(), THREADS * ROUNDS);
    assert_eq!(server.requests().len(), 2 * THREADS * ROUNDS);
}

/// More than a host may have by default.
fn reqs_cookies_limits() -> reqs::CookieJar {
    let jar = reqs::CookieJar::new();
    let mut limits = jar.limits();
    limits.per_domain = 2 * THREADS * ROUNDS;
    limits.total = 2 * THREADS * ROUNDS;
    jar.set_limits(limits);
    jar
}

/// MSC-1: Requests keeps digest state per thread; here threads share it, and no nonce count is used twice.
#[test]
fn msc_1_dig_5_one_digest_serves_all_threads() {
    let session = Session::new();
    let auth = Digest::new("user", "pass");
    let url = SERVER.url("/digest-auth/auth/user/pass/SHA-256");
    session.get(&url).auth(auth.clone()).send().unwrap();
    let counts = Arc::new(Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let r = session.get(&url).auth(auth.clone()).send().unwrap();
                    assert_eq!((r.status().as_u16(), r.history().len()), (200, 0));
                    counts.lock().unwrap().push(r.request().headers["authorization"].to_owned());
                }
            });
        }
    });
    let mut used: Vec<String> =
        counts.lock().unwrap().iter().map(|sent| sent.split("nc=").nth(1).unwrap()[..8].to_owned()).collect();
    used.sort();
    used.dedup();
    assert_eq!(used.len(), 80);
}
