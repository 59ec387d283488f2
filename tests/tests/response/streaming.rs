//! A body while it arrives.

use std::io::{BufRead, Read};
use std::sync::{Arc, Mutex};

use reqs::{Error, ErrorKind, Progress, Response, Stream};
use reqs_tests::{Connection, Scripted, httpbin, scripted};

use crate::{answer, gzip, session, stream};

fn sizes(pieces: impl Iterator<Item = reqs::Result<Vec<u8>>>) -> Vec<usize> {
    pieces.map(|piece| piece.unwrap().len()).collect()
}

#[test]
fn str_1_pieces_of_a_size() {
    let body = vec![7; 25];
    let (mut r, _server) = stream(answer("", &body));
    assert_eq!(sizes(r.iter_content(10)), [10, 10, 5], "identity: exactly so many");

    // Even where the body comes in dribbles.
    let slow =
        Connection::new().expect_request().send_slowly(answer("", &body), 3, std::time::Duration::ZERO);
    let server = Scripted::start([slow]);
    let mut r = session().get(server.url("/")).stream().unwrap();
    assert_eq!(sizes(r.iter_content(10)), [10, 10, 5]);

    let (mut r, _server) = stream(scripted::chunked(["abc", "defgh"]));
    assert_eq!(sizes(r.iter_content(4)), [3, 4, 1], "chunks are never merged");

    let text = b"hello ".repeat(5000);
    let (mut r, _server) = stream(answer("Content-Encoding: gzip\r\n", gzip(&text)));
    let pieces: Vec<Vec<u8>> = r.iter_content(1000).map(Result::unwrap).collect();
    assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= 1000), "STR-4, decoded");
    assert_eq!(pieces.concat(), text);

    let until_close = [b"HTTP/1.0 200 OK\r\n\r\n", &body[..]].concat();
    let server = Scripted::one(until_close);
    let mut r = session().get(server.url("/")).stream().unwrap();
    assert_eq!(sizes(r.iter_content(10)), [10, 10, 5]);
}

/// t:test_response_is_iterable, t:test_response_chunk_size_type: what is no number of bytes has no such type.
#[test]
fn str_1_str_2_pieces_of_any_reader() {
    let response = || Response::builder().reader(&b"the content"[..]).build();
    assert_eq!(response().iter_content(1).next().unwrap().unwrap(), b"t");
    assert_eq!(sizes(response().iter_content(1)), [1; 11]);
    assert_eq!(response().iter_content(None).map(Result::unwrap).collect::<Vec<_>>(), [b"the content"]);
}

#[test]
fn str_2_pieces_as_they_arrive() {
    let (mut r, _server) = stream(scripted::chunked(["abc", "d", "efgh"]));
    assert_eq!(sizes(r.iter_content(None)), [3, 1, 4]);

    // The first piece is given before the second is sent.
    let gate = reqs_tests::Gate::new();
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc";
    let server = Scripted::start([Connection::new().answer(head).wait_for(&gate).send("def")]);
    let mut r = session().get(server.url("/")).stream().unwrap();
    let mut pieces = r.iter_content(None);
    assert_eq!(pieces.next().unwrap().unwrap(), b"abc");
    gate.open();
    assert_eq!(pieces.next().unwrap().unwrap(), b"def");
    assert!(pieces.next().is_none());
}

#[test]
fn str_3_a_size_of_nothing_is_refused() {
    let (mut r, _server) = stream(answer("", "abc"));
    let error = r.iter_content(0).next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
    assert_eq!(r.load().unwrap().text(), "abc", "and nothing is lost");
}

#[test]
fn res_6_what_was_consumed_is_not_the_content() {
    let (mut r, _server) = stream(answer("", "abc"));
    assert_eq!(sizes(r.iter_content(2)), [2, 1]);
    assert_eq!(r.iter_content(2).next().unwrap().unwrap_err().kind(), ErrorKind::StreamConsumed);
    let error = r.load().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StreamConsumed);
    assert!(error.to_string().starts_with("the content for this response was already consumed"), "{error}");

    let (mut r, _server) = stream(answer("", "abc"));
    r.read_exact(&mut [0; 1]).unwrap();
    assert_eq!(r.load().unwrap_err().kind(), ErrorKind::StreamConsumed);
}

#[test]
fn res_7_res_8_a_read_response_gives_its_pieces_again() {
    let (r, _server) = stream(answer("", "abcde"));
    let r = r.load().unwrap();
    for _ in 0..2 {
        assert_eq!(r.iter_content(2).collect::<Vec<_>>(), [&b"ab"[..], b"cd", b"e"]);
    }
    let mut again = Response::<Stream>::from(r);
    assert_eq!(sizes(again.iter_content(3)), [3, 2]);
}

/// t:test_response_iter_lines
#[test]
fn str_7_s32_1_lines_of_a_stream() {
    let server = httpbin::start();
    let mut r = session().get(server.url("/stream/4")).stream().unwrap();
    assert_eq!(r.iter_lines().count(), 4);
    let mut r = session().get(server.url("/stream/4")).stream().unwrap();
    assert_eq!(r.iter_lines().next().unwrap().unwrap()[..1], *b"{");
    assert_eq!(r.iter_lines().count(), 3, "S32.3: the rest is still there");

    let (mut r, _server) = stream(scripted::chunked(["a\r", "\nb", "\r\n\r\n", "c"]));
    let lines: Vec<_> = r.iter_lines().map(|line| String::from_utf8(line.unwrap()).unwrap()).collect();
    assert_eq!(lines, ["a", "b", "", "c"], "STR-8, S32.2");
    let (mut r, _server) = stream(scripted::chunked(["a|", "|b||"]));
    assert_eq!(
        r.iter_lines().delimiter("||").map(|line| line.unwrap().len()).collect::<Vec<_>>(),
        [1, 1, 0],
        "STR-9"
    );
}

#[test]
fn str_7_a_line_is_given_when_its_end_has_come() {
    let gate = reqs_tests::Gate::new();
    let server = Scripted::start([Connection::new()
        .answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\r\r\n")
        .wait_for(&gate)
        .send("2\r\n\nb\r\n0\r\n\r\n")]);
    let mut r = session().get(server.url("/")).stream().unwrap();
    let mut lines = r.iter_lines();
    assert_eq!(lines.next().unwrap().unwrap(), b"a", "without waiting for an LF after the CR");
    gate.open();
    assert_eq!(lines.next().unwrap().unwrap(), b"b");
    assert!(lines.next().is_none());
}

/// t:test_response_decode_unicode
#[test]
fn str_5_enc_5_text_as_it_arrives() {
    let (mut r, _server) = stream([
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
        &scripted::chunked([&b"a\xc3"[..], b"\xa9\n\xe2\x82", b"\xac"])[47..],
    ].concat());
    let text: Vec<_> = r.iter_text(None).map(Result::unwrap).collect();
    assert_eq!(text.concat(), "aé\n€");
    let consumed = Response::builder().body("the content").build().load().unwrap();
    for mut r in [Response::from(consumed), Response::builder().reader(&b"the content"[..]).build()] {
        r.set_encoding("ascii");
        assert_eq!(r.iter_text(1).map(Result::unwrap).collect::<String>(), "the content");
    }
    let (mut r, _server) = stream(answer("Content-Type: text/plain; charset=utf-8\r\n", b"caf\xe9\r\nb"));
    r.set_encoding("latin1");
    assert_eq!(r.iter_lines_text().map(Result::unwrap).collect::<Vec<_>>(), ["café", "b"]);
}

#[test]
fn s24_1_res_10_raw_bytes_as_they_came() {
    let coded = gzip(b"hello");
    let (mut r, _server) = stream(answer("Content-Encoding: gzip\r\n", &coded));
    let mut first = [0; 10];
    r.raw().read_exact(&mut first).unwrap();
    assert_eq!(first[..3], [0x1f, 0x8b, 8]);
    let mut rest = Vec::new();
    r.raw().read_to_end(&mut rest).unwrap();
    assert_eq!([&first[..], &rest].concat(), coded);
    assert_eq!(r.load().unwrap_err().kind(), ErrorKind::StreamConsumed);

    let (mut r, _server) = stream(scripted::chunked(["ab", "c"]));
    let mut text = String::new();
    r.raw().read_to_string(&mut text).unwrap();
    assert_eq!(text, "abc", "the framing is no part of it");
}

#[test]
fn read_and_bufread_over_every_framing_and_coding() {
    let text: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let coded = gzip(&text);
    let chunks = |bytes: &[u8]| scripted::chunked(bytes.chunks(7001))[47..].to_vec();
    let answers = [
        answer("", &text),
        answer("Content-Encoding: gzip\r\n", &coded),
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", &chunks(&text)[..]].concat(),
        [
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n",
            &chunks(&coded)[..],
        ]
        .concat(),
    ];
    for (number, answer) in answers.iter().enumerate() {
        let server = Scripted::with({
            let answer = answer.clone();
            move |_| answer.clone()
        });
        let session = session();
        let open = || session.get(server.url("/")).stream().unwrap();
        assert!(open().load().unwrap().content() == text, "load, {number}");
        for size in [100, 4096, 16 * 1024, 100_000] {
            let (mut r, mut out, mut buffer) = (open(), Vec::new(), vec![0; size]);
            loop {
                match r.read(&mut buffer).unwrap() {
                    0 => break,
                    n => out.extend_from_slice(&buffer[..n]),
                }
            }
            assert!(out == text, "read {size}, {number}");
        }
        let (mut r, mut out) = (open(), Vec::new());
        r.read_until(0xff, &mut out).unwrap();
        r.read_to_end(&mut out).unwrap();
        assert!(out == text, "BufRead, {number}");
        let mut out = Vec::new();
        assert_eq!(open().copy_to(&mut out).unwrap(), text.len() as u64);
        assert!(out == text, "copy_to, {number}");
        let mut r = open();
        assert!(r.buffer().unwrap() == text && r.buffer().unwrap() == text, "buffer, {number}");
        assert!(r.load().unwrap().content() == text, "buffer leaves the bytes, {number}");
        assert_eq!(server.connections(), 1, "and every end was found, {number}");
    }
}

#[test]
fn a_buffered_body_can_be_read_in_part_and_further() {
    let (mut r, _server) = stream(answer("", "abcdef"));
    assert_eq!(r.buffer().unwrap(), b"abcdef");
    r.read_exact(&mut [0; 2]).unwrap();
    assert_eq!(r.buffer().unwrap(), b"cdef");
    assert_eq!(sizes(r.iter_content(3)), [3, 1]);
    assert_eq!(r.buffer().unwrap(), b"");
}

#[test]
fn x57_progress_counts_what_came_and_what_came_out() {
    let text = b"hello ".repeat(50_000);
    let coded = gzip(&text);
    let total = coded.len() as u64;
    type Way = fn(Response<Stream>) -> u64;
    let ways: [Way; 4] = [
        |r| r.load().unwrap().content().len() as u64,
        |mut r| r.copy_to(&mut Vec::new()).unwrap(),
        |mut r| r.iter_content(1000).map(|piece| piece.unwrap().len() as u64).sum(),
        |mut r| r.read_to_end(&mut Vec::new()).unwrap() as u64,
    ];
    for way in ways {
        let (r, _server) = stream(answer("Content-Encoding: gzip\r\n", &coded));
        let seen = Arc::new(Mutex::new(Vec::<Progress>::new()));
        let keep = Arc::clone(&seen);
        let r = r.on_progress(move |progress| keep.lock().unwrap().push(progress));
        assert_eq!(r.progress().total, Some(total));
        assert_eq!(way(r), text.len() as u64);
        let seen = seen.lock().unwrap();
        let last = seen.last().unwrap();
        assert_eq!((last.received, last.decoded, last.total), (total, text.len() as u64, Some(total)));
        assert_eq!(last.fraction(), Some(1.0));
        assert!(seen.windows(2).all(|two| two[0].decoded <= two[1].decoded));
    }
    let (r, _server) = stream(answer("", vec![0; 1_000_000]));
    let steps = Arc::new(Mutex::new(0));
    let count = Arc::clone(&steps);
    r.on_progress(move |_| *count.lock().unwrap() += 1).load().unwrap();
    assert!(*steps.lock().unwrap() >= 4, "a large body is reported on while it comes");
}

#[test]
fn copy_to_tells_a_bad_writer_from_a_bad_body() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (mut r, _server) = stream(answer("", "abc"));
    let error = r.copy_to(&mut Full).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(
        error.to_string().starts_with("writing the body failed after 0 bytes: no storage space"),
        "{error}"
    );
    // What could not be written was not lost either.
    assert_eq!(r.copy_to(&mut Vec::new()).unwrap(), 3);
}

/// As `Read` says: what was interrupted is tried again.
#[test]
fn an_adapters_reader_may_be_interrupted() {
    struct Interrupted(bool);
    impl Read for Interrupted {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            self.0 = !self.0;
            if self.0 {
                return Err(std::io::ErrorKind::Interrupted.into());
            }
            out[..3].copy_from_slice(b"ab\n");
            Ok(3)
        }
    }
    let open = || Response::builder().reader(Interrupted(false).take(9)).build();
    assert_eq!(open().load().unwrap().content(), b"ab\nab\nab\n");
    assert_eq!(open().copy_to(&mut Vec::new()).unwrap(), 9);
    assert_eq!(open().read(&mut [0; 9]).unwrap(), 3);
    assert_eq!(open().iter_lines().map(Result::unwrap).count(), 3);
    assert_eq!(sizes(open().iter_content(4)), [4, 4, 1]);
    assert_eq!(open().raw().read_to_end(&mut Vec::new()).unwrap(), 9);
}

#[test]
fn an_adapters_reader_fails_in_the_words_of_bodies() {
    use std::io::ErrorKind as Io;
    for (io, kind) in [
        (Io::TimedOut, ErrorKind::ReadTimeout),
        (Io::ConnectionReset, ErrorKind::ChunkedEncoding),
        (Io::UnexpectedEof, ErrorKind::ChunkedEncoding),
        (Io::NotFound, ErrorKind::Io),
    ] {
        struct Broken(Io);
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(self.0.into())
            }
        }
        let r = Response::builder().reader(b"part".chain(Broken(io))).build();
        let error = r.load().unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.response().unwrap().content(), b"part", "what had come is there");
        let mut r = Response::builder().reader(Broken(io)).build();
        assert_eq!(Error::from(r.read(&mut [0; 1]).unwrap_err()).kind(), kind);
    }
}
