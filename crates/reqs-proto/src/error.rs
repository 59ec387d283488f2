//! Every way in which an exchange can go wrong, in words for the person who reads them at night.

use std::fmt;

use crate::headers::HeaderError;

/// What went wrong in an exchange: what was received or asked for, and what was expected.
///
/// [`is_local`](Error::is_local) tells the caller's mistakes from the server's. After any error the connection carries
/// nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    // The caller's side.
    /// The request method is not a token (RFC 9110 section 9.1).
    InvalidMethod(Box<str>),
    /// The request target is empty, or holds a space, a control or a non-ASCII character at this byte.
    InvalidTarget {
        /// Where the first bad byte stands.
        at: usize,
    },
    /// The value for the Host header holds a space, a control or a non-ASCII character.
    InvalidHost(Box<str>),
    /// A request header may not be sent. Nothing was written.
    InvalidHeader(HeaderError),
    /// The request headers hold two Host lines (RFC 9112 section 3.2 allows one).
    DuplicateHost,
    /// The request headers hold both Content-Length and Transfer-Encoding, which is how requests are smuggled.
    ConflictingFraming,
    /// The request's Content-Length is not one decimal number.
    InvalidRequestLength(Box<str>),
    /// The request's Transfer-Encoding does not end in `chunked`, once.
    InvalidRequestCoding(Box<str>),
    /// More body bytes than the Content-Length that was sent.
    BodyTooLong {
        /// The Content-Length.
        wanted: u64,
        /// How many bytes there would have been at least.
        got: u64,
    },
    /// The body ended before the Content-Length that was sent.
    BodyTooShort {
        /// The Content-Length.
        wanted: u64,
        /// How many bytes there were.
        got: u64,
    },
    /// Body bytes for a request without a body, after its end, or a count for a body that must be encoded.
    BodyNotOpen,

    // The server's side: the head.
    /// The server closed the connection without a byte of a response.
    NoResponse,
    /// The server closed the connection inside a response head.
    IncompleteHead {
        /// How many bytes of the head there were.
        got: usize,
    },
    /// The bytes are not an HTTP/1.x response. Holds their beginning.
    NotHttp(Box<str>),
    /// The status line is malformed (RFC 9112 section 4). Holds its beginning.
    InvalidStatusLine(Box<str>),
    /// A line of the response head, or of the trailers, is malformed (RFC 9112 section 5).
    InvalidResponseHeader {
        /// Which line, the status line being line 1; in trailers, their first line being line 1.
        line: usize,
        /// The name on that line where there is one. The value is never shown.
        name: Box<str>,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The response head is longer than the limit.
    HeadTooLong {
        /// [`Limits::head_bytes`](crate::Limits::head_bytes).
        limit: usize,
    },
    /// More header lines than the limit, in a head or in trailers.
    TooManyHeaders {
        /// [`Limits::headers`](crate::Limits::headers).
        limit: usize,
    },
    /// More 1xx responses than the limit.
    TooManyInformational {
        /// [`Limits::informational`](crate::Limits::informational).
        limit: usize,
    },
    /// `101 Switching Protocols` to a request that did not ask for an upgrade.
    UnexpectedUpgrade,

    // The server's side: the body.
    /// A Content-Length that is not a decimal number (RFC 9112 section 6.3).
    InvalidContentLength(Box<str>),
    /// Two different Content-Lengths.
    ConflictingContentLength {
        /// The first.
        first: u64,
        /// One that differs from it.
        other: u64,
    },
    /// A Transfer-Encoding that follows no grammar, or names `chunked` where it may not stand.
    InvalidTransferEncoding(Box<str>),
    /// A chunk does not start with a hexadecimal size (RFC 9112 section 7.1).
    InvalidChunkSize(Box<str>),
    /// A chunk size beyond 64 bits.
    ChunkTooLarge,
    /// A chunk-size line longer than the limit.
    ChunkLineTooLong {
        /// [`Limits::chunk_line`](crate::Limits::chunk_line).
        limit: usize,
    },
    /// Chunk extensions outweigh the body.
    ChunkExtensionsTooLong {
        /// [`Limits::chunk_extensions`](crate::Limits::chunk_extensions).
        limit: usize,
    },
    /// A control character in a chunk extension.
    InvalidChunkExtension,
    /// A chunk, a chunk-size line or a trailer line does not end in CRLF.
    InvalidChunkEnd,
    /// The trailer section is longer than the limit.
    TrailersTooLong {
        /// [`Limits::trailer_bytes`](crate::Limits::trailer_bytes).
        limit: usize,
    },
    /// The server closed the connection before the Content-Length that it had sent.
    IncompleteBody {
        /// How many body bytes came.
        got: u64,
        /// The Content-Length.
        wanted: u64,
    },
    /// The server closed the connection before the last chunk and its end.
    IncompleteChunked {
        /// How many body bytes came.
        got: u64,
    },
    /// A response head was asked for after the final one. A mistake in the caller's code.
    HeadAlreadyReceived,
}

impl Error {
    /// Is it the caller's mistake (a request that may not be sent, a body that does not fit its length), rather
    /// than the server's?
    pub fn is_local(&self) -> bool {
        matches!(
            self,
            Self::InvalidMethod(_)
                | Self::InvalidTarget { .. }
                | Self::InvalidHost(_)
                | Self::InvalidHeader(_)
                | Self::DuplicateHost
                | Self::ConflictingFraming
                | Self::InvalidRequestLength(_)
                | Self::InvalidRequestCoding(_)
                | Self::BodyTooLong { .. }
                | Self::BodyTooShort { .. }
                | Self::BodyNotOpen
                | Self::HeadAlreadyReceived
        )
    }

    /// Did the server close the connection too early, rather than send something wrong?
    pub fn is_incomplete(&self) -> bool {
        matches!(
            self,
            Self::NoResponse
                | Self::IncompleteHead { .. }
                | Self::IncompleteBody { .. }
                | Self::IncompleteChunked { .. }
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidMethod(method) => write!(
                f,
                "invalid request method {method:?}: a method is a token (letters, digits and !#$%&'*+-.^_`|~)"
            ),
            Self::InvalidTarget { at } => write!(
                f,
                "invalid request target: empty, or a space, control or non-ASCII character at byte {at}"
            ),
            Self::InvalidHost(host) => {
                write!(f, "invalid Host {host:?}: a space, a control or a non-ASCII character")
            }
            Self::InvalidHeader(error) => write!(f, "{error}"),
            Self::DuplicateHost => f.write_str("the request has two Host headers"),
            Self::ConflictingFraming => {
                f.write_str("the request has both Content-Length and Transfer-Encoding")
            }
            Self::InvalidRequestLength(value) => {
                write!(f, "the request's Content-Length {value:?} is not one decimal number")
            }
            Self::InvalidRequestCoding(value) => {
                write!(f, "the request's Transfer-Encoding {value:?} does not end in one chunked")
            }
            Self::BodyTooLong { wanted, got } => write!(
                f,
                "the request body is longer than its Content-Length: {got} bytes or more, not {wanted}"
            ),
            Self::BodyTooShort { wanted, got } => {
                write!(f, "the request body is shorter than its Content-Length: {got} bytes, not {wanted}")
            }
            Self::BodyNotOpen => {
                f.write_str("the request takes no body bytes now: it has no body, or its body has ended")
            }
            Self::NoResponse => f.write_str("the server closed the connection without a response"),
            Self::IncompleteHead { got } => {
                write!(f, "the server closed the connection inside the response head, after {got} bytes")
            }
            Self::NotHttp(start) => {
                write!(f, "the response is not HTTP/1.x: it starts with {start:?}")
            }
            Self::InvalidStatusLine(line) => {
                write!(f, "invalid status line in the response: {line:?}")
            }
            Self::InvalidResponseHeader { line, name, problem } if name.is_empty() => {
                write!(f, "invalid header in the response, line {line}: {problem}")
            }
            Self::InvalidResponseHeader { line, name, problem } => {
                write!(f, "invalid header {name:?} in the response, line {line}: {problem}")
            }
            Self::HeadTooLong { limit } => {
                write!(f, "the response head is longer than the limit of {limit} bytes")
            }
            Self::TooManyHeaders { limit } => {
                write!(f, "the response has more headers than the limit of {limit}")
            }
            Self::TooManyInformational { limit } => {
                write!(f, "the server sent more 1xx responses than the limit of {limit}")
            }
            Self::UnexpectedUpgrade => {
                f.write_str("the server switched protocols (101) although the request asked for no upgrade")
            }
            Self::InvalidContentLength(value) => {
                write!(f, "invalid Content-Length {value:?} in the response")
            }
            Self::ConflictingContentLength { first, other } => {
                write!(f, "the response has different Content-Lengths: {first} and {other}")
            }
            Self::InvalidTransferEncoding(value) => {
                write!(f, "invalid Transfer-Encoding {value:?} in the response")
            }
            Self::InvalidChunkSize(start) => {
                write!(f, "invalid chunk in the response: expected a hexadecimal size, found {start:?}")
            }
            Self::ChunkTooLarge => {
                f.write_str("invalid chunk in the response: its size does not fit in 64 bits")
            }
            Self::ChunkLineTooLong { limit } => {
                write!(f, "a chunk-size line of the response is longer than the limit of {limit} bytes")
            }
            Self::ChunkExtensionsTooLong { limit } => {
                write!(
                    f,
                    "the response's chunk extensions outweigh its body by more than the limit of {limit} bytes"
                )
            }
            Self::InvalidChunkExtension => {
                f.write_str("invalid chunk in the response: a control character in its extensions")
            }
            Self::InvalidChunkEnd => {
                f.write_str("invalid chunk in the response: CRLF is missing where a chunk or its line ends")
            }
            Self::TrailersTooLong { limit } => {
                write!(f, "the response trailers are longer than the limit of {limit} bytes")
            }
            Self::IncompleteBody { got, wanted } => {
                write!(f, "incomplete body: the server closed the connection after {got} of {wanted} bytes")
            }
            Self::IncompleteChunked { got } => {
                write!(
                    f,
                    "incomplete body: the server closed the connection after {got} bytes, before the last chunk"
                )
            }
            Self::HeadAlreadyReceived => f.write_str("the final response head was already received"),
        }
    }
}

impl std::error::Error for Error {}

impl From<HeaderError> for Error {
    fn from(error: HeaderError) -> Self {
        Self::InvalidHeader(error)
    }
}

/// The beginning of something that a server sent, short enough for one line of an error.
pub(crate) fn excerpt(bytes: &[u8]) -> Box<str> {
    const LONGEST: usize = 48;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let shown = line.get(..LONGEST).unwrap_or(line);
    String::from_utf8_lossy(shown).trim_end_matches('\r').into()
}
