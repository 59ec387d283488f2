//! Prepared requests: looked at, changed, sent as they were left (S22), and as `http::Request`.

use reqs::{Body, Method, Options, PreparedRequest, Request, Session};
use reqs_tests::Scripted;
use reqs_tests::scripted::ok;

use crate::wire::{sent, text};

/// t:test_prepared_request_hook
#[test]
fn hok_1_a_prepared_request_brings_its_hooks_along() {
    let server = Scripted::one(ok(""));
    let request = Request::new("GET", server.url("/")).on_response(|response| {
        assert_eq!(response.request().method, Method::GET);
        Ok(reqs::Response::builder().body("the hook was here").build())
    });
    let response = Session::new().send(request.prepare().unwrap(), Options::new()).unwrap();
    assert_eq!(response.text(), "the hook was here");
    assert_eq!(server.requests().len(), 1);
}

/// S22.2
#[test]
fn what_is_left_in_it_is_what_is_sent() {
    let server = Scripted::one(ok(""));
    let session = Session::new();
    let mut prepared =
        session.prepare(Request::new("POST", server.url("/a?x=1")).form([("k", "v")])).unwrap();
    assert_eq!((prepared.method.as_str(), prepared.path_url()), ("POST", "/a?x=1"));
    assert_eq!(prepared.body.as_bytes(), Some(&b"k=v"[..]));
    assert_eq!(&prepared.headers["content-type"], "application/x-www-form-urlencoded");

    prepared.method = Method::PUT;
    prepared.url.set_path("/b");
    prepared.headers.remove("content-type");
    for name in ["accept", "Accept-Encoding", "user-agent", "connection"] {
        prepared.headers.remove(name);
    }
    prepared.headers.insert("X-Last", "1");
    prepared.set_body(vec![b'n', b'e', b'w', b'!']);
    sent(session.send(prepared, Options::new()));
    assert_eq!(
        text(&server),
        "PUT /b?x=1 HTTP/1.1\r\nHost: HOST\r\nX-Last: 1\r\nContent-Length: 4\r\n\r\nnew!"
    );
}

/// S22.1
#[test]
fn a_response_has_the_request_that_was_sent() {
    let server = Scripted::one(ok(""));
    let response = reqs::post(server.url("/")).header("x", "1").data("body").send().unwrap();
    let request = response.request();
    assert_eq!(&request.headers["x"], "1");
    assert_eq!(request.body.as_bytes(), Some(&b"body"[..]));
}

#[test]
fn an_http_request_is_sent_as_it_is() {
    let server = Scripted::one(ok(""));
    let request = http::Request::patch(server.url("/p?q")).header("X-A", "b").body("hi").unwrap();
    sent(Session::new().send(PreparedRequest::try_from(request).unwrap(), Options::new()));
    assert_eq!(text(&server), "PATCH /p?q HTTP/1.1\r\nHost: HOST\r\nx-a: b\r\nContent-Length: 2\r\n\r\nhi");
    let back = http::Request::<Body>::try_from(reqs::get("http://u:p@h/a?b#c").prepare().unwrap()).unwrap();
    assert_eq!(back.uri().path_and_query().unwrap(), "/a?b");
}
