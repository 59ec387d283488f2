//! Headers (HDR-1 to HDR-7, S09, S12, X39).

use reqs::{ErrorKind, Headers, Request, Session};
use reqs_tests::Scripted;
use reqs_tests::scripted::ok;

use crate::wire::{expected, rest, sent, text, wire};

fn refused(name: &str, value: &str) -> (ErrorKind, String) {
    let server = Scripted::one(ok(""));
    let error = reqs::get(server.url("/")).header(name, value).send().unwrap_err();
    assert_eq!(server.connections(), 0, "refused before a byte went out");
    let from_prepare = reqs::get(server.url("/")).header(name, value).prepare().unwrap_err();
    assert_eq!(from_prepare.to_string(), error.to_string());
    (error.kind(), error.to_string())
}

/// t:test_header_no_return_chars, t:test_header_no_leading_space
#[test]
fn hdr_1_hdr_2_what_may_not_be_sent_is_refused_by_name() {
    let cases = [
        ("foo", "bar\r\nbaz: qux"),
        ("foo", "bar\n\rbaz: qux"),
        ("foo", "bar\nbaz: qux"),
        ("foo", "bar\rbaz: qux"),
        ("foo", "bar\n"),
        ("foo", "bar\r\n"),
        ("foo", "\n"),
        ("foo", "\r\n"),
        ("foo", "bar\0"),
        ("foo", "bar\u{7f}"),
        ("foo", " bar"),
        ("foo", "    bar"),
        ("foo", "\tbar"),
        ("fo\ro", "bar"),
        ("fo\no", "bar"),
        ("fo\r\no", "bar"),
        ("fo\n\ro", "bar"),
        ("foo\n", "bar"),
        (" foo", "bar"),
        ("    foo", "bar"),
        ("\tfoo", "bar"),
        (" ", "bar"),
        ("foo ", "bar"),
        ("fo o", "bar"),
        ("f(oo)", "bar"),
        ("foo:", "bar"),
        ("é", "bar"),
        ("", "bar"),
    ];
    for (name, value) in cases {
        let (kind, message) = refused(name, value);
        assert_eq!(kind, ErrorKind::InvalidHeader, "{name:?}: {value:?}");
        assert!(message.starts_with("invalid ") && message.lines().count() == 1, "{message}");
        assert!(!message.contains("bar"), "values may be secrets: {message}");
    }
}

/// t:test_header_validation
#[test]
fn hdr_1_hdr_2_what_may_be_sent_is_sent() {
    let headers =
        [("foo", "bar baz qux"), ("bar", ""), ("qux", "1"), ("x-tab", "a\tb"), ("baz", "\"quoted\"; q=0.5")];
    assert_eq!(
        rest(|url| reqs::get(url).headers(headers)),
        "foo: bar baz qux\r\nbar: \r\nqux: 1\r\nx-tab: a\tb\r\nbaz: \"quoted\"; q=0.5\r\n\r\n"
    );
}

/// HDR-3 is typed away: a value is text or bytes. t:test_header_validation
#[test]
fn hdr_4_text_goes_as_latin_1_and_bytes_as_they_are() {
    let server = Scripted::one(ok(""));
    let mut headers = Headers::new();
    headers.insert("x-text", "caf\u{e9}");
    headers.insert_bytes("x-bytes", "✓".as_bytes());
    sent(reqs::get(server.url("/")).headers(headers).send());
    let bytes = server.received(0);
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(has(b"x-text: caf\xe9\r\n") && has("x-bytes: ✓\r\n".as_bytes()), "{}", bytes.escape_ascii());
    let (kind, message) = refused("x-text", "✓");
    assert_eq!(kind, ErrorKind::InvalidHeader);
    assert!(message.contains("ISO-8859-1"), "{message}");
    let error = reqs::get(server.url("/")).headers([("x-text", "✓")]).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidHeader);
}

/// t:test_headers_preserve_order (S12.1)
#[test]
fn hdr_5_names_keep_spelling_and_order() {
    let headers = [("X-Zed", "1"), ("x-ALPHA", "2"), ("x-zED2", "3")];
    assert_eq!(rest(|url| reqs::get(url).headers(headers)), "X-Zed: 1\r\nx-ALPHA: 2\r\nx-zED2: 3\r\n\r\n");
}

/// t:test_chunked_upload_uses_only_specified_host_header, t:test_chunked_upload_doesnt_skip_host_header
#[test]
fn hdr_6_there_is_one_host() {
    let own = wire(|url| reqs::post(url).header("Host", "sample-host").data(reqs::Body::chunks(["a", "b"])));
    assert_eq!(own.matches("ost:").count(), 1, "{own}");
    assert!(own.contains("Connection: keep-alive\r\nHost: sample-host\r\n"), "in the caller's place: {own}");
    let automatic = wire(|url| reqs::post(url).data(reqs::Body::chunks(["a", "b"])));
    assert!(automatic.starts_with("POST / HTTP/1.1\r\nHost: HOST\r\n"), "{automatic}");
    assert_eq!(automatic.matches("ost:").count(), 1);
    let two = [("Host", "a"), ("host", "b")];
    let session = Session::new();
    let server = Scripted::one(ok(""));
    let error = session.get(server.url("/")).headers(two).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidHeader, "{error}");
    assert!(server.received(0).is_empty(), "nothing of it was sent");
}

/// t:TestCaseInsensitiveDict::test_preserve_last_key_case on the facade; `Headers` has its own tests
#[test]
fn hdr_7_the_last_spelling_in_the_first_place() {
    let request = |url: &str| {
        reqs::get(url)
            .header("X-One", "1")
            .header("x-two", "2")
            .header("x-ONE", "3")
            .header("USER-agent", "me")
    };
    let found = wire(request);
    let lines: Vec<_> = found.split("\r\n").collect();
    assert_eq!(lines[2], "USER-agent: me", "a default is overridden in its place (SES-5, S12.2)");
    assert_eq!(lines[6..8], ["x-ONE: 3", "x-two: 2"]);
}

#[test]
fn one_name_may_have_several_values() {
    let server = Scripted::one(ok(""));
    let mut session = Session::new();
    session.headers.insert("x-a", "session");
    session.headers.insert("x-b", "session");
    sent(session.get(server.url("/")).headers([("X-A", "1"), ("x-c", "2"), ("x-a", "3")]).send());
    assert_eq!(text(&server), expected("GET /", "X-A: 1\nx-b: session\nx-c: 2\nx-a: 3", ""));
}

/// X39, SES-9: None means not sent, and nothing takes its place. t:test_headers_on_session_with_None_are_not_sent,
/// t:test_header_remove_is_case_insensitive
#[test]
fn ses_9_x39_a_default_can_be_left_out() {
    let without = |url: &str| {
        ["user-agent", "ACCEPT-encoding", "Accept", "connection"]
            .into_iter()
            .fold(reqs::get(url), Request::without_header)
    };
    assert_eq!(wire(without), "GET / HTTP/1.1\r\nHost: HOST\r\n\r\n");
    let said_later = wire(|url| without(url).header("Accept", "text/plain"));
    assert_eq!(said_later, "GET / HTTP/1.1\r\nHost: HOST\r\nAccept: text/plain\r\n\r\n");
    let json = rest(|url| reqs::post(url).json(1).without_header("content-type"));
    assert_eq!(json, "Content-Length: 1\r\n\r\n1");

    let server = Scripted::one(ok(""));
    let mut session = Session::new();
    session.headers.insert("X-Secret", "a");
    sent(session.get(server.url("/")).without_header("x-secret").send());
    assert_eq!(text(&server), expected("GET /", "", ""));
}
