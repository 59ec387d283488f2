//! Content codings, and the limits on what they may unfold to.

use std::io::{Read, Write};

use reqs::{DecodeLimits, ErrorKind, HttpAdapter, Response, Result, Stream};
use reqs_tests::{Scripted, httpbin};

use crate::{answer, gzip, session, stream};

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, 4096, 5, 20).write_all(bytes).unwrap();
    out
}

fn load(coding: &str, body: impl AsRef<[u8]>) -> Result<Response> {
    let headers = format!("Content-Encoding: {coding}\r\n");
    let server = Scripted::answers([answer(&headers, body)]);
    session().get(server.url("/")).send()
}

/// t:test_decompress_gzip
#[test]
fn dec_1_dec_2_dec_3_dec_4_what_is_undone() {
    let text = b"the same text, however it came";
    let cases = [
        ("gzip", gzip(text)),
        ("X-GZip", gzip(text)),
        ("gzip", [gzip(&text[..9]), gzip(&text[9..])].concat()),
        ("gzip", [gzip(text), b"garbage".to_vec()].concat()),
        ("deflate", zlib(text)),
        ("deflate", deflate(text)),
        ("br", brotli(text)),
        ("identity", text.to_vec()),
        ("unheard-of", text.to_vec()),
        ("gzip;q=1", text.to_vec()),
        ("gzip, br", brotli(&gzip(text))),
        ("gzip\r\nContent-Encoding: deflate", zlib(&gzip(text))),
    ];
    for (coding, body) in cases {
        let r = load(coding, &body).unwrap();
        assert_eq!(r.content(), text, "{coding}");
        // DEC-8: the headers stay as they were received.
        assert_eq!(r.headers()["content-length"], *body.len().to_string());
        assert_eq!(r.headers()["content-encoding"], *coding.split('\r').next().unwrap());
    }
    let error = load("gzip, unheard-of", text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ContentDecoding, "DEC-1: not half undone");
}

#[test]
fn dec_6_nothing_needs_no_decoding() {
    assert_eq!(load("gzip", "").unwrap().content(), b"");
    assert_eq!(load("gzip, gzip, gzip, gzip, gzip, gzip", "").unwrap().content(), b"");
    let server = Scripted::answers(["HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 99\r\n\r\n"]);
    assert_eq!(session().head(server.url("/")).send().unwrap().content(), b"");
}

#[test]
fn s01_2_httpbin_in_each_coding() {
    let server = httpbin::start();
    for (path, key) in [("/gzip", "gzipped"), ("/deflate", "deflated"), ("/brotli", "brotli")] {
        let r = session().get(server.url(path)).send().unwrap();
        assert_eq!(r.json::<serde_json::Value>().unwrap()[key], true, "{path}");
    }
}

/// Every way of reading meets the guard.
fn in_every_way(open: impl Fn() -> Response<Stream>) -> Vec<reqs::Error> {
    let ways: [fn(Response<Stream>) -> reqs::Error; 9] = [
        |r| r.load().unwrap_err(),
        |mut r| r.buffer().unwrap_err(),
        |mut r| r.copy_to(&mut std::io::sink()).unwrap_err(),
        |mut r| r.read_to_end(&mut Vec::new()).unwrap_err().into(),
        |mut r| std::io::copy(&mut r, &mut std::io::sink()).unwrap_err().into(),
        |mut r| r.iter_content(1 << 20).find_map(Result::err).unwrap(),
        |mut r| r.iter_content(None).find_map(Result::err).unwrap(),
        |mut r| r.iter_lines().find_map(Result::err).unwrap(),
        |mut r| r.iter_text(None).find_map(Result::err).unwrap(),
    ];
    ways.into_iter().map(|way| way(open())).collect()
}

#[test]
fn sec_33_sec_35_a_bomb_is_refused_in_every_way_of_reading() {
    // 5 MiB of zeros in 5 KB, and a guard that wakes up sooner than the one of 64 MiB.
    let bomb = gzip(&vec![0; 5 << 20]);
    let server = Scripted::with(move |_| answer("Content-Encoding: gzip\r\n", &bomb));
    let mut early = DecodeLimits::default();
    early.ratio_after = 1 << 20;
    let mut session = session();
    session.mount("http://", HttpAdapter::new().decode_limits(early));
    for error in in_every_way(|| session.get(server.url("/")).stream().unwrap()) {
        assert_eq!(error.kind(), ErrorKind::ContentDecoding);
        let message = error.to_string();
        assert!(message.contains("beyond the limit of 256 to 1"), "{message}");
        assert!(message.contains("Response::decode_limits or HttpAdapter::decode_limits"), "{message}");
    }
    // A little of it is no danger, and the limit can be lifted for one response.
    let mut start = [1; 1000];
    session.get(server.url("/")).stream().unwrap().read_exact(&mut start).unwrap();
    assert_eq!(start, [0; 1000]);
    let mut limits = DecodeLimits::default();
    limits.ratio = None;
    let mut r = session.get(server.url("/")).stream().unwrap().decode_limits(limits).unwrap();
    assert_eq!(r.copy_to(&mut std::io::sink()).unwrap(), 5 << 20);
}

#[test]
fn sec_33_a_real_bomb_meets_the_defaults() {
    let bomb = gzip(&vec![0; 70 << 20]);
    let server = Scripted::answers([answer("Content-Encoding: gzip\r\n", &bomb)]);
    let error = session().get(server.url("/")).stream().unwrap().copy_to(&mut std::io::sink()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ContentDecoding);
}

#[test]
fn a_bound_on_the_whole_holds_for_every_body_and_way() {
    let mut limits = DecodeLimits::default();
    limits.total = Some(1000);
    let mut session = session();
    session.mount("http://", HttpAdapter::new().decode_limits(limits));
    let text = "x".repeat(1001);
    let coded = gzip(text.as_bytes());
    let chunked = reqs_tests::scripted::chunked([&text[..400], &text[400..]]);
    for answer in [answer("", &text), chunked, answer("Content-Encoding: gzip\r\n", coded)] {
        let server = Scripted::with(move |_| answer.clone());
        for error in in_every_way(|| session.get(server.url("/")).stream().unwrap()) {
            assert_eq!(error.kind(), ErrorKind::ContentDecoding);
            let message = error.to_string();
            assert!(message.contains("the decoded body is longer than the limit of 1000 bytes"), "{message}");
            assert!(message.contains("DecodeLimits::total"), "{message}");
        }
        let error = session.get(server.url("/")).send().unwrap_err();
        assert!(error.response().unwrap().content().len() <= 1000);
    }
    let just = Scripted::answers([answer("", &text[..1000]), answer("", &text[..1000])]);
    assert_eq!(session.get(just.url("/")).send().unwrap().content().len(), 1000);
    assert_eq!(session.get(just.url("/")).stream().unwrap().copy_to(&mut Vec::new()).unwrap(), 1000);
}

#[test]
fn limits_that_come_too_late_are_an_error() {
    let (mut r, _server) = stream(answer("Content-Encoding: gzip\r\n", gzip(b"hello")));
    r.read_exact(&mut [0; 2]).unwrap();
    let error = r.decode_limits(DecodeLimits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
    assert!(error.to_string().contains("before any of the body is read"), "{error}");
}

#[test]
fn dec_4_sec_32_too_many_codings_are_an_error_when_the_body_is_asked_for() {
    let (r, _server) = stream(answer("Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip\r\n", "x"));
    assert_eq!(r.status(), 200);
    let error = r.load().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ContentDecoding);
    assert!(error.to_string().contains("more content codings than the limit of 5"), "{error}");
    let mut limits = DecodeLimits::default();
    limits.layers = 6;
    let six = (0..6).fold(b"deep".to_vec(), |bytes, _| gzip(&bytes));
    let (r, _server) = stream(answer("Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip\r\n", six));
    assert_eq!(r.decode_limits(limits).unwrap().load().unwrap().content(), b"deep");
}
