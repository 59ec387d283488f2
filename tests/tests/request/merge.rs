//! What a session adds to a request, and in which order it goes out (SES-2 to SES-21).

use std::io::{self, Read};

use reqs::{Body, Headers, Method, Options, PreparedRequest, Request, Session};
use reqs_tests::Scripted;
use reqs_tests::scripted::ok;

use crate::wire::{expected, sent, text, wire};

/// t:test_headers_preserve_order
#[test]
fn ses_2_ses_5_the_sessions_headers_first_and_each_in_its_order() {
    let mut session = Session::new();
    session.headers = Headers::from([("Accept-Encoding", "identity"), ("First", "1"), ("Second", "2")]);
    let own = [("Third", "3"), ("Fourth", "4"), ("Fifth", "5"), ("Second", "222")];
    let prepared = session.get("http://h/").headers(own).prepare().unwrap();
    let items: Vec<_> = prepared.headers.iter().collect();
    let expected = [
        ("Accept-Encoding", "identity"),
        ("First", "1"),
        ("Second", "222"),
        ("Third", "3"),
        ("Fourth", "4"),
        ("Fifth", "5"),
    ];
    assert_eq!(items, expected);
}

#[test]
fn ses_2_the_order_of_the_head() {
    let server = Scripted::one(ok(""));
    let request = reqs::post(server.url("/"))
        .auth(("user", "pass"))
        .json([1])
        .cookies([("a", "b")])
        .header("X-Own", "1");
    sent(request.send());
    let lines = "X-Own: 1\nCookie: a=b\nContent-Length: 3\nContent-Type: application/json\nAuthorization: Basic dXNlcjpwYXNz";
    assert_eq!(text(&server), expected("POST /", lines, "[1]"));
}

#[test]
fn ses_3_the_defaults() {
    assert_eq!(wire(|url| reqs::get(url)), expected("GET /", "", ""));
    assert!(reqs::default_user_agent().starts_with("reqs/"));
}

/// t:test_fixes_1329
#[test]
fn ses_4_ses_5_headers_are_merged_whatever_their_case() {
    let server = Scripted::one(ok(""));
    let mut session = Session::new();
    session.headers.insert("ACCEPT", "BOGUS");
    session.headers.insert("x-session", "1");
    sent(session.get(server.url("/")).header("accept", "application/json").send());
    let found = text(&server);
    assert!(
        found.contains("\r\naccept: application/json\r\nConnection: keep-alive\r\nx-session: 1\r\n"),
        "{found}"
    );
    assert!(!found.contains("BOGUS"));

    let server = Scripted::one(ok(""));
    let mut session = Session::new();
    session.headers.insert("ACCEPT", "BOGUS");
    session.headers.insert("accept", "application/json");
    let response = session.get(server.url("/")).send().unwrap();
    for name in ["accept", "Accept", "ACCEPT"] {
        assert_eq!(&response.request().headers[name], "application/json");
    }
    assert_eq!(server.requests()[0].header_all("accept"), ["application/json"]);
}

/// t:test_params_are_merged_case_sensitive
#[test]
fn ses_6_ses_7_ses_8_params_are_merged_by_key() {
    let mut session = Session::new();
    session.params = [("foo", "bar"), ("b", "1")].into();
    let query =
        |request: Request<&Session>| request.prepare().unwrap().url.query().unwrap_or_default().to_owned();
    let get = || session.get("http://h/");
    assert_eq!(query(get()), "foo=bar&b=1");
    assert_eq!(query(get().params([("FOO", "bar")])), "foo=bar&b=1&FOO=bar");
    assert_eq!(query(get().params([("foo", "new")])), "foo=new&b=1");
    assert_eq!(query(get().params([("b", None::<u8>)])), "foo=bar");
    assert_eq!(query(get().params("raw=1")), "raw=1", "a string stands alone");
}

/// t:test_request_cookies_not_persisted
#[test]
fn ses_10_what_a_request_says_is_not_kept() {
    let server = Scripted::answers([ok(""), ok("")]);
    let session = Session::new();
    sent(session.get(server.url("/")).header("x", "1").params([("a", "b")]).cookies([("c", "d")]).send());
    sent(session.get(server.url("/")).send());
    let second = server.requests()[1].text().replace(&server.address().to_string(), "HOST");
    assert_eq!(second, expected("GET /", "", ""));
}

#[test]
fn ses_11_x72_methods_are_written_in_capitals() {
    for (method, line) in [("get", "GET"), ("foo", "FOO"), ("m-Search", "M-SEARCH")] {
        assert!(wire(|url| reqs::request(method, url)).starts_with(&format!("{line} / HTTP/1.1\r\n")));
    }
    assert!(wire(|url| reqs::query(url).data("q")).starts_with("QUERY / HTTP/1.1\r\n"));
}

/// SES-15 is typed away: [`Session::send`] takes a prepared request only.
#[test]
fn ses_15_a_request_is_prepared_by_the_session_or_by_itself() {
    let server = Scripted::answers([ok(""), ok("")]);
    let mut session = Session::new();
    session.headers = Headers::from([("x-session", "1")]);
    let request = || Request::new("GET", server.url("/"));
    sent(session.send(session.prepare(request()).unwrap(), Options::new()));
    sent(session.send(request().prepare().unwrap(), Options::new()));
    let bytes: Vec<_> = server.requests().iter().map(|request| request.headers().len()).collect();
    assert_eq!(bytes, [2, 1], "SES-17: what a request prepares by itself has no session's headers");
}

#[test]
fn ses_16_bod_17_auth_sees_the_finished_body_and_may_replace_it() {
    let signed = wire(|url| {
        reqs::post(url).json("x").auth(|r: &mut PreparedRequest| {
            assert_eq!(r.body.as_bytes(), Some(&b"\"x\""[..]));
            assert_eq!(&r.headers["content-length"], "3");
            r.body = Body::from("longer than before");
        })
    });
    assert!(
        signed.contains("\r\nContent-Length: 18\r\n") && signed.ends_with("\r\n\r\nlonger than before"),
        "{signed}"
    );

    let streamed = wire(|url| {
        reqs::post(url)
            .data("known")
            .auth(|r: &mut PreparedRequest| r.body = Body::reader(io::Cursor::new("abc").take(3)))
    });
    assert!(
        !streamed.contains("Content-Length") && streamed.ends_with("3\r\nabc\r\n0\r\n\r\n"),
        "{streamed}"
    );

    let emptied = wire(|url| {
        reqs::post(url).data(Body::chunks(["x"])).auth(|r: &mut PreparedRequest| r.body = Body::empty())
    });
    assert!(emptied.contains("Content-Length: 0\r\n") && !emptied.contains("Transfer-Encoding"), "{emptied}");
}

#[test]
fn ses_17_a_request_that_prepares_itself_says_only_what_was_said() {
    let prepared = reqs::get("http://h/").header("x", "1").prepare().unwrap();
    assert_eq!(prepared.headers, Headers::from([("x", "1")]));
    assert!(prepared.auth.is_none());
}

/// t:test_prepared_copy: its four cases, of which the one that was never prepared is typed away but for its being the
/// least that there can be.
#[test]
fn ses_20_a_copy_is_what_it_is_a_copy_of() {
    let session = Session::new();
    let get = || Request::new("GET", "http://www.example.com");
    let cases = [
        session.prepare(get()),
        session.prepare(get().data("foo=bar").on_response(Ok)),
        session.prepare(get().data("foo=bar").on_response(Ok).cookies([("foo", "bar")])),
        session.prepare(Request::new("GET", "http://www.example.com/üniçø∂é")),
    ];
    for prepared in cases.map(Result::unwrap) {
        let copy = prepared.clone();
        assert_eq!(
            (&copy.method, &copy.url, &copy.headers),
            (&prepared.method, &prepared.url, &prepared.headers)
        );
        assert_eq!(copy.body.as_bytes(), prepared.body.as_bytes());
        assert_eq!(format!("{:?}", copy.hooks), format!("{:?}", prepared.hooks));

        let proxy = Scripted::with(|_| ok(""));
        for request in [prepared, copy] {
            sent(session.send(request, Options::new().proxy("http", proxy.url(""))));
        }
        let [first, second] = &proxy.requests()[..] else { panic!("two requests") };
        assert_eq!(first.text(), second.text());
    }
}

/// t:test_prepared_copy
#[test]
fn ses_20_a_copy_has_headers_of_its_own_and_the_same_body() {
    let prepared = reqs::post("http://h/").data("text").header("x", "1").prepare().unwrap();
    let mut copy = prepared.clone();
    copy.headers.insert("x", "2");
    copy.method = Method::PUT;
    assert_eq!((&prepared.headers["x"], prepared.method.as_str()), ("1", "POST"));
    assert_eq!(copy.body.as_bytes(), prepared.body.as_bytes());
    let streamed = reqs::post("http://h/").data(Body::reader(io::empty())).prepare().unwrap();
    assert_eq!(streamed.clone().body.length(), None);
}

/// A prepared request shows more than Requests' `<PreparedRequest [GET]>`, and no secret.
#[test]
fn ses_21_debug() {
    assert_eq!(format!("{:?}", reqs::get("http://h/")), "<Request [GET]>");
    let prepared = reqs::get("http://u:secret@h/").header("authorization", "secret").data("secret").prepare();
    let shown = format!("{:?}", prepared.unwrap());
    assert!(shown.contains("GET") && shown.contains("http://h/") && !shown.contains("secret"), "{shown}");
}

#[test]
fn what_was_said_while_preparing_holds_while_sending() {
    let session = Session::new();
    let request = Request::new("GET", "http://h/").timeout(0.25).max_redirects(7);
    let prepared = session.prepare(request).unwrap();
    assert_eq!(prepared.options().unwrap().max_redirects, Some(7));
    assert!(session.prepare(Request::new("GET", "http://h/")).unwrap().options().is_none());

    let server = Scripted::each(reqs_tests::Connection::new().expect_request().wait_for_close());
    let prepared = session.prepare(Request::new("GET", server.url("/")).timeout(0.25)).unwrap();
    let error = session.send(prepared, Options::new()).unwrap_err();
    assert_eq!(error.kind(), reqs::ErrorKind::ReadTimeout);
}
