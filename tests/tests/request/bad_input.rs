//! What cannot be sent: each with an error of its own, and never half a request taken for a whole one.

use std::fs::{self, File};
use std::io::{self, Read};

use reqs::{Body, Error, ErrorKind, Options, Part, Request, Session};
use reqs_tests::scripted::ok;
use reqs_tests::{Connection, Scripted};

use crate::wire::sent;

/// Nothing listens there, and nothing is sent there.
const NOWHERE: &str = "http://127.0.0.1:9/";

#[test]
fn what_is_wrong_before_a_byte_is_sent() {
    let post = || reqs::post(NOWHERE);
    let cases: [(Request, ErrorKind, &str); 9] = [
        (
            post().header("x-a", "a\r\nb: c"),
            ErrorKind::InvalidHeader,
            "invalid value of header \"x-a\": a control character (such as CR, LF or NUL) at byte 1",
        ),
        (post().header("x a", "b"), ErrorKind::InvalidHeader, "invalid header name \"x a\""),
        (
            reqs::request("GE T", NOWHERE),
            ErrorKind::InvalidMethod,
            "the method 'GE T' is not a token such as GET",
        ),
        (reqs::request("G\r\nX", NOWHERE), ErrorKind::InvalidMethod, "the method 'G\\r\\nX' is not a token"),
        (post().params(7), ErrorKind::InvalidParams, "cannot encode a number as params"),
        (post().params([("a", [[1]])]), ErrorKind::InvalidParams, "cannot encode a list inside a list"),
        (
            post().data(Body::factory(None, || File::open("/gone"))),
            ErrorKind::InvalidBody,
            "the body could not be opened: ",
        ),
        (post().timeout(-1.0), ErrorKind::InvalidOption, ""),
        (
            post().header("Content-Length", "1").header("Transfer-Encoding", "chunked"),
            ErrorKind::InvalidHeader,
            "Content-Length and Transfer-Encoding are both set",
        ),
    ];
    for (request, kind, start) in cases {
        let error = request.send().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let message = error.to_string();
        assert!(message.starts_with(start) && message.lines().count() == 1, "{message}");
        assert!(error.is_invalid_request());
    }
}

#[test]
fn the_first_of_several_errors_is_told() {
    let error = reqs::request("G T", NOWHERE).params(7).json(f64::NAN).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidMethod);
    let error = reqs::get("nonsense").params(7).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidParams, "a relative URL may yet become one");
}

#[test]
fn a_file_that_vanished_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.xls");
    fs::write(&path, "x").unwrap();
    let opened = Body::path(&path).unwrap();
    fs::remove_file(&path).unwrap();
    for error in
        [Body::path(&path).unwrap_err(), Part::path(&path).map(|_| ()).map_err(Error::from).unwrap_err()]
    {
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("report.xls"), "{error}");
        assert!(std::error::Error::source(&error).is_some());
    }
    drop(opened);
    let again = path.clone();
    let error = reqs::post(NOWHERE).data(Body::factory(None, move || File::open(&again))).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidBody);
}

/// Bodies that are not what they said, small ones that would go out with the head and large ones that do not.
fn liars() -> Vec<(&'static str, Body)> {
    let zeros = |n: u64| io::repeat(0).take(n);
    let failing = || zeros(100_000).chain(Failing);
    vec![
        ("ended after 2 of the 5 bytes", Body::sized(zeros(2), 5)),
        ("goes on after the 5 bytes", Body::sized(zeros(9), 5)),
        ("ended after 100000 of the 200000 bytes", Body::sized(zeros(100_000), 200_000)),
        ("goes on after the 100000 bytes", Body::sized(zeros(200_000), 100_000)),
        ("could not be read: the disk is on fire", Body::sized(failing(), 200_000)),
        ("could not be read: the disk is on fire", Body::reader(failing())),
        (
            "could not be read: the disk is on fire",
            Body::try_chunks([Ok("abc"), Err(io::Error::other("the disk is on fire"))]),
        ),
    ]
}

struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is on fire"))
    }
}

#[test]
fn a_body_that_is_not_what_it_said_ends_its_connection() {
    for (reason, body) in liars() {
        let server = Scripted::start([
            Connection::new().answer(ok("")).wait_for_close(),
            Connection::new().answer(ok("")),
        ]);
        let session = Session::new();
        sent(session.get(server.url("/first")).send());
        let error = session.post(server.url("/")).data(body).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidBody, "{error}");
        assert!(error.to_string().contains(reason), "{error} should say: {reason}");
        assert_eq!(error.to_string().lines().count(), 1);

        sent(session.get(server.url("/last")).send());
        server.finish();
        assert_eq!(server.connections(), 2, "{reason}: the connection is not used again");
        let cut = server.received(0);
        let after_first = cut.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        assert!(is_incomplete(&cut[after_first..]), "{reason}: {}", cut[after_first..].escape_ascii());
    }
}

/// Whether a server could not take these bytes for a whole request.
fn is_incomplete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).into_owned();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return true };
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    match length {
        Some(length) => body.len() < length.parse().unwrap(),
        None => !body.ends_with("0\r\n\r\n"),
    }
}

#[test]
fn a_file_that_shrank_ends_its_connection() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), vec![7; 300_000]).unwrap();
    let server = Scripted::start([Connection::new().wait_for_close(), Connection::new().answer(ok(""))]);
    let session = Session::new();
    let prepared = session.post(server.url("/")).data(Body::path(file.path()).unwrap()).prepare().unwrap();
    File::options().write(true).open(file.path()).unwrap().set_len(100_000).unwrap();
    let error = session.send(prepared, Options::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidBody, "{error}");
    assert!(error.to_string().contains("100000 of 300000 bytes"), "{error}");
    assert!(std::error::Error::source(&error).is_none(), "there is nothing more to it");
    sent(session.get(server.url("/")).send());
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_second_send_of_what_was_read_is_refused() {
    let server = Scripted::answers([ok(""), ok("")]);
    let session = Session::new();
    let prepared = session.post(server.url("/")).data(Body::reader(&b"once"[..])).prepare().unwrap();
    sent(session.send(prepared.clone(), Options::new()));
    let error = session.send(prepared, Options::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnrewindableBody);
    assert!(error.to_string().contains("cannot be sent again"), "{error}");
    assert_eq!(server.requests().len(), 1, "the second was not begun");
}

/// Pitfall 13: a body replaced by hand leaves a Content-Length that no longer fits.
#[test]
fn a_body_changed_behind_its_length_is_refused() {
    let server = Scripted::one(ok(""));
    let session = Session::new();
    let mut prepared = session.post(server.url("/")).data("abc").prepare().unwrap();
    prepared.body = "GET /smuggled HTTP/1.1\r\n\r\n".into();
    let error = session.send(prepared.clone(), Options::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidHeader);
    assert!(error.to_string().starts_with("Content-Length says 3 bytes, the body has 26"), "{error}");
    assert_eq!(server.connections(), 0);
    prepared.set_body("fine");
    sent(session.send(prepared, Options::new()));
    assert!(server.requests()[0].text().ends_with("Content-Length: 4\r\n\r\nfine"));
}
