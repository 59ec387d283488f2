//! Bodies of many MiB that are read whole: the same bytes, errors and reports as of small ones, in other memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqs::{DecodeLimits, ErrorKind, Response, Stream};
use reqs_tests::Scripted;
use reqs_tests::scripted::{chunked, ok};

use crate::{answer, gzip, session, stream};

const MIB: usize = 1024 * 1024;

/// No two MiB of it are alike, and it can be compressed.
fn body(len: usize) -> Vec<u8> {
    (0..len / 4 + 1).flat_map(|at| ((at / 16) as u32).to_le_bytes()).take(len).collect()
}

#[test]
fn res_2_large_bodies_are_whole_however_they_are_framed_and_coded() {
    let whole = body(17 * MIB);
    let check = |way: &str, len: usize, answer: fn(&[u8]) -> Vec<u8>| {
        let body = &whole[..len];
        let server = Scripted::answers([answer(body), answer(body), ok("and the connection goes on")]);
        let s = session();
        assert!(s.get(server.url("/")).send().unwrap().content() == body, "{way} of {len}");
        assert!(s.get(server.url("/")).send().unwrap().into_content() == body, "{way} of {len}, taken out");
        assert_eq!(s.get(server.url("/")).send().unwrap().text(), "and the connection goes on");
        assert_eq!(server.connections(), 1);
    };
    for len in [16 * MIB - 1, 16 * MIB, 17 * MIB] {
        check("length", len, |body| ok(body));
    }
    for len in [4 * MIB, 5 * MIB] {
        check("chunked", len, |body| chunked(body.chunks(300_000)));
        check("gzip", len, |body| answer("Content-Encoding: gzip\r\n", gzip(body)));
    }
    let server = Scripted::one([b"HTTP/1.1 200 OK\r\n\r\n", &whole[..]].concat());
    assert!(session().get(server.url("/")).send().unwrap().content() == whole, "until the connection's end");
}

#[test]
fn rsp_7_what_came_of_a_large_body_is_not_lost() {
    let body = body(20 * MIB);
    let cut = answer("", &body)[..18 * MIB].to_vec();
    let error = session().get(Scripted::one(cut).url("/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ChunkedEncoding);
    let came = error.response().unwrap().content();
    assert!(came.len() > 17 * MIB && body.starts_with(came), "{} bytes", came.len());
}

#[test]
fn limits_hold_for_large_bodies() {
    let whole = body(18 * MIB);
    let body = &whole[..6 * MIB];
    let cases = [
        (17 * MIB, answer("", &whole)),
        (5 * MIB, chunked([body])),
        (5 * MIB, answer("Content-Encoding: gzip\r\n", gzip(body))),
    ];
    for (limit, answer) in cases {
        let mut limits = DecodeLimits::default();
        limits.total = Some(limit as u64);
        let (r, _server) = stream(answer);
        let error = r.decode_limits(limits).unwrap().load().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ContentDecoding, "{error}");
        let came = error.response().unwrap().content();
        assert!(came.len() <= limit && came.len() > limit - MIB && whole.starts_with(came), "{}", came.len());
    }
}

#[test]
fn x57_progress_of_a_large_body_ends_with_all_of_it() {
    let body = body(17 * MIB);
    let (r, _server) = stream(answer("", &body));
    let (steps, last) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (count, keep) = (Arc::clone(&steps), Arc::clone(&last));
    let r = r.on_progress(move |progress| {
        count.fetch_add(1, Ordering::Relaxed);
        keep.store(progress.decoded, Ordering::Relaxed);
    });
    assert!(r.load().unwrap().content() == body);
    assert_eq!(last.load(Ordering::Relaxed), 17 * MIB as u64);
    assert!(steps.load(Ordering::Relaxed) >= 17);
}

#[test]
fn a_large_body_becomes_text_and_goes_back_into_a_stream() {
    let body = "é€".repeat(5 * MIB);
    let server = Scripted::with(move |_| ok(&body));
    let load = || session().get(server.url("/")).send().unwrap();
    let r = load();
    assert_eq!(r.text().len(), 25 * MIB);
    let again = Response::<Stream>::from(load()).load().unwrap();
    assert_eq!(again.text(), r.text());
    assert_eq!(r.into_text().len(), 25 * MIB);
}
