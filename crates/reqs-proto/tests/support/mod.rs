//! Drives one exchange over bytes that come in any pieces, as a client with a socket would, and tells what came of it.
#![allow(dead_code)]

pub(crate) mod checks;
pub(crate) mod encoders;

use reqs_proto::{CloseReason, DecodeError, DecodeLimits, Decoder, Error, Exchange, Frame, Headers, Limits};
use reqs_proto::{Received, RequestHead, ResponseHead};

/// What a client sees of one response.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) informational: Vec<u16>,
    pub(crate) version: http::Version,
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Option<Vec<(String, Vec<u8>)>>,
    pub(crate) reuse: Result<(), CloseReason>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        let found = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_slice())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Starts a request without headers or body.
pub(crate) fn started(method: &str, limits: &Limits) -> Exchange {
    let headers = Headers::new();
    let head = RequestHead { method, target: "/", host: "example.org", headers: &headers };
    Exchange::start(&head, limits, &mut Vec::new()).unwrap()
}

/// The response in every way in which bytes may come: whole, one by one, in two pieces split at every position, and
/// read past the buffer. All must give the same; then that is the result.
pub(crate) fn receive(wire: &[u8]) -> Result<Seen, Error> {
    receive_with("GET", wire, &Limits::default())
}

pub(crate) fn receive_with(method: &str, wire: &[u8], limits: &Limits) -> Result<Seen, Error> {
    let whole = drive(started(method, limits), &[wire], false);
    let bytes: Vec<&[u8]> = wire.chunks(1).collect();
    assert_same(&drive(started(method, limits), &bytes, false), &whole, "one byte at a time");
    assert_same(&drive(started(method, limits), &bytes, true), &whole, "one byte at a time, read straight");
    // Of long messages a sample of positions.
    let step = if wire.len() > 1000 { wire.len() / 30 } else { 1 };
    for at in (0..=wire.len()).step_by(step) {
        let (first, second) = wire.split_at(at);
        let result = drive(started(method, limits), &[first, second], at % 2 == 1);
        assert_same(&result, &whole, &format!("split at {at}"));
    }
    whole
}

/// Errors may show more or less of what follows, which depends on the pieces; their kind may not differ. A surplus
/// that has not come yet is not known.
fn assert_same(result: &Result<Seen, Error>, expected: &Result<Seen, Error>, how: &str) {
    match (result, expected) {
        (Err(one), Err(other)) => {
            assert_eq!(std::mem::discriminant(one), std::mem::discriminant(other), "{how}: {one} / {other}");
        }
        (one, other) => assert_eq!(one, other, "{how}"),
    }
}

/// One exchange over these pieces, then the end of the connection. `straight` takes body bytes without a look at them
/// where [`Exchange::direct`] allows it.
pub(crate) fn drive(mut exchange: Exchange, pieces: &[&[u8]], straight: bool) -> Result<Seen, Error> {
    let mut pieces = pieces.iter();
    let mut buffer: Vec<u8> = Vec::new();
    let mut informational = Vec::new();
    let head = loop {
        match exchange.receive_head(&buffer)? {
            Some((Received::Informational(head), len)) => {
                informational.push(head.status.as_u16());
                buffer.drain(..len);
            }
            Some((Received::Final(head), len)) => {
                buffer.drain(..len);
                break head;
            }
            None => match pieces.next() {
                Some(piece) => buffer.extend_from_slice(piece),
                None => {
                    exchange.eof()?;
                    panic!("the end of input inside a head must be an error");
                }
            },
        }
    };
    let mut body = Vec::new();
    let mut closed = false;
    loop {
        match exchange.frame(&buffer)? {
            Frame::Data { skip, len } => {
                assert!(len > 0);
                body.extend_from_slice(&buffer[skip..skip + len]);
                buffer.drain(..skip + len);
                exchange.consume(len as u64);
            }
            Frame::End { skip } => {
                buffer.drain(..skip);
                break;
            }
            Frame::More { skip } => {
                assert_eq!(skip, buffer.len(), "what needs more has taken all there is");
                buffer.clear();
                if straight && exchange.direct() > 0 {
                    let Some(piece) = pieces.next() else {
                        exchange.eof()?;
                        closed = true;
                        continue;
                    };
                    let taken = piece.len().min(usize::try_from(exchange.direct()).unwrap_or(usize::MAX));
                    body.extend_from_slice(&piece[..taken]);
                    exchange.consume(taken as u64);
                    buffer.extend_from_slice(&piece[taken..]);
                } else if let Some(piece) = pieces.next() {
                    buffer.extend_from_slice(piece);
                } else {
                    assert!(!closed, "the exchange goes on after the end of its connection");
                    exchange.eof()?;
                    closed = true;
                }
            }
        }
    }
    assert!(exchange.is_ended());
    for piece in pieces {
        buffer.extend_from_slice(piece);
    }
    Ok(seen(&exchange, &head, informational, body, buffer.len()))
}

fn seen(
    exchange: &Exchange,
    head: &ResponseHead,
    informational: Vec<u16>,
    body: Vec<u8>,
    surplus: usize,
) -> Seen {
    let owned = |headers: &Headers| {
        headers.iter_bytes().map(|(name, value)| (name.to_owned(), value.to_vec())).collect::<Vec<_>>()
    };
    Seen {
        informational,
        version: head.version,
        status: head.status.as_u16(),
        reason: head.reason().to_owned(),
        headers: owned(&head.headers),
        body,
        trailers: exchange.trailers().map(owned),
        reuse: exchange.reuse(surplus),
    }
}

/// The body decoded as these codings say, with pieces of input and room for output of several sizes. All must agree.
pub(crate) fn decode(codings: &str, body: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let headers = Headers::from([("content-encoding", codings)]);
    let whole = decode_in(&headers, &DecodeLimits::default(), body, body.len().max(1), 64 * 1024);
    for (piece, room) in [(1, 64 * 1024), (1, 1), (body.len().max(1), 1), (7, 13), (1000, 100)] {
        let result = decode_in(&headers, &DecodeLimits::default(), body, piece, room);
        match (&whole, &result) {
            (Err(one), Err(other)) => {
                assert_eq!(std::mem::discriminant(one), std::mem::discriminant(other), "{one} / {other}");
            }
            _ => assert_eq!(whole, result, "{codings}: pieces of {piece}, room for {room}"),
        }
    }
    // Split at every position, or a sample of them.
    for at in (0..body.len()).step_by(1 + body.len() / 40) {
        let mut decoder = Decoder::from_headers(&headers, &DecodeLimits::default()).unwrap().unwrap();
        let mut out = Vec::new();
        let (first, second) = body.split_at(at);
        let result = feed(&mut decoder, first, 4096, &mut out)
            .and_then(|()| feed(&mut decoder, second, 4096, &mut out))
            .and_then(|()| finish(&mut decoder, 4096, &mut out));
        assert_eq!(result.is_ok(), whole.is_ok(), "{codings}: split at {at}");
        if let Ok(whole) = &whole {
            assert_eq!(&out, whole, "{codings}: split at {at}");
        }
    }
    whole
}

pub(crate) fn decode_in(
    headers: &Headers,
    limits: &DecodeLimits,
    body: &[u8],
    piece: usize,
    room: usize,
) -> Result<Vec<u8>, DecodeError> {
    let mut decoder = Decoder::from_headers(headers, limits)?.expect("a known coding");
    let mut out = Vec::new();
    for piece in body.chunks(piece) {
        feed(&mut decoder, piece, room, &mut out)?;
    }
    finish(&mut decoder, room, &mut out)?;
    Ok(out)
}

fn feed(decoder: &mut Decoder, mut input: &[u8], room: usize, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let mut room = vec![0; room];
    while !input.is_empty() {
        let progress = decoder.decode(input, &mut room)?;
        assert!(progress.consumed > 0 || progress.produced > 0, "stuck with {} bytes of input", input.len());
        input = &input[progress.consumed..];
        out.extend_from_slice(&room[..progress.produced]);
    }
    Ok(())
}

fn finish(decoder: &mut Decoder, room: usize, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let mut room = vec![0; room];
    loop {
        match decoder.finish(&mut room)? {
            0 => return Ok(()),
            n => out.extend_from_slice(&room[..n]),
        }
    }
}
