//! What a response gives: its head, its body in every way of reading, its text and JSON, and clear errors. Comments and
//! names carry the ids of the behaviours (RES, STR, DEC, ENC, JRS, LNK) that each test holds to.

#![allow(missing_docs)]

mod bad;
mod connections;
mod decoding;
mod download;
mod head;
mod large;
mod streaming;
mod text;

use std::io::Write;

use reqs::{Response, Session, Stream};
use reqs_tests::Scripted;

/// A session that knows nothing of this machine's environment.
fn session() -> Session {
    let mut session = Session::new();
    session.trust_env = false;
    session
}

/// Streams the first answer of a server that gives just this one.
fn stream(answer: impl AsRef<[u8]>) -> (Response<Stream>, Scripted) {
    let server = Scripted::answers([answer]);
    let r = session().get(server.url("/")).stream().unwrap();
    (r, server)
}

/// An answer with these headers (each with its CRLF) and this body, its length stated.
fn answer(headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
