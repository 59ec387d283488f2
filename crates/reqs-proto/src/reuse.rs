//! Why a connection is closed, as data.

use std::fmt;

/// Why a connection may not carry another exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// The request or the response said `Connection: close`.
    ConnectionClose,
    /// The response is HTTP/1.0 and did not ask to keep the connection.
    Http10,
    /// The body ends with the connection.
    UntilClose,
    /// The response, or its body, was not read to its end.
    UnreadBody,
    /// The request body was not sent to its end.
    UnsentBody,
    /// The server sent bytes after the end of its response (POOL-9, SEC-83).
    Surplus,
    /// Another recipient could see another length for this response (SEC-84).
    FramingInDoubt,
    /// The connection speaks another protocol now: 101, or a tunnel.
    Switched,
    /// Something went wrong.
    Error,
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConnectionClose => "one side said Connection: close",
            Self::Http10 => "the response is HTTP/1.0 without keep-alive",
            Self::UntilClose => "the response body ends with the connection",
            Self::UnreadBody => "the response was not read to its end",
            Self::UnsentBody => "the request body was not sent to its end",
            Self::Surplus => "the server sent bytes beyond its response",
            Self::FramingInDoubt => "the length of the response is ambiguous",
            Self::Switched => "the connection speaks another protocol now",
            Self::Error => "the exchange failed",
        })
    }
}
