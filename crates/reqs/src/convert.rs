//! The lower crates' errors in the facade's words.

use std::io;

use reqs_pool::ErrorKind as Pool;
use reqs_proto::DecodeError;

use crate::error::{Error, ErrorKind};

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
        Pool::Protocol => ErrorKind::InvalidResponse,
        Pool::Body => ErrorKind::InvalidBody,
        Pool::Connect | Pool::Blocked | Pool::Closed | Pool::PoolFull | Pool::Io => ErrorKind::Connection,
        _ => ErrorKind::Connection,
    };
    Error::new(kind, error.to_string()).with_source(error)
}

/// What broke while the body was read.
pub(crate) fn reading(error: io::Error) -> Error {
    let error = match error.downcast::<Error>() {
        Ok(ours) => return ours,
        Err(error) => error,
    };
    match error.downcast::<reqs_pool::Error>() {
        Ok(error) => broken(error),
        Err(error) => Error::from(error),
    }
}

/// The same, before it passed through `Read`.
pub(crate) fn broken(error: reqs_pool::Error) -> Error {
    // Bytes that end early or are badly framed are one kind, as in Requests (RSP-7, RSP-9).
    let broken = matches!(error.kind(), Pool::Protocol | Pool::Closed | Pool::Io);
    match broken {
        true => Error::new(ErrorKind::ChunkedEncoding, error.to_string()).with_source(error),
        false => exchange(error),
    }
}

/// What is wrong with a content coding.
pub(crate) fn decoding(error: DecodeError) -> Error {
    Error::new(ErrorKind::ContentDecoding, error.to_string()).with_source(error)
}
