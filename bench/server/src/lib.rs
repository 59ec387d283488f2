//! A server that does as little as possible, so that what is measured is the client: one thread per connection, answers
//! made before they are asked for, one write for a small one.
//!
//! | route | answer |
//! |---|---|
//! | `/small` | 200 bytes |
//! | `/close` | the same, and the connection is closed |
//! | `/json` | a JSON document, whatever was posted |
//! | `/bytes/N` | N bytes |
//! | `/chunked/N` | N bytes in chunks of 16 KiB |
//! | `/sink` | the body is read and forgotten |
//! | `/cookie` | sets a cookie and answers 200 bytes |
//! | `/digest` | 200 bytes to whoever signs, a challenge to others |
//! | `/redirect` | a redirect to `/small` |
//! | `/gzip`, `/brotli` | 20 MiB of text in that coding |

#![forbid(unsafe_code)]

#[cfg(feature = "bench")]
mod coded;
mod request;
#[cfg(feature = "bench")]
pub mod tls;

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::LazyLock;
use std::thread;

use request::{Body, Incoming, Request};

/// The body of `/small`.
pub const SMALL: usize = 200;

/// The body of `/json`; the same document that clients post.
pub const JSON: &str = r#"{"id":4711,"customer":"Ada Lovelace","email":"ada@example.org","express":true,"total":129.95,"items":[{"sku":"A-1001","name":"difference engine, small","count":1,"price":99.95},{"sku":"B-2002","name":"punched cards, 100","count":3,"price":10.0}],"note":"leave it with the neighbour"}"#;

const CHUNK: usize = 16 * 1024;
const PIECE: usize = 256 * 1024;

/// Serves HTTP on a free port of the loopback address until the process ends.
///
/// # Errors
/// When no port can be had.
pub fn start() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let _ = stream.set_nodelay(true);
                // A client that goes away ends its connection's thread, and nothing else.
                let _ = serve(stream);
            });
        }
    });
    Ok(address)
}

/// Answers one request after another.
fn serve(stream: impl Read + Write) -> io::Result<()> {
    let mut connection = Incoming::new(stream);
    while let Some(request) = connection.next_request()? {
        if !answer(&mut connection, &request)? {
            break;
        }
    }
    Ok(())
}

/// Writes the answer; whether the connection goes on.
fn answer<S: Read + Write>(connection: &mut Incoming<S>, request: &Request) -> io::Result<bool> {
    if request.body != Body::None {
        connection.skip(request.body)?;
    }
    let stream = connection.stream();
    let (route, number) = match request.path.trim_start_matches('/').split_once('/') {
        Some((route, number)) => (route, number.parse().map_err(|_| bad("the size is no number"))?),
        None => (request.path.trim_start_matches('/'), 0_usize),
    };
    match route {
        "small" => stream.write_all(&ANSWERS.small)?,
        "json" => stream.write_all(&ANSWERS.json)?,
        "sink" => stream.write_all(&ANSWERS.sink)?,
        "cookie" => stream.write_all(&ANSWERS.cookie)?,
        "digest" if request.is_signed => stream.write_all(&ANSWERS.small)?,
        "digest" => stream.write_all(&ANSWERS.challenge)?,
        "redirect" => stream.write_all(&ANSWERS.redirect)?,
        "close" => {
            stream.write_all(&ANSWERS.close)?;
            stream.flush()?;
            return Ok(false);
        }
        "bytes" => send_bytes(stream, number)?,
        "chunked" => send_chunks(stream, number)?,
        #[cfg(feature = "bench")]
        "gzip" => stream.write_all(coded::gzip())?,
        #[cfg(feature = "bench")]
        "brotli" => stream.write_all(coded::brotli())?,
        _ => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?,
    }
    stream.flush()?;
    Ok(true)
}

struct Answers {
    small: Vec<u8>,
    close: Vec<u8>,
    json: Vec<u8>,
    sink: Vec<u8>,
    cookie: Vec<u8>,
    challenge: Vec<u8>,
    redirect: Vec<u8>,
    piece: Vec<u8>,
    chunks: Vec<u8>,
}

static ANSWERS: LazyLock<Answers> = LazyLock::new(|| {
    Answers {
    small: whole("text/plain", "Connection: keep-alive\r\n", &[b'x'; SMALL]),
    close: whole("text/plain", "Connection: close\r\n", &[b'x'; SMALL]),
    json: whole("application/json", "", JSON.as_bytes()),
    sink: whole("text/plain", "", b"ok"),
    cookie: whole("text/plain", "Set-Cookie: visit=42; Path=/; HttpOnly\r\n", &[b'x'; SMALL]),
    challenge: [
        &b"HTTP/1.1 401 Unauthorized\r\nServer: bench\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\n"[..],
        b"WWW-Authenticate: Digest realm=\"bench\", qop=\"auth\", algorithm=SHA-256, nonce=\"dcd98b7102dd2f0e\"\r\n",
        b"Content-Length: 0\r\n\r\n",
    ]
    .concat(),
    redirect: [
        &b"HTTP/1.1 302 Found\r\nServer: bench\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\n"[..],
        b"Location: /small\r\nContent-Length: 0\r\n\r\n",
    ]
    .concat(),
    piece: (0..PIECE).map(|n| (n % 251) as u8).collect(),
    chunks: one_piece_of_chunks(),
}
});

/// A whole answer, head and body.
pub(crate) fn whole(content_type: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = head(content_type, more, body.len());
    answer.extend_from_slice(body);
    answer
}

fn head(content_type: &str, more: &str, length: usize) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nServer: bench\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\n\
         Content-Type: {content_type}\r\n{more}Content-Length: {length}\r\n\r\n"
    )
    .into_bytes()
}

fn send_bytes(stream: &mut impl Write, size: usize) -> io::Result<()> {
    let mut first = head("application/octet-stream", "", size);
    let in_first = size.min(PIECE);
    first.extend_from_slice(&ANSWERS.piece[..in_first]);
    stream.write_all(&first)?;
    let mut left = size - in_first;
    while left > 0 {
        let step = left.min(PIECE);
        stream.write_all(&ANSWERS.piece[..step])?;
        left -= step;
    }
    Ok(())
}

/// Many chunks go out in one write: what is measured is taking them apart.
fn send_chunks(stream: &mut impl Write, size: usize) -> io::Result<()> {
    stream.write_all(
        b"HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: application/octet-stream\r\n\
          Transfer-Encoding: chunked\r\n\r\n",
    )?;
    for _ in 0..size / PIECE {
        stream.write_all(&ANSWERS.chunks)?;
    }
    stream.write_all(b"0\r\n\r\n")
}

fn one_piece_of_chunks() -> Vec<u8> {
    let mut all = Vec::new();
    for _ in 0..PIECE / CHUNK {
        all.extend_from_slice(format!("{CHUNK:x}\r\n").as_bytes());
        all.extend_from_slice(&[b'c'; CHUNK]);
        all.extend_from_slice(b"\r\n");
    }
    all
}

fn bad(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
