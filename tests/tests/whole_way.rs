//! The way of one request, whole: the promises of Requests' quickstart against the embedded server, over HTTP and HTTPS.
//! Tests name the rows of the guide (S01 to S36) that they hold.

#![allow(missing_docs, reason = "tests")]

use std::sync::LazyLock;

use reqs::{ErrorKind, Options, Request, Session};
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

/// t:test_entry_points
#[test]
fn s13_functions_and_methods_have_the_same_names() {
    type Function = fn(String) -> Request;
    let functions: [(Function, &str); 8] = [
        (reqs::get, "GET"),
        (reqs::head, "HEAD"),
        (reqs::options, "OPTIONS"),
        (reqs::post, "POST"),
        (reqs::put, "PUT"),
        (reqs::patch, "PATCH"),
        (reqs::delete, "DELETE"),
        (reqs::query, "QUERY"),
    ];
    for (function, method) in functions {
        assert_eq!(function("http://h/".to_owned()).prepare().unwrap().method, method);
    }
    type Method = for<'a> fn(&'a Session, String) -> Request<&'a Session>;
    let methods: [(Method, &str); 8] = [
        (|s, url| s.get(url), "GET"),
        (|s, url| s.head(url), "HEAD"),
        (|s, url| s.options(url), "OPTIONS"),
        (|s, url| s.post(url), "POST"),
        (|s, url| s.put(url), "PUT"),
        (|s, url| s.patch(url), "PATCH"),
        (|s, url| s.delete(url), "DELETE"),
        (|s, url| s.query(url), "QUERY"),
    ];
    let session = Session::new();
    for (request, method) in methods {
        assert_eq!(request(&session, "http://h/".to_owned()).prepare().unwrap().method, method);
    }
}

/// t:test_HTTP_200_OK_GET_ALTERNATIVE, t:test_HTTP_200_OK_GET_WITH_PARAMS, t:test_HTTP_200_OK_GET_WITH_MIXED_PARAMS,
/// t:test_HTTP_200_OK_HEAD, t:test_HTTP_200_OK_PUT, t:test_user_agent_transfers
#[test]
fn s13_s11_s12_the_simplest_requests() {
    let get = Request::new("GET", SERVER.url("/get"));
    assert_eq!(Session::new().send(get.prepare().unwrap(), Options::new()).unwrap().status(), 200);
    assert_eq!(reqs::head(SERVER.url("/get")).send().unwrap().status(), 200);
    assert_eq!(reqs::put(SERVER.url("/put")).send().unwrap().status(), 200);

    let agent = "Mozilla/5.0 (github.com/psf/requests)";
    for name in ["User-agent", "user-agent"] {
        let r = reqs::get(SERVER.url("/user-agent")).header(name, agent).send().unwrap();
        assert_eq!((r.status().as_u16(), &r.json::<Value>().unwrap()["user-agent"]), (200, &json!(agent)));
    }
    let mixed = reqs::get(SERVER.url("/get?test=true")).params([("q", "test")]).header("User-agent", agent);
    let r = mixed.send().unwrap();
    assert_eq!(r.status(), 200);
    assert_eq!(r.json::<Value>().unwrap()["args"], json!({"test": "true", "q": "test"}));
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
    request.json(json!({"k": 1})).send().unwrap();
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

/// The message is one line that says what and where. t:test_errors, t:test_certificate_failure
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
        assert_eq!(error.is_connection(), !error.is_invalid_request(), "{message}");
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
