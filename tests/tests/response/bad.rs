//! Bodies that are not what they should be: which error, in which words, with which context.

use std::error::Error as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use reqs::{ErrorKind, Response, Result, Stream};
use reqs_tests::{Connection, Scripted, scripted};
use serde_json::Value;

use crate::{answer, gzip, session};

/// What each way of reading says of this answer, after which the server closes.
fn complaints(answer: &[u8]) -> Vec<reqs::Error> {
    let ways: [fn(Response<Stream>) -> Result<u64>; 5] = [
        |r| Ok(r.load()?.content().len() as u64),
        |mut r| Ok(r.read_to_end(&mut Vec::new())? as u64),
        |mut r| r.copy_to(&mut std::io::sink()),
        |mut r| r.iter_content(7).map(|piece| Ok(piece?.len() as u64)).sum(),
        |mut r| r.iter_lines().map(|line| Ok(line?.len() as u64)).sum(),
    ];
    let complain = |way: fn(Response<Stream>) -> Result<u64>| {
        let server = Scripted::one(answer);
        way(session().get(server.url("/it")).stream().unwrap()).unwrap_err()
    };
    ways.into_iter().map(complain).collect()
}

/// t:test_chunked_encoding_error: the head is never ended. Requests takes what came for the whole head and misses the
/// chunks; here the head is what is missed (decision 14).
#[test]
fn rsp_5_rsp_9_a_head_that_is_cut_short() {
    let server = Scripted::one("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n");
    let error = session().get(server.url("/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error}");
    assert!(error.to_string().contains("closed the connection inside the response head"), "{error}");
    // With the head whole and no chunk it is Requests' error.
    let server = Scripted::one("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    let error = session().get(server.url("/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ChunkedEncoding, "{error}");
}

/// t:test_conflicting_content_lengths. Requests has one error for headers that cannot be sent and for this; here what a
/// server does wrong is `InvalidResponse`.
#[test]
fn rsp_7_two_lengths_that_differ() {
    let server = Scripted::one(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 16\r\nContent-Length: 32\r\n\r\n\
         -- Bad Actor -- Original Content\r\n",
    );
    let error = session().get(server.url("/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error}");
    assert!(error.to_string().contains("different Content-Lengths: 16 and 32"), "{error}");
}

/// t:test_iter_content_wraps_exceptions
#[test]
fn str_6_rsp_7_rsp_9_dec_2_broken_bodies() {
    let text = b"line\n".repeat(300);
    let coded = gzip(&text);
    let mut corrupt = coded.clone();
    let end = corrupt.len() - 6;
    corrupt[end] ^= 0xff;
    let gzip = "Content-Encoding: gzip\r\n";
    let short = answer("", &text);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let cases: Vec<(&str, Vec<u8>, ErrorKind, &str)> = vec![
        (
            "cut short",
            short[..short.len() - 1000].to_vec(),
            ErrorKind::ChunkedEncoding,
            "incomplete body: the server closed the connection after 500 of 1500 bytes",
        ),
        (
            "no last chunk",
            format!("{chunked}3\r\nabc\r\n").into(),
            ErrorKind::ChunkedEncoding,
            "incomplete body: the server closed the connection after 3 bytes, before the last chunk",
        ),
        (
            "a bad chunk",
            format!("{chunked}3\r\nabc\r\nxyz\r\n").into(),
            ErrorKind::ChunkedEncoding,
            "invalid chunk in the response: expected a hexadecimal size, found \"xyz\"",
        ),
        ("no gzip", answer(gzip, "plain text"), ErrorKind::ContentDecoding, "the body is not valid gzip"),
        ("a bad checksum", answer(gzip, &corrupt), ErrorKind::ContentDecoding, "the body is not valid gzip"),
        (
            "half of a gzip",
            answer(gzip, &coded[..coded.len() / 2]),
            ErrorKind::ContentDecoding,
            "the body is cut short: its gzip data goes on",
        ),
    ];
    for (name, answer, kind, words) in cases {
        for error in complaints(&answer) {
            assert_eq!(error.kind(), kind, "{name}: {error}");
            let message = error.to_string();
            assert!(message.contains(words), "{name}: {message}");
            assert!(
                message.contains(" for url: http://127.0.0.1:") && message.ends_with("/it"),
                "{name}: {message}"
            );
            assert!(!message.contains('\n'));
            assert!(error.source().is_some(), "{name}");
            assert_eq!(error.request().unwrap().url.path(), "/it", "RES-13, {name}");
        }
    }
}

/// t:test_iter_content_wraps_exceptions: TLS that breaks under a body.
#[test]
fn str_6_records_that_nobody_signed_are_an_error_of_tls() {
    let server = Scripted::https().answers([answer("", vec![b'x'; 100_000])]);
    let url = format!("https://localhost:{}/it", tampering_with(server.address()));
    let mut session = session();
    session.verify = Some(reqs::Verify::pem(reqs_tests::ca_pem().as_bytes().to_vec()));
    let mut r = session.get(url).stream().unwrap();
    let error = r.iter_content(1024).find_map(Result::err).unwrap();
    assert_eq!(error.kind(), ErrorKind::Ssl, "{error}");
    assert!(error.to_string().contains(" for url: https://localhost:"), "{error}");
}

/// The port of one who passes everything on, and changes a byte of what the server says, once it has said a lot.
fn tampering_with(server: SocketAddr) -> u16 {
    const UNTOUCHED: u64 = 50_000;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut upstream = TcpStream::connect(server).unwrap();
        let (mut from_client, mut to_server) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
        std::io::copy(&mut (&mut upstream).take(UNTOUCHED), &mut client).unwrap();
        let mut byte = [0];
        upstream.read_exact(&mut byte).unwrap();
        client.write_all(&[!byte[0]]).unwrap();
        // The client may have gone by then.
        let _ = std::io::copy(&mut upstream, &mut client);
    });
    port
}

#[test]
fn what_came_before_the_break_is_not_lost() {
    let server = Scripted::one("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nX-A: 1\r\n\r\nabc");
    let error = session().get(server.url("/")).send().unwrap_err();
    let r = error.into_response().unwrap();
    assert_eq!((r.content(), &r.headers()["x-a"]), (&b"abc"[..], "1"));
}

#[test]
fn after_an_error_there_is_no_more() {
    let server = Scripted::one("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    let mut r = session().get(server.url("/")).stream().unwrap();
    let mut pieces = r.iter_content(2);
    assert_eq!(pieces.next().unwrap().unwrap(), b"ab");
    assert_eq!(pieces.next().unwrap().unwrap(), b"c", "what had come is not lost");
    assert_eq!(pieces.next().unwrap().unwrap_err().kind(), ErrorKind::ChunkedEncoding);
    assert!(pieces.next().is_none());
    let error = reqs::Error::from(r.read(&mut [0; 8]).unwrap_err());
    assert_eq!(error.kind(), ErrorKind::StreamConsumed);
    assert!(error.to_string().contains("reading it has failed before"), "{error}");
}

/// t:test_stream_timeout, t:test_iter_content_wraps_exceptions
#[test]
fn tmo_4_a_stall_is_a_read_timeout_in_every_way() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
    let ways: [fn(Response<Stream>) -> reqs::Error; 3] = [
        |r| r.load().unwrap_err(),
        |mut r| r.iter_content(4).find_map(Result::err).unwrap(),
        |mut r| r.iter_lines().find_map(Result::err).unwrap(),
    ];
    for way in ways {
        let server = Scripted::start([Connection::new().answer(head)]);
        let r = session().get(server.url("/")).timeout(Duration::from_millis(200)).stream().unwrap();
        let error = way(r);
        assert_eq!(error.kind(), ErrorKind::ReadTimeout);
        assert!(error.is_timeout());
    }
}

/// t:test_json_decode_compatibility, t:test_json_decode_persists_doc_attr: bytes at random, that are no JSON. The error is
/// reqs' own and has serde_json's as its source. Requests' has the document in it, and not in its message; here the response
/// has it still, and the message shows a little of it, never the whole (JRS-2).
#[test]
fn jrs_2_bytes_that_are_no_json() {
    let server = reqs_tests::httpbin::start();
    let r = session().get(server.url("/bytes/200")).params([("seed", "7")]).send().unwrap();
    let error = r.json::<Value>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::JsonDecode);
    assert!(!error.to_string().contains(&*r.text()) && error.to_string().len() < 600, "{error}");
    assert!(error.source().is_some(), "what was wrong, and where");
    assert_eq!(r.content().len(), 200, "and the document is there");
}

/// t:test_response_json_when_content_is_None
#[test]
fn jrs_2_s14_2_what_is_no_json() {
    let json = |content_type: &str, body: &str| {
        let server = Scripted::answers([answer(&format!("Content-Type: {content_type}\r\n"), body)]);
        session().get(server.url("/it")).send().unwrap().json::<Value>().unwrap_err()
    };
    let error = json("text/html", "<html>\n<body>Not found</body>");
    assert_eq!(error.kind(), ErrorKind::JsonDecode);
    let message = error.to_string();
    assert!(
        message.starts_with("the body is not the JSON expected: expected value at line 1 column 1 (status 200, text/html): <html>"),
        "{message}"
    );
    assert!(message.ends_with("/it"), "{message}");
    let source = error.source().unwrap().downcast_ref::<serde_json::Error>().unwrap();
    assert_eq!((source.line(), source.column()), (1, 1));
    assert!(
        json("a", "").to_string().starts_with("the body is empty where JSON was expected (status 200, a)")
    );

    let server = Scripted::answers(["HTTP/1.1 204 No Content\r\n\r\n"]);
    let error = session().get(server.url("/")).send().unwrap().json::<Value>().unwrap_err();
    assert!(
        error.to_string().starts_with("the body is empty where JSON was expected (status 204"),
        "{error}"
    );
}

#[test]
fn jrs_2_a_number_that_does_not_fit() {
    let server = Scripted::answers([answer("", "{\"n\": 300}"), answer("", "{\"n\": 1e999}")]);
    type Numbers = std::collections::HashMap<String, u8>;
    let error = session().get(server.url("/")).send().unwrap().json::<Numbers>().unwrap_err();
    let message = error.to_string();
    assert!(message.contains("invalid value: integer `300`, expected u8 at line 1 column 9"), "{message}");
    let error = session().get(server.url("/")).send().unwrap().json::<Value>().unwrap_err();
    assert!(error.to_string().contains("number out of range at line 1 column 11"), "{error}");
}

#[test]
fn limits_on_framing_say_how_they_are_lifted() {
    let many: String = (0..300).map(|n| format!("T{n}: x\r\n")).collect();
    let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n{many}\r\n");
    let server = Scripted::answers([answer]);
    let error = session().get(server.url("/")).send().unwrap_err();
    assert!(error.to_string().contains("(HttpAdapter::limits sets another: Limits::headers)"), "{error}");
    let server = Scripted::answers([format!("HTTP/1.1 200 OK\r\n{many}\r\n")]);
    let error = session().get(server.url("/")).send().unwrap_err();
    assert!(error.to_string().contains("(HttpAdapter::limits sets another: Limits::headers)"), "{error}");
}

#[test]
fn sec_43_a_promise_of_a_petabyte_costs_nothing() {
    let server = Scripted::one(
        "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000\r\nContent-Encoding: gzip\r\n\r\nx",
    );
    assert_eq!(session().get(server.url("/")).send().unwrap_err().kind(), ErrorKind::ChunkedEncoding);
    let server = Scripted::one("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000\r\n\r\nx");
    assert_eq!(session().get(server.url("/")).send().unwrap_err().kind(), ErrorKind::ChunkedEncoding);
    let server = Scripted::answers([scripted::ok("fine")]);
    assert_eq!(session().get(server.url("/")).send().unwrap().text(), "fine");
}
