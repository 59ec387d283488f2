//! The way of one request, whole: the promises of Requests' quickstart against the embedded server, over HTTP and HTTPS.
//! Tests name the rows of the guide (S01 to S36) that they hold.

#![allow(missing_docs, reason = "tests")]

use std::sync::LazyLock;

use reqs::{ErrorKind, Session};
use reqs_tests::httpbin::{self, Server};
use reqs_tests::{Connection, Scripted, scripted};
use serde_json::{Value, json};

static SERVER: LazyLock<Server> = LazyLock::new(httpbin::start);

fn trusting() -> Session {
    let mut session = Session::new();
    session.verify = Some(SERVER.ca_file().into());
    session
}

#[test]
fn s13_every_verb_over_http_and_https() {
    let session = trusting();
    for base in [SERVER.url(""), SERVER.https_url("")] {
        for verb in ["get", "POST", "put", "PATCH", "delete"] {
            let url = format!("{base}/anything");
            let r = session.request(verb, &url).send().unwrap();
            assert_eq!(r.json::<Value>().unwrap()["method"], verb.to_uppercase(), "{base}");
        }
        assert_eq!(session.head(format!("{base}/get")).send().unwrap().content(), b"");
        assert!(session.options(format!("{base}/get")).send().unwrap().headers()["ALLOW"].contains("GET"));
    }
}

#[test]
fn s15_s30_one_connection_serves_a_session() {
    let server = Scripted::each(Connection::new().answer_each(|_| scripted::ok("ok")));
    let session = Session::new();
    for _ in 0..10 {
        assert_eq!(session.get(server.url("/")).send().unwrap().text(), "ok");
    }
    assert_eq!(server.connections(), 1);
    assert_eq!(server.requests().len(), 10);
}

#[test]
fn ses_2_ses_3_the_head_byte_for_byte() {
    let server = Scripted::one(scripted::ok(""));
    let session = Session::new();
    let request =
        session.post(server.url("/p?q#f")).header("x-own", "1").cookies([("a", "b")]).auth(("user", "pass"));
    request.json(&json!({"k": 1})).send().unwrap();
    let expected = format!(
        "POST /p?q HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUser-Agent: reqs/{}\r\nAccept-Encoding: gzip, deflate, br\r\n\
         Accept: */*\r\nConnection: keep-alive\r\nx-own: 1\r\nCookie: a=b\r\nContent-Length: 7\r\n\
         Content-Type: application/json\r\nAuthorization: Basic dXNlcjpwYXNz\r\n\r\n{{\"k\":1}}",
        server.port(),
        env!("CARGO_PKG_VERSION"),
    );
    assert_eq!(String::from_utf8_lossy(&server.received(0)), expected);
}

#[test]
fn s01_s27_codings_and_framings_are_undone() {
    let session = Session::new();
    for (path, key) in [("/gzip", "gzipped"), ("/deflate", "deflated"), ("/brotli", "brotli")] {
        assert_eq!(
            session.get(SERVER.url(path)).send().unwrap().json::<Value>().unwrap()[key],
            true,
            "{path}"
        );
    }
    let closing = Scripted::one("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    assert_eq!(session.get(closing.url("/")).send().unwrap().text(), "until the end");
    let chunked = Scripted::one(scripted::chunked(["a", "bc"]));
    assert_eq!(session.get(chunked.url("/")).send().unwrap().text(), "abc");
}

#[test]
fn s25_s30_redirects_carry_cookies_and_leave_a_history() {
    let session = Session::new();
    let r = session.get(SERVER.url("/cookies/set/tasty/yum")).send().unwrap();
    assert_eq!(r.json::<Value>().unwrap()["cookies"]["tasty"], "yum");
    assert_eq!(r.history().len(), 1);
    assert_eq!(r.history()[0].status(), 302);
    assert_eq!(r.url().path(), "/cookies");
    assert_eq!(session.cookies.get("tasty").as_deref(), Some("yum"));
}

#[test]
fn ck_3_a_cookie_goes_back_in_the_bytes_that_it_came_in() {
    let server = Scripted::each(
        Connection::new().answer_each(|_| scripted::response("200 OK", &[("Set-Cookie", "name=häagen")], "")),
    );
    let session = Session::new();
    session.get(server.url("/")).send().unwrap();
    session.get(server.url("/")).send().unwrap();
    let second = server.requests()[1].text();
    assert!(second.contains("Cookie: name=häagen\r\n"), "{second}");
}

#[test]
fn s31_verify_takes_a_path_and_false() {
    assert!(trusting().get(SERVER.https_url("/get")).send().unwrap().ok());
    assert!(reqs::get(SERVER.https_url("/get")).verify(false).send().unwrap().ok());
}

/// The message is one line that says what and where.
#[test]
fn s10_five_mistakes_are_five_kinds() {
    let cases = [
        (
            "example.com".to_owned(),
            ErrorKind::MissingSchema,
            "No scheme supplied. Perhaps you meant https://example.com?",
        ),
        (
            "gopher://h/".to_owned(),
            ErrorKind::InvalidSchema,
            "No connection adapters were found for 'gopher://h/'",
        ),
        (
            "http://127.0.0.1:1/".to_owned(),
            ErrorKind::Connection,
            "could not connect to 127.0.0.1:1: connection refused",
        ),
        (
            "http://no-such-name.invalid/".to_owned(),
            ErrorKind::Resolve,
            "no-such-name.invalid could not be resolved",
        ),
        (SERVER.https_url("/get"), ErrorKind::Ssl, "the certificate of localhost is not trusted"),
    ];
    for (url, kind, words) in cases {
        let error = reqs::get(&url).send().unwrap_err();
        let message = error.to_string();
        assert_eq!(error.kind(), kind, "{message}");
        assert!(message.contains(words), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn s34_s35_a_slow_server_is_a_read_timeout() {
    let error = reqs::get(SERVER.url("/delay/10")).timeout(0.1).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadTimeout);
    assert!(error.is_timeout() && !error.is_connection());
}
