//! What both states of a response tell of it.

use std::time::Duration;

use reqs::{Error, ErrorKind, Response, Version, codes};
use reqs_tests::{Connection, Scripted, httpbin, scripted};

use crate::{answer, session, stream};

/// t:test_time_elapsed_blank
#[test]
fn res_1_res_2_every_accessor_of_a_simple_answer() {
    let server = httpbin::start();
    let r = session().get(server.url("/get?a=1#part")).send().unwrap();
    assert_eq!((r.status(), r.reason(), r.version()), (codes::OK, "OK", Version::HTTP_11));
    assert_eq!(r.status(), 200);
    assert!(r.ok() && !r.is_redirect() && !r.is_permanent_redirect() && r.next_request().is_none());
    assert_eq!(&r.headers()["CONTENT-type"], "application/json");
    assert_eq!(r.url().as_str(), server.url("/get?a=1#part"), "RES-11: with its fragment");
    assert!(r.elapsed() > Duration::ZERO && r.elapsed() < Duration::from_secs(20));
    assert_eq!(r.request().method, "GET");
    assert!(r.history().is_empty() && r.cookies().is_empty() && r.links().is_empty());
    assert_eq!((r.encoding(), r.apparent_encoding()), (None, "UTF-8"));
    assert_eq!(r.json::<serde_json::Value>().unwrap()["args"]["a"], "1");
}

#[test]
fn x58_connection_and_timings() {
    let server = Scripted::https().answers([scripted::ok("1"), scripted::ok("2")]);
    let mut session = session();
    session.verify = Some(reqs::Verify::pem(reqs_tests::ca_pem().as_bytes().to_vec()));
    let r = session.get(server.url("/")).send().unwrap();
    let connection = r.connection().unwrap();
    assert_eq!(connection.peer, Some(server.address()));
    assert_eq!(connection.tls.as_ref().unwrap().version, "TLSv1.3");
    assert!(!connection.tls.as_ref().unwrap().certificates.is_empty());
    let timings = r.timings().unwrap();
    assert!(timings.connect.is_some() && timings.tls.is_some() && timings.first_byte > Duration::ZERO);
    assert!(!r.is_reused());

    let r = session.get(server.url("/")).send().unwrap();
    assert!(r.is_reused() && r.timings().unwrap().tls.is_none());
    assert!(Response::builder().build().connection().is_none());
}

#[test]
fn s28_2_repeated_headers_in_order() {
    let (r, _server) = stream(answer("A: 1\r\na: 2\r\nB: x\r\n", ""));
    assert_eq!(r.headers().joined("A").unwrap(), "1, 2");
    assert_eq!(r.headers().get_all("a").collect::<Vec<_>>(), ["1", "2"]);
}

/// t:test_http_error, t:test_empty_response_has_content_none
#[test]
fn res_4_an_error_of_ones_own_may_have_a_response() {
    let empty = || Response::builder().build().load().unwrap();
    assert_eq!((empty().content(), empty().text().as_ref()), (&b""[..], ""));
    let error = Error::new(ErrorKind::Http, "message");
    assert!(error.response().is_none() && error.to_string() == "message");
    let error = error.with_response(empty());
    assert!(error.to_string().starts_with("message"), "{error}");
    assert_eq!(error.response().unwrap().status(), 200);
}

/// t:test_request_ok_set, t:test_status_raising
#[test]
fn res_3_res_4_s29_3_what_is_an_error() {
    let raise = |status: u16, reason: &str| {
        let r = Response::builder().status(status).reason(reason).body("why").build().load().unwrap();
        (r.ok(), r.raise_for_status().err().map(|error| error.to_string()))
    };
    assert_eq!(raise(200, "OK"), (true, None));
    assert_eq!(raise(399, ""), (true, None));
    assert_eq!(raise(600, "?"), (true, None));
    assert_eq!(raise(404, "Not Found"), (false, Some("404 Client Error: Not Found".into())));
    assert_eq!(raise(599, "Odd"), (false, Some("599 Server Error: Odd".into())));

    let server = httpbin::start();
    assert!(!session().get(server.url("/status/500")).send().unwrap().ok());
    let url = server.url("/status/404#f").replace("http://", "http://user:secret@");
    let error = session().get(&url).send().unwrap().raise_for_status().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Http);
    let expected = format!("404 Client Error: Not Found for url: {}", server.url("/status/404#f"));
    assert_eq!(error.to_string(), expected, "with the fragment, without the password");
    assert!(!format!("{error:?}").contains("secret"));
    // RES-13: and both request and response are there.
    assert_eq!(error.request().unwrap().method, "GET");
    assert_eq!(error.response().unwrap().status(), 404);
}

#[test]
fn res_4_the_error_owns_the_body_that_was_read_or_not() {
    let failed = || scripted::response("500 Oops", &[], "the reason");
    let server = Scripted::answers([failed(), failed()]);
    let error = session().get(server.url("/")).send().unwrap().raise_for_status().unwrap_err();
    assert_eq!(error.into_response().unwrap().text(), "the reason");
    let error = session().get(server.url("/")).stream().unwrap().raise_for_status().unwrap_err();
    assert_eq!(error.response().unwrap().text(), "the reason");
}

/// t:test_response_reason_unicode, t:test_response_reason_unicode_fallback
#[test]
fn rsp_2_reasons_in_any_bytes() {
    for (bytes, text) in
        [("Komponenttia ei löydy".as_bytes(), "Komponenttia ei löydy"), (b"caf\xe9", "café"), (b"", "")]
    {
        let (r, _server) = stream([b"HTTP/1.1 404 ", bytes, b"\r\nContent-Length: 0\r\n\r\n"].concat());
        assert_eq!(r.reason(), text);
        assert!(
            r.raise_for_status().unwrap_err().to_string().starts_with(&format!("404 Client Error: {text}"))
        );
    }
}

#[test]
fn res_12_the_request_and_history_of_a_chain() {
    let server = Scripted::answers([
        scripted::response("301 Moved Permanently", &[("Location", "/b"), ("Set-Cookie", "a=1")], "gone"),
        scripted::response("200 OK", &[("Set-Cookie", "b=2")], "here"),
    ]);
    let r = session().get(server.url("/a#f")).send().unwrap();
    assert_eq!(r.request().url.as_str(), server.url("/b#f"));
    assert_eq!(r.url(), &r.request().url);
    let [first] = r.history() else { panic!("{:?}", r.history()) };
    assert!(first.is_redirect() && first.is_permanent_redirect());
    assert_eq!(first.request().url.path(), "/a");
    // Each has the cookies that it set itself.
    assert_eq!(
        (first.cookies().get("a").unwrap(), r.cookies().get("b").unwrap()),
        (Some("1".into()), Some("2".into()))
    );
    assert_eq!(r.cookies().len(), 1);
}

#[test]
fn res_1_the_next_request_of_a_redirect_that_was_not_followed() {
    let server = Scripted::answers([scripted::redirect("/next"), scripted::ok("there")]);
    let session = session();
    let r = session.post(server.url("/")).data("x").allow_redirects(false).send().unwrap();
    assert!(r.is_redirect() && !r.is_permanent_redirect());
    let next = r.next_request().unwrap();
    assert_eq!((next.method.as_str(), next.url.path()), ("GET", "/next"));
    assert_eq!(session.send(next, reqs::Options::new()).unwrap().text(), "there");
}

/// t:test_links
#[test]
fn lnk_links_over_several_lines_resolved_against_the_answering_url() {
    let headers = "Link: </items?page=2>; rel=\"next\"\r\nLink: <9>; rel=last; title=\"a, <b>; c\"\r\n";
    let server = Scripted::answers([scripted::redirect("/api/items"), answer(headers, "")]);
    let r = session().get(server.url("/")).send().unwrap();
    let links = r.links();
    assert_eq!(links["next"].target(), "/items?page=2");
    assert_eq!(links["next"].url().unwrap().as_str(), server.url("/items?page=2"));
    assert_eq!(links["last"].url().unwrap().as_str(), server.url("/api/9"));
    assert_eq!(links["last"].title().unwrap(), "a, <b>; c");
}

/// t:TestTestServer::test_text_response, t:TestTestServer::test_basic_response: what the answers of a scripted server read as.
#[test]
fn res_1_an_answer_is_read_as_it_was_sent() {
    for (answer, text, length) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nroflol", "roflol", "6"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", "0"),
    ] {
        let server = Scripted::one(answer);
        let r = session().get(server.url("")).send().unwrap();
        assert_eq!((r.status().as_u16(), r.text().as_ref()), (200, text));
        assert_eq!(&r.headers()["Content-Length"], length);
    }
}

/// t:TestTestServer::test_multiple_requests: five requests are answered, the sixth is not.
#[test]
fn res_1_as_many_answers_as_there_are() {
    let server = Scripted::start((0..5).map(|_| Connection::new().answer(scripted::ok("")).close()));
    for _ in 0..5 {
        assert_eq!(reqs::get(server.url("")).send().unwrap().status(), 200);
    }
    let error = reqs::get(server.url("")).send().unwrap_err();
    assert_eq!(error.kind(), reqs::ErrorKind::Connection, "{error}");
}

#[test]
fn x61_early_hints_and_trailers() {
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n";
    let body = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nDigest: x\r\n\r\n";
    let answer = || format!("{hints}{body}");
    let server = Scripted::answers([answer(), answer()]);
    let r = session().get(server.url("/")).send().unwrap();
    assert_eq!(&r.trailers().unwrap()["digest"], "x");
    let [early] = r.informational() else { panic!("{:?}", r.informational()) };
    assert_eq!((early.status.as_u16(), &early.headers["link"]), (103, "</s.css>; rel=preload"));

    let mut r = session().get(server.url("/")).stream().unwrap();
    assert!(r.trailers().is_none(), "before the end there are none");
    assert_eq!(r.copy_to(&mut Vec::new()).unwrap(), 3);
    assert_eq!(&r.trailers().unwrap()["digest"], "x");
}

#[test]
fn s03_3_a_head_can_be_looked_at_before_the_body_is_asked_for() {
    let gate = reqs_tests::Gate::new();
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
    let server = Scripted::start([Connection::new().answer(head).wait_for(&gate).send("body")]);
    let r = session().get(server.url("/")).stream().unwrap();
    assert_eq!(&r.headers()["content-length"], "4");
    gate.open();
    assert_eq!(r.load().unwrap().text(), "body");
}
