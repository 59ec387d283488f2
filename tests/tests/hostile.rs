//! The hostile-server matrix: what servers do that at least one well-known client gets wrong, each row through the whole
//! of reqs. docs/security.md has the table for readers.

#![allow(missing_docs, reason = "tests")]

#[path = "../examples/redirect_matrix.rs"]
#[allow(dead_code, reason = "an example's own main and table")]
mod matrix;

use std::io::{Cursor, Write};
use std::panic;
use std::time::Duration;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use matrix::session_to;
use reqs::{Body, ErrorKind, HttpAdapter, Limits, Response, Result, Session, Timeout};
use reqs_tests::scripted::{ok, redirect, response};
use reqs_tests::{Connection, Scripted};

/// What the server does, and that reqs takes it as it should.
const ROWS: [(&str, fn()); 27] = [
    ("Content-Length 50, sends 5, closes", content_length_50_sends_5_closes),
    ("chunked without the final chunk", chunked_without_the_final_chunk),
    ("Content-Length 5 and Content-Length 3", two_lengths),
    ("Content-Length `-1`, `+5`", lengths_that_are_no_numbers),
    ("Transfer-Encoding and Content-Length together", both_framings),
    ("chunk extension over 20 bytes", long_chunk_extensions),
    ("chunk size `+5`, `0x5`", chunk_sizes_that_are_no_numbers),
    ("chunk size of seventeen f's", a_chunk_size_that_overflows),
    ("trailers", trailers),
    ("103 before 200", early_hints),
    ("lines ended by LF alone", line_feeds_alone),
    ("obs-fold in a response header", a_folded_header),
    ("0xFF or UTF-8 in a header value", bytes_in_a_header_value),
    ("200 headers", two_hundred_headers),
    ("a 100 KB header", a_header_of_100_kilobytes),
    ("endless header, endless 1xx", endless_heads),
    ("204 with Content-Length 5", a_204_that_promises_a_body),
    ("gzip of two members", two_gzip_members),
    ("gzip coding, empty body", an_empty_body_called_gzip),
    ("gzip, deflate, br or zstd cut short", codings_cut_short),
    ("Location with a space and raw UTF-8", a_location_as_people_write_it),
    (
        "closes just as a second request arrives on the kept connection",
        a_connection_that_closes_under_a_request,
    ),
    ("307 or 308 to a POST with a body", redirects_that_keep_the_body),
    ("303 to a POST", a_redirect_that_drops_the_body),
    ("cross-origin redirect, user's `Host` header", a_host_header_across_origins),
    ("cross-origin redirect, Authorization, Cookie, Proxy-Authorization", credentials_across_origins),
    ("one byte per just-under-the-timeout", one_byte_at_a_time),
];

#[test]
fn reqs_passes_every_row_of_the_hostile_server_matrix() {
    let failed: Vec<&str> =
        ROWS.iter().filter(|(_, check)| panic::catch_unwind(check).is_err()).map(|(does, _)| *does).collect();
    assert!(failed.is_empty(), "{} of {} rows failed: {failed:#?}", failed.len(), ROWS.len());
}

fn session() -> Session {
    let mut session = Session::new();
    session.trust_env = false;
    session.timeout = Some(10.into());
    session
}

/// What came of an answer, and what the next request of the same session met.
struct Met {
    first: Result<Response>,
    /// Whether the second request went over the first one's connection.
    reused: bool,
}

impl Met {
    /// Asks a server that gives this answer and goes on listening.
    fn by(answer: impl AsRef<[u8]>) -> Met {
        Met::in_a(&session(), Connection::new().answer(answer).answer(ok("the same connection")))
    }

    /// Asks a server that gives this answer and closes.
    fn then_closed(answer: impl AsRef<[u8]>) -> Met {
        Met::in_a(&session(), Connection::new().answer(answer).close())
    }

    fn in_a(session: &Session, connection: Connection) -> Met {
        let server = Scripted::start([connection, Connection::new().answer(ok("another connection"))]);
        let first = session.get(server.url("/")).send();
        let second = session.get(server.url("/")).send().unwrap();
        Met { first, reused: second.text() == "the same connection" }
    }

    /// The body is this, and the connection goes on serving or not.
    fn is(self, body: &str, reused: bool) -> Response {
        let first = self.first.unwrap();
        assert_eq!((&*first.text(), self.reused), (body, reused));
        first
    }

    /// The error is of this kind, says this, and has cost the connection.
    fn fails(self, kind: ErrorKind, words: &str) {
        let error = self.first.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(words), "'{error}' does not say '{words}'");
        assert!(!self.reused, "a connection in doubt was used again");
    }
}

fn chunks(text: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{text}")
}

fn content_length_50_sends_5_closes() {
    Met::then_closed("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")
        .fails(ErrorKind::ChunkedEncoding, "after 5 of 50 bytes");
}

fn chunked_without_the_final_chunk() {
    Met::then_closed(chunks("5\r\nhello\r\n")).fails(ErrorKind::ChunkedEncoding, "before the last chunk");
}

fn two_lengths() {
    Met::by("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 3\r\n\r\nhello")
        .fails(ErrorKind::InvalidResponse, "Content-Length");
}

fn lengths_that_are_no_numbers() {
    for length in ["-1", "+5", "5 5", "0x5", "5_0", "", "18446744073709551616"] {
        Met::by(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhello"))
            .fails(ErrorKind::InvalidResponse, "Content-Length");
    }
}

fn both_framings() {
    let both = "Transfer-Encoding: chunked\r\nContent-Length: 3";
    Met::by(format!("HTTP/1.1 200 OK\r\n{both}\r\n\r\n5\r\nhello\r\n0\r\n\r\n")).is("hello", false);
}

fn long_chunk_extensions() {
    Met::by(chunks(&format!("5;{}\r\nhello\r\n0\r\n\r\n", "e".repeat(4000)))).is("hello", true);
    Met::by(chunks(&format!("5;{}\r\nhello\r\n0\r\n\r\n", "e".repeat(5000))))
        .fails(ErrorKind::ChunkedEncoding, "4096");
}

fn chunk_sizes_that_are_no_numbers() {
    for size in ["+5", "0x5", "-5", "5_0", "five", ""] {
        Met::by(chunks(&format!("{size}\r\nhello\r\n0\r\n\r\n"))).fails(ErrorKind::ChunkedEncoding, "chunk");
    }
}

fn a_chunk_size_that_overflows() {
    let sized = |digits: usize| chunks(&format!("{}\r\nhello\r\n0\r\n\r\n", "f".repeat(digits)));
    Met::by(sized(17)).fails(ErrorKind::ChunkedEncoding, "chunk");
    // The largest size that there is: nothing is set aside for it, and it does not come.
    Met::then_closed(sized(16)).fails(ErrorKind::ChunkedEncoding, "incomplete body");
}

fn trailers() {
    let whole = chunks("5\r\nhello\r\n0\r\nX-Digest: abc\r\nContent-Length: 1\r\n\r\n");
    let r = Met::by(whole).is("hello", true);
    assert_eq!(r.trailers().unwrap().get("x-digest"), Some("abc"));
    assert_eq!(r.headers().get("content-length"), None, "a trailer is no header");
    let endless = format!("5\r\nhello\r\n0\r\nX-Endless: {}", "x".repeat(20 * 1024));
    Met::by(chunks(&endless)).fails(ErrorKind::ChunkedEncoding, "trailer");
}

fn early_hints() {
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
    let r = Met::by([hints.as_bytes(), &ok("page")].concat()).is("page", true);
    assert_eq!(r.status(), 200);
    assert_eq!(r.informational()[0].status, 103);
    assert_eq!(r.informational()[0].headers.get("link"), Some("</style.css>; rel=preload"));
}

fn line_feeds_alone() {
    Met::by("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello").is("hello", true);
    Met::by(chunks("5\nhello\n0\n\n")).fails(ErrorKind::ChunkedEncoding, "chunk");
}

fn a_folded_header() {
    let r =
        Met::by("HTTP/1.1 200 OK\r\nX-Long: one,\r\n \t two\r\nContent-Length: 2\r\n\r\nok").is("ok", true);
    assert_eq!(&r.headers()["x-long"], "one, two");
}

fn bytes_in_a_header_value() {
    let head = b"HTTP/1.1 200 OK\r\nX-Latin: caf\xff\r\nX-Utf: caf\xc3\xa9\r\nContent-Length: 2\r\n\r\nok";
    let r = Met::by(head).is("ok", true);
    assert_eq!((&r.headers()["x-latin"], &r.headers()["x-utf"]), ("cafÿ", "café"));
    assert_eq!(r.headers().get_bytes("x-latin"), Some(&b"caf\xff"[..]));
    assert_eq!(r.headers().get_bytes("x-utf"), Some(&b"caf\xc3\xa9"[..]));
}

fn with_headers(count: usize, size: usize) -> String {
    let headers: String = (1..count).map(|n| format!("X-{n}: {}\r\n", "x".repeat(size))).collect();
    format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 2\r\n\r\nok")
}

/// A session whose heads may be so large.
fn within(limits: Limits) -> Session {
    let mut session = session();
    session.mount("http://", HttpAdapter::new().limits(limits));
    session
}

fn two_hundred_headers() {
    assert_eq!(Met::by(with_headers(200, 1)).is("ok", true).headers().len(), 200);
    Met::by(with_headers(257, 1)).fails(ErrorKind::InvalidResponse, "256");
    let mut limits = Limits::default();
    limits.headers = 300;
    Met::in_a(&within(limits), Connection::new().answer(with_headers(257, 1)).close()).is("ok", false);
}

fn a_header_of_100_kilobytes() {
    Met::by(with_headers(2, 100 * 1024)).is("ok", true);
    let mut limits = Limits::default();
    limits.head_bytes = 64 * 1024;
    let script = Connection::new().answer(with_headers(2, 100 * 1024));
    Met::in_a(&within(limits), script).fails(ErrorKind::InvalidResponse, "65536");
}

fn endless_heads() {
    for endless in
        ["x", "X: y\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"]
    {
        let start = if endless.starts_with("HTTP") { "" } else { "HTTP/1.1 200 OK\r\nX: " };
        let script = Connection::new().expect_request().send(start).send_endlessly(endless);
        Met::in_a(&session(), script).fails(ErrorKind::InvalidResponse, "limit");
    }
}

fn a_204_that_promises_a_body() {
    let met = Met::by("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n");
    let r = met.first.unwrap();
    assert_eq!((r.status().as_u16(), r.content()), (204, &b""[..]));
}

fn coded(coding: &str, body: &[u8]) -> Vec<u8> {
    response("200 OK", &[("Content-Encoding", coding)], body)
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn two_gzip_members() {
    Met::by(coded("gzip", &[gzip(b"first, "), gzip(b"second")].concat())).is("first, second", true);
}

fn an_empty_body_called_gzip() {
    Met::by(coded("gzip", b"")).is("", true);
    for head in ["HTTP/1.1 204 No Content\r\n", "HTTP/1.1 304 Not Modified\r\n"] {
        Met::by(format!("{head}Content-Encoding: gzip\r\n\r\n")).is("", true);
    }
}

/// zstd is not asked for, and what comes in it is handed on as it came; the codec's own tests cut it.
fn codings_cut_short() {
    let text = b"line after line\n".repeat(100);
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(&text).unwrap();
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
    raw.write_all(&text).unwrap();
    let mut br = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut Cursor::new(&text), &mut br, &parameters).unwrap();

    let bodies = [
        ("gzip", gzip(&text)),
        ("deflate", zlib.finish().unwrap()),
        ("deflate", raw.finish().unwrap()),
        ("br", br),
    ];
    for (coding, body) in bodies {
        Met::by(coded(coding, &body)).is(str::from_utf8(&text).unwrap(), true);
        for cut in [body.len() / 2, body.len() - 1] {
            let error = Met::by(coded(coding, &body[..cut])).first.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ContentDecoding, "{coding} cut at {cut}: {error}");
        }
    }
}

fn a_location_as_people_write_it() {
    let server = Scripted::with(|request| match request.target().as_str() {
        "/" => redirect("/a b/caf\u{e9}"),
        target => ok(target),
    });
    let r = session().get(server.url("/")).send().unwrap();
    assert_eq!(r.text(), "/a%20b/caf%C3%A9");
}

fn a_connection_that_closes_under_a_request() {
    let closing = || Connection::new().answer(ok("first")).expect_request().close();
    let server = Scripted::start([closing(), Connection::new().answer(ok("second"))]);
    let s = session();
    assert_eq!(s.get(server.url("/")).send().unwrap().text(), "first");
    assert_eq!(s.get(server.url("/")).send().unwrap().text(), "second");
    assert_eq!(s.pool_stats().replaced, 1);

    // What the server may have done is not done again (RFC 9110 section 9.2.2), nor what can be read only once.
    let once = || Body::reader(&b"once"[..]);
    for (method, body) in [("POST", Body::from("pay")), ("PATCH", Body::empty()), ("PUT", once())] {
        let server = Scripted::start([closing(), Connection::new().answer(ok("second"))]);
        let s = session();
        s.get(server.url("/")).send().unwrap();
        let error = s.request(method, server.url("/")).data(body).send().unwrap_err();
        assert!(error.is_connection(), "{method}: {error}");
        assert_eq!(server.connections(), 1, "{method}");
    }
}

fn redirects_that_keep_the_body() {
    for status in ["307 Temporary Redirect", "308 Permanent Redirect"] {
        let answers = [response(status, &[("Location", "/next")], ""), ok("")];
        let server = Scripted::answers(answers.clone());
        session().post(server.url("/")).data("body").send().unwrap();
        let second = &server.requests()[1];
        assert_eq!((second.line().as_str(), second.body()), ("POST /next HTTP/1.1", &b"body"[..]));

        let server = Scripted::answers(answers);
        let once = Body::reader(&b"body"[..]);
        let error = session().post(server.url("/")).data(once).send().unwrap_err();
        assert_eq!((error.kind(), server.requests().len()), (ErrorKind::UnrewindableBody, 1));
    }
}

fn a_redirect_that_drops_the_body() {
    let server = Scripted::answers([response("303 See Other", &[("Location", "/next")], ""), ok("")]);
    session().post(server.url("/")).form([("a", "1")]).send().unwrap();
    let second = &server.requests()[1];
    assert_eq!((second.line().as_str(), second.body()), ("GET /next HTTP/1.1", &b""[..]));
    for header in ["content-length", "content-type", "transfer-encoding"] {
        assert_eq!(second.header(header), None);
    }
}

/// `a.example` sends everybody to `b.example`, and that one back again; all that was sent on the way.
fn there_and_back(header: (&str, &str)) -> Vec<Option<String>> {
    let server = Scripted::with(|request| match request.target().as_str() {
        "/" => redirect("http://b.example/there"),
        "/there" => redirect("http://a.example/back"),
        _ => ok(""),
    });
    let session = session_to(&[("a.example", server.address()), ("b.example", server.address())]);
    session.get("http://a.example/").header(header.0, header.1).send().unwrap();
    server.requests().iter().map(|request| request.header(header.0)).collect()
}

fn a_host_header_across_origins() {
    let [first, second, third] = there_and_back(("Host", "front.example")).try_into().unwrap();
    assert_eq!(first.as_deref(), Some("front.example"));
    assert_eq!((second.as_deref(), third.as_deref()), (Some("b.example"), Some("a.example")));
}

fn credentials_across_origins() {
    for name in ["Authorization", "authorization", "Cookie"] {
        assert_eq!(there_and_back((name, "secret")), [Some("secret".to_owned()), None, None], "{name}");
    }
    // That one is a word to a proxy, and no origin's business.
    assert_eq!(there_and_back(("Proxy-Authorization", "secret")), [None, None, None]);
}

fn one_byte_at_a_time() {
    let body = format!("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}", "x".repeat(1000));
    let script = Connection::new().expect_request().send_slowly(body, 1, Duration::from_millis(40));
    let server = Scripted::each(script);
    let timeout = Timeout::from(5).total(0.5);
    let error = session().get(server.url("/")).timeout(timeout).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}
