//! The lower crates' errors in the facade's words.

use std::io;

use reqs_pool::ErrorKind as Pool;
use reqs_proto::DecodeError;

use crate::content::Content;
use crate::error::{Error, ErrorKind};
use crate::response::{Head, Response};

/// What kept the exchange from happening.
pub(crate) fn exchange(error: reqs_pool::Error) -> Error {
    let kind = match error.kind() {
        Pool::Resolve => ErrorKind::Resolve,
        Pool::ConnectTimeout => ErrorKind::ConnectTimeout,
        Pool::ReadTimeout => ErrorKind::ReadTimeout,
        Pool::WriteTimeout => ErrorKind::WriteTimeout,
        Pool::Deadline => ErrorKind::Timeout,
        Pool::Tls | Pool::Certificate | Pool::ClientCertificate => ErrorKind::Ssl,
        Pool::Settings => ErrorKind::Ssl,
        Pool::Proxy => ErrorKind::Proxy,
        Pool::Protocol => protocol(&error),
        Pool::Body => ErrorKind::InvalidBody,
        Pool::Connect | Pool::Blocked | Pool::Closed | Pool::PoolFull | Pool::Io => ErrorKind::Connection,
        _ => ErrorKind::Connection,
    };
    let refusal = error.proxy_response().map(|answer| {
        let head = Head::new(answer.head.clone(), None);
        Response::assemble(head, Content(answer.body.clone().into()))
    });
    let converted = Error::new(kind, told(&error)).with_source(error);
    match refusal {
        // What the proxy said, such as a 407 with its challenge and page (PRX-11).
        Some(refusal) => converted.with_response(refusal),
        None => converted,
    }
}

/// The pool's line, and what to do about it where that is known: where it was a limit, how that is lifted.
fn told(error: &reqs_pool::Error) -> String {
    use reqs_proto::Error as Protocol;
    if let Some(Protocol::NotHttp(start)) = error.protocol()
        && is_tls(start)
    {
        return format!("{error}, which is TLS: ask this port by https");
    }
    let limit = match error.protocol() {
        Some(Protocol::HeadTooLong { .. }) => "head_bytes",
        Some(Protocol::TooManyHeaders { .. }) => "headers",
        Some(Protocol::TooManyInformational { .. }) => "informational",
        Some(Protocol::ChunkLineTooLong { .. }) => "chunk_line",
        Some(Protocol::ChunkExtensionsTooLong { .. }) => "chunk_extensions",
        Some(Protocol::TrailersTooLong { .. }) => "trailer_bytes",
        _ => return error.to_string(),
    };
    format!("{error} (HttpAdapter::limits sets another: Limits::{limit})")
}

/// Whether this is the beginning of a TLS record, an alert or a handshake (RFC 8446 §5.1).
fn is_tls(start: &str) -> bool {
    start.starts_with("\u{15}\u{3}") || start.starts_with("\u{16}\u{3}")
}

/// Whether what is wrong with the protocol is the caller's doing, and of which kind, or the server's.
fn protocol(error: &reqs_pool::Error) -> ErrorKind {
    use reqs_proto::Error as Proto;
    match error.protocol() {
        Some(Proto::InvalidMethod(_)) => ErrorKind::InvalidMethod,
        Some(Proto::InvalidTarget { .. }) => ErrorKind::InvalidUrl,
        Some(Proto::BodyTooLong { .. } | Proto::BodyTooShort { .. } | Proto::BodyNotOpen) => {
            ErrorKind::InvalidBody
        }
        Some(cause) if cause.is_local() => ErrorKind::InvalidHeader,
        _ => ErrorKind::InvalidResponse,
    }
}

/// What broke while the body was read.
pub(crate) fn reading(error: io::Error) -> Error {
    let error = match error.downcast::<Error>() {
        Ok(ours) => return ours,
        Err(error) => error,
    };
    let error = match error.downcast::<reqs_pool::Error>() {
        Ok(error) => return broken(error),
        Err(error) => error,
    };
    // An adapter's reader, which has the same troubles in the words of `std`.
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof, WouldBlock,
    };
    let kind = match error.kind() {
        TimedOut | WouldBlock => ErrorKind::ReadTimeout,
        UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe => ErrorKind::ChunkedEncoding,
        _ => ErrorKind::Io,
    };
    Error::new(kind, format!("reading the body failed: {error}")).with_source(error)
}

/// The same, before it passed through `Read`.
pub(crate) fn broken(error: reqs_pool::Error) -> Error {
    // Bytes that end early or are badly framed are one kind, as in Requests (RSP-7, RSP-9).
    let broken = matches!(error.kind(), Pool::Protocol | Pool::Closed | Pool::Io);
    match broken {
        true => Error::new(ErrorKind::ChunkedEncoding, told(&error)).with_source(error),
        false => exchange(error),
    }
}

/// What is wrong with a content coding.
pub(crate) fn decoding(error: DecodeError) -> Error {
    let limit = match &error {
        DecodeError::TooManyCodings { .. } => "layers",
        DecodeError::RatioTooHigh { .. } => "ratio",
        DecodeError::TooLong { .. } => "total",
        _ => return Error::new(ErrorKind::ContentDecoding, error.to_string()).with_source(error),
    };
    let message = format!(
        "{error} (Response::decode_limits or HttpAdapter::decode_limits sets another: DecodeLimits::{limit})"
    );
    Error::new(ErrorKind::ContentDecoding, message).with_source(error)
}
