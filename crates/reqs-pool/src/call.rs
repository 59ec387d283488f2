//! One exchange as its caller sees it: what goes in ([`Call`]) and what comes out ([`Reply`]).

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqs_proto::{Headers, Limits, ResponseHead};

use crate::incoming::Incoming;
use crate::info::ConnectionInfo;
use crate::route::Route;

/// One request, ready to be sent.
#[derive(Debug)]
pub struct Call<'a> {
    /// Whether the exchange runs over TLS.
    pub https: bool,
    /// The host: ASCII, an IPv6 address in brackets, as `url::Url::host_str` gives it.
    pub host: &'a str,
    /// The port.
    pub port: u16,
    /// Proxy, TLS settings and local options.
    pub route: &'a Route,
    /// The method, such as `GET`.
    pub method: &'a str,
    /// The request target in origin-form (`/path?query`). Plain `http` through an HTTP proxy is turned into absolute-form here.
    pub target: &'a str,
    /// The value of `Host` that is sent where `headers` has none.
    pub host_header: &'a str,
    /// The header fields. They also say how the body is framed: `Content-Length` or `Transfer-Encoding: chunked`.
    pub headers: &'a Headers,
    /// The body.
    pub body: Outgoing<'a>,
    /// The time that the exchange may take.
    pub timeouts: Timeouts,
    /// Limits on what the server may send.
    pub limits: &'a Limits,
    /// Whether the request may be sent again, once, when a kept connection dies before the first byte of a response.
    pub replayable: bool,
}

/// The body of a request.
pub enum Outgoing<'a> {
    /// No body.
    Empty,
    /// Bytes in memory. A small body goes out in the same write as the head.
    Bytes(&'a [u8]),
    /// `length` bytes of a file from where it stands. On Linux, plain TCP sends them without copying (`sendfile`).
    File {
        /// The file, at the position where the body begins.
        file: &'a mut File,
        /// How many bytes to send.
        length: u64,
    },
    /// Bytes from a reader.
    Reader {
        /// The reader.
        reader: &'a mut dyn Read,
        /// How many bytes it gives; `None` sends until it ends, in chunks.
        length: Option<u64>,
    },
    /// One chunk per item (RFC 9112 section 7.1); empty items are skipped.
    Chunks(&'a mut dyn Iterator<Item = io::Result<Vec<u8>>>),
}

impl Outgoing<'_> {
    /// Whether there is certainly nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Outgoing::Empty | Outgoing::Bytes([]))
    }
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outgoing::Empty => f.write_str("Empty"),
            Outgoing::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Outgoing::File { length, .. } => write!(f, "File({length} bytes)"),
            Outgoing::Reader { length, .. } => write!(f, "Reader({length:?})"),
            Outgoing::Chunks(_) => f.write_str("Chunks"),
        }
    }
}

/// The time that the parts of an exchange may take. `None`, the default everywhere, waits for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection is ready: names, TCP, proxy and TLS together.
    pub connect: Option<Duration>,
    /// Between two reads.
    pub read: Option<Duration>,
    /// For one write to make progress.
    pub write: Option<Duration>,
    /// When the whole exchange, the body of the response included, must be over.
    pub deadline: Option<Instant>,
    /// The duration that `deadline` came from, for the error's message.
    pub total: Option<Duration>,
}

/// What came back: the head, and the body still to be read.
#[derive(Debug)]
pub struct Reply {
    /// Status, version and header fields.
    pub head: ResponseHead,
    /// The body. Read to its end it gives the connection back; dropped earlier it closes the connection, unless it came
    /// whole with its head.
    pub body: Incoming,
    /// The connection that carried the exchange.
    pub connection: Arc<ConnectionInfo>,
    /// How long the steps took.
    pub timings: Timings,
    /// Whether the connection was kept from an earlier exchange.
    pub reused: bool,
    /// Interim responses that came first, such as 103 Early Hints; `100 Continue` among them.
    pub informational: Vec<ResponseHead>,
}

/// How long the steps of one exchange took.
///
/// The steps of making a connection are `None` on a connection that was reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// When the exchange began; `started.elapsed()` after the body was read is the total.
    pub started: Instant,
    /// Looking the name up.
    pub resolve: Option<Duration>,
    /// Making the TCP connection (or the Unix one), failed attempts included.
    pub connect: Option<Duration>,
    /// Making the proxy lead to the target, TLS to the proxy included.
    pub proxy: Option<Duration>,
    /// The TLS handshake with the target.
    pub tls: Option<Duration>,
    /// From the beginning to the first byte of the response.
    pub first_byte: Duration,
    /// From the beginning to the end of the response's head.
    pub head: Duration,
}
