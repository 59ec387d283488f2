//! Which bodies can be sent again, and who does that (BOD-12, BOD-17, SEC-12, SEC-29).

use std::fs::File;
use std::io::{Cursor, Seek, SeekFrom, Write};

use reqs::{Body, Digest, ErrorKind, Options, Session};
use reqs_tests::scripted::{ok, response};
use reqs_tests::{Connection, Scripted};

use crate::wire::sent;

fn moved() -> Vec<u8> {
    response("307 Temporary Redirect", &[("Location", "/b")], "")
}

fn file(content: &[u8], at: u64) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file
}

/// t:test_HTTP_307_ALLOW_REDIRECT_POST_WITH_SEEKABLE, t:test_rewind_body, t:test_rewind_partially_read_body
#[test]
fn bod_12_what_can_go_back_follows_a_redirect() {
    let bodies: [fn() -> Body; 5] = [
        || "456789".into(),
        || file(b"0123456789", 4).into(),
        || {
            let mut cursor = Cursor::new("0123456789");
            cursor.set_position(4);
            Body::seekable(cursor)
        },
        || Body::factory(Some(6), || Ok(Cursor::new("456789"))),
        || Body::factory(None, || Ok(Cursor::new("456789"))),
    ];
    for body in bodies {
        let server = Scripted::answers([moved(), ok("")]);
        sent(reqs::post(server.url("/a")).data(body()).send());
        let requests = server.requests();
        assert_eq!(requests[0].content(), b"456789");
        assert_eq!(requests[1].content(), b"456789");
    }
}

/// t:test_rewind_body_no_seek
#[test]
fn bod_12_sec_12_what_cannot_go_back_is_an_error_not_an_empty_body() {
    let bodies: [fn() -> Body; 3] =
        [|| Body::reader(&b"abc"[..]), || Body::sized(&b"abc"[..], 3), || Body::chunks(["abc"])];
    for body in bodies {
        let server = Scripted::answers([moved(), ok("")]);
        let error = reqs::post(server.url("/a")).data(body()).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnrewindableBody, "{error}");
        assert!(error.to_string().contains("; a 307 asked for it"), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn an_answer_to_a_challenge_sends_the_body_again() {
    let challenge = response(
        "401 Unauthorized",
        &[("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"")],
        "",
    );
    let server = Scripted::answers([challenge, ok("")]);
    sent(reqs::post(server.url("/")).data(file(b"streamed", 0)).auth(Digest::new("u", "p")).send());
    let requests = server.requests();
    assert_eq!(requests[1].content(), b"streamed");
    assert!(requests[1].header("authorization").is_some());
}

#[test]
fn a_prepared_request_can_be_sent_twice_where_its_body_can() {
    let server = Scripted::answers([ok(""), ok("")]);
    let session = Session::new();
    let prepared = session.post(server.url("/")).data(file(b"0123456789", 2)).prepare().unwrap();
    for _ in 0..2 {
        sent(session.send(prepared.clone(), Options::new()));
    }
    assert!(server.requests().iter().all(|request| request.content() == b"23456789"));
}

/// POOL-7: a kept connection that the server has closed is replaced once, with the same body, for a method that may be
/// repeated.
#[test]
fn a_stale_connection_costs_no_body() {
    let server = Scripted::start([
        Connection::new().answer(ok("")).close(),
        Connection::new().answer(ok("")).answer(ok("")),
    ]);
    let session = Session::new();
    sent(session.get(server.url("/")).send());
    sent(session.put(server.url("/")).data(file(b"0123456789", 3)).send());
    assert_eq!(server.requests_on(1)[0].content(), b"3456789");
}
