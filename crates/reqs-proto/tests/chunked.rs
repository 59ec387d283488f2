//! The chunked coding: RSP-9, the advisories about it, BOD-16. Every message is also fed one byte at a time and split
//! at every position.

mod support;

use reqs_proto::{ChunkedDecoder, CloseReason, Error, Frame, Limits};
use support::{Seen, receive, receive_with};

fn chunked(body: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", body].concat()
}

fn read(body: &[u8]) -> Result<Seen, Error> {
    receive(&chunked(body))
}

#[test]
fn rsp_9_accepted() {
    let long_zero = format!("{}5\r\nhello\r\n0\r\n\r\n", "0".repeat(100));
    let table: &[(&str, &str)] = &[
        ("0\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
        ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("A\r\n0123456789\r\n00\r\n\r\n", "0123456789"),
        (&long_zero, "hello"),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        // Extensions, of every form of section 7.1.1, are skipped.
        ("5;a\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5;a=b;c=\"d e\"\r\nhello\r\n0;x\r\n\r\n", "hello"),
        ("5 ; a = b\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5\t;\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5;ieof=\u{e9}\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5;an-extension-of-more-than-twenty-bytes\r\nhello\r\n0\r\n\r\n", "hello"),
    ];
    for (wire, body) in table {
        let seen = read(wire.as_bytes()).unwrap_or_else(|error| panic!("{wire:?}: {error}"));
        assert_eq!((seen.text(), seen.reuse, seen.trailers.is_none()), (*body, Ok(()), true), "{wire:?}");
    }
}

#[test]
fn rsp_9_sec_80_sec_92_refused() {
    type Is = fn(&Error) -> bool;
    let size: Is = |error| matches!(error, Error::InvalidChunkSize(_));
    let end: Is = |error| matches!(error, Error::InvalidChunkEnd);
    let large: Is = |error| matches!(error, Error::ChunkTooLarge);
    let extension: Is = |error| matches!(error, Error::InvalidChunkExtension);
    let cut: Is = |error| matches!(error, Error::IncompleteChunked { .. });
    let trailer: Is = |error| matches!(error, Error::InvalidResponseHeader { .. });
    let table: &[(&str, Is)] = &[
        // 1*HEXDIG and nothing else.
        ("+5\r\nhello\r\n0\r\n\r\n", size),
        ("-3\r\nabc\r\n0\r\n\r\n", size),
        ("0x5\r\nhello\r\n0\r\n\r\n", size),
        ("1_0\r\n0123456789abcdef\r\n0\r\n\r\n", size),
        (" 5\r\nhello\r\n0\r\n\r\n", size),
        ("5 \r\nhello\r\n0\r\n\r\n", size),
        ("\r\n", size),
        (";a\r\n", size),
        ("g\r\n", size),
        ("hello", size),
        ("5\u{663}\r\n", size),
        // No overflow: 2^64 - 1 fits and is only too long for what comes, more does not.
        ("ffffffffffffffff\r\nhello", cut),
        ("10000000000000000\r\nhello", large),
        ("fffffffffffffffff\r\nhello", large),
        // CRLF after sizes, data and trailers.
        ("5\nhello\r\n0\r\n\r\n", end),
        ("5\r\nhello\n0\r\n\r\n", end),
        ("5\r\nhello0\r\n\r\n", end),
        ("5\r\nhelloxx0\r\n\r\n", end),
        ("5\r\nhello\r\r\n0\r\n\r\n", end),
        ("5\rhello\r\n0\r\n\r\n", end),
        ("5;a\nhello\r\n0\r\n\r\n", end),
        ("5;a\rb\r\nhello\r\n0\r\n\r\n", end),
        ("0\r\n\n", end),
        ("0\r\n\rx", end),
        ("0\r\nA: b\n\r\n", end),
        ("0\r\nA: b\rc\r\n\r\n", end),
        ("5;a\0\r\nhello\r\n0\r\n\r\n", extension),
        ("5;a\u{7f}\r\nhello\r\n0\r\n\r\n", extension),
        // Cut short anywhere, even before the very last line end.
        ("", cut),
        ("5", cut),
        ("5\r\n", cut),
        ("5\r\nhel", cut),
        ("5\r\nhello", cut),
        ("5\r\nhello\r\n", cut),
        ("5\r\nhello\r\n0", cut),
        ("5\r\nhello\r\n0\r\n", cut),
        ("5\r\nhello\r\n0\r\n\r", cut),
        ("0\r\nA: b\r\n", cut),
        // Trailers are header lines, without folds.
        ("0\r\nA\r\n\r\n", trailer),
        ("0\r\nA : b\r\n\r\n", trailer),
        ("0\r\nA: b\r\n c\r\n\r\n", trailer),
        ("0\r\nA: b\0\r\n\r\n", trailer),
    ];
    for (wire, is) in table {
        let error = read(wire.as_bytes()).err().unwrap_or_else(|| panic!("{wire:?} was accepted"));
        assert!(is(&error), "{wire:?}: {error:?}");
    }
}

#[test]
fn rsp_9_trailers_are_exposed_and_kept_apart_from_the_headers() {
    let seen = read(b"5\r\nhello\r\n0\r\nX-Sum: abc\r\nx-sum:  d \r\nContent-Length: 9\r\n\r\n").unwrap();
    let trailers = [("X-Sum", "abc"), ("x-sum", "d"), ("Content-Length", "9")];
    let trailers = trailers.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    assert_eq!(seen.trailers.as_deref(), Some(&trailers[..]));
    assert_eq!((seen.header("x-sum"), seen.reuse), (None, Ok(())));
}

#[test]
fn sec_79_chunk_line_limit() {
    let line = |len: usize| {
        let extension = "x".repeat(len - "5;\r\n".len());
        chunked(format!("5;{extension}\r\nhello\r\n0\r\n\r\n").as_bytes())
    };
    assert_eq!(receive(&line(4096)).unwrap().text(), "hello");
    assert!(matches!(receive(&line(4097)), Err(Error::ChunkLineTooLong { limit: 4096 })));
    let mut limits = Limits::default();
    limits.chunk_line = 10;
    assert!(receive_with("GET", &line(10), &limits).is_ok());
    assert!(receive_with("GET", &line(11), &limits).is_err());
    // Digits without end are a line without end.
    let endless = chunked("0".repeat(5000).as_bytes());
    assert!(matches!(receive(&endless), Err(Error::ChunkLineTooLong { .. })));
}

#[test]
fn sec_79_extensions_may_not_outweigh_the_body() {
    let mut limits = Limits::default();
    limits.chunk_extensions = 100;
    let body = |chunks: usize| {
        let chunk = format!("1;{}\r\nx\r\n", "y".repeat(10));
        chunked(format!("{}0\r\n\r\n", chunk.repeat(chunks)).as_bytes())
    };
    // Each chunk has 11 bytes of extension and 1 of body.
    assert!(receive_with("GET", &body(9), &limits).is_ok());
    assert!(matches!(
        receive_with("GET", &body(10), &limits),
        Err(Error::ChunkExtensionsTooLong { limit: 100 })
    ));
    assert!(receive(&body(1000)).is_ok());
    // What pads a size is no better than an extension.
    for padded in [format!("{}1", "0".repeat(30)), format!("1{};", " ".repeat(30))] {
        let body =
            |chunks| chunked(format!("{}0\r\n\r\n", format!("{padded}\r\nx\r\n").repeat(chunks)).as_bytes());
        assert!(receive_with("GET", &body(3), &limits).is_ok(), "{padded}");
        let refused = receive_with("GET", &body(4), &limits);
        assert!(matches!(refused, Err(Error::ChunkExtensionsTooLong { limit: 100 })), "{padded}");
    }
}

#[test]
fn trailer_limits() {
    let trailers =
        |len: usize| chunked(format!("0\r\nA: {}\r\n\r\n", "x".repeat(len - "A: \r\n\r\n".len())).as_bytes());
    assert!(receive(&trailers(Limits::TRAILER_BYTES)).is_ok());
    assert!(matches!(receive(&trailers(Limits::TRAILER_BYTES + 1)), Err(Error::TrailersTooLong { .. })));
    let mut limits = Limits::default();
    limits.headers = 2;
    assert!(receive_with("GET", &chunked(b"0\r\nA: b\r\nA: b\r\n\r\n"), &limits).is_ok());
    let three = chunked(b"0\r\nA: b\r\nA: b\r\nA: b\r\n\r\n");
    assert!(matches!(receive_with("GET", &three, &limits), Err(Error::TooManyHeaders { limit: 2 })));
}

#[test]
fn a_chunk_never_runs_into_the_next() {
    let mut decoder = ChunkedDecoder::new(&Limits::default());
    let wire = b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n";
    assert_eq!(decoder.frame(wire), Ok(Frame::Data { skip: 3, len: 2 }));
    decoder.consume(1);
    assert_eq!((decoder.remaining(), decoder.taken()), (1, 1));
    assert_eq!(decoder.frame(&wire[4..]), Ok(Frame::Data { skip: 0, len: 1 }));
    decoder.consume(1);
    assert_eq!(decoder.remaining(), 0);
    assert_eq!(decoder.frame(&wire[5..]), Ok(Frame::Data { skip: 5, len: 3 }));
    decoder.consume(3);
    assert_eq!(decoder.frame(&wire[13..]), Ok(Frame::End { skip: 7 }));
    assert!(decoder.is_ended());
}

#[test]
fn consuming_more_than_there_is_spoils_the_connection() {
    let mut exchange = support::started("GET", &Limits::default());
    exchange.receive_head(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").unwrap();
    exchange.consume(3);
    assert_eq!(exchange.reuse(0), Err(CloseReason::Error));
}
