//! What must hold for any bytes at all. The fuzz targets (`fuzz/` of the repository) and the replay of their seeds
//! (`tests/corpus.rs`) run these same functions.

use reqs_proto::{
    ChunkedDecoder, DecodeLimits, Decoder, Error, Exchange, Frame, Headers, Limits, Received, RequestHead,
};

/// Small enough that a fuzzer meets them.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.head_bytes = 4096;
    limits.headers = 100;
    limits.informational = 4;
    limits.chunk_line = 256;
    limits.chunk_extensions = 1024;
    limits.trailer_bytes = 512;
    limits
}

fn started(method: &str) -> Exchange {
    let headers = Headers::new();
    let head = RequestHead { method, target: "/", host: "a", headers: &headers };
    Exchange::start(&head, &limits(), &mut Vec::new()).expect("a plain request")
}

/// A head parses to the same however it comes, and what was parsed may be sent again and parses to itself.
pub(crate) fn response_head(wire: &[u8]) {
    let whole = started("GET").receive_head(wire);
    let mut exchange = started("GET");
    let mut end = 0;
    let pieces = loop {
        match exchange.receive_head(&wire[..end]) {
            Ok(None) if end < wire.len() => end += 1,
            other => break other,
        }
    };
    match (whole, pieces) {
        (Ok(Some((one, len))), Ok(Some((other, other_len)))) => {
            assert_eq!(len, other_len);
            let (Received::Final(one) | Received::Informational(one)) = one;
            let (Received::Final(other) | Received::Informational(other)) = other;
            assert_eq!(one.status, other.status);
            assert_eq!(one.reason(), other.reason());
            assert!(one.headers.iter_bytes().eq(other.headers.iter_bytes()));
            assert!(one.headers.len() <= limits().headers && len <= limits().head_bytes);
            one.headers.check().expect("what was parsed may be sent");
            again(&one.headers);
        }
        (Ok(None), Ok(None)) | (Err(_), Err(_)) => {}
        (one, other) => panic!("whole: {one:?}, in pieces: {other:?}"),
    }
}

/// Encodes the headers into a head of its own: it parses to the same headers.
fn again(headers: &Headers) {
    let mut copy = Headers::new();
    for (name, value) in headers.iter_bytes() {
        if !name.eq_ignore_ascii_case("content-length") && !name.eq_ignore_ascii_case("transfer-encoding") {
            copy.append_bytes(name, value);
        }
    }
    let mut wire = b"HTTP/1.1 200 OK\r\n".to_vec();
    for (name, value) in copy.iter_bytes() {
        wire.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    wire.extend_from_slice(b"\r\n");
    let mut large = Limits::default();
    large.head_bytes = usize::MAX;
    let head = RequestHead { method: "GET", target: "/", host: "a", headers: &Headers::new() };
    let mut exchange = Exchange::start(&head, &large, &mut Vec::new()).expect("a plain request");
    let Ok(Some((Received::Final(head), len))) = exchange.receive_head(&wire) else {
        panic!("{:?}", String::from_utf8_lossy(&wire));
    };
    assert_eq!(len, wire.len());
    assert!(head.headers.iter_bytes().eq(copy.iter_bytes()));
}

/// The first byte says which request; the rest is what the server sends. Whole and in single bytes give the same.
pub(crate) fn exchange(data: &[u8]) {
    let Some((choice, wire)) = data.split_first() else { return };
    let method = ["GET", "HEAD", "CONNECT", "POST"][usize::from(choice % 4)];
    let whole = run(started(method), wire, wire.len().max(1));
    let single = run(started(method), wire, 1);
    let fives = run(started(method), wire, 5);
    for pieces in [single, fives] {
        match (&whole, &pieces) {
            (Ok(one), Ok(other)) => assert_eq!(one, other),
            (Err(one), Err(other)) => assert_eq!(std::mem::discriminant(one), std::mem::discriminant(other)),
            (one, other) => panic!("whole: {one:?}, in pieces: {other:?}"),
        }
    }
}

type Outcome = (u16, Vec<u8>, usize, bool);

fn run(mut exchange: Exchange, wire: &[u8], piece: usize) -> Result<Outcome, Error> {
    // `end` is how far the network has brought us.
    let (mut start, mut end) = (0, 0);
    let head = loop {
        match exchange.receive_head(&wire[start..end])? {
            Some((Received::Informational(_), len)) => start += len,
            Some((Received::Final(head), len)) => {
                start += len;
                break head;
            }
            None if end == wire.len() => return exchange.eof().map(|()| panic!("a head without an end")),
            None => end = wire.len().min(end + piece),
        }
    };
    let mut body = Vec::new();
    loop {
        match exchange.frame(&wire[start..end])? {
            Frame::Data { skip, len } => {
                assert!(len > 0 && start + skip + len <= end);
                assert!(exchange.direct() >= len as u64);
                body.extend_from_slice(&wire[start + skip..start + skip + len]);
                exchange.consume(len as u64);
                start += skip + len;
            }
            Frame::More { skip } => {
                start += skip;
                assert_eq!(start, end);
                if end == wire.len() {
                    exchange.eof()?;
                    assert!(exchange.is_ended());
                }
                end = wire.len().min(end + piece);
            }
            Frame::End { skip } => {
                start += skip;
                break;
            }
        }
    }
    let reuse = exchange.reuse(wire.len() - start).is_ok();
    Ok((head.status.as_u16(), body, exchange.trailers().map_or(0, Headers::len), reuse))
}

/// A chunked body decodes to the same whole and in single bytes; what decodes, encodes and decodes to itself.
pub(crate) fn chunked(wire: &[u8]) {
    let whole = dechunk(wire, wire.len().max(1));
    let single = dechunk(wire, 1);
    assert_eq!(whole.is_ok(), single.is_ok());
    if let (Ok(one), Ok(other)) = (whole, single) {
        assert_eq!(one, other);
        let headers = Headers::from([("Transfer-Encoding", "chunked")]);
        let head = RequestHead { method: "POST", target: "/", host: "a", headers: &headers };
        let mut exchange = Exchange::start(&head, &limits(), &mut Vec::new()).expect("a plain request");
        let mut wire = Vec::new();
        for piece in one.chunks(3) {
            exchange.encode_body(piece, &mut wire).expect("chunked takes any bytes");
        }
        exchange.finish_body(&mut wire).expect("chunked ends anywhere");
        assert_eq!(dechunk(&wire, 2), Ok(one));
    }
}

fn dechunk(wire: &[u8], piece: usize) -> Result<Vec<u8>, Error> {
    let mut decoder = ChunkedDecoder::new(&limits());
    let (mut start, mut end, mut body) = (0, 0, Vec::new());
    loop {
        match decoder.frame(&wire[start..end])? {
            Frame::Data { skip, len } => {
                body.extend_from_slice(&wire[start + skip..start + skip + len]);
                decoder.consume(len as u64);
                start += skip + len;
            }
            Frame::More { .. } if end == wire.len() => {
                return Err(Error::IncompleteChunked { got: decoder.taken() });
            }
            Frame::More { skip } => {
                start += skip;
                end = wire.len().min(end + piece);
            }
            Frame::End { .. } => return Ok(body),
        }
    }
}

/// Any bytes, decoded with large and with small pieces: the same result, and never stuck.
pub(crate) fn decoder(codings: &str, wire: &[u8]) {
    const ENOUGH: usize = 1 << 20;
    let large = unfold(codings, wire, wire.len().max(1), 64 * 1024, ENOUGH);
    let small = unfold(codings, wire, 3, 1021, ENOUGH);
    match (large, small) {
        (Ok(one), Ok(other)) => {
            let len = one.len().min(other.len());
            assert_eq!(one[..len], other[..len]);
            assert!(len >= ENOUGH || one.len() == other.len());
        }
        (Err(()), Err(())) => {}
        // One of them had enough before it came to the error.
        (Ok(one), Err(())) | (Err(()), Ok(one)) => assert!(one.len() >= ENOUGH, "{} bytes", one.len()),
    }
}

fn unfold(codings: &str, wire: &[u8], piece: usize, room: usize, enough: usize) -> Result<Vec<u8>, ()> {
    let headers = Headers::from([("content-encoding", codings)]);
    let mut decoder =
        Decoder::from_headers(&headers, &DecodeLimits::default()).map_err(drop)?.expect("known codings");
    let mut room = vec![0; room];
    let mut out = Vec::new();
    for mut piece in wire.chunks(piece) {
        while !piece.is_empty() {
            let progress = decoder.decode(piece, &mut room).map_err(drop)?;
            assert!(progress.consumed > 0 || progress.produced > 0, "stuck");
            piece = &piece[progress.consumed..];
            out.extend_from_slice(&room[..progress.produced]);
            if out.len() >= enough {
                return Ok(out);
            }
        }
    }
    loop {
        match decoder.finish(&mut room).map_err(drop)? {
            0 => return Ok(out),
            n => out.extend_from_slice(&room[..n]),
        }
        if out.len() >= enough {
            return Ok(out);
        }
    }
}
