//! `Expect: 100-continue`: bodies that wait for the server's word.

use std::time::Duration;

use reqs::{Body, HttpAdapter, PoolConfig, Request, Session};
use reqs_tests::scripted::{ok, response};
use reqs_tests::{Connection, Gate, Scripted};

use crate::wire::sent;

#[test]
fn expect_continue_holds_the_body_back() {
    let asked = Gate::new();
    let server = Scripted::start([Connection::new()
        .expect_head()
        .wait_for(&asked)
        .send("HTTP/1.1 100 Continue\r\n\r\n")
        .expect_body()
        .send(ok("thanks"))]);
    let url = server.url("/");
    let uploading = std::thread::spawn(move || {
        reqs::post(url).expect_continue(true).data("body").send().unwrap().text().into_owned()
    });
    server.wait_for_requests(1);
    assert!(server.received(0).ends_with(b"Expect: 100-continue\r\n\r\n"), "the head alone");
    asked.open();
    assert_eq!(uploading.join().unwrap(), "thanks");
    assert_eq!(server.requests()[0].body(), b"body");
}

#[test]
fn expect_continue_is_a_setting_of_sessions_and_is_not_sent_without_a_body() {
    let mut session = Session::new();
    session.expect_continue = true;
    let header =
        |request: Request<&Session>| request.prepare().unwrap().headers.get("expect").map(str::to_owned);
    assert_eq!(header(session.post("http://h/").data("x")).as_deref(), Some("100-continue"));
    assert_eq!(header(session.post("http://h/").data("x").expect_continue(false)), None);
    assert_eq!(header(session.post("http://h/")), None);
    assert_eq!(header(session.get("http://h/")), None);
}

/// The server refuses before the body: none of it is sent, and the connection is not used again.
#[test]
fn expect_continue_refused() {
    let server = Scripted::start([
        Connection::new().expect_head().send(response("401 Unauthorized", &[], "")).wait_for_close(),
        Connection::new().answer(ok("")),
    ]);
    let session = Session::new();
    let refused = session.put(server.url("/")).expect_continue(true).data("secret").send().unwrap();
    assert_eq!(refused.status(), 401);
    sent(session.get(server.url("/")).send());
    assert!(!server.received(0).windows(6).any(|window| window == b"secret"));
    assert_eq!(server.connections(), 2);
}

/// RFC 9110 10.1.1: 417 is about the expectation, not about the request, which goes out once more without.
#[test]
fn expect_continue_that_is_not_understood_is_given_up() {
    let refusal = response("417 Expectation Failed", &[("Set-Cookie", "new=1")], "");
    let server = Scripted::start([
        Connection::new().expect_head().send(&refusal).wait_for_close(),
        Connection::new().answer(ok("in")),
    ]);
    let session = Session::new();
    let request = session.put(server.url("/")).expect_continue(true).data(Body::reader(&b"once"[..]));
    let r = request.send().unwrap();
    assert_eq!((r.text().as_ref(), r.history().len()), ("in", 1));
    assert_eq!(r.history()[0].status(), 417);
    assert!(!server.received(0).windows(4).any(|window| window == b"once"), "none of the body was sent");
    let again = &server.requests()[1];
    assert_eq!((again.header("expect"), again.header("cookie")), (None, Some("new=1".to_owned())));
    assert_eq!((again.line().as_str(), again.content()), ("PUT / HTTP/1.1", b"once".to_vec()));
}

/// Who waited long enough has sent its body; the refusal comes late, and what can be read once is gone.
#[test]
fn expect_continue_refused_after_the_body() {
    let refusal = response("417 Expectation Failed", &[], "");
    let impatient = || {
        let mut session = Session::new();
        let pool = PoolConfig { expect_timeout: Duration::from_millis(60), ..PoolConfig::default() };
        session.mount("http://", HttpAdapter::new().pool(pool));
        session
    };
    let script = Connection::new().expect_head().expect_body().send(&refusal);
    let server = Scripted::start([script.clone().answer(ok("in"))]);
    let r = impatient().put(server.url("/")).expect_continue(true).data("twice").send().unwrap();
    assert_eq!((r.text().as_ref(), server.requests()[1].content()), ("in", b"twice".to_vec()));

    let server = Scripted::start([script]);
    let body = Body::reader(&b"once"[..]);
    let r = impatient().put(server.url("/")).expect_continue(true).data(body).send().unwrap();
    assert_eq!((r.status().as_u16(), server.requests().len()), (417, 1));
}

/// Whoever refuses what was not expected is taken at its word.
#[test]
fn a_417_is_answered_once() {
    let refusal = response("417 Expectation Failed", &[], "");
    let server = Scripted::answers([&refusal, &refusal]);
    let session = Session::new();
    let r = session.put(server.url("/")).data("x").header("Expect", "100-continue").send().unwrap();
    assert_eq!((r.status().as_u16(), server.requests().len()), (417, 2));
    let server = Scripted::answers([&refusal]);
    let r = session.put(server.url("/")).data("x").send().unwrap();
    assert_eq!((r.status().as_u16(), server.requests().len()), (417, 1));
}
